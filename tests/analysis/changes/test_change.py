from datetime import UTC, datetime
from typing import Any

import pytest

from policy_lang.analysis.changes.change import Change, PropertyChange, plain_raw, show_raw, with_value

REGION = PropertyChange(("device", "region"), "eu", "us", "'eu'", "'us'")
SERIAL = PropertyChange(("device", "serial"), None, "any", "missing", "any value", is_any=True)
TIER = PropertyChange(("device", "tier"), "gold", None, "'gold'", "missing")


def test_a_change_in_words() -> None:
    assert str(Change((REGION, SERIAL), matches=True)) == "device.region: 'eu' → 'us', device.serial: missing → any value"
    assert REGION.condition == "device.region is 'us' (is 'eu')"
    assert SERIAL.condition == "device.serial is sent (it is missing)"
    assert TIER.condition == "device.tier is missing (is 'gold')"


def test_a_change_as_json() -> None:
    plain = Change((REGION, SERIAL, TIER), matches=False).to_plain()
    assert plain["matches"] is False
    assert [(each["property"], each["action"], each["anyValue"]) for each in plain["properties"]] == [
        ("device.region", "change", False),
        ("device.serial", "add", True),
        ("device.tier", "remove", False),
    ]
    assert (plain["properties"][0]["from"], plain["properties"][0]["to"]) == ("eu", "us")


def test_applying_leaves_the_device_alone() -> None:
    device = {"region": "eu", "tier": "gold", "id": "7"}
    assert Change((REGION, TIER), matches=True).apply(device) == {"region": "us", "id": "7"}
    assert device == {"region": "eu", "tier": "gold", "id": "7"}


@pytest.mark.parametrize(
    ("root", "steps", "value", "changed"),
    [
        ({}, ("a", "b"), 1, {"a": {"b": 1}}),
        ({"a": "text"}, ("a", "b"), 1, {"a": {"b": 1}}),
        ({"a": {"b": 1, "c": 2}}, ("a", "b"), None, {"a": {"c": 2}}),
        ({"a": "text"}, ("a", "b"), None, {"a": "text"}),
        ({}, ("a",), None, {}),
    ],
)
def test_values_inside_objects(root: dict[str, Any], steps: tuple[str, ...], value: Any, changed: dict[str, Any]) -> None:
    assert with_value(root, steps, value) == changed


def test_anything_can_be_shown() -> None:
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    values = (
        None,
        True,
        "a" * 99,
        5,
        10**4000,
        float("nan"),
        1.5,
        [1, "a", None, [2], {}],
        list(range(99)),
        {"a": 1},
        object(),
        deep,
    )
    shown = [show_raw(value) for value in values]
    assert shown[:2] == ["missing", "true"]
    assert shown[7] == "[1, 'a', null, a list, an object]"
    assert shown[8] == "[0, 1, 2, 3, 4, 5, 6, 7, …]"
    assert all(len(text) < 100 for text in shown)


def test_anything_becomes_json() -> None:
    assert plain_raw({"a": [1, None, float("inf")], 5: 1, "b": datetime(2026, 1, 1, tzinfo=UTC)}) == {
        "a": [1, None, "the number `too large`"],
        "b": "a value of the program (`datetime`)",
    }
    assert plain_raw(10**4000) == "the number `too large`"
