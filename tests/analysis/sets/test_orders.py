from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy_lang.analysis.sets.orders import above, after, after_prefix, at_least, below, between, everything, point
from policy_lang.analysis.sets.states import contains
from policy_lang.types.model import Kind
from policy_lang.versions.version import Version

LAST = datetime.max.replace(tzinfo=UTC)
ASCENDING: dict[Kind, tuple[Any, ...]] = {
    Kind.BOOL: (False, True),
    Kind.INT: (-(2**53) + 1, -1, 0, 1, 2, 2**53 - 1),
    Kind.FLOAT: (-1e308, -0.5, 0, 5e-324, 1, 1.0000000000000002, 1.5, 1e308),
    Kind.STRING: ("", "\0", "a", "a\0", "aa", "b", "\U0010ffff"),
    Kind.VERSION: tuple(map(Version.parse, ("0.0.0-0", "1.0.0-a", "1.0.0-a.0", "1.0.0", "1.0.1-0", "2.0.0"))),
    Kind.TIMESTAMP: (datetime.min.replace(tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), LAST),
    Kind.DURATION: (timedelta.min, timedelta(0), timedelta(microseconds=1), timedelta.max),
}


@pytest.mark.parametrize("kind", ASCENDING)
def test_points_and_sides_of_a_value(kind: Kind) -> None:
    values = ASCENDING[kind]
    for at, value in enumerate(values):
        assert [contains(point(kind, value), each) for each in values] == [each == at for each in range(len(values))]
        assert [contains(below(kind, value), each) for each in values] == [each < at for each in range(len(values))]
        assert [contains(above(kind, value), each) for each in values] == [each > at for each in range(len(values))]


@pytest.mark.parametrize("kind", ASCENDING)
def test_everything_has_all_values(kind: Kind) -> None:
    assert all(contains(everything(kind), value) for value in ASCENDING[kind])


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (Kind.STRING, "a", "a\0"),
        (Kind.VERSION, Version.parse("1.0.0-a"), Version.parse("1.0.0-a.0")),
        (Kind.VERSION, Version.parse("1.0.0"), Version.parse("1.0.1-0")),
        (Kind.INT, 1, 2),
        (Kind.FLOAT, 1, 1.0000000000000002),
        (Kind.DURATION, timedelta(0), timedelta(microseconds=1)),
    ],
)
def test_nothing_lies_between_a_value_and_its_successor(kind: Kind, first: Any, second: Any) -> None:
    assert after(kind, first) == second
    assert above(kind, first) == (second, *everything(kind)[1:])


def test_nothing_comes_after_the_end_of_the_calendar() -> None:
    assert after(Kind.TIMESTAMP, LAST) is None
    assert above(Kind.TIMESTAMP, LAST) == ()
    assert point(Kind.TIMESTAMP, LAST) == (LAST,)


def test_ints_and_numbers_mix() -> None:
    assert at_least(Kind.INT, 1.5) == 2
    assert after(Kind.INT, 1.5) == 2
    assert point(Kind.INT, 1.5) == ()
    assert point(Kind.INT, 2.0) == (2, 3)
    assert below(Kind.INT, 1.5)[1] == 2


def test_prefixes_are_intervals() -> None:
    assert after_prefix("us-") == "us."
    assert after_prefix("a\U0010ffff") == "b"
    assert after_prefix("\U0010ffff") is None
    assert between(2, 1) == ()
    assert between(2, None) == (2,)
