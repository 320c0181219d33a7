"""Conversions between types, always explicit."""

from collections.abc import Callable, Iterator
from typing import Any

from policy_lang.types.decode import (
    decode_bool,
    decode_duration,
    decode_int,
    decode_number,
    decode_timestamp,
    version_cache,
)
from policy_lang.types.functions.arithmetic import integer
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind
from policy_lang.types.times import write_duration, write_timestamp

_LARGEST_PLAIN = 1e21
"""From here on JavaScript writes a number with an exponent (ECMA-262, "Number::toString")."""


def write_number(value: float) -> str:
    """A number as JavaScript writes it: the shortest digits that read back, `1` and not `1.0`."""
    if abs(value) < _LARGEST_PLAIN and value == int(value):
        return str(int(value))
    text = repr(float(value))
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    if 0 < -int(exponent) <= len("000000"):
        digits = mantissa.replace(".", "").replace("-", "")
        return f"{'-' if value < 0 else ''}0.{'0' * (-int(exponent) - 1)}{digits}"
    return f"{mantissa}e{int(exponent):+d}"


def _truncate(value: float) -> int | None:
    return integer(int(value))


def _identity(value: Any) -> Any:
    return value


def _rows(
    name: str, result: Kind, description: str, example: str, *sources: tuple[Kind, Callable[[Any], Any]]
) -> Iterator[Function]:
    for kind, python in sources:
        decodes = kind is Kind.STRING is not result
        yield Function(name, Form.FUNCTION, (Parameter("value", kind),), result, python, description, example, decodes=decodes)


ROWS: tuple[Function, ...] = (
    *_rows(
        "version",
        Kind.VERSION,
        "reads a text as a version",
        "version(device.bootloader) >= '2.0.0'",
        (Kind.VERSION, _identity),
        (Kind.STRING, version_cache(lenient=False).__getitem__),
    ),
    *_rows(
        "timestamp",
        Kind.TIMESTAMP,
        "reads a text as a timestamp in RFC 3339",
        "timestamp('2026-01-01T00:00:00Z') < now",
        (Kind.TIMESTAMP, _identity),
        (Kind.STRING, decode_timestamp),
    ),
    *_rows(
        "duration",
        Kind.DURATION,
        "reads a text as a duration",
        "now - update.published > duration('7d')",
        (Kind.DURATION, _identity),
        (Kind.STRING, decode_duration),
    ),
    *_rows(
        "int",
        Kind.INT,
        "a number without its fraction, or a text read as a whole number",
        "int(3.9) == 3 && int('12') == 12",
        (Kind.INT, _identity),
        (Kind.FLOAT, _truncate),
        (Kind.STRING, decode_int),
    ),
    *_rows(
        "number",
        Kind.FLOAT,
        "a text read as a number",
        "number('0.5') == 0.5",
        (Kind.FLOAT, _identity),
        (Kind.INT, _identity),
        (Kind.STRING, decode_number),
    ),
    *_rows(
        "bool",
        Kind.BOOL,
        "a text read as `true` or `false`",
        "bool('TRUE')",
        (Kind.BOOL, _identity),
        (Kind.STRING, decode_bool),
    ),
    *_rows(
        "string",
        Kind.STRING,
        "the canonical text of a value",
        "string(device.version) ^= '1.4.'",
        (Kind.STRING, _identity),
        (Kind.INT, str),
        (Kind.FLOAT, write_number),
        (Kind.BOOL, lambda value: "true" if value else "false"),
        (Kind.VERSION, str),
        (Kind.TIMESTAMP, write_timestamp),
        (Kind.DURATION, write_duration),
    ),
)
