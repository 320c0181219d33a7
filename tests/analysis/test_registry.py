"""The list of rules, the folder of rules, the table of codes, the pages and the tests name the same things."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from policy_lang.analysis.registry import RULES, RULES_BY_CODE, RULES_BY_NAME, find_rule, rulebook
from policy_lang.analysis.rule import Rule
from policy_lang.diagnostics.codes import CODES

ROOT = Path(__file__).resolve().parents[2]
MODULES = {file.stem for file in (ROOT / "policy_lang" / "analysis" / "rules").glob("*.py")} - {"__init__"}
PAGES = {file.stem for file in (ROOT / "docs" / "rules").glob("*.md")} - {"index"}
TESTS = {file.stem.removeprefix("test_") for file in (ROOT / "tests" / "analysis" / "rules").glob("test_*.py")}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_every_module_is_listed_and_has_a_page_and_a_test() -> None:
    names = {rule.name for rule in RULES}
    assert names == MODULES
    assert names == PAGES
    assert names == TESTS


def test_codes_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len(RULES_BY_NAME) == len(RULES_BY_CODE) == len(RULES)


def test_the_table_of_codes_has_the_rules_and_no_others() -> None:
    assert {code: title for code, title in CODES.items() if code.startswith("PL3")} == {rule.code: rule.title for rule in RULES}


@each_rule
def test_a_rule_is_the_one_of_its_module(rule: Rule) -> None:
    assert import_module(f"policy_lang.analysis.rules.{rule.name}").RULE is rule


@each_rule
def test_names_and_titles_obey_the_law_of_prose(rule: Rule) -> None:
    assert re.fullmatch(r"PL3\d\d", rule.code)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", rule.name)
    assert re.fullmatch(r"[a-z`].*[^.]", rule.title)


@each_rule
def test_a_rule_is_found_by_its_code_and_by_its_name(rule: Rule) -> None:
    assert find_rule(rule.code.lower()) is find_rule(rule.name.upper()) is rule


def test_what_is_no_rule() -> None:
    assert find_rule("PL3") is None
    assert find_rule("PL101") is None


def test_a_rulebook_is_made_once() -> None:
    assert rulebook(RULES) is rulebook(tuple(RULES))
    assert rulebook(RULES).codes == {rule.code for rule in RULES} - {"PL390", "PL391", "PL392"}


@each_rule
def test_the_file_of_a_rule_begins_with_its_code(rule: Rule) -> None:
    assert (import_module(f"policy_lang.analysis.rules.{rule.name}").__doc__ or "").startswith(f"{rule.code}: ")
