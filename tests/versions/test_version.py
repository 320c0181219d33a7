import copy
import dataclasses
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import semver
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.versions.version import LEAST, MAX_LENGTH, Version, quote

DATA = Path(__file__).parents[1] / "data"
CHAIN = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"]


def lines(name: str) -> list[str]:
    return (DATA / name).read_text("ascii").split()


@pytest.mark.parametrize("text", lines("semver_valid.txt"))
def test_a_published_version_is_read(text: str) -> None:
    version = Version.parse(text)
    reference = semver.Version.parse(text)
    assert str(version) == version.text == text
    assert (version.major, version.minor, version.patch) == (reference.major, reference.minor, reference.patch)
    assert (version.prerelease, version.build) == (reference.prerelease or "", reference.build or "")
    assert version.is_prerelease == bool(reference.prerelease)


@pytest.mark.parametrize("text", lines("semver_invalid.txt"))
def test_a_published_non_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a semantic version: "):
        Version.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`` is not a semantic version: it is empty"),
        ("1", "`1` is not a semantic version: it has one part, not three"),
        ("1.2", "`1.2` is not a semantic version: it has two parts, not three"),
        ("1.2.3.4", "`1.2.3.4` is not a semantic version: it has four parts, not three"),
        ("1.2.3.4.5-rc", "`1.2.3.4.5-rc` is not a semantic version: it has 5 parts, not three"),
        ("1.2.3\n", r"`1.2.3\n` is not a semantic version: there is white space around it"),
        (" 1.2.3", "` 1.2.3` is not a semantic version: there is white space around it"),
        ("1.2.3\u2028", r"`1.2.3\u2028` is not a semantic version: there is white space around it"),
        ("1.2.٣", "`1.2.٣` is not a semantic version: `٣` is not an ASCII character"),
        ("1.2.3-é", "`1.2.3-é` is not a semantic version: `é` is not an ASCII character"),
        ("v1.2.3", "`v1.2.3` is not a semantic version: it starts with `v`"),
        ("V1.2.3", "`V1.2.3` is not a semantic version: it starts with `V`"),
        ("1.02.3", "`1.02.3` is not a semantic version: `02` has a leading zero"),
        ("1..3", "`1..3` is not a semantic version: a number is missing"),
        ("1.x.3", "`1.x.3` is not a semantic version: `x` is not a number"),
        ("latest", "`latest` is not a semantic version: `latest` is not a number"),
        ("1.2.3-", "`1.2.3-` is not a semantic version: its prerelease has an empty part"),
        ("1.2.3-rc..1", "`1.2.3-rc..1` is not a semantic version: its prerelease has an empty part"),
        ("1.2.3-rc.01", "`1.2.3-rc.01` is not a semantic version: `01` has a leading zero"),
        ("1.2.3-rc_1", "`1.2.3-rc_1` is not a semantic version: `rc_1` in its prerelease is not only letters, digits and `-`"),
        ("1.2.3+", "`1.2.3+` is not a semantic version: its build metadata has an empty part"),
        ("1.2.3+a+b", "`1.2.3+a+b` is not a semantic version: `a+b` in its build metadata is not only letters, digits and `-`"),
    ],
)
def test_a_message_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="semantic version") as caught:
        Version.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["٣.2.1", "1.2.3-٣", "1.2.3+٣", "1.2.3\n", "1.2.3\r", "1.2.3 ", "\t1.2.3", "1.2.3\0", "\ud8001.2.3"]
)
def test_what_a_loose_pattern_lets_in_is_refused(text: str) -> None:
    for parse in (Version.parse, Version.parse_lenient):
        with pytest.raises(ValueError, match="semantic version"):
            parse(text)


def test_the_longest_text_is_read_exactly() -> None:
    text = f"1.2.{'9' * (MAX_LENGTH - 4)}"
    version = Version.parse(text)
    assert version.patch == 10 ** (MAX_LENGTH - 4) - 1
    assert version < version.successor()
    assert version.successor().patch == 10 ** (MAX_LENGTH - 4)


@pytest.mark.parametrize("parse", [Version.parse, Version.parse_lenient])
def test_a_longer_text_is_refused_and_not_repeated(parse: Callable[[str], Version]) -> None:
    with pytest.raises(ValueError, match=re.escape("0…` is not a semantic version: it is longer than 4096 characters")) as caught:
        parse("1.2.1" + "0" * MAX_LENGTH)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("V1.2.3-rc.1+build", "1.2.3-rc.1+build"),
        ("v1.2", "1.2.0"),
        ("v1", "1.0.0"),
        ("1", "1.0.0"),
        ("0", "0.0.0"),
        ("1.2-rc.1", "1.2.0-rc.1"),
        ("1-rc.1+b", "1.0.0-rc.1+b"),
        ("v1+b-1.c", "1.0.0+b-1.c"),
    ],
)
def test_a_lenient_reading_gives_the_strict_form(text: str, strict: str) -> None:
    version = Version.parse_lenient(text)
    assert version == Version.parse(strict)
    assert version.text == strict


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`` is not a semantic version: it is empty"),
        ("v", "`v` is not a semantic version: it is empty"),
        ("vv1", "`vv1` is not a semantic version: it starts with `v`"),
        ("v 1", "`v 1` is not a semantic version: there is white space around it"),
        ("v01", "`v01` is not a semantic version: `01` has a leading zero"),
        ("1.", "`1.` is not a semantic version: a number is missing"),
        ("=1", "`=1` is not a semantic version: `=1` is not a number"),
        ("1.2.3.4", "`1.2.3.4` is not a semantic version: it has four parts, not three"),
        ("1.x", "`1.x` is not a semantic version: `x` is not a number"),
    ],
)
def test_a_lenient_reading_is_strict_otherwise(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="semantic version") as caught:
        Version.parse_lenient(text)
    assert str(caught.value) == message


