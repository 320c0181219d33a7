import pytest
from linting import findings, marked

from policy_lang.analysis.rules.case_variant import RULE
from policy_lang.types.schema import Schema


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("device.region == 'eu' || (device.pro && device.region == 'EU')", "'EU'"),
        ("device.region != 'eu' && 'Eu' != device.region", "'Eu'"),
        ("device.region in ['us', 'eu', 'Us']", "'Us'"),
        ("'beta' in device.tags && 'Beta' in device.tags", "'Beta'"),
        ("device.region == 'eu' || device['region'] == 'EU' || device.region == 'EU'", "'EU'"),
        ("device.street == 'Straße' || device.street == 'STRASSE'", "'STRASSE'"),
        ("device.tags[0] == 'beta' && device.tags.includes('a') && device.tags.includes('A')", "'A'"),
    ],
)
def test_two_spellings(policy: str, text: str) -> None:
    assert marked(RULE, policy) == [text]


def test_the_message_names_both_and_the_property() -> None:
    policy = "device.region == 'eu' || device.region == 'EU'"
    (found,) = findings(RULE, policy)
    assert found.message == "`'EU'` and `'eu'` differ in case only, and `device.region` is compared with both"
    assert [policy[label.span.start : label.span.end] for label in found.related] == ["'eu'"]


@pytest.mark.parametrize(
    "policy",
    [
        "device.region == 'eu' || device.region == 'us'",
        "device.region == 'eu' || device.country == 'EU'",
        "device.region == 'eu' || device.region == 'eu'",
        "device.region.toLowerCase() == 'eu' || device.region == 'EU'",
        "device.model.includes('pro') || device.model.includes('PRO')",
        "device.version == '1.0.0-RC' || device.version == '1.0.0-rc'",
        "device.region < 'eu' || device.region < 'EU'",
        "device.memory == 1 || device.memory == 2",
    ],
)
def test_other_texts(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_an_enumeration_may_have_both() -> None:
    schema = Schema.load({"properties": {"region": {"enum": ["eu", "EU"]}}})
    assert findings(RULE, "device.region == 'eu' || device.region == 'EU'", schema) == []
