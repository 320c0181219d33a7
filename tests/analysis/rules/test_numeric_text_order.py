import pytest
from linting import findings, marked

from policy_lang.analysis.rules.numeric_text_order import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"properties": {"memory": {"type": "string"}, "grade": {"enum": ["1", "2"]}}})


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("device.memory > '100'", "write `device.memory > 100`"),
        ("'100' <= device.memory", "write `100 <= device.memory`"),
        ("device.load < '-1.10'", "write `device.load < -1.10`"),
        ('device["free space"] >= "1e3"', 'write `device["free space"] >= 1e3`'),
    ],
)
def test_a_property_that_nothing_declares(text: str, remedy: str) -> None:
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [text]
    assert found.message == f"`{text}` is the order of text, not of numbers"
    assert found.help == remedy


def test_a_property_declared_as_text() -> None:
    (found,) = findings(RULE, "device.memory > '100'", SCHEMA)
    assert found.help == "write `number(device.memory) > 100`, or declare `device.memory` as a number"


@pytest.mark.parametrize(
    "text",
    [
        "device.memory > 100",
        "device.memory == '100'",
        "device.name > 'm'",
        "device.firmware < '1.10'",  # a version, and the business of another rule
        "device.name.trim() < '5'",
        "'1' < '2'",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []


def test_a_text_of_an_enumeration() -> None:
    assert findings(RULE, "device.grade < '2'", SCHEMA) == []
