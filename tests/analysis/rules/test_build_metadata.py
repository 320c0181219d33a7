import pytest
from linting import findings, fixed, marked

from policy_lang.analysis.rules.build_metadata import RULE


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("device.version == '1.2.0+linux'", "device.version == '1.2.0'"),
        ('"1.2.0-rc.1+a.b" <= device.version', "'1.2.0-rc.1' <= device.version"),
        ("device.version not in ['1.0.0+a', '2.0.0']", "device.version not in ['1.0.0', '2.0.0']"),
        ("device.bootloader < '2.0.0+x'", "device.bootloader < '2.0.0'"),
        (
            "satisfies(device.version, '>=1.2.0+a <2.0.0-rc.1+b || 1.2.3+x - 2.0.0+y')",
            "satisfies(device.version, '>=1.2.0 <2.0.0-rc.1 || 1.2.3 - 2.0.0')",
        ),
    ],
)
def test_metadata_is_dropped(text: str, after: str) -> None:
    assert fixed(RULE, text) == after


def test_what_is_said() -> None:
    text = "device.version in ['1.0.0+a', '2.0.0+b']"
    first, _ = findings(RULE, text)
    assert marked(RULE, text) == ["'1.0.0+a'", "'2.0.0+b'"]
    assert first.message == "`'1.0.0+a'` has the build metadata `+a`, which does not count"
    assert first.help == "write `'1.0.0'`; to tell builds apart compare `.build`"


@pytest.mark.parametrize(
    "text",
    [
        "device.version == '1.2.0'",
        "device.version.build == 'linux'",
        "device.name == '1.2.0+linux'",
        "device.name ^= '1.2.0+linux'",
        "device.name + '+x' == 'a+x'",
        "(device.bootloader ?? '1.0.0+linux').build == 'linux' && device.bootloader < '2.0.0'",
        "satisfies(device.version, '^1.2')",
        "rollout(5) && device.pro == null",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []
