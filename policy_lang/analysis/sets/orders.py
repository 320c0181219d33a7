"""Every type of the language is a row: each value has a direct successor, and there is a first one.

That holds for ints and versions, for texts (the next one has a NUL more), for numbers, which are the finite doubles, and for times,
which count microseconds. So a half-open interval `[low, high)` between values says all that `<`, `<=` and `==` can say, and it is
empty only where `low` is not below `high`. Bools are 0 and 1 here; of lists and objects it matters only that there is one.
"""

import math
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, assert_never

from policy_lang.types.decode import LARGEST_INTEGER
from policy_lang.types.model import Kind
from policy_lang.versions.version import LEAST

Bounds: TypeAlias = tuple[Any, ...]
"""A set of values: those at which membership changes, strictly ascending; out of the set before the first one."""

_MICROSECOND = timedelta(microseconds=1)
_EVERYTHING: dict[Kind, Bounds] = {
    Kind.BOOL: (0, 2),
    Kind.INT: (-LARGEST_INTEGER, LARGEST_INTEGER + 1),
    Kind.FLOAT: (-sys.float_info.max, math.inf),
    Kind.STRING: ("",),
    Kind.VERSION: (LEAST,),
    Kind.TIMESTAMP: (datetime.min.replace(tzinfo=UTC),),
    Kind.DURATION: (timedelta.min,),
    Kind.LIST: (0, 1),
    Kind.OBJECT: (0, 1),
}
_LAST_CHARACTER = chr(sys.maxunicode)


def everything(kind: Kind) -> Bounds:
    """All values of a type."""
    return _EVERYTHING[kind]


def at_least(kind: Kind, value: Any) -> Any:
    """The first value of a type that is not below a value; ints and numbers mix."""
    return math.ceil(value) if kind is Kind.INT else value


def after(kind: Kind, value: Any) -> Any:
    """The first value of a type above a value, or None where there is none.

    >>> after(Kind.INT, 1.5), after(Kind.FLOAT, 1), after(Kind.STRING, "a") == "a" + chr(0)
    (2, 1.0000000000000002, True)
    """
    match kind:
        case Kind.INT | Kind.BOOL | Kind.LIST | Kind.OBJECT:
            return math.floor(value) + 1
        case Kind.FLOAT:
            return math.nextafter(value, math.inf)
        case Kind.STRING:
            return value + "\0"
        case Kind.VERSION:
            return value.successor()
        case Kind.TIMESTAMP | Kind.DURATION:
            return _after_time(value)
        case _:
            assert_never(kind)


def point(kind: Kind, value: Any) -> Bounds:
    """The set of one value; the empty one where the type does not have it, as 1.5 among ints."""
    return between(at_least(kind, value), after(kind, value))


def between(low: Any, high: Any) -> Bounds:
    """The values from `low` on and before `high`; without an end where that is None."""
    if high is None:
        return (low,)
    return (low, high) if low < high else ()


def below(kind: Kind, value: Any) -> Bounds:
    """The values of a type below a value."""
    return between(_EVERYTHING[kind][0], at_least(kind, value))


def above(kind: Kind, value: Any) -> Bounds:
    """The values of a type above a value."""
    low = after(kind, value)
    if low is None:
        return ()
    end = _EVERYTHING[kind][1:]
    return between(low, end[0] if end else None)


def after_prefix(prefix: str) -> str | None:
    """The first text behind all that start with a prefix, or None where there is none.

    >>> after_prefix("us-"), after_prefix("a" + chr(0x10FFFF)), after_prefix("")
    ('us.', 'b', None)
    """
    stem = prefix.rstrip(_LAST_CHARACTER)
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else None


def _after_time(value: Any) -> Any:
    try:
        return value + _MICROSECOND
    except OverflowError:
        return None
