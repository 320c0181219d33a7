import pytest
from linting import findings, marked
from strategies import SCHEMA

from policy_lang.analysis.rules.empty_affix import RULE


@pytest.mark.parametrize(
    ("policy", "message", "label"),
    [
        ("device.model ^= ''", "every text starts with the empty text", "true wherever it is known"),
        ("device.model ^!= ''", "every text starts with the empty text", "false wherever it is known"),
        ("device.model.startsWith('')", "every text starts with the empty text", "true wherever it is known"),
        ("device.model $= ''", "every text ends with the empty text", "true wherever it is known"),
        ("device.model $!= ''", "every text ends with the empty text", "false wherever it is known"),
        ("device.model.endsWith('')", "every text ends with the empty text", "true wherever it is known"),
        ("device.model >< ''", "every text contains the empty text", "true wherever it is known"),
        ("device.model <> ''", "every text contains the empty text", "false wherever it is known"),
        ("device.model.includes('')", "every text contains the empty text", "true wherever it is known"),
    ],
)
def test_searches_for_nothing(policy: str, message: str, label: str) -> None:
    (found,) = findings(RULE, policy)
    assert (found.message, found.label) == (message, label)
    assert found.help == "write the text that is meant; to ask whether the property is there write `has(device.model)`"
    assert marked(RULE, policy) == [policy]


def test_the_help_speaks_of_presence_for_properties_only() -> None:
    (found,) = findings(RULE, "device.model.trim() ^= ''")
    assert found.help == "write the text that is meant"


@pytest.mark.parametrize("policy", ["device.model == ''", "device.tags.includes('')", "device.model ^= 'X'", "'' in device.tags"])
def test_other_uses_of_the_empty_text(policy: str) -> None:
    assert findings(RULE, policy, SCHEMA) == []
