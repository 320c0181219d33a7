import pytest
from linting import findings, fixed, fixes, marked
from strategies import SCHEMA

from policy_lang.analysis.rules.misread_operator import RULE
from policy_lang.types.schema import Schema


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.model <> 'a'", "!device.model.includes('a')"),
        ("device.model >< 'a'", "device.model.includes('a')"),
        ("device.model + 'x' <> 'a'", "!(device.model + 'x').includes('a')"),
        ("(device.model <> 'a') == device.pro", "!device.model.includes('a') == device.pro"),
        ("(device.model ?? 'a') >< 'a'", "(device.model ?? 'a').includes('a')"),
        ("device.model >< (device.id ?? 'a')", "device.model.includes(device.id ?? 'a')"),
        ("device.tags >< 'a'", "device.tags.includes('a')"),
        ("['a', device.model] <> 'b'", "!['a', device.model].includes('b')"),
        ("device.slots <> 8", "!device.slots.includes(8)"),
    ],
)
@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])
def test_the_fix_spells_it_out(policy: str, after: str, schema: Schema | None) -> None:
    assert fixed(RULE, policy, schema) == after


def test_what_is_reported() -> None:
    policy = "device.pro && device.region <> 'us'"
    (found,) = findings(RULE, policy)
    assert marked(RULE, policy) == ["<>"]
    assert found.message == "`<>` means that the left side does not contain the right one, not that they differ"
    assert found.help == "write `!….includes(…)`, or `!=` where the two must differ"
    (found,) = findings(RULE, "device.region >< 'us'")
    assert found.message == "`><` means that the left side contains the right one"


@pytest.mark.parametrize("policy", ["device.a != 'a'", "device.a.includes('a')", "device.a < 1", "device.a ^= 'a'"])
def test_other_operators(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_that_would_lose_a_comment() -> None:
    assert fixes(RULE, "device.a <> /* why */ 'a'") == []
