import pytest
from linting import subject_of

from policy_lang.analysis.version_text import is_version_like, names_version, operand_of, range_of, version_of, words_of
from policy_lang.syntax.ast import Compare


def test_the_words_of_a_name() -> None:
    assert words_of(("device", "fwVersion")) == {"fw", "version"}
    assert words_of(("device", "OS_release", 0, "IPv4")) >= {"os", "release", "ipv"}


@pytest.mark.parametrize("name", ["version", "fwVersion", "boot_firmware", "RELEASE"])
def test_names_of_versions(name: str) -> None:
    assert names_version(("device", name))


def test_other_names() -> None:
    assert not names_version(("device", "region"))
    assert not names_version(("device", "conversion"))


@pytest.mark.parametrize(
    ("text", "beside_firmware", "beside_anything", "beside_an_address"),
    [
        ("1.2.3", True, True, False),
        ("v1.2", True, True, False),
        ("1.2.3-rc.1+a", True, True, False),
        ("1.2.x", True, True, False),
        ("1.2", True, False, False),
        ("1.2.", True, False, False),
        ("1.", True, False, False),
        ("v2", True, False, False),
        ("1.2.3.4", True, False, False),
        ("1", False, False, False),
        ("beta", False, False, False),
        ("x1.2.3", False, False, False),
    ],
)
def test_how_much_a_text_must_look_like_a_version(
    text: str, *, beside_firmware: bool, beside_anything: bool, beside_an_address: bool
) -> None:
    assert is_version_like(text, ("device", "firmware")) is beside_firmware
    assert is_version_like(text, ("device", "os")) is beside_anything
    assert is_version_like(text, ("device", "ipAddress")) is beside_an_address


@pytest.mark.parametrize(
    ("text", "range_", "version"),
    [
        ("1.", "1.x", "1.0.0"),
        ("v1.2", "1.2.x", "1.2.0"),
        ("1.2.", "1.2.x", "1.2.0"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("v1.2.3-rc.1", "1.2.3-rc.1", "1.2.3-rc.1"),
        ("1.2.*", "1.2.x", None),
        ("01.2", None, None),
        ("1.2.3.4", None, None),
    ],
)
def test_what_a_text_stands_for(text: str, range_: str | None, version: str | None) -> None:
    assert range_of(text) == range_
    assert version_of(text) == version


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("device.os == 'a'", "version(device.os)"),
        ("string(device.os) == 'a'", "version(device.os)"),
        ("string(device.version) == 'a'", "device.version"),
        ("device.os.trim() == 'a'", None),
        ("device.version == '1.0.0'", None),
        ("string(5) == 'a'", None),
    ],
)
def test_texts_that_may_be_versions(text: str, reading: str | None) -> None:
    subject = subject_of(text)
    assert isinstance(subject.tree, Compare)
    operand = operand_of(subject.tree.left, subject)
    assert (None if operand is None else operand.reading) == reading
