"""Values beside others: just below one, just above one, and between two.

A property that is only compared with some constants has finitely many regions: each constant, and what lies between two neighbours.
One value for each region says all that can happen. The values are those that a person would write: `255` and not `255.999`, a
release where there is one.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

from policy_lang.types.model import Kind
from policy_lang.versions.version import LEAST, Version

Ordered: TypeAlias = Any
"""A number, a text, a version, a timestamp or a duration; values that meet are of one kind."""

SAMPLES: dict[Kind, tuple[Ordered, ...]] = {
    Kind.INT: (0, 1),
    Kind.FLOAT: (0, 1),
    Kind.VERSION: (Version.parse("1.0.0"), Version.parse("2.0.0")),
    Kind.TIMESTAMP: (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
    Kind.DURATION: (timedelta(days=1), timedelta(days=2)),
}
"""Two values of each ordered kind, where a policy names none."""

_SECOND = timedelta(seconds=1)
_FEWEST_DECIMALS = -6
_SURROGATES = range(0xD800, 0xE000)


def regions(points: Iterable[Ordered]) -> list[Ordered]:
    """The points with values below, between and above them, ascending."""
    ascending = sorted(points, key=sort_key)
    if not ascending:
        return []
    found = [*below(ascending[0])]
    for low, high in pairwise(ascending):
        found += [low, *between(low, high)]
    return sorted([*found, ascending[-1], *above(ascending[-1])], key=sort_key)


def sort_key(value: Ordered) -> Any:
    """What values of one kind are sorted by; builds of one version keep an order too."""
    return (value.key, value.text) if isinstance(value, Version) else value


def below(value: Ordered) -> Iterator[Ordered]:
    """Values directly below another one, as far as there are any."""
    yield from _guarded(_below, value)


def above(value: Ordered) -> Iterator[Ordered]:
    """Values directly above another one, as far as there are any."""
    yield from _guarded(_above, value)


def between(low: Ordered, high: Ordered) -> list[Ordered]:
    """Values between two others, none where there are none."""
    tries = [*above(low), *below(high)]
    inside = _inside(tries, low, high)
    return inside or _inside(_guarded(_middle, low, high), low, high)


def _inside(values: Iterable[Ordered], low: Ordered, high: Ordered) -> list[Ordered]:
    return [value for value in dict.fromkeys(values) if low < value < high]


def _guarded(make: Callable[..., Iterator[Ordered]], *values: Ordered) -> Iterator[Ordered]:
    """What a function makes, up to where it leaves the calendar."""
    try:
        yield from make(*values)
    except OverflowError:
        return


def _below(value: Ordered) -> Iterator[Ordered]:
    match value:
        case Version():
            yield from _versions_below(value)
        case str():
            yield from _texts_below(value)
        case int() | float():
            yield _moved(value, -1)
        case _:
            yield value - _SECOND


def _above(value: Ordered) -> Iterator[Ordered]:
    match value:
        case Version():
            yield from _versions_above(value)
        case str():
            yield value + "0"
            yield value + "~"
            yield from _texts_after(value)
        case int() | float():
            yield _moved(value, 1)
        case _:
            yield value + _SECOND


def _middle(low: Ordered, high: Ordered) -> Iterator[Ordered]:
    match low:
        case Version():
            yield low.successor()
        case str():
            yield low + "!"
            yield low + "\x00"
        case _:
            yield low + (high - low) / 2


def _moved(value: float, direction: int) -> float:
    """The number one step further, where a step is 1 in the last digit that is written."""
    if isinstance(value, int):
        return value + direction
    number = Decimal(repr(value))
    exponent = max(min(int(number.as_tuple().exponent), 0), _FEWEST_DECIMALS)
    moved = float(number + direction * Decimal(1).scaleb(exponent))
    return moved if moved != value else value + direction * abs(value) * 0.1


def _texts_after(text: str) -> Iterator[str]:
    """A text above another one that is as long."""
    following = chr(ord(text[-1]) + 1) if text and text[-1] < "\U0010ffff" else ""
    if following.isprintable() and following:
        yield text[:-1] + following


def _texts_below(text: str) -> Iterator[str]:
    if not text:
        return
    code = ord(text[-1]) - 1
    if code >= ord(" ") and code not in _SURROGATES and chr(code).isprintable():
        yield text[:-1] + chr(code)
    yield text[:-1]


def _versions_below(version: Version) -> Iterator[Version]:
    major, minor, patch = version.major, version.minor, version.patch
    if patch:
        yield _release(major, minor, patch - 1)
    elif minor:
        yield _release(major, minor - 1, 0)
    elif major:
        yield _release(major - 1, 0, 0)
    first = Version.from_parts(str(major), str(minor), str(patch), "0")
    if first < version:
        yield first
    if version > LEAST:
        yield LEAST


def _versions_above(version: Version) -> Iterator[Version]:
    major, minor, patch = version.major, version.minor, version.patch
    if version.is_prerelease:
        yield _release(major, minor, patch)
    yield _release(major, minor, patch + 1)
    yield _release(major, minor + 1, 0)
    yield _release(major + 1, 0, 0)


def _release(major: int, minor: int, patch: int) -> Version:
    return Version.from_parts(str(major), str(minor), str(patch))
