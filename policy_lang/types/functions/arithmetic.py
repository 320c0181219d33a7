"""Operators on numbers, texts and times.

Integers stay exact: a result outside ±(2^53-1) is unknown, as is any number that is not finite, and a division by zero.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from math import fmod, isfinite
from typing import Any

from policy_lang.types.decode import LARGEST_INTEGER
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind

LARGEST_SHIFT = 52


def integer(value: int) -> int | None:
    """The integer where every engine holds it exactly, else unknown."""
    return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else None


def finite(value: float) -> float | None:
    """The number where it is finite, else unknown."""
    return value if isfinite(value) else None


def _integer_remainder(left: int, right: int) -> int | None:
    """The remainder with the dividend's sign, as in JavaScript."""
    if right == 0:
        return None
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def _remainder(left: float, right: float) -> float | None:
    return None if right == 0 else fmod(left, right)


def _divide(left: float, right: float) -> float | None:
    return None if right == 0 else finite(left / right)


def _shift_left(value: int, bits: int) -> int | None:
    return integer(value << bits) if 0 <= bits <= LARGEST_SHIFT else None


def _shift_right(value: int, bits: int) -> int | None:
    return value >> bits if 0 <= bits <= LARGEST_SHIFT else None


def _time(add: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A time computation whose result may leave the calendar."""

    def compute(left: Any, right: Any) -> datetime | timedelta | None:
        try:
            return add(left, right)  # type: ignore[no-any-return]  # one of the two
        except OverflowError:
            return None

    return compute


def _negate(length: timedelta) -> timedelta | None:
    try:
        return -length
    except OverflowError:
        return None


def _check_bits(bits: Any) -> str | None:
    return None if 0 <= bits <= LARGEST_SHIFT else f"a shift is from 0 to {LARGEST_SHIFT}"


def _operator(
    name: str, kinds: tuple[Kind, ...], result: Kind, python: Callable[..., Any], description: str, example: str
) -> Function:
    names = ("left", "right") if len(kinds) > 1 else ("operand",)
    checks = (None, _check_bits if name in {"<<", ">>"} else None)
    parameters = tuple(
        Parameter(each, kind, check=check, hint="write for example `1 << 4`" if check else None)
        for each, kind, check in zip(names, kinds, checks, strict=False)
    )
    return Function(name, Form.OPERATOR, parameters, result, python, description, example)


def _numeric(
    name: str, on_integers: Callable[..., Any], on_numbers: Callable[..., Any], description: str, example: str
) -> Iterator[Function]:
    """The rows of an operator on two numbers: an int only where both are."""
    yield _operator(name, (Kind.INT, Kind.INT), Kind.INT, on_integers, description, example)
    for left, right in ((Kind.INT, Kind.FLOAT), (Kind.FLOAT, Kind.INT), (Kind.FLOAT, Kind.FLOAT)):
        yield _operator(name, (left, right), Kind.FLOAT, on_numbers, description, example)


_ADD, _SUBTRACT = "adds numbers, joins texts, moves a timestamp by a duration", "subtracts numbers, timestamps or durations"
_MULTIPLY = "multiplies numbers, or a duration by an int"
_TIME, _LENGTH = Kind.TIMESTAMP, Kind.DURATION

ROWS: tuple[Function, ...] = (
    *_numeric("+", lambda a, b: integer(a + b), lambda a, b: finite(float(a) + b), _ADD, "device.memory + 256 == 768"),
    _operator("+", (Kind.STRING, Kind.STRING), Kind.STRING, lambda a, b: a + b, _ADD, "device.model + '!' == 'X100-pro!'"),
    _operator("+", (_TIME, _LENGTH), _TIME, _time(lambda a, b: a + b), _ADD, "update.published + '7d' < now"),
    _operator("+", (_LENGTH, _TIME), _TIME, _time(lambda a, b: a + b), _ADD, "duration('7d') + update.published < now"),
    _operator("+", (_LENGTH, _LENGTH), _LENGTH, _time(lambda a, b: a + b), _ADD, "duration('1d') + '12h' == duration('36h')"),
    *_numeric("-", lambda a, b: integer(a - b), lambda a, b: finite(float(a) - b), _SUBTRACT, "device.memory - 256 == 256"),
    _operator("-", (_TIME, _LENGTH), _TIME, _time(lambda a, b: a - b), _SUBTRACT, "update.published < now - '7d'"),
    _operator("-", (_TIME, _TIME), _LENGTH, _time(lambda a, b: a - b), _SUBTRACT, "now - update.published > '7d'"),
    _operator("-", (_LENGTH, _LENGTH), _LENGTH, _time(lambda a, b: a - b), _SUBTRACT, "duration('2d') - '1d' == duration('24h')"),
    *_numeric("*", lambda a, b: integer(a * b), lambda a, b: finite(float(a) * b), _MULTIPLY, "device.memory * 2 == 1024"),
    _operator("*", (_LENGTH, Kind.INT), _LENGTH, _time(lambda a, b: a * b), _MULTIPLY, "duration('12h') * 2 == duration('1d')"),
    _operator("*", (Kind.INT, _LENGTH), _LENGTH, _time(lambda a, b: a * b), _MULTIPLY, "2 * duration('12h') == duration('1d')"),
    *(
        _operator("/", (a, b), Kind.FLOAT, _divide, "divides numbers; by zero is unknown", "device.memory / 1024 == 0.5")
        for a in (Kind.INT, Kind.FLOAT)
        for b in (Kind.INT, Kind.FLOAT)
    ),
    *_numeric("%", _integer_remainder, _remainder, "the remainder, with the dividend's sign", "-7 % 3 == -1"),
    _operator("|", (Kind.INT, Kind.INT), Kind.INT, lambda a, b: integer(a | b), "bitwise or", "(device.flags | 1) == 7"),
    _operator("^", (Kind.INT, Kind.INT), Kind.INT, lambda a, b: integer(a ^ b), "bitwise exclusive or", "(device.flags ^ 2) == 4"),
    _operator("&", (Kind.INT, Kind.INT), Kind.INT, lambda a, b: integer(a & b), "bitwise and", "(device.flags & 4) != 0"),
    _operator("<<", (Kind.INT, Kind.INT), Kind.INT, _shift_left, "shifts to the left", "1 << 4 == 16"),
    _operator(">>", (Kind.INT, Kind.INT), Kind.INT, _shift_right, "shifts to the right, keeping the sign", "16 >> 4 == 1"),
    _operator("negate", (Kind.INT,), Kind.INT, lambda a: -a, "the number with the other sign", "-device.flags == -6"),
    _operator("negate", (Kind.FLOAT,), Kind.FLOAT, lambda a: -a, "the number with the other sign", "-device.memory == -512"),
    _operator("negate", (_LENGTH,), _LENGTH, _negate, "the duration backwards", "-duration('1d') + '1d' == duration('0s')"),
    _operator("~", (Kind.INT,), Kind.INT, lambda a: integer(~a), "the bitwise complement", "~device.flags == -7"),
)
