import pytest

from policy_lang.versions.key import encode_number, successor_key, version_key
from policy_lang.versions.version import Version


@pytest.mark.parametrize(
    ("version", "key"),
    [
        (("2", "3", "0", ""), "a2a3a0s"),
        (("2", "3", "0", "rc.1"), "a2a3a0r72630a1"),
        (("0", "0", "0", "0"), "a0a0a0a0"),
        (("12", "345", "999999999999999", ""), "b12c345o999999999999999s"),
        (("1", "0", "1234567890123456", "-"), "a1a0pb161234567890123456r2d0"),
    ],
)
def test_a_key_is_as_published(version: tuple[str, str, str, str], key: str) -> None:
    assert version_key(*version) == key


def test_numbers_sort_as_text() -> None:
    numbers = sorted({*range(1200), *(10**power + step for power in range(3, 120) for step in (-1, 0, 1))})
    codes = [encode_number(str(number)) for number in numbers]
    assert codes == sorted(codes)
    assert len(set(codes)) == len(codes)


def test_a_longer_number_sorts_after_a_shorter_one() -> None:
    assert encode_number("9" * 999) < encode_number("1" + "0" * 999)


def test_keys_use_few_letters() -> None:
    keys = "".join(version_key(number, number, number, f"rc-Z.{number}") for number in ("0", "1" * 10, "1" * 16, "9" * 500))
    assert set(keys) <= set("0123456789abcdefghijklmnoprs")


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0-0",
        "0.0.0",
        "1.2.3",
        "1.2.9",
        "1.99.999999999999999",
        "1.2.9999999999999999",
        "1234567890123456.12345678901234567.8",
        f"1.2.{'9' * 1000}",
        "1.2.3-rc",
        "1.2.3-rc.1",
    ],
)
def test_the_successor_of_a_key_is_the_key_of_the_successor(text: str) -> None:
    version = Version.parse(text)
    assert successor_key(version.key) == version.successor().key
