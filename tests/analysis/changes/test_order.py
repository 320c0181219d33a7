from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.analysis.changes.order import above, below, between, regions, sort_key
from policy_lang.versions.version import LEAST, Version


@pytest.mark.parametrize(
    ("value", "smaller", "greater"),
    [
        (256, [255], [257]),
        (0.5, [0.4], [0.6]),
        (1e300, [9e299], [1.1e300]),
        ("m", ["l", ""], ["m0", "m~", "n"]),
        ("", [], ["0", "~"]),
        ("a ", ["a"], ["a 0", "a ~", "a!"]),
        (timedelta(days=1), [timedelta(seconds=86399)], [timedelta(seconds=86401)]),
        (datetime.max.replace(tzinfo=UTC), [datetime.max.replace(tzinfo=UTC) - timedelta(seconds=1)], []),
    ],
)
def test_neighbours(value: Any, smaller: list[Any], greater: list[Any]) -> None:
    assert list(below(value)) == pytest.approx(smaller) if isinstance(value, float) else list(below(value)) == smaller
    assert list(above(value)) == pytest.approx(greater) if isinstance(value, float) else list(above(value)) == greater


@pytest.mark.parametrize(
    ("version", "smaller", "greater"),
    [
        ("1.4.2", ["1.4.1", "1.4.2-0", "0.0.0-0"], ["1.4.3", "1.5.0", "2.0.0"]),
        ("1.4.0", ["1.3.0", "1.4.0-0", "0.0.0-0"], ["1.4.1", "1.5.0", "2.0.0"]),
        ("2.0.0", ["1.0.0", "2.0.0-0", "0.0.0-0"], ["2.0.1", "2.1.0", "3.0.0"]),
        ("1.0.0-rc.1", ["0.0.0", "1.0.0-0", "0.0.0-0"], ["1.0.0", "1.0.1", "1.1.0", "2.0.0"]),
        ("0.0.0-0", [], ["0.0.0", "0.0.1", "0.1.0", "1.0.0"]),
    ],
)
def test_neighbours_of_versions(version: str, smaller: list[str], greater: list[str]) -> None:
    assert [str(each) for each in below(Version.parse(version))] == smaller
    assert [str(each) for each in above(Version.parse(version))] == greater


def test_between_two_texts_there_is_nearly_always_one() -> None:
    assert between("a", "a0") == ["a/"]
    assert between("a", "a!!") == ["a! ", "a!"]
    assert between("a", "a!") == ["a "]
    assert between("a", "a ") == ["a\x00"]
    assert between("a", "a\x00") == []


def test_between_two_versions_there_may_be_none() -> None:
    low = Version.parse("1.2.3")
    assert between(low, low.successor()) == []
    assert between(Version.parse("1.2.3-rc"), Version.parse("1.2.3-rc.1")) == [Version.parse("1.2.3-rc.0")]


def test_no_points_no_regions() -> None:
    assert regions([]) == []


VERSIONS = st.builds(
    lambda numbers, prerelease: Version.parse(".".join(map(str, numbers)) + prerelease),
    st.tuples(*[st.integers(0, 3)] * 3),
    st.sampled_from(["", "-0", "-rc.1", "-rc.1.0", "-beta"]),
)


@given(
    st.sets(VERSIONS, min_size=1, max_size=5) | st.sets(st.integers(-9, 9), min_size=1) | st.sets(st.text(max_size=3), min_size=1)
)
def test_each_region_has_a_value(points: set[Any]) -> None:
    found = regions(points)
    assert found == sorted(found, key=sort_key)
    ascending = sorted(points, key=sort_key)
    assert set(ascending) <= set(found)
    assert found[-1] > ascending[-1]
    assert found[0] < ascending[0] or ascending[0] in {"", LEAST}
    for low, high in pairwise(ascending):
        is_apart = (isinstance(low, int) and high - low > 1) or (isinstance(low, Version) and low.successor() < high)
        assert not is_apart or any(low < value < high for value in found)
