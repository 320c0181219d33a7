import pytest

from policy_lang.analysis.fixes import apply_fixes, fix_policy, fixes_of
from policy_lang.analysis.inspection import inspect_policy
from policy_lang.analysis.registry import RULES, RULES_BY_NAME, rulebook
from policy_lang.diagnostics.model import Edit, Fix
from policy_lang.source import Source, Span

BOOK = rulebook((RULES_BY_NAME["null_comparison"], RULES_BY_NAME["yoda_condition"]))


def fix(start: int, end: int, replacement: str) -> Fix:
    """A fix of one edit."""
    return Fix("", (Edit(Span(start, end), replacement),))


def test_a_policy_is_fixed_until_nothing_is_left() -> None:
    fixed = fix_policy(Source("null == device.a && 'x' == device.b // why"), BOOK)
    assert fixed == ("!has(device.a) && device.b == 'x' // why", 2)


def test_there_is_nothing_to_do() -> None:
    assert fix_policy(Source("device.pro"), BOOK) == ("device.pro", 0)


def test_a_policy_with_errors_stays_as_it_is() -> None:
    assert fix_policy(Source("device.a == null && nope = 1"), BOOK) == ("device.a == null && nope = 1", 0)


def test_a_suppressed_finding_is_not_fixed() -> None:
    text = "device.a == null // allow(null_comparison): as agreed"
    assert fix_policy(Source(text), rulebook(RULES)) == (text, 0)


def test_errors_have_fixes_that_nobody_applies() -> None:
    linted = inspect_policy(Source("device.a = 1"), BOOK)
    assert linted.findings[0].fix is not None
    assert fixes_of(linted) == []


def test_fixes_that_lie_apart_are_applied_at_once() -> None:
    assert apply_fixes("abcd", [fix(2, 3, "C"), fix(0, 1, "A")], lambda _: True) == ("AbCd", 2)
    assert apply_fixes("abcd", [fix(0, 2, "x"), fix(2, 4, "y")], lambda _: True) == ("xy", 2)


def test_of_fixes_that_touch_the_first_wins() -> None:
    assert apply_fixes("abcd", [fix(0, 3, "x"), fix(2, 4, "y")], lambda _: True) == ("xd", 1)
    assert apply_fixes("abcd", [fix(1, 1, "x"), fix(1, 1, "y")], lambda _: True) == ("axbcd", 1)
    around = Fix("", (Edit(Span(0, 1), ""), Edit(Span(3, 4), "")))
    assert apply_fixes("abcd", [around, fix(1, 2, "y")], lambda _: True) == ("bc", 1)


def test_where_all_at_once_are_wrong_one_alone_may_be_right() -> None:
    assert apply_fixes("abcd", [fix(0, 1, "A"), fix(2, 3, "C")], lambda text: text == "abCd") == ("abCd", 1)
    assert apply_fixes("abcd", [fix(0, 1, "A")], lambda _: False) == ("abcd", 0)


def test_what_changes_nothing_is_not_applied() -> None:
    assert apply_fixes("abcd", [fix(0, 1, "a"), Fix("", ())], lambda _: True) == ("abcd", 0)


def test_two_rules_cannot_play_ball_with_a_text_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.analysis.fixes.MAX_ROUNDS", 1)
    fixed = fix_policy(Source("!!!!device.pro"), rulebook((RULES_BY_NAME["double_negation"],)))
    assert fixed.applied == 1
