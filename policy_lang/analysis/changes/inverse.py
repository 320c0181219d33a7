"""Computations turned around: which arguments could give a wanted result.

The answers are guesses, for most computations have many ways to a result or none. Whoever takes one evaluates the policy with it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from policy_lang.options import Options
from policy_lang.types.core import Apply, type_of
from policy_lang.types.decode import decoder
from policy_lang.types.functions.arithmetic import LARGEST_SHIFT
from policy_lang.types.functions.conversions import write_number
from policy_lang.types.model import NUMBER, Kind
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import Version

Guess: TypeAlias = tuple[int, Any]
"""The position of an argument, and a value for it."""

Values: TypeAlias = tuple[Any, ...]
"""The present values of the arguments; None for unknown."""

ZONES = ("UTC", *(f"Etc/GMT{hours:+d}" for hours in range(-14, 13) if hours))
"""One time zone for each whole offset."""

_LONGEST = 64
_SOME_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS, _HOURS = 7, 24


def guesses(node: Apply, values: Values, wanted: Any, options: Options) -> Iterator[Guess]:
    """Arguments that may give a wanted result.

    Args:
        node: the computation.
        values: the present values of its arguments.
        wanted: a value of the result's type.
        options: how texts are read.
    """
    name = node.function.name
    invert = _INVERSES.get(name)
    try:
        if name in _CONVERSIONS:
            yield from _converted(node, wanted, options)
        elif invert is not None:
            yield from invert(values, wanted)
    except (OverflowError, ZeroDivisionError, TypeError, ValueError):
        return


def text_of(value: Any) -> str:
    """The text that a simple client sends in place of a value."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return write_number(value)
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return duration_text(value)
        case _:
            return str(value)


def duration_text(length: timedelta) -> str:
    """A length of time in the shortest form: `7d`, `12h`, else ISO 8601."""
    for unit, letter in ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m")):
        if length > timedelta() and length % unit == timedelta():
            return f"{length // unit}{letter}"
    return write_duration(length)


def _converted(node: Apply, wanted: Any, options: Options) -> Iterator[Guess]:
    """The wanted value in the type of the argument."""
    source = type_of(node.args[0])
    if source.kind is Kind.STRING:
        yield 0, text_of(wanted)
    elif isinstance(wanted, str) or source.kind & NUMBER:
        yield 0, decoder(source, options)(wanted)
    else:
        yield 0, wanted


def _add(values: Values, wanted: Any) -> Iterator[Guess]:
    left, right = values
    if isinstance(wanted, str):
        yield from _joined(left, right, wanted)
        return
    for at, other in ((0, right), (1, left)):
        if other is None:
            yield at, wanted
            yield 1 - at, wanted - wanted
        else:
            yield at, wanted - other


def _joined(left: str | None, right: str | None, wanted: str) -> Iterator[Guess]:
    """Two texts that make one."""
    yield 0, wanted.removesuffix(right or "")
    yield 1, "" if left is None else wanted.removeprefix(left)


def _subtract(values: Values, wanted: Any) -> Iterator[Guess]:
    left, right = values
    if right is not None:
        yield 0, wanted + right
    if left is not None:
        yield 1, left - wanted


def _multiply(values: Values, wanted: Any) -> Iterator[Guess]:
    left, right = values
    if right:
        yield 0, wanted / right
    if left:
        yield 1, wanted / left


def _divide(values: Values, wanted: Any) -> Iterator[Guess]:
    left, right = values
    if right is not None:
        yield 0, wanted * right
    if left is not None and wanted:
        yield 1, left / wanted


def _remainder(values: Values, wanted: Any) -> Iterator[Guess]:
    left, right = values
    yield 0, wanted
    if left is not None and right:
        yield 0, left - left % right + wanted
        yield 0, left - left % right + right + wanted
    if left is not None and left != wanted:
        yield 1, left - wanted


def _both_bits(values: Values, wanted: int) -> Iterator[Guess]:
    for at, (one, other) in enumerate((values, values[::-1])):
        if other is not None:
            yield at, wanted
            yield at, other
            yield at, ((one or 0) & ~other) | (wanted & other)
            yield at, (one or 0) | other
            yield at, (one or 0) & ~other


def _either_bits(values: Values, wanted: int) -> Iterator[Guess]:
    for at, (one, other) in enumerate((values, values[::-1])):
        if other is not None:
            yield at, wanted
            yield at, wanted & ~other
            yield at, (one or 0) & wanted


