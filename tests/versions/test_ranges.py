import copy
import dataclasses
import pickle

import pytest

from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import LEAST, Version

ONE, TWO = Version.parse("1.0.0"), Version.parse("2.0.0-rc.1+build")


def test_the_constructors_are_comparators() -> None:
    assert VersionRange.at_least(TWO) == VersionRange.parse(">=2.0.0-rc.1")
    assert VersionRange.above(TWO) == VersionRange.parse(">2.0.0-rc.1")
    assert VersionRange.at_most(TWO) == VersionRange.parse("<=2.0.0-rc.1")
    assert VersionRange.below(TWO) == VersionRange.parse("<2.0.0-rc.1")
    assert VersionRange.exactly(TWO) == VersionRange.parse("2.0.0-rc.1")
    assert VersionRange.everything() == VersionRange.parse("*")
    assert VersionRange.empty() == VersionRange.parse("<0.0.0-0")


def test_nothing_is_below_the_least_version() -> None:
    assert VersionRange.below(LEAST).is_empty
    assert VersionRange.at_least(LEAST).is_everything
    assert VersionRange.at_most(LEAST) == VersionRange.exactly(LEAST)


def test_build_metadata_is_left_out() -> None:
    assert str(VersionRange.exactly(TWO)) == "2.0.0-rc.1"
    assert [str(bound) for bound in VersionRange.at_least(TWO).bounds + VersionRange.below(TWO).bounds] == [
        "2.0.0-rc.1",
        "0.0.0-0",
        "2.0.0-rc.1",
    ]
    assert TWO in VersionRange.exactly(TWO)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (">1.0.0", ">=1.0.1-0"),
        ("<=1.0.0", "<1.0.1-0"),
        (">1.0.0-rc", ">=1.0.0-rc.0"),
        ("<1.2 || >=1.2.0-0", "*"),
        ("1.0.0 || >1.0.0 <2", ">=1.0.0 <2"),
        (">1.0.0 <1.0.1-0", "<0.0.0-0"),
        ("3 || 1 || 2", ">=1.0.0-0 <4.0.0-0"),
    ],
)
def test_equal_sets_are_equal_however_they_are_written(one: str, other: str) -> None:
    assert VersionRange.parse(one) == VersionRange.parse(other)
    assert hash(VersionRange.parse(one)) == hash(VersionRange.parse(other))


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "<0.0.0-0",
        "0.0.0-0",
        "1.0.0",
        ">1.0.0",
        ">=1.0.0",
        "<1.0.0",
        "<=1.0.0",
        ">=1.0.0-0 <=1.0.0",
        ">1.0.0-rc.1",
        "<=1.0.0-rc.1",
        ">=1.0.0-rc.0 <2.0.0-rc.0",
        ">1.0.0-0.0",
        ">=1.2.0-0 <2.0.0-0",
        "<1.0.0 || >1.0.0",
        "1.0.0 || 2.0.0-rc || >=3.0.0",
    ],
)
def test_a_range_is_written_in_its_plainest_form(text: str) -> None:
    assert str(VersionRange.parse(text)) == text
    assert repr(VersionRange.parse(text)) == f"VersionRange({text!r})"


def test_the_intervals_ascend_and_are_apart() -> None:
    texts = [(str(low), high and str(high)) for low, high in VersionRange.parse(">=3.0.0 || 1.0.0 || ^1.2").intervals]
    assert texts == [("1.0.0", "1.0.1-0"), ("1.2.0-0", "2.0.0-0"), ("3.0.0", None)]
    assert VersionRange.parse("1 || 2").intervals == VersionRange.parse(">=1.0.0-0 <3.0.0-0").intervals
    assert VersionRange.empty().intervals == ()
    assert VersionRange.everything().intervals == ((LEAST, None),)


def test_the_lowest_is_the_least_version_of_the_set() -> None:
    assert VersionRange.parse("2.x || 1.4.0").lowest == Version.parse("1.4.0")
    assert VersionRange.everything().lowest == LEAST
    assert VersionRange.empty().lowest is None


def test_emptiness_and_fullness() -> None:
    assert VersionRange.empty().is_empty
    assert not VersionRange.empty().is_everything
    assert VersionRange.everything().is_everything
    assert not VersionRange.everything().is_empty
    assert not VersionRange.exactly(ONE).is_everything
    assert not VersionRange.exactly(ONE).is_empty


@pytest.mark.parametrize(
    ("small", "large"),
    [("^1.2", "1.x"), ("<0.0.0-0", "1.0.0"), ("1.0.0", "*"), (">1.0.0 <2.0.0", ">=1.0.1-0"), ("1 || 3", "1 - 3")],
)
def test_a_subset(small: str, large: str) -> None:
    assert VersionRange.parse(small).is_subset(VersionRange.parse(large))
    assert not VersionRange.parse(large).is_subset(VersionRange.parse(small))


def test_disjointness() -> None:
    assert VersionRange.parse("1.x").is_disjoint(VersionRange.parse("2.x"))
    assert VersionRange.parse("<1.0.0").is_disjoint(VersionRange.parse(">=1.0.0"))
    assert not VersionRange.parse("<=1.0.0").is_disjoint(VersionRange.parse(">=1.0.0"))


def test_the_bounds_must_ascend() -> None:
    with pytest.raises(ValueError, match="the bounds of a version range must ascend"):
        VersionRange((ONE, ONE))


def test_a_range_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        VersionRange.everything().bounds = ()  # type: ignore[misc]


def test_a_copy_is_the_same_range() -> None:
    versions = VersionRange.parse("^1.2 || 3.0.0")
    for twin in (copy.copy(versions), copy.deepcopy(versions), pickle.loads(pickle.dumps(versions))):  # noqa: S301  our own bytes
        assert twin == versions
        assert hash(twin) == hash(versions)
        assert Version.parse("3.0.0") in twin
