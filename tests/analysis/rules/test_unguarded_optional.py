import pytest
from linting import findings, marked

from policy_lang.analysis.rules.unguarded_optional import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {
        "type": "object",
        "required": ["region", "network"],
        "additionalProperties": True,
        "properties": {
            "region": {"type": "string"},
            "tier": {"type": "string"},
            "mode": {"type": "string", "default": "auto"},
            "network": {
                "type": "object",
                "required": ["kind"],
                "properties": {"ip": {"type": "string"}, "kind": {"type": "string"}},
            },
        },
    }
)


def test_the_first_use_of_each_property() -> None:
    text = "device.tier == 'a' && (device.network.ip ^= '10.' || device.tier == 'b')"
    assert marked(RULE, text, SCHEMA) == ["device.tier", "device.network.ip"]


def test_what_is_said() -> None:
    (found,) = findings(RULE, "device.tier == 'a'", SCHEMA)
    assert found.message == "a device may lack `device.tier`, and what compares it is then unknown"
    assert "`has(device.tier) && …`" in found.help


def test_a_use_that_no_guard_protects() -> None:
    assert marked(RULE, "(device.tier ?? 'a') == 'a' || device.tier == 'b'", SCHEMA) == ["device.tier"]


@pytest.mark.parametrize(
    "text",
    [
        "device.region == 'eu' && device.network.kind == 'lan'",
        "device.mode == 'auto'",
        "device.version < update.version && device.id != 'x'",
        "has(device.tier) && device.tier == 'a'",
        "!has(device.tier) || device.tier == 'a'",
        "has(device.tier) ? device.tier == 'a' : true",
        "(device.tier ?? 'a') == 'a'",
        "device.other == 'a'",
        "update.channel == 'beta'",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text, SCHEMA) == []


def test_a_schema_that_requires_nothing_says_nothing() -> None:
    assert findings(RULE, "device.tier == 'a'", Schema.load({"properties": {"tier": {"type": "string"}}})) == []
    assert findings(RULE, "device.tier == 'a'") == []
