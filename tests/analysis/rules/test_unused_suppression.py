import pytest

from policy_lang.analysis.fixes import fix_policy
from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.registry import rulebook
from policy_lang.analysis.rules import null_comparison, unused_suppression, yoda_condition
from policy_lang.source import Source

RULES = (null_comparison.RULE, yoda_condition.RULE, unused_suppression.RULE)
ONLY = (unused_suppression.RULE,)


def unused(text: str) -> list[str]:
    """What is reported about comments."""
    return [found.message for found in lint_policy(text, rules=RULES) if found.code == "PL390"]


def test_a_word_that_suppresses_nothing() -> None:
    assert unused("device.pro // allow(null_comparison): x") == ["`null_comparison` suppresses nothing here"]
    assert unused("device.a == null // allow(null_comparison, PL346): x") == ["`PL346` suppresses nothing here"]


def test_a_word_that_suppresses_something() -> None:
    assert unused("device.a == null // allow(PL322): x") == []
    assert unused("/* allow(yoda_condition): x */ 'eu' == device.a") == []


def test_two_comments_about_one_finding_are_both_used() -> None:
    assert unused("// allow(PL322): x\ndevice.a == null // allow(null_comparison): y") == []


def test_a_rule_that_does_not_run_is_not_unused() -> None:
    assert unused("device.pro // allow(mixed_logic): x") == []
    assert lint_policy("device.pro // allow(null_comparison): x", rules=ONLY) == []


def test_the_word_is_marked() -> None:
    (found,) = lint_policy("device.pro // allow(PL322): x", rules=RULES)
    assert found.primary is not None
    assert found.primary.span == (20, 25)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("device.pro // allow(PL322): x", "device.pro"),
        ("// allow(PL322): x\ndevice.pro\n", "device.pro\n"),
        ("device.pro &&\n  // allow(PL322): x\n  device.beta", "device.pro &&\n  device.beta"),
        ("device.pro /* allow(PL322): x */ && device.beta", "device.pro && device.beta"),
        ("device.pro // allow(PL322, yoda_condition): x", "device.pro"),
        ("device.a // allow(PL322, PL320): x", "device.a // allow(PL320): x"),
        ("device.a // allow(PL320, PL322): x", "device.a // allow(PL320): x"),
        ("device.a // allow(PL320, PL322, PL346): x", "device.a // allow(PL320): x"),
        ("device.pro // allow(PL320): x", "device.pro // allow(PL320): x"),
    ],
)
def test_it_is_deleted(text: str, after: str) -> None:
    assert fix_policy(Source(text), rulebook(RULES)).text == after
