import pytest
from linting import findings, marked

from policy_lang.analysis.rules.version_order_as_text import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"properties": {name: {"type": "string"} for name in ("firmware", "backupFirmware", "os", "name")}})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("device.firmware < '1.10'", "version(device.firmware) < '1.10.0'"),
        ("'v2.0' >= device.os", "'2.0.0' >= version(device.os)"),
        ("string(device.fwVersion) < string(device.otherVersion)", "version(device.fwVersion) < version(device.otherVersion)"),
        ("string(device.version) < string(update.version)", "device.version < update.version"),
        ("string(device.version) <= '1.10'", "device.version <= '1.10.0'"),
    ],
)
def test_without_a_schema(text: str, wanted: str) -> None:
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [text]
    assert found.help == f"write `{wanted}`"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("device.firmware < '1.10.0'", "version(device.firmware) < '1.10.0'"),
        ("device.os > 'v1.2'", "version(device.os) > '1.2.0'"),
        ("device.firmware < device.backupFirmware", "version(device.firmware) < version(device.backupFirmware)"),
    ],
)
def test_texts_of_a_schema(text: str, wanted: str) -> None:
    (found,) = findings(RULE, text, SCHEMA)
    assert found.message == f"`{text}` is the order of text, not of versions"
    assert found.help == f"write `{wanted}`"


def test_a_text_that_is_no_version() -> None:
    (found,) = findings(RULE, "device.firmware >= '1.2.3.4'")
    assert found.help == "compare versions, for example `version(device.firmware) >= '2.0.0'`"


@pytest.mark.parametrize(
    "text",
    [
        "device.version < update.version",
        "version(device.firmware) < '1.10.0'",
        "device.firmware == '1.10'",
        "device.name < 'm'",
        "device.firmware < device.name",
        "device.name < device.firmware",
        "device.firmware < 'm'",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text, SCHEMA) == []


def test_a_property_that_is_inferred_to_be_a_version() -> None:
    assert findings(RULE, "device.firmware < '1.10.0'") == []
