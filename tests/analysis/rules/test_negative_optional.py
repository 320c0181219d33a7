import pytest
from linting import findings, marked

from policy_lang.analysis.rules.negative_optional import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {
        "required": ["region"],
        "properties": {"region": {"type": "string"}, "tier": {"type": "string"}, "mode": {"type": "string", "default": "auto"}},
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "device.region != 'eu'",
        "device.region not in ['eu', 'us']",
        "device.region ^!= 'eu'",
        "device.region $!= 'west'",
        "device.region <> 'eu'",
        "device.tags <> 'old'",
        "device.region != /^eu/",
        "!device.test",
        "!(device.region == 'eu')",
        "!('old' in device.tags)",
        "!(device.memory < 64)",
        "!device.name.startsWith('x')",
        "device.network.kind != 'lan'",
    ],
)
def test_a_negation(text: str) -> None:
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [text]
    assert found.message.endswith(f" do not match `{text}`")


def test_what_is_said() -> None:
    (found,) = findings(RULE, "device.version < update.version && !device.test")
    assert found.message == "devices without `device.test` do not match `!device.test`"
    assert found.help == (
        "write `(!has(device.test) || !device.test)` to take them, or `has(device.test) && !device.test` to say that they stay out"
    )


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("device.a != 1 && device.b != 2 && device.a != 3", ["device.a != 1", "device.b != 2"]),
        ("!(device.a == 1 && device.b != 2)", ["!(device.a == 1 && device.b != 2)"]),
        ("!(device.a || !device.b)", ["!(device.a || !device.b)"]),
        ("!(device.t ? device.a : true)", ["!(device.t ? device.a : true)"]),
        ("device.t != 1 ? true : device.a != 2", ["device.t != 1", "device.a != 2"]),
        ("!(device.a ?? device.b)", ["!(device.a ?? device.b)"]),
        ("device.a ?? device.b != 'x'", ["device.b != 'x'"]),
        ("device.a == 'x' || device.a != 'y'", ["device.a != 'y'"]),
        ("!(!has(device.a) && device.a == 'x')", ["!(!has(device.a) && device.a == 'x')"]),
    ],
)
def test_negations_inside_others(text: str, places: list[str]) -> None:
    assert marked(RULE, text) == places


def test_a_part_of_a_negation_may_decide_alone() -> None:
    (found,) = findings(RULE, "!(device.a == 1 && device.b != 2)")
    assert found.message.startswith("devices without `device.a` may not match `!(")


def test_the_help_does_not_repeat_a_long_condition() -> None:
    (found,) = findings(RULE, f"device.a not in [{', '.join(map(str, range(40)))}]")
    assert found.help.startswith("write `(!has(device.a) || …)`")


@pytest.mark.parametrize(
    "text",
    [
        "device.region == 'eu'",
        "device.pro == false",
        "device.version != '1.0.0' && device.id not in ['a'] && update.channel != 'beta'",
        "weekday(now) != 5",
        "has(device.region) && device.region != 'eu'",
        "device.region != 'eu' && device.pro && device.region != null",
        "!has(device.region) || device.region != 'eu'",
        "device.region == null || !(device.region == 'eu')",
        "has(device.region) ? device.region != 'eu' : device.pro",
        "(device.region ?? 'none') != 'eu'",
        "!(device.test ?? false)",
        "(device.region != 'eu') ?? true",
        "device.region ^= 'us-' && device.region != 'us-west'",
        "!(device.region != 'eu')",
        "!!device.test",
        "!has(device.region)",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []


def test_what_the_schema_says_of_presence() -> None:
    assert marked(RULE, "device.region != 'a' && device.tier != 'b' && device.mode != 'c'", SCHEMA) == ["device.tier != 'b'"]
