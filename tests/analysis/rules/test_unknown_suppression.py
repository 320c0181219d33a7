import pytest

from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.rules import null_comparison, unknown_suppression

RULES = (null_comparison.RULE, unknown_suppression.RULE)


@pytest.mark.parametrize(
    ("word", "message", "help_"),
    [
        ("null_comparisn", "`null_comparisn` is no rule", "did you mean `null_comparison`?"),
        ("zzz", "`zzz` is no rule", "`policy rule` lists all rules"),
        ("PL203", "`PL203` is an error, and errors cannot be suppressed", "correct what it reports, and delete it here"),
        (
            "pl390",
            "`pl390` is about comments like this one and cannot be suppressed",
            "correct or delete the comment that it reports",
        ),
        (
            "unknown_suppression",
            "`unknown_suppression` is about comments like this one and cannot be suppressed",
            "correct or delete the comment that it reports",
        ),
    ],
)
def test_what_is_no_rule(word: str, message: str, help_: str) -> None:
    (found,) = lint_policy(f"device.pro // allow({word}): x", rules=RULES)
    assert (found.code, found.message, found.help) == ("PL392", message, help_)
    assert found.source is not None
    assert found.primary is not None
    assert found.source.excerpt(found.primary.span) == word


def test_each_word_is_judged() -> None:
    found = lint_policy("device.a == null // allow(PL322, a, b): x", rules=RULES)
    assert [each.message for each in found] == ["`a` is no rule", "`b` is no rule"]


def test_a_rule_that_does_not_run_is_known() -> None:
    assert lint_policy("device.pro // allow(mixed_logic): x", rules=RULES) == []


def test_a_comment_that_names_nothing() -> None:
    (found,) = lint_policy("device.pro // allow(): x", rules=RULES)
    assert found.message == "the comment names no rule"
