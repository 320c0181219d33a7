"""The page of each rule tells the truth: what it says about the rule, and what it says about policies.

Each policy of a `policy bad` block has a finding of the rule, each policy of a `policy good` block compiles and has none; a line
that is not indented starts a policy. A `yaml rule-schema` block declares the properties of all policies on its page. The blocks
`yaml bad-catalog` and `yaml good-catalog` do the same for catalogs.
"""

import re
from pathlib import Path

import pytest

from policy_lang.analysis.edits import apply_edits
from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.analysis.registry import RULES
from policy_lang.analysis.rule import CatalogRule, Category, Rule
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.types.schema import Schema

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w+) ([a-z-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTIONS = ["Why it matters", "Example", "Use instead"]

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def page_of(rule: Rule) -> str:
    """The text of a rule's page."""
    return (ROOT / "docs" / "rules" / f"{rule.name}.md").read_text()


def blocks(rule: Rule, info: str) -> list[str]:
    """The blocks of a page, such as all `policy bad`."""
    return [match[3] for match in _FENCE.finditer(page_of(rule)) if f"{match[1]} {match[2]}" == info]


def policies(rule: Rule, info: str) -> list[str]:
    """The policies of some blocks of a page: a line that is indented goes on with the one before."""
    return [each for block in blocks(rule, info) for each in re.split(r"\n(?=\S)", block.strip("\n")) if each.strip()]


def schema_of(rule: Rule) -> Schema | None:
    """What the page declares."""
    found = blocks(rule, "yaml rule-schema")
    return Schema.load(parse_document(found[0], "page", Kind.YAML).value) if found else None


def found_in(text: str, rule: Rule) -> list[Diagnostic]:
    """The findings of a rule in a policy; an error counts as well, so that it fails every test."""
    findings = lint_policy(text, schema_of(rule))
    return [each for each in findings if each.code == rule.code or each.rule is None]


def found_in_catalog(text: str, rule: Rule, folder: Path) -> list[Diagnostic]:
    """The findings of a rule in a catalog."""
    file = folder / "catalog.yaml"
    file.write_text(text)
    return [each for each in lint_catalog(file) if each.code == rule.code or each.rule is None]


@each_rule
def test_the_head_says_what_the_rule_is(rule: Rule) -> None:
    head, blank, facts, *_ = page_of(rule).split("\n")
    assert head == f"# {rule.code} {rule.name}"
    assert blank == ""
    assert facts == f"*{' · '.join((rule.category, rule.severity, *(['has a fix'] if rule.is_fixable else [])))}*"


@each_rule
def test_the_sections_come_in_order(rule: Rule) -> None:
    headings = re.findall(r"^## (.+)$", page_of(rule), re.MULTILINE)
    assert [each for each in headings if each in _SECTIONS] == _SECTIONS
    assert re.search(r"\n\n[^#*`\n].+\n", page_of(rule)), "a page says in a sentence what the rule reports"


@each_rule
def test_there_are_examples_of_both_kinds(rule: Rule) -> None:
    kind = "yaml {}-catalog" if isinstance(rule, CatalogRule) else "policy {}"
    assert blocks(rule, kind.format("bad"))
    assert blocks(rule, kind.format("good"))


@each_rule
def test_bad_examples_are_found(rule: Rule) -> None:
    for policy in policies(rule, "policy bad"):
        assert {each.code for each in found_in(policy, rule)} == {rule.code}, policy


@each_rule
def test_good_examples_are_not_found(rule: Rule) -> None:
    for policy in policies(rule, "policy good"):
        assert found_in(policy, rule) == [], policy


@each_rule
def test_bad_catalogs_are_found(rule: Rule, tmp_path: Path) -> None:
    for catalog in blocks(rule, "yaml bad-catalog"):
        assert {each.code for each in found_in_catalog(catalog, rule, tmp_path)} == {rule.code}, catalog


@each_rule
def test_good_catalogs_are_not_found(rule: Rule, tmp_path: Path) -> None:
    for catalog in blocks(rule, "yaml good-catalog"):
        assert found_in_catalog(catalog, rule, tmp_path) == [], catalog


@each_rule
def test_fixes_remove_the_finding(rule: Rule) -> None:
    """A page that says "has a fix" shows one; each fix leaves one finding less and no error."""
    has_fix = False
    for policy in policies(rule, "policy bad"):
        findings = found_in(policy, rule)
        for fix in (each.fix for each in findings if each.fix is not None):
            has_fix = True
            left = found_in(apply_edits(policy, fix.edits), rule)
            assert {each.code for each in left} <= {rule.code}, (policy, fix)
            assert len(left) < len(findings), (policy, fix)
    if not isinstance(rule, CatalogRule):
        assert has_fix is rule.is_fixable


def index_of_rules() -> str:
    """What `docs/rules/index.md` holds: a table for each category; run this file as a script to write it."""
    return _INDEX.format("\n".join(_section(category) for category in Category))


def _section(category: Category) -> str:
    rows = [_row(rule) for rule in RULES if rule.category is category]
    head = f"## {category.capitalize()}\n\n| code | rule | severity | fix | what is wrong |\n|---|---|---|---|---|\n"
    return head + "".join(f"{row}\n" for row in rows)


def _row(rule: Rule) -> str:
    cells = (rule.code, f"[{rule.name}]({rule.name}.md)", rule.severity, "yes" if rule.is_fixable else "no", rule.title)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


_INDEX = """# Rules

A rule reports what is no error and most likely a mistake. `policy rule` lists all of them, `policy rule NAME` shows one page.
[Linting](../lint.md) says how to choose rules, how to change their severity and how to suppress a finding. What makes a text
unusable is an [error](../errors/index.md).

{}
```{{toctree}}
:hidden:
:glob:

*
```
"""


def test_the_list_of_rules_is_true() -> None:
    assert (ROOT / "docs" / "rules" / "index.md").read_text() == index_of_rules()


if __name__ == "__main__":
    (ROOT / "docs" / "rules" / "index.md").write_text(index_of_rules())
