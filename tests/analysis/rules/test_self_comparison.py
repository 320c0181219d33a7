import pytest
from linting import findings, marked

from policy_lang.analysis.rules.self_comparison import RULE


@pytest.mark.parametrize(
    ("policy", "label"),
    [
        ("device.memory + 1 == device.memory + 1", "true wherever it is known"),
        ("device.version == device.version", "true wherever it is known"),
        ('device.version <= device["version"]', "true wherever it is known"),
        ("device.version < device.version", "false wherever it is known"),
        ("device.id != device.id", "false wherever it is known"),
        ("device.id ^= device.id", "true wherever it is known"),
        ("device.id <> device.id", "false wherever it is known"),
    ],
)
def test_both_sides_are_the_same(policy: str, label: str) -> None:
    (found,) = findings(RULE, policy)
    assert found.label == label
    assert marked(RULE, policy) == [policy]


def test_the_message_names_the_value_and_the_help_a_property() -> None:
    (found,) = findings(RULE, "has(device.tier) && device.version.major == device.version.major")
    assert found.message == "`device.version.major` is compared with itself"
    assert found.help.endswith("to ask whether a property is there write `has(device.version)`")


@pytest.mark.parametrize(
    "policy",
    ["device.version < update.version", "1 == 1", "'a' in ['a']", "device.id == device.product", "device.region == 'a'", "true"],
)
def test_other_comparisons(policy: str) -> None:
    assert findings(RULE, policy) == []
