import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.bidirectional_control import RULE
from policy_lang.diagnostics.model import Severity

RLO, LRM, PDI = "\u202e", "\u200e", "\u2069"


def test_it_is_an_error() -> None:
    """What a reviewer sees is not what runs (CVE-2021-42574)."""
    assert RULE.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("policy", "where"),
    [
        (f"device.a == 'a{RLO}b'", "text"),
        (f"device['a{PDI}'] == 'a'", "text"),
        (f"device.a == 'a' // {RLO} and so on", "comment"),
        (f"/* {RLO}{LRM} */ device.a == 'a'", "comment"),
        (f"device.a == /^a{RLO}/", "regular expression"),
    ],
)
def test_where_controls_hide(policy: str, where: str) -> None:
    (found,) = findings(RULE, policy)
    assert found.message.startswith(f"the {where} holds the invisible U+20")
    assert marked(RULE, policy)[0] in {RLO, PDI}


def test_messages_name_the_character_and_never_hold_it() -> None:
    (found,) = findings(RULE, f"device.a == '{RLO}a{LRM}'")
    assert found.message == "the text holds the invisible U+202E (right-to-left override), which changes the order that people read"
    assert found.help == "remove it; a text that needs it takes the escape `\\u202e`"


def test_the_fix_of_a_text_writes_escapes() -> None:
    assert fixed(RULE, f"device.a == '{RLO}a{LRM}'") == "device.a == '\\u202ea\\u200e'"


def test_comments_and_patterns_are_for_people_to_change() -> None:
    assert fixes(RULE, f"device.a == 'a' // {RLO}") == []
    assert fixes(RULE, f"device.a == /^{RLO}/") == []


@pytest.mark.parametrize(
    "policy", ["device.a == 'שלום'", "device.a == '\\u202e'", "device.a == 'a' // שלום", "device.a == /^\\x{202E}/"]
)
def test_texts_of_other_directions_and_escapes(policy: str) -> None:
    assert findings(RULE, policy) == []
