import pytest
from linting import findings, marked

from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.rules.quoted_boolean import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {"properties": {"pro": {"type": "string"}, "test": {"type": "boolean"}, "mode": {"enum": ["true", "false", "auto"]}}}
)


def test_a_property_that_nothing_declares() -> None:
    (found,) = findings(RULE, "device.pro == 'true'")
    assert marked(RULE, "device.pro == 'true'") == ["'true'"]
    assert found.message == "`device.pro == 'true'` is unknown for a device that sends the bool `true`"
    assert found.help == "write `device.pro == true`; it takes the text too"


def test_any_case_and_either_side() -> None:
    (found,) = findings(RULE, "'FALSE' != device.pro")
    assert found.help == "write `device.pro != false`; it takes the text too"


def test_a_property_declared_as_text() -> None:
    (found,) = findings(RULE, "device.pro == 'true'", SCHEMA)
    assert found.help == "declare `device.pro` as a boolean and write `device.pro == true`"


@pytest.mark.parametrize(
    "text", ["device.pro == true", "device.pro == 'yes'", "device.pro ^= 'true'", "device.pro.trim() == 'true'"]
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []


def test_a_text_of_an_enumeration() -> None:
    assert findings(RULE, "device.mode == 'true'", SCHEMA) == []


def test_a_declared_bool_is_an_error_already() -> None:
    (finding,) = lint_policy("device.test == 'true'", SCHEMA, rules=(RULE,))
    assert finding.code == "PL201"
