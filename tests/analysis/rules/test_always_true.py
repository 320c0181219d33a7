import pytest
from linting import findings, marked

from policy_lang.analysis.rules.always_true import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"type": "object", "properties": {name: {"type": "integer"} for name in "abcd"}})


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("device.a < 5 || device.a >= 5", "the policy is true for every device that sends `device.a`"),
        ("device.a < device.b || device.a >= device.b", "the policy is true for every device that sends `device.a` and `device.b`"),
        (
            "device.version != update.version || device.version == update.version",
            "the policy is true wherever `device.version` and `update.version` are known",
        ),
        ("now < '2026-01-01T00:00:00Z' || now > '2025-01-01T00:00:00Z'", "the policy is true wherever `now` is known"),
        ("has(device.a) || !has(device.a)", "the policy is true for every device"),
        ("(device.a ?? 1) < 5 || (device.a ?? 1) >= 5", "the policy is true for every device"),
        (
            "(device.a == device.b || device.c == device.d) || !(device.a == device.b || device.c == device.d)",
            "the policy is true wherever it is known",
        ),
    ],
)
def test_for_whom_it_is_true_is_said(policy: str, message: str) -> None:
    (found,) = findings(RULE, policy, SCHEMA)
    assert found.message == message
    assert marked(RULE, policy, SCHEMA) == [policy]


def test_a_condition_that_restricts_nothing() -> None:
    policy = "device.pro && (device.a < 5 || device.a >= 5) && device.b == 1"
    (found,) = findings(RULE, policy)
    assert found.message == "`device.a < 5 || device.a >= 5` is true for every device that sends `device.a`"
    assert found.help == "if every device is meant write `true`; to ask whether it is there write `has(device.a)`"
    assert found.label == "never false"


def test_the_remedy_where_nothing_can_be_missing() -> None:
    (found,) = findings(RULE, "has(device.a) || !has(device.a)")
    assert found.help == "if every device is meant write `true`, else change what it asks"


@pytest.mark.parametrize(
    "policy",
    [
        "true",
        "device.a < 5",
        "device.a < 5 && device.a >= 5",
        "device.a < 5 || device.a > 5",
        "1 / 0 > 1 || (has(device.a) && !has(device.a))",
        "device.a != 'x' || device.b != 'x'",
        "device.pro && (has(device.a) || !has(device.a))",
        "device.pro || (device.b && (device.a < 5 || device.a >= 5))",
        "!(device.a < 5 && device.a < 7)",
    ],
)
def test_what_can_be_false_or_is_for_another_rule(policy: str) -> None:
    assert findings(RULE, policy) == []


@pytest.mark.parametrize("policy", ["1 == 1", "'a' == 'a'", "device.region ^= ''", "device.region.includes('')"])
def test_what_another_rule_reports_is_left_to_it(policy: str) -> None:
    assert findings(RULE, policy) == []
