import pytest
from linting import findings, marked

from policy_lang.analysis.rules.always_false import RULE


@pytest.mark.parametrize(
    ("policy", "place"),
    [
        ("device.a < 5 && device.a >= 5", "device.a >= 5"),
        ("device.region == 'eu' && device.a == 1 && device.region == 'us'", "device.region == 'us'"),
        ("device.pro || (device.a < 5 && device.a > 7)", "device.a > 7"),
        ("device.a == 1 && (device.a == 2 || device.b == 3)", "device.a == 2"),
        ("device.a == 1 ? device.a == 2 : device.b == 3", "device.a == 2"),
        ("!(device.a < 5 || device.a >= 5)", "device.a >= 5"),
        ("!(device.a == 1 && (device.b < 5 || device.b >= 5))", "device.b >= 5"),
        ("device.m == /a|b/ && device.m == 'c'", "device.m == 'c'"),
        ("device.m.toLowerCase() == 'ABC'", "device.m.toLowerCase() == 'ABC'"),
        ("(device.r ?? 'x') == 'y' && !has(device.r)", "!has(device.r)"),
    ],
)
def test_the_last_of_the_conditions_that_exclude_each_other_is_marked(policy: str, place: str) -> None:
    assert marked(RULE, policy) == [place]


def test_only_the_conditions_that_the_proof_needs_are_named() -> None:
    policy = "device.region == 'eu' && device.a == 1 && device.region == 'us' && device.a < 7"
    (found,) = findings(RULE, policy)
    assert found.message == "the policy is never true: `device.region == 'eu'` and `device.region == 'us'` exclude each other"
    assert found.help == "change one of them, or write `||` where either is enough"
    assert [(policy[each.span.start : each.span.end], each.text) for each in found.related] == [
        ("device.region == 'eu'", "must be true as well")
    ]


def test_many_conditions_are_related_places() -> None:
    (found,) = findings(RULE, "device.n > 0 && device.a < device.b && device.b < device.n && device.n < device.a")
    assert found.message == "the policy is never true: its conditions exclude one another"
    assert len(found.related) == 2


def test_one_condition_alone() -> None:
    (found,) = findings(RULE, "device.m.length < 0")
    assert found.message == "the policy is never true: `device.m.length < 0` allows nothing"
    assert found.help == "change it, or leave it out"


def test_what_is_false_is_said() -> None:
    (found,) = findings(RULE, "!(device.a < 5 || device.a == 7) && device.a == 7")
    assert "`device.a == 7` being false" in found.message
    assert found.related[0].text == "must be false as well"
    (found,) = findings(RULE, "!(device.pro && device.b == 1 && (device.a < 5 || device.a >= 5))")
    assert found.message.startswith("this alternative is never false: ")


@pytest.mark.parametrize(
    "policy",
    [
        "true",
        "false",
        "device.a < 5 && device.b >= 5",
        "device.a > 1 && device.a < 2",
        "device.a == 1 || device.a == 2",
        "device.version < '1.0.0' && device.version > '0.9.9'",
        "device.m == /a|b/ && device.m == 'a'",
        "device.a == 1 ? device.b == 2 : device.a == 3",
        "device.a == 1 ? device.a > 0 : device.a == 3",
        "has(device.a) && device.a < 5",
        "device.pro ? device.version < '2.0.0' : false",
        "device.pro ? true : false",
        "device.pro || 1 == 2",
        "1 == 2",
    ],
)
def test_what_can_be_true_is_fine(policy: str) -> None:
    assert findings(RULE, policy) == []
