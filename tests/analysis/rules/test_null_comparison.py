import pytest
from linting import findings, fixed, marked

from policy_lang.analysis.rules.null_comparison import RULE


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("device.region == null", "!has(device.region)"),
        ("device.region != null", "has(device.region)"),
        ("null === device.a.b", "!has(device.a.b)"),
        ("null !== device['a b']", "has(device['a b'])"),
        ("(device.region) == null", "!has(device.region)"),
        ("!(device.region == null)", "!(!has(device.region))"),
        ("device.pro == (device.region == null)", "device.pro == (!has(device.region))"),
        (
            "device.region == null ? device.pro : device.tags[0] != null",
            "!has(device.region) ? device.pro : device.tags[0] != null",
        ),
    ],
)
def test_a_comparison_becomes_a_call(text: str, after: str) -> None:
    assert fixed(RULE, text) == after


def test_what_is_said() -> None:
    (found,) = findings(RULE, "device.pro && device.region == null")
    assert marked(RULE, "device.pro && device.region == null") == ["device.region == null"]
    assert found.message == "`device.region == null` asks whether a property is there"
    assert found.help == "write `!has(device.region)`"


@pytest.mark.parametrize("text", ["device.region /* really */ == null", "device.region == // really\nnull"])
def test_a_comment_is_not_thrown_away(text: str) -> None:
    (found,) = findings(RULE, text)
    assert found.fix is None


def test_a_comment_that_stays() -> None:
    assert fixed(RULE, "/* 1 */ device /* 2 */.region == null // 3") == "/* 1 */ !has(device /* 2 */.region) // 3"


@pytest.mark.parametrize("text", ["has(device.region)", "device.region == 'null'", "(device.region ?? '') == ''"])
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []
