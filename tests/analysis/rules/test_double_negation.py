import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.double_negation import RULE


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("!!device.pro", "device.pro"),
        ("!(!device.pro)", "device.pro"),
        ("device.a && !!(device.b || device.c)", "device.a && (device.b || device.c)"),
        ("!!!device.pro", "!device.pro"),
        ("!(device.a != 'a')", "device.a == 'a'"),
        ("!(device.a not in ['a', 'b'])", "device.a in ['a', 'b']"),
        ("!(device.version < '1.2.0')", "device.version >= '1.2.0'"),
        ("!(device.a <= 1)", "device.a > 1"),
        ("!(device.a > 1)", "device.a <= 1"),
        ("!(device.a >= 1) == device.b", "device.a < 1 == device.b"),
        ("!(device.a != 1) == device.b", "(device.a == 1) == device.b"),
        ("!(device.a != (device.b ?? 'a'))", "device.a == (device.b ?? 'a')"),
        ("!(device.a ^!= 'a')", "device.a ^= 'a'"),
        ("!(device.a $!= 'a')", "device.a $= 'a'"),
        ("!(device.a <> 'a')", "device.a >< 'a'"),
        ("!(device.a != null)", "device.a == null"),
        ("!(device.a != /^a/)", "device.a == /^a/"),
    ],
)
def test_the_fix_says_it_without_negation(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


def test_what_is_reported() -> None:
    policy = "device.pro && !(device.memory < 256)"
    (found,) = findings(RULE, policy)
    assert marked(RULE, policy) == ["!(device.memory < 256)"]
    assert found.message == "`!(device.memory < 256)` negates an order"
    assert found.help == "write `>=`: the result is the same, also where a side is unknown"
    assert findings(RULE, "!(device.a != 'a')")[0].message == "`!(device.a != 'a')` negates a negative operator"
    assert findings(RULE, "!!device.a")[0].message == "`!!device.a` negates twice"


@pytest.mark.parametrize(
    "policy", ["!device.pro", "!(device.a == 'a')", "!('a' in device.tags)", "device.a != 'a'", "-device.a < 1"]
)
def test_one_negation_is_fine(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_that_would_lose_a_comment() -> None:
    assert fixes(RULE, "!(device.a /* why */ != 'a')") == []
    assert fixes(RULE, "/* why */ !(device.a != 'a')") == ["write `==`"]
