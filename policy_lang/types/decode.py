"""What a device sent, read as the type that a policy expects of it: strictly, and only once.

Many simple clients send every property as text, so text is decoded where the expected type is not text. Nothing else is
converted: a JSON number is never a version, for 1.10 would become 1.1.

A decoder answers None for everything that is not a value of its type, `null` included. `why_not` says what was wrong; it is asked
only when somebody wants to know.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias, assert_never

from policy_lang.options import Options
from policy_lang.suggest import shorten
from policy_lang.types.model import STRING, Kind, Type
from policy_lang.types.times import read_duration, read_timestamp
from policy_lang.versions.version import Version

LARGEST_INTEGER = 2**53 - 1
"""Integers are exact up to here in every engine (docs/spec.md, "Types")."""

Decoder: TypeAlias = Callable[[Any], Any]
"""From a raw value to a value of the type, or None."""

_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 4096
_BOOLS = {"true": True, "false": False}
_CACHED_VERSIONS = 4096
_LONGEST_CACHED = 64


class Absence(StrEnum):
    """Why a property is unknown."""

    MISSING = "missing"
    WRONG_TYPE = "wrong type"
    BAD_VALUE = "bad value"


class VersionCache(dict[str, Version | None]):
    """Versions by their text, parsed once each; bounded, for devices choose the texts.

    Attributes:
        sort_keys: the key of each text that is kept, None for a text that is no version, and for None, a version that is missing;
            a plain dict is faster than this one.
    """

    def __init__(self, *, lenient: bool) -> None:
        """Read strictly, or leniently as `Options.lenient_versions` has it."""
        super().__init__()
        self.sort_keys: dict[str | None, str | None] = {None: None}
        self._parse = Version.parse_lenient if lenient else Version.parse

    def __missing__(self, text: str) -> Version | None:
        """Parse a text that was not seen before."""
        try:
            version = self._parse(text)
        except ValueError:
            version = None
        if len(text) <= _LONGEST_CACHED:
            if len(self) >= _CACHED_VERSIONS:
                self.clear()
                self.sort_keys.clear()
                self.sort_keys[None] = None
            self[text] = version
            self.sort_keys[text] = None if version is None else version.key
        return version


@cache
def version_cache(*, lenient: bool) -> VersionCache:
    """The cache that all policies share."""
    return VersionCache(lenient=lenient)


def decoder(expected: Type, options: Options) -> Decoder:
    """The decoder of a type.

    Args:
        expected: what the policy expects.
        options: the longest text, and how versions are read.

    Returns:
        A function from a raw value to a value of the type, or to None; it never raises.

    Source: docs/spec.md, "Text from simple clients".
    """
    match expected.kind:
        case Kind.BOOL:
            return decode_bool
        case Kind.INT:
            return decode_int
        case Kind.FLOAT:
            return decode_number
        case Kind.STRING:
            return _text_decoder(expected, options.max_text)
        case Kind.VERSION:
            return _version_decoder(options)
        case Kind.TIMESTAMP:
            return decode_timestamp
        case Kind.DURATION:
            return decode_duration
        case Kind.LIST:
            return _list_decoder(expected, options)
        case Kind.OBJECT:
            return decode_object
        case _:
            assert_never(expected.kind)


def decode_bool(raw: Any) -> bool | None:
    """A bool, or the text `true` or `false` in any ASCII case."""
    if raw is True or raw is False:
        return bool(raw)
    return _BOOLS.get(raw.lower()) if type(raw) is str and raw.isascii() else None


def decode_int(raw: Any) -> int | None:
    """A whole number within ±(2^53-1): `256`, `256.0`, `"256"`."""
    value = decode_number(raw)
    if type(value) is float:
        value = int(value) if value.is_integer() else None
    return value if value is not None and -LARGEST_INTEGER <= value <= LARGEST_INTEGER else None  # type: ignore[return-value]  # an int by now


def decode_number(raw: Any) -> int | float | None:
    """A finite number; a whole one within ±(2^53-1)."""
    kind = type(raw)
    if kind is int:
        return raw if -LARGEST_INTEGER <= raw <= LARGEST_INTEGER else None
    if kind is float:
        return raw if -float("inf") < raw < float("inf") else None
    return _number_from_text(raw) if kind is str else None


def decode_timestamp(raw: Any) -> datetime | None:
    """A moment in UTC: RFC 3339 text, or an aware `datetime` given by a program."""
    if type(raw) is str:
        return read_timestamp(raw)
    try:
        return raw.astimezone(UTC) if isinstance(raw, datetime) and raw.utcoffset() is not None else None
    except OverflowError:
        return None


def decode_duration(raw: Any) -> timedelta | None:
    """A length of time: ISO 8601 or `7d` text, or a `timedelta` given by a program."""
    if type(raw) is str:
        return read_duration(raw)
    return raw if isinstance(raw, timedelta) else None


def decode_object(raw: Any) -> Mapping[str, Any] | None:
    """An object, as it is."""
    return raw if isinstance(raw, Mapping) else None


def is_text(raw: Any, longest: int) -> bool:
    """Whether a raw value is a text that every engine holds: short enough in UTF-8, and without halves of surrogate pairs."""
    return type(raw) is str and len(raw) <= longest and (raw.isascii() or _fits(raw, longest))


def why_not(expected: Type, raw: Any, options: Options) -> tuple[Absence, str]:
    """What keeps a raw value from being one of the expected type: the reason, and a sentence for people."""
    if raw is None:
        return Absence.MISSING, "missing"
    wanted = expected.display
    if not _has_json_type(expected.kind, raw):
        return Absence.WRONG_TYPE, f"expected {wanted}, got {describe(raw)}"
    if isinstance(raw, str) and len(raw.encode(errors="replace")) > options.max_text:
        return Absence.BAD_VALUE, f"longer than {options.max_text} bytes"
    if isinstance(raw, str) and not is_text(raw, options.max_text):
        return Absence.BAD_VALUE, "not valid Unicode"
    if expected.values is not None and isinstance(raw, str):
        return Absence.BAD_VALUE, f"{describe(raw)} is not one of the declared values"
    return Absence.BAD_VALUE, f"{describe(raw)} is not {_ARTICLES[expected.kind]}"


def describe(raw: Any) -> str:
    """A raw value as people call it, short enough for one line."""
    match raw:
        case None:
            return "null"
        case bool():
            return f"the bool `{'true' if raw else 'false'}`"
        case int() | float():
            return f"the number `{shorten(str(raw) if abs(raw) < 10**300 else 'too large')}`"
        case str():
            return f"the text `{shorten(raw)}`"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
        case _:
            return f"a value of the program (`{type(raw).__name__}`)"


_ARTICLES = {
    Kind.BOOL: "`true` or `false`",
    Kind.INT: "a whole number within ±(2^53-1)",
    Kind.FLOAT: "a finite number, whole ones within ±(2^53-1)",
    Kind.STRING: "a text",
    Kind.VERSION: "a semantic version",
    Kind.TIMESTAMP: "a timestamp in RFC 3339",
    Kind.DURATION: "a duration",
    Kind.LIST: "a list, though it starts with `[`",
    Kind.OBJECT: "an object",
}
_JSON_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.BOOL: (bool, str),
    Kind.INT: (int, float, str),
    Kind.FLOAT: (int, float, str),
    Kind.STRING: (str,),
    Kind.VERSION: (str, Version),
    Kind.TIMESTAMP: (str, datetime),
    Kind.DURATION: (str, timedelta),
    Kind.LIST: (list, tuple, str),
    Kind.OBJECT: (Mapping,),
}


def _has_json_type(kind: Kind, raw: Any) -> bool:
    return isinstance(raw, _JSON_TYPES[kind]) and (not isinstance(raw, bool) or kind is Kind.BOOL)


def _fits(text: str, longest: int) -> bool:
    try:
        return len(text.encode()) <= longest
    except UnicodeEncodeError:
        return False


def _number_from_text(text: str) -> int | float | None:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return decode_number(int(text) if _INTEGER.fullmatch(text) else float(text))


def _text_decoder(expected: Type, longest: int) -> Decoder:
    def decode(raw: Any) -> str | None:
        if type(raw) is str and len(raw) <= longest and (raw.isascii() or _fits(raw, longest)):
            return raw
        return None

    if expected.values is None:
        return decode
    allowed = frozenset(expected.values)
    return lambda raw: raw if type(raw) is str and raw in allowed else None


def _version_decoder(options: Options) -> Decoder:
    cached = version_cache(lenient=options.lenient_versions)

    def decode(raw: Any) -> Version | None:
        if type(raw) is str:
            return cached[raw]
        return raw if type(raw) is Version else None

    return decode


def _list_decoder(expected: Type, options: Options) -> Decoder:
    decode_item = decoder(expected.items or STRING, options)

    def decode(raw: Any) -> tuple[Any, ...] | None:
        """The items; one that is not of its type is None, an unknown in the list."""
        items = None if type(raw) is str and not is_text(raw, options.max_text) else items_of(raw)
        return None if items is None else tuple(map(decode_item, items))

    return decode


def items_of(raw: Any) -> Sequence[Any] | None:
    """The raw items of a list, or of a text that stands for one; None where it is neither."""
    if type(raw) is str:
        return _items_of_text(raw)
    return raw if isinstance(raw, list | tuple) else None


def _refuse(name: str) -> None:
    """`NaN` and the infinities are no JSON."""
    raise ValueError(name)


def _items_of_text(text: str) -> list[Any] | None:
    """A list that a simple client sent as text: a JSON array where it starts with `[`, else parts between commas."""
    text = text.strip()
    if not text.startswith("["):
        return [part.strip() for part in text.split(",")] if text else []
    try:
        items = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return items if isinstance(items, list) else None
