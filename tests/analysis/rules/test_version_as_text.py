import pytest
from linting import findings, marked

from policy_lang.analysis.rules.version_as_text import RULE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("device.firmware ^= '1.1'", "satisfies(version(device.firmware), '1.1.x')"),
        ("device.firmware ^!= '1.'", "!satisfies(version(device.firmware), '1.x')"),
        ("device.firmware >< '1.1.1'", "satisfies(version(device.firmware), '1.1.1')"),
        ("device.fw == 'v1.2'", "satisfies(version(device.fw), '1.2.x')"),
        ("'1.1' != device.bootVersion", "!satisfies(version(device.bootVersion), '1.1.x')"),
        ("device.release in ['1.1', '2.0.0']", "satisfies(version(device.release), '1.1.x || 2.0.0')"),
        ("device.firmware == '1.x'", "satisfies(version(device.firmware), '1.x')"),
        (r"device.firmware == /1\.1/", "satisfies(version(device.firmware), '1.1.x')"),
        (r"/^1\.\d+$/ != device.firmware", "!satisfies(version(device.firmware), '1.x')"),
        (r"device.firmware == /^1\.1|^2\.[0-9]+/", "satisfies(version(device.firmware), '1.1.x || 2.x')"),
        ("device.firmware.startsWith('1.1.')", "satisfies(version(device.firmware), '1.1.x')"),
        ("device.firmware.matches(/^1.1/)", "satisfies(version(device.firmware), '1.1.x')"),
        ("string(device.version) ^= '1.'", "satisfies(device.version, '1.x')"),
        ("string(device.firmware) $= '1.1.1-rc.1'", "satisfies(version(device.firmware), '1.1.1-rc.1')"),
        ("device.model.os ^= 'v1.2'", None),
        ("device.os ^= 'v1.2'", "satisfies(version(device.os), '1.2.x')"),
    ],
)
def test_a_version_tested_as_text(text: str, wanted: str | None) -> None:
    found = findings(RULE, text)
    assert [each.help for each in found] == ([] if wanted is None else [f"write `{wanted}`"])
    assert marked(RULE, text) == [text] * len(found)


def test_what_is_said() -> None:
    start, equal = findings(RULE, "device.firmware ^= '1.1' || device.firmware == '1.1'")
    assert start.message == "`device.firmware ^= '1.1'` tests a version as text"
    assert (start.label, equal.label) == ("as text, `1.10` starts with `1.1`", "as text, `1.1.0` is not `1.1`")


def test_a_text_that_is_no_range() -> None:
    (found,) = findings(RULE, "device.firmware == '1.2.3.4'")
    assert found.help == "compare versions, for example `version(device.firmware) < '2.0.0'`"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("device.firmware.split('.')[0] == '1'", "write `version(device.firmware).major`, `.minor` or `.patch`"),
        ("string(device.version).split('.')[1] == '4'", "write `device.version.major`, `.minor` or `.patch`"),
    ],
)
def test_a_version_cut_in_parts(text: str, remedy: str) -> None:
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [text.partition("[")[0]]
    assert found.help == remedy


@pytest.mark.parametrize(
    "text",
    [
        "satisfies(device.version, '1.1.x')",
        "device.version == '1.1.0'",
        "device.firmware == '1.1.0'",
        "device.firmware in ['1.1.0', '1.2.0']",
        "device.firmware == 'unstable' || device.firmware $= '-beta'",
        "device.firmware == /beta/",
        "device.firmware < '2.0.0'",
        "device.ip ^= '10.1.' || device.address ^= '10.20.30.'",
        "device.model == '1.1.1'",
        "device.load == '1.1'",
        "device.firmware.toLowerCase() == '1.1'",
        "device.name.split('.')[0] == '1'",
        "device.firmware.trim() != ''",
        "string(device.memory) ^= '1.' && device.memory > 1",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []


@pytest.mark.parametrize(
    ("policy", "label"),
    [
        ("device.firmware ^= '1.1'", "as text, `1.10` starts with `1.1`"),
        ("device.firmware == /^1\\.1/", "as text, `1.10` starts with `1.1`"),
        ("device.firmware ^= '1.1.'", "any text will do, a version or not"),
        ("device.firmware.split('.')[0] == '1'", "any text will do, a version or not"),
        ("device.firmware == '1.1'", "as text, `1.1.0` is not `1.1`"),
    ],
)
def test_what_goes_wrong_is_shown(policy: str, label: str) -> None:
    assert [each.label for each in findings(RULE, policy)] == [label]
