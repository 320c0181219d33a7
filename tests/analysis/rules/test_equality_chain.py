import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.equality_chain import RULE


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.a == 'a' || device.a == 'b'", "device.a in ['a', 'b']"),
        ("device.a == 'a' || 'b' == device.a || device.a == 'ab'", "device.a in ['a', 'b', 'ab']"),
        ("device.a != 1 && device.a != 2", "device.a not in [1, 2]"),
        ("device.a == -3 || device.a == 1.5", "device.a in [-3, 1.5]"),
        ("device.version == '1.2.0' || device.version == '2.0.0-rc.1'", "device.version in ['1.2.0', '2.0.0-rc.1']"),
        ("device.b && (device.a == 'a' || device.a == 'b')", "device.b && device.a in ['a', 'b']"),
        ("!(device.a == 'a' || device.a == 'b')", "!(device.a in ['a', 'b'])"),
        ("device.a == 'a' || device.b || (device.a == 'b')", "device.a in ['a', 'b'] || device.b"),
        ("device.b || device.a == 'a' || device.a == 'b' || device.c", "device.b || device.a in ['a', 'b'] || device.c"),
        ("device.a == 'a' || device.a == 'a' || device.a == 'b'", "device.a in ['a', 'b']"),
        ("(device.a ?? 'b') == 'a' || (device.a ?? 'b') == 'b'", "(device.a ?? 'b') in ['a', 'b']"),
        ("device.a.toLowerCase() == 'a' || device.a.toLowerCase() == 'b'", "device.a.toLowerCase() in ['a', 'b']"),
        ("device.a == 'a' || device['a'] == 'b'", "device.a in ['a', 'b']"),
    ],
)
def test_the_fix_is_a_list(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


def test_two_values_in_one_chain() -> None:
    policy = "device.a == 'a' || device.b == 1 || device.a == 'b' || device.b == 2"
    assert marked(RULE, policy) == ["device.a == 'a'", "device.b == 1"]
    first, second = findings(RULE, policy)
    assert first.message == "`device.a` is compared with 2 values one by one"
    assert first.help == "write a list: `device.a in ['a', …]`"
    assert [policy[label.span.start : label.span.end] for label in second.related] == ["device.b == 2"]


@pytest.mark.parametrize(
    "policy",
    [
        "device.a == 'a' || device.b == 'a'",
        "device.a == 'a' && device.a == 'b'",
        "device.a != 'a' || device.a != 'b'",
        "device.a == 'a' || device.a == 'a'",
        "device.a == true || device.a == false",
        "device.a == /^x/ || device.a == /^y/",
        "device.a == null || device.b == null",
        "device.id == device.product || device.id == 'a'",
        "1 == 1 || 2 == 2",
        "device.a < 1 || device.a == 2",
        "device.a == 'a' || device.b",
    ],
)
def test_other_chains(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_that_would_lose_a_comment() -> None:
    assert fixes(RULE, "device.a == 'a' // Europe\n|| device.a == 'b' // Asia") == []
    assert fixes(RULE, "device.a == 'a' || device.a == 'b' // Asia") == ["write a list"]
