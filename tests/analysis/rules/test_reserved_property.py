import pytest
from linting import findings, marked

from policy_lang.analysis.rules.reserved_property import RULE
from policy_lang.types.schema import Schema


@pytest.mark.parametrize(
    ("text", "name", "meant"),
    [
        ("device.Version < '2.0.0'", "device.Version", "device.version"),
        ("device.ID == 'a' && device.ID != 'b'", "device.ID", "device.id"),
        ("has(device.product_)", "device.product_", "device.product"),
        ("device['ver-sion'] == 'a'", 'device["ver-sion"]', "device.version"),
        ("update.Channel == 'beta'", "update.Channel", "update.channel"),
    ],
)
def test_a_name_that_is_almost_built_in(text: str, name: str, meant: str) -> None:
    (found,) = findings(RULE, text)
    assert found.message == f"`{name}` is another property than `{meant}`"
    assert found.help == f"write `{meant}`, or give the other property a name of its own"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("device.versoin < '2.0.0'", "device.version"),
        ("device.vesion < '2.0.0'", "device.version"),
        ("device.verssion < '2.0.0'", "device.version"),
        ("device.versionn < '2.0.0'", "device.version"),
        ("device.versio < '2.0.0'", "device.version"),
        ("device.verzion < '2.0.0'", "device.version"),
        ("device.Porduct == 'a'", "device.product"),
        ("update.channle == 'beta'", "update.channel"),
        ("now > update.publised", "update.published"),
    ],
)
def test_a_slip_of_the_finger(text: str, meant: str) -> None:
    (found,) = findings(RULE, text)
    assert found.message.endswith(f"is another property than `{meant}`")


def test_what_is_declared_is_not_mistyped() -> None:
    schema = Schema.load({"type": "object", "properties": {"verzion": {"type": "string"}, "Version": {"type": "string"}}})
    assert marked(RULE, "device.verzion == 'a' && device.Version == 'b'", schema) == ["device.Version"]


def test_the_first_use_is_pointed_at() -> None:
    assert marked(RULE, "has(device.Id) && device.VERSION > '1.0.0'") == ["has(device.Id)", "device.VERSION"]


@pytest.mark.parametrize(
    "text",
    [
        "device.version < update.version",
        "device.productToken == 'a'",
        "device.bootVersion == 'a'",
        "device.site.ID == 'a'",
        "now > update.published",
        "device.versions == 'a'",
        "device.version2 == 'a'",
        "device.fversion == 'a'",
        "device.vreison == 'a'",
        "device.verxxon == 'a'",
        "device.ip == 'a' && device.ix == 'b'",
        "device.channle == 'a'",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []
