import pytest
from linting import findings, marked

from policy_lang.analysis.rules.outer_blanks import RULE


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("device.region == 'us-west '", "the text `'us-west '` ends with a blank"),
        ("device.region != ' us-west'", "the text `' us-west'` starts with a blank"),
        ("device.region == ' us-west\u00a0'", "the text `' us-west\u00a0'` starts and ends with a blank"),
        ("device.region == 'us\\t'", "the text `'us\\t'` ends with a blank"),
        ("device.region in ['eu', 'us ']", "the text `'us '` ends with a blank"),
        ("' beta' in device.tags", "the text `' beta'` starts with a blank"),
        ("device['serial '] == 'a'", "the text `'serial '` ends with a blank"),
        ("device.model ^= ' X'", "the text `' X'` starts with a blank"),
        ("device.model.startsWith(' X')", "the text `' X'` starts with a blank"),
        ("device.model $!= 'pro '", "the text `'pro '` ends with a blank"),
        ("device.model.endsWith('pro ')", "the text `'pro '` ends with a blank"),
    ],
)
def test_blanks_at_the_ends(policy: str, message: str) -> None:
    (found,) = findings(RULE, policy)
    assert found.message == message
    assert marked(RULE, policy)[0] in message


@pytest.mark.parametrize(
    "policy",
    [
        "device.region == 'us west'",
        "device.region == ''",
        "device.model ^= 'X '",
        "device.model $= ' pro'",
        "device.model >< ' pro '",
        "device.model.includes(' ')",
        "device.model + ' ' + device.id == 'a b'",
        "' us '.trim() == 'us'",
        "'a' in device.model.split(', ')",
        "device.model.matches('^X ')",
    ],
)
def test_blanks_inside_and_between(policy: str) -> None:
    assert findings(RULE, policy) == []