def outcome(parse: Callable[[str], Version], text: str) -> str:
    try:
        return parse(text).text
    except ValueError as error:
        return str(error)


@settings(deadline=None, max_examples=500)
@given(st.text("012.-+av_ \n٣é", max_size=12) | st.text(max_size=6))
def test_any_text_is_a_version_or_has_a_message(text: str) -> None:
    strict, lenient = outcome(Version.parse, text), outcome(Version.parse_lenient, text)
    refusal = f"{quote(text)} is not a semantic version: "
    assert strict == text or strict.startswith(refusal)
    assert lenient.startswith(refusal) == (re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+\S*", lenient) is None)
    assert strict != text or lenient == text


def test_a_lenient_reading_does_not_count_the_letter() -> None:
    text = "1.2.3-" + "a" * (MAX_LENGTH - 6)
    assert Version.parse_lenient(f"v{text}").text == text


def test_a_lenient_reading_keeps_the_limit_when_it_adds_numbers() -> None:
    with pytest.raises(ValueError, match="longer than 4096 characters"):
        Version.parse_lenient("1" * MAX_LENGTH)


def test_the_published_chain_ascends() -> None:
    versions = [Version.parse(text) for text in CHAIN]
    for position, version in enumerate(versions):
        assert all(version > lower and version >= lower and version != lower for lower in versions[:position])
        assert all(version < higher and version <= higher for higher in versions[position + 1 :])


def test_numbers_of_any_size_are_ordered_as_numbers() -> None:
    small, large = Version.parse(f"{'9' * 400}.0.0"), Version.parse(f"1{'0' * 400}.0.0")
    assert small < large
    assert Version.parse("1.0.0-9007199254740993") > Version.parse("1.0.0-9007199254740992")


def test_build_metadata_is_not_compared() -> None:
    plain, built = Version.parse("1.2.3-rc.1"), Version.parse("1.2.3-rc.1+build.5")
    assert plain == built
    assert plain <= built
    assert plain >= built
    assert not plain < built
    assert not plain > built
    assert hash(plain) == hash(built)
    assert plain.key == built.key
    assert built.without_build().text == "1.2.3-rc.1"
    assert plain.without_build() is plain


def test_a_version_does_not_compare_with_text() -> None:
    version = Version.parse("1.2.3")
    assert version != "1.2.3"
    for name in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(version, name)("1.2.3") is NotImplemented


def test_a_version_cannot_be_changed() -> None:
    version = Version.parse("1.2.3")
    with pytest.raises(dataclasses.FrozenInstanceError):
        version.key = "a"  # type: ignore[misc]
    assert not hasattr(version, "__dict__")


@pytest.mark.parametrize("text", ["1.2.3", "1.2.3-rc.1+build.5", f"1.2.{'9' * 500}"])
def test_a_copy_is_the_same_version(text: str) -> None:
    version = Version.parse(text)
    for twin in (copy.copy(version), copy.deepcopy(version), pickle.loads(pickle.dumps(version))):  # noqa: S301  our own bytes
        assert (twin, twin.text, twin.build, hash(twin)) == (version, version.text, version.build, hash(version))


@pytest.mark.parametrize(
    ("text", "successor"),
    [
        ("1.2.3", "1.2.4-0"),
        ("1.2.3+build", "1.2.4-0"),
        ("1.2.9", "1.2.10-0"),
        ("1.2.3-rc", "1.2.3-rc.0"),
        ("1.2.3-0", "1.2.3-0.0"),
    ],
)
def test_the_successor_comes_next(text: str, successor: str) -> None:
    version = Version.parse(text)
    assert version.successor().text == successor
    assert version < version.successor()


def test_there_is_a_least_version() -> None:
    assert LEAST.text == "0.0.0-0"


def test_a_version_shows_itself() -> None:
    assert repr(Version.parse("1.2.3+b")) == "Version('1.2.3+b')"


def test_quoted_text_stays_on_one_line() -> None:
    assert quote("a\tb\n\x1b") == r"`a\tb\n\x1b`"
    assert quote("x" * 61) == f"`{'x' * 60}…`"


def test_the_limit_is_below_the_one_of_the_interpreter() -> None:
    assert sys.int_info.default_max_str_digits > MAX_LENGTH + 1
