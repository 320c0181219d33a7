import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.redundant_condition import RULE


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.version < '2.0.0' && device.version < '3.0.0'", "device.version < '2.0.0'"),
        ("device.version < '2.0.0' || device.version < '3.0.0'", "device.version < '3.0.0'"),
        ("device.a == 1 && device.b == 2 && device.a == 1", "device.a == 1 && device.b == 2"),
        ("device.a == 'x' && device.a != 'y'", "device.a == 'x'"),
        ("!(device.a < 3 || device.a < 5)", "!(device.a < 5)"),
        ("!(device.a < 3 && device.a < 5)", "!(device.a < 3)"),
        ("(device.a < 3 && device.a < 5) == device.b", "device.a < 3 == device.b"),
        ("(device.a < 3 && device.a < 5) ? device.b : device.c", "device.a < 3 ? device.b : device.c"),
        ("device.c ? device.a < 3 && device.a < 5 : device.b", "device.c ? device.a < 3 : device.b"),
        ("((device.a < 3 || device.a < 5) ?? true)", "(device.a < 5 ?? true)"),
        ("device.m ^= 'X1' && device.m ^= 'X'", "device.m ^= 'X1'"),
        ("rollout(10) || rollout(20)", "rollout(20)"),
        ("(device.r == 'eu' || device.r == 'us') && device.r != 'ap'", "device.r == 'eu' || device.r == 'us'"),
    ],
)
def test_the_fix_keeps_every_result(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


def test_what_it_follows_from_is_said() -> None:
    policy = "device.version < '2.0.0' && device.pro && device.version < '3.0.0'"
    (found,) = findings(RULE, policy)
    assert found.message == "`device.version < '3.0.0'` adds nothing: it is true wherever `device.version < '2.0.0'` is"
    assert found.help == "leave it out"
    assert [policy[each.span.start : each.span.end] for each in found.related] == ["device.version < '2.0.0'"]
    (found,) = findings(RULE, "device.a < 2 || device.a < 3")
    assert found.message == "`device.a < 2` adds nothing: wherever it is true, `device.a < 3` is too"
    (found,) = findings(RULE, "device.a < 5 || device.a > 6 || (device.a in [1, 8] && device.b)")
    assert found.message.endswith("adds nothing: those beside it cover it")


def test_no_fix_where_a_result_would_become_unknown() -> None:
    policy = "device.version < update.version && device.version < '2.0.0' && update.version <= '2.0.0'"
    (found,) = findings(RULE, policy)
    assert found.message == "`device.version < '2.0.0'` adds nothing: it follows from 2 conditions beside it"
    assert found.help == "leave it out; the same devices match, though a result may become unknown instead of false"
    assert fixes(RULE, policy) == []
    policy = "(device.b == 1 ? device.a == 1 : device.a == 2) || device.a in [1, 2]"
    assert marked(RULE, policy) == ["device.b == 1 ? device.a == 1 : device.a == 2"]
    assert fixes(RULE, policy) == []


def test_what_is_always_true_beside_others() -> None:
    (found,) = findings(RULE, "device.pro && (device.a ?? 1) == (device.a ?? 1)")
    assert found.message == "`(device.a ?? 1) == (device.a ?? 1)` adds nothing: it is always true"


def test_a_condition_that_was_left_out_is_no_reason_for_another() -> None:
    assert marked(RULE, "device.a == 1 && device.a == 1") == ["device.a == 1"]
    assert len(findings(RULE, "device.a == 1 && device.a == 1 && device.a == 1")) == 2


def test_three_fixes_at_a_time() -> None:
    policy = " && ".join(f"(device.a{at} < 1 && device.a{at} < 2)" for at in range(5))
    assert len(findings(RULE, policy)) == 5
    assert len(fixes(RULE, policy)) == 3


@pytest.mark.parametrize(
    "policy",
    [
        "device.a < 5",
        "device.a < 5 && device.b < 5",
        "device.a < 5 && device.a > 3",
        "has(device.a) && device.a < 5",
        "(has(device.a) || has(device.b)) && device.a < 5 && device.b < 5",
        "device.a < 5 && !has(device.b) || device.b > 5",
        "device.a < 5 && device.a >= 5",
        "device.pro && true",
        "device.pro && 1 < 2",
        "device.pro || 1 > 2",
        "device.pro || (device.a < 5 && device.a >= 5)",
        "device.m == /a|ab/",
        "(device.a ?? 1) < 5 && device.a != 7",
    ],
)
def test_what_adds_something_or_is_for_another_rule(policy: str) -> None:
    assert findings(RULE, policy) == []


@pytest.mark.parametrize("policy", ["has(device.r) || device.r != 'us'", "device.a < 5 || device.a > 3"])
def test_what_is_always_true_is_left_to_another_rule(policy: str) -> None:
    assert findings(RULE, policy) == []