def _other_bits(values: Values, wanted: int) -> Iterator[Guess]:
    for at, other in enumerate(values[::-1]):
        if other is not None:
            yield at, wanted ^ other


def _shifted_left(values: Values, wanted: int) -> Iterator[Guess]:
    value, bits = values
    if bits is not None and 0 <= bits <= LARGEST_SHIFT:
        yield 0, wanted >> bits
        yield 0, (wanted >> bits) + 1
    yield 1, 0
    if value:
        yield 1, max(0, (wanted // value).bit_length() - 1)


def _shifted_right(values: Values, wanted: int) -> Iterator[Guess]:
    value, bits = values
    if bits is not None and 0 <= bits <= LARGEST_SHIFT:
        yield 0, wanted << bits
    yield 1, 0
    if value and wanted:
        yield 1, max(0, (value // wanted).bit_length() - 1)


def _negate(_: Values, wanted: Any) -> Iterator[Guess]:
    yield 0, -wanted


def _complement(_: Values, wanted: int) -> Iterator[Guess]:
    yield 0, ~wanted


def _same(_: Values, wanted: Any) -> Iterator[Guess]:
    yield 0, wanted


def _length(values: Values, wanted: int) -> Iterator[Guess]:
    """A text of that length, from the present one; lists have their own way, `Wishes.lengths`."""
    text = values[0] if isinstance(values[0], str) else ""
    if 0 <= wanted <= _LONGEST:
        yield 0, text[:wanted].ljust(wanted, "x")


def _major(values: Values, wanted: int) -> Iterator[Guess]:
    yield 0, _version(wanted, 0, 0)
    if values[0] is not None:
        yield 0, _version(wanted, values[0].minor, values[0].patch)


def _minor(values: Values, wanted: int) -> Iterator[Guess]:
    major, patch = (values[0].major, values[0].patch) if values[0] is not None else (1, 0)
    yield 0, _version(major, wanted, patch)


def _patch(values: Values, wanted: int) -> Iterator[Guess]:
    major, minor = (values[0].major, values[0].minor) if values[0] is not None else (1, 0)
    yield 0, _version(major, minor, wanted)


def _prerelease(values: Values, wanted: str) -> Iterator[Guess]:
    base = values[0] if values[0] is not None else _version(1, 0, 0)
    yield 0, Version.parse(f"{base.major}.{base.minor}.{base.patch}" + (f"-{wanted}" if wanted else ""))


def _build(values: Values, wanted: str) -> Iterator[Guess]:
    base = values[0] if values[0] is not None else _version(1, 0, 0)
    yield 0, Version.parse(str(base.without_build()) + (f"+{wanted}" if wanted else ""))


def _is_prerelease(values: Values, _: bool) -> Iterator[Guess]:  # noqa: FBT001  both are guessed
    yield from _prerelease(values, "")
    yield from _prerelease(values, "rc.1")
    if values[0] is not None:
        yield from _prerelease((_version(values[0].major, values[0].minor, values[0].patch + 1),), "rc.1")


def _version(major: int, minor: int, patch: int) -> Version:
    return Version.parse(f"{major}.{minor}.{patch}")


def _hour(values: Values, _: int) -> Iterator[Guess]:
    moment = values[0] or _SOME_MOMENT
    yield from ((0, moment + timedelta(hours=hours)) for hours in range(1 - _HOURS, _HOURS))
    yield from ((1, zone) for zone in ZONES)


def _weekday(values: Values, _: int) -> Iterator[Guess]:
    moment = values[0] or _SOME_MOMENT
    yield from ((0, moment + timedelta(days=days)) for days in range(1 - _DAYS, _DAYS))
    yield from ((1, zone) for zone in ZONES)


_CONVERSIONS = frozenset({"version", "timestamp", "duration", "int", "number", "bool", "string"})
_INVERSES: dict[str, Callable[[Values, Any], Iterator[Guess]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
    "&": _both_bits,
    "|": _either_bits,
    "^": _other_bits,
    "<<": _shifted_left,
    ">>": _shifted_right,
    "negate": _negate,
    "~": _complement,
    "toLowerCase": _same,
    "toUpperCase": _same,
    "trim": _same,
    "length": _length,
    "major": _major,
    "minor": _minor,
    "patch": _patch,
    "prerelease": _prerelease,
    "build": _build,
    "isPrerelease": _is_prerelease,
    "hour": _hour,
    "weekday": _weekday,
}
