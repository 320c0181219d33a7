import pytest
from linting import findings, marked

from policy_lang.analysis.rules.prerelease_bound import RULE


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("device.version >= '1.0.0' && device.version < '2.0.0'", "device.version < '2.0.0'"),
        ("device.version > '1.0.0' && device.pro == true && '2.0.0+a' > device.version", "'2.0.0+a' > device.version"),
        ("satisfies(device.version, '>=1.0.0 <2.0.0')", "'>=1.0.0 <2.0.0'"),
        ("satisfies(device.version, '3.x || >1.0.0 < v2.0.0')", "'3.x || >1.0.0 < v2.0.0'"),
        ("device.bootloader >= '1.0.0' && device.bootloader < '2.0.0'", "device.bootloader < '2.0.0'"),
    ],
)
def test_a_line_of_versions(text: str, place: str) -> None:
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [place]
    assert found.message == "below `2.0.0` are its prereleases too, such as `2.0.0-rc.1`"
    assert found.help == "write `2.0.0-0` to leave them out"


@pytest.mark.parametrize(
    "text",
    [
        "device.version < '2.0.0'",
        "satisfies(device.version, '<2.0.0')",
        "device.version >= '1.0.0' && device.version < '2.0.0-0'",
        "device.version >= '1.0.0' && device.version < '2.0.0-rc.1'",
        "device.version >= '1.0.0' && device.version < update.version",
        "device.version >= '1.0.0' || device.version < '2.0.0'",
        "device.version > '1.0.0' && device.bootloader < '2.0.0'",
        "satisfies(device.version, '>=1.0.0 <2.0.0-0 || ^3.1.0 || 1.0.0 - 2.0.0 || >=1.0 <2')",
        "satisfies(device.version, '>=1.8.0 <2.0.0') && !device.version.isPrerelease",
        "rollout(5) && has(device.pro)",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []
