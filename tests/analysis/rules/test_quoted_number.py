import pytest
from linting import findings, marked

from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.rules.quoted_number import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"properties": {"memory": {"type": "integer"}, "slot": {"type": "string"}}})


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("device.memory == '512'", "'512'", "write `device.memory == 512`; it takes the text too"),
        ("'-0.5' != device.load", "'-0.5'", "write `device.load != -0.5`; it takes the text too"),
        ("device.slot in ['1', '2']", "['1', '2']", "write `device.slot in [1, 2]`; it takes the text too"),
        ("device.slot not in ['1']", "['1']", "write `device.slot not in [1]`; it takes the text too"),
    ],
)
def test_numbers_in_quotes(text: str, place: str, remedy: str) -> None:
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [place]
    assert found.message == f"`{text}` is unknown for a device that sends a number"
    assert found.help == remedy


@pytest.mark.parametrize(
    "text",
    [
        "device.memory == 512",
        "device.slot in ['1', 'a']",
        "device.slot in [device.name, device.other, '']",
        "device.code == '007'",
        "device.serialNumber == '77'",
        "device.id == '5'",
        "device.board_id in ['1', '2']",
        "device.firmware == '1.1'",  # a version, and the business of another rule
        "'5' in device.tags",
        "device.memory > '100'",
        "device.name ^= '5'",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []


def test_a_property_declared_as_text() -> None:
    assert findings(RULE, "device.slot == '1'", SCHEMA) == []


def test_a_declared_number_is_an_error_already() -> None:
    (finding,) = lint_policy("device.memory == '512'", SCHEMA, rules=(RULE,))
    assert finding.code == "PL201"
