"""Types and constants as JSON has them, and back, strictly: what a reader does not know it refuses."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import isfinite
from typing import Any

from policy_lang.catalog.compiled.problems import WrongFormError
from policy_lang.types.decode import LARGEST_INTEGER, version_cache
from policy_lang.types.functions.network import IN_CIDR
from policy_lang.types.functions.row import Function
from policy_lang.types.functions.strings import MATCHES
from policy_lang.types.functions.time import IN_WINDOW
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import PLAIN_TYPES, Kind, Property, Type, list_of
from policy_lang.types.patterns import Pattern, compile_pattern
from policy_lang.types.times import read_timestamp, write_timestamp
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import Version

_MICROSECOND = timedelta(microseconds=1)
_DEEPEST = 64
_MINUTES = 24 * 60
_OBJECT_PARTS = 3
_PROPERTY_PARTS = 4


def write_type(type_: Type) -> Any:
    """A type: the number of its kind where that is all, else a list of the number and the details."""
    if type_.items is not None:
        return [int(type_.kind), write_type(type_.items)]
    if type_.values is not None:
        return [int(type_.kind), list(type_.values)]
    if type_.kind is Kind.OBJECT:
        return [int(type_.kind), {name: _write_property(each) for name, each in type_.members.items()}, type_.is_open]
    return int(type_.kind)


def read_type(raw: Any, depth: int = 0) -> Type:
    """The type that was written.

    Raises:
        WrongFormError: this is no type.
    """
    match raw:
        case int() if raw in _PLAIN and depth < _DEEPEST:
            return _PLAIN[raw]
        case [Kind.LIST, items] if depth < _DEEPEST:
            return list_of(read_type(items, depth + 1))
        case [Kind.STRING, [*values]] if values and all(isinstance(value, str) for value in values):
            return Type(Kind.STRING, values=tuple(values))
        case [Kind.OBJECT, dict() as members, bool() as is_open] if depth < _DEEPEST:
            return Type(Kind.OBJECT, members={name: _read_property(each, depth) for name, each in members.items()}, is_open=is_open)
        case _:
            raise WrongFormError("a type is not valid")


_PLAIN = {int(kind): type_ for kind, type_ in PLAIN_TYPES.items() if kind is not Kind.OBJECT}


def _write_property(member: Property) -> list[Any]:
    return [write_type(member.type), member.is_required, write_value(member.default, member.type), member.description]


def _read_property(raw: Any, depth: int) -> Property:
    match raw:
        case [type_, bool() as is_required, default, str() as description]:
            read = read_type(type_, depth + 1)
            return Property(read, is_required, None if default is None else read_value(default, read), description)
        case _:
            raise WrongFormError("a property of the schema is not valid")


def write_value(value: Any, type_: Type) -> Any:
    """A constant of a type; None, for no default, stays None."""
    match value:
        case Version():
            return value.text
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return value // _MICROSECOND
        case tuple():
            return [write_value(item, type_.items or type_) for item in value]
        case _:
            return value


def read_value(raw: Any, type_: Type) -> Any:
    """The constant that was written; it is a value of the type.

    Raises:
        WrongFormError: it is not.
    """
    value = _READERS[type_.kind](raw, type_)
    if value is None:
        raise WrongFormError(f"a constant is not a value of type {type_.display}")
    return value


def _read_bool(raw: Any, _: Type) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _read_int(raw: Any, _: Type) -> int | None:
    return raw if type(raw) is int and -LARGEST_INTEGER <= raw <= LARGEST_INTEGER else None


def _read_number(raw: Any, type_: Type) -> int | float | None:
    return raw if type(raw) is float and isfinite(raw) else _read_int(raw, type_)


def _read_text(raw: Any, type_: Type) -> str | None:
    return raw if type(raw) is str and (type_.values is None or raw in type_.values) else None


def _read_version(raw: Any, _: Type) -> Version | None:
    return version_cache(lenient=False)[raw] if type(raw) is str else None


def _read_timestamp(raw: Any, _: Type) -> datetime | None:
    return read_timestamp(raw) if type(raw) is str else None


def _read_duration(raw: Any, _: Type) -> timedelta | None:
    try:
        return timedelta(microseconds=raw) if type(raw) is int else None
    except OverflowError:
        return None


def _read_list(raw: Any, type_: Type) -> tuple[Any, ...] | None:
    items = type_.items
    return tuple(read_value(item, items) for item in raw) if type(raw) is list and items is not None else None


def _read_object(raw: Any, _: Type) -> Mapping[str, Any] | None:
    return raw if type(raw) is dict else None


_READERS: dict[Kind, Callable[[Any, Type], Any]] = {
    Kind.BOOL: _read_bool,
    Kind.INT: _read_int,
    Kind.FLOAT: _read_number,
    Kind.STRING: _read_text,
    Kind.VERSION: _read_version,
    Kind.TIMESTAMP: _read_timestamp,
    Kind.DURATION: _read_duration,
    Kind.LIST: _read_list,
    Kind.OBJECT: _read_object,
}


def write_read(value: Any, function: Function) -> Any:
    """An argument that the row read from its text while compiling: a range, a pattern, a network, a time of day.

    Raises:
        WrongFormError: the row is the host's, whose readers may give anything.
    """
    if function not in READ_ARGUMENTS:
        raise WrongFormError(f"the host's function `{function.name}` reads its literals itself")
    match value:
        case VersionRange(bounds):
            return [bound.text for bound in bounds]
        case Pattern(source, flags):
            return [source, flags]
        case IPv4Network() | IPv6Network():
            return str(value)
        case _:
            return value


def read_read(raw: Any, function: Function) -> Any:
    """The argument that was written.

    Raises:
        WrongFormError: it is none of the row.
    """
    if function not in READ_ARGUMENTS:
        raise WrongFormError(f"the function `{function.name}` reads no literals")
    try:
        return READ_ARGUMENTS[function](raw)
    except (TypeError, ValueError) as error:
        raise WrongFormError(f"an argument of `{function.name}` is not valid") from error


def _range(raw: Any) -> VersionRange:
    if not all(isinstance(text, str) for text in raw):
        raise TypeError(raw)
    return VersionRange(tuple(map(Version.parse, raw)))


def _pattern(raw: Any) -> Pattern:
    source, flags = raw
    if not isinstance(source, str) or flags not in {"", "i", "s", "is"}:
        raise ValueError(raw)
    return compile_pattern(source, flags)


def _network(raw: Any) -> IPv4Network | IPv6Network:
    if not isinstance(raw, str):
        raise TypeError(raw)
    return ip_network(raw)


def _clock(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw < _MINUTES:
        raise ValueError(raw)
    return raw


READ_ARGUMENTS: dict[Function, Callable[[Any], Any]] = {
    SATISFIES: _range,
    MATCHES: _pattern,
    IN_CIDR: _network,
    IN_WINDOW: _clock,
}
"""How the literals that a row reads are read back; `write_read` has the other direction."""
