from pathlib import Path

import pytest

from policy_lang.analysis.catalog_fixes import fix_catalog
from policy_lang.analysis.registry import RULES_BY_NAME, rulebook
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.errors import PolicyError

NAMES = ("null_comparison", "yoda_condition", "unused_suppression")
BOOK = rulebook(tuple(RULES_BY_NAME[name] for name in NAMES))
TAIL = """    url: https://example.com/7.bin
    checksum: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""


def update(number: int, policy: str) -> str:
    """One update in YAML."""
    return f"  - id: r{number}\n    product: p\n    version: 2.{number}.0\n    policy: {policy}\n{TAIL}"


def fixed(*policies: str) -> tuple[str, int, list[str]]:
    """A catalog in YAML after its fixes, how many, and what is left."""
    text = "updates: # all\n" + "".join(update(at, policy) for at, policy in enumerate(policies))
    found = fix_catalog(parse_document(text, "catalog.yaml", Kind.YAML), BOOK)
    return found.document.source.text, found.applied, [left.message for left in found.left]


def after(*policies: str) -> str:
    """What is expected."""
    return "updates: # all\n" + "".join(update(at, policy) for at, policy in enumerate(policies))


@pytest.mark.parametrize(
    ("before", "expected", "count"),
    [
        ("device.a == null # why", '"!has(device.a)" # why', 1),
        ("\"device.a == null && 'x' == device.b\"", "\"!has(device.a) && device.b == 'x'\"", 2),
        ("|\n      device.pro &&\n      null == device.a\n", "|\n      device.pro &&\n      !has(device.a)\n", 1),
        ("device.pro", "device.pro", 0),
    ],
)
def test_a_policy_is_written_in_its_own_style(before: str, expected: str, count: int) -> None:
    text, applied, left = fixed(before)
    assert applied == count
    assert left == []
    found, wanted = (parse_document(each, "c.yaml", Kind.YAML).value for each in (text, after(expected)))
    assert found == wanted
    assert text.count("#") == after(before).count("#")


def test_only_the_policy_changes() -> None:
    text, applied, _ = fixed("'device.a == null'", "device.pro")
    assert (text, applied) == (after("'!has(device.a)'", "device.pro"), 1)


def test_a_finding_that_a_comment_of_the_catalog_suppresses_is_not_fixed() -> None:
    policies = ("'device.a == null' # allow(null_comparison): as agreed", "'device.a != null'")
    text, applied, _ = fixed(*policies)
    assert (text, applied) == (after(policies[0], "'has(device.a)'"), 1)


def test_a_comment_that_suppresses_nothing_goes() -> None:
    text, applied, _ = fixed("device.pro # allow(null_comparison): as agreed", "'device.a != null'")
    assert (text, applied) == (after("device.pro", "'has(device.a)'"), 2)


def test_what_is_shared_with_something_else_stays() -> None:
    shared = "&p 'device.a == null'\n    description: *p"
    text, applied, left = fixed(shared)
    assert (text, applied) == (after(shared), 0)
    assert left[0].startswith("`updates[0].policy` is left as it is: ")


def test_what_cannot_be_written_does_not_hinder_the_rest() -> None:
    shared = "&p 'device.a == null'\n    description: *p"
    text, applied, left = fixed(shared, "'device.b == null'", "'device.c == null'")
    assert (text, applied, len(left)) == (after(shared, "'!has(device.b)'", "'!has(device.c)'"), 2, 1)


def test_an_alias_that_both_agree_on() -> None:
    text, applied, left = fixed("&p 'device.a == null'", "*p")
    assert (text, applied, left) == (after("&p '!has(device.a)'", "*p"), 2, [])


def test_policies_with_errors_and_broken_catalogs_stay() -> None:
    assert fixed("nope == null")[1] == 0
    assert fixed("device.a == null", "nope == 1")[1] == 1
    document = parse_document("- 1", "catalog.yaml", Kind.YAML)
    assert fix_catalog(document, BOOK).document.source.text == "- 1"


def test_json5(tmp_path: Path) -> None:
    text = """{updates: [{id: 'r', product: 'p', version: '2.0.0', policy: 'device.a == null', // why
  url: 'https://example.com/7.bin', checksum: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'}]}"""
    found = fix_catalog(parse_document(text, str(tmp_path / "c.json5"), Kind.JSON5), BOOK)
    assert found.document.source.text == text.replace("device.a == null", "!has(device.a)")


def test_the_rounds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.analysis.catalog_fixes.MAX_ROUNDS", 1)
    assert fixed("device.pro # allow(null_comparison): x", "'device.a == null'")[1] == 1


def test_a_comment_stays_where_the_document_would_not_be_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "updates:\n" + update(1, "device.pro # allow(null_comparison): x")
    document = parse_document(text, "catalog.yaml", Kind.YAML)

    def fail(*_: object) -> None:
        raise PolicyError([Diagnostic("PL502", "no")])

    monkeypatch.setattr("policy_lang.analysis.catalog_fixes.parse_document", fail)
    assert fix_catalog(document, BOOK).document is document
