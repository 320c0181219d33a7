"""From a device to a row of its table, and back.

The way back is what gives a table its meaning: the answer for a row is the answer of the reference for the device of that row.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from policy_lang.compiler.facts import as_object, walk
from policy_lang.fleet.columns import Column, Columns, Names, Storage
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.decode import (
    decode_bool,
    decode_duration,
    decode_int,
    decode_number,
    decode_timestamp,
    decoder,
    is_text,
    version_cache,
)
from policy_lang.types.model import BOOL, FLOAT, INT, STRING, list_of

LARGEST_STORED = 2**63 - 1
"""The largest number of microseconds that a column of 64 bits holds."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class _Bad:
    """A value that the device sent and that is none of its type; every decoder refuses it."""

    def __repr__(self) -> str:
        """For tests that fail."""
        return "BAD"


BAD: Final = _Bad()


def microseconds(value: datetime | timedelta) -> int:
    """A moment as microseconds since 1970 in UTC, a length of time as microseconds."""
    return ((value - _EPOCH) if isinstance(value, datetime) else value) // _MICROSECOND


def row_of(device: Mapping[str, Any], columns: Columns, options: Options = DEFAULT_OPTIONS) -> dict[str, Any]:
    """The row of a device: a value for each column of the table, None for NULL.

    Args:
        device: what the device sent.
        columns: the columns of the table.
        options: the limits, and how versions are read.
    """
    row: dict[str, Any] = {}
    for column in columns.rows:
        raw = walk(as_object(device), column.path)
        row[column.name] = _store(column, raw, options)
        if column.key is not None:
            text = row[column.name]
            version = None if text is None else version_cache(lenient=columns.lenient_versions)[text]
            row[column.key] = None if version is None else version.key
        if column.present is not None:
            row[column.present] = raw is not None
    return row


def _store(column: Column, raw: Any, options: Options) -> Any:
    match column.storage:
        case Storage.BOOLEAN:
            return decode_bool(raw)
        case Storage.INTEGER:
            return decode_int(raw)
        case Storage.DOUBLE:
            return _double(raw)
        case Storage.TEXT:
            return raw if is_text(raw, options.max_text) and (column.values is None or raw in column.values) else None
        case Storage.TIMESTAMP | Storage.DURATION:
            return _time(decode_timestamp(raw) if column.storage is Storage.TIMESTAMP else decode_duration(raw))
        case Storage.LIST:
            return _items(column.items or Storage.TEXT, raw, options)
        case Storage.JSON:
            return None if raw is None else _json(raw)
        case Storage.OBJECT:
            return None if raw is None else isinstance(raw, Mapping)
        case Storage.OTHER:
            return None


def _double(raw: Any) -> float | None:
    value = decode_number(raw)
    return None if value is None else float(value)


def _time(value: datetime | timedelta | None) -> int | None:
    stored = None if value is None else microseconds(value)
    return stored if stored is not None and -LARGEST_STORED <= stored <= LARGEST_STORED else None


_ITEM_TYPES = {Storage.BOOLEAN: BOOL, Storage.INTEGER: INT, Storage.DOUBLE: FLOAT, Storage.TEXT: STRING}


def _items(storage: Storage, raw: Any, options: Options) -> list[Any] | None:
    items = decoder(list_of(_ITEM_TYPES[storage]), options)(raw)
    if items is None:
        return None
    return [float(item) if storage is Storage.DOUBLE and item is not None else item for item in items]


def _json(raw: Any) -> str | None:
    try:
        return json.dumps(raw)
    except (TypeError, ValueError, RecursionError):
        return None


def device_reader(columns: Iterable[Column]) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """How to get the device of a row, or that part of it which some columns hold.

    Args:
        columns: those columns.

    Returns:
        A function from the values of all their `physical` columns, one after the other, to the device.
    """
    return partial(_device, tuple((column, len(column.physical)) for column in columns))


def _device(columns: tuple[tuple[Column, int], ...], values: Sequence[Any]) -> dict[str, Any]:
    device: dict[str, Any] = {}
    at = 0
    for column, width in columns:
        value = _load(column, values[at])
        if value is None and width > 1 and values[at + 1]:
            value = BAD
        at += width
        if value is not None:
            _put(device, column.path, value)
    return device


def _put(device: dict[str, Any], path: Names, value: Any) -> None:
    """Put a value at its path; an object that is there already stays."""
    *steps, last = path
    for step in steps:
        inner = device.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = device[step] = {}
        device = inner
    if not (isinstance(device.get(last), dict) and isinstance(value, dict | _Bad)):
        device[last] = value


def _load(column: Column, value: Any) -> Any:
    """What the device sent, as far as the column says; a value of another type than the column's is a bad one."""
    if value is None:
        return None
    match column.storage:
        case Storage.BOOLEAN:
            return bool(value) if value in (0, 1) else BAD
        case Storage.INTEGER:
            return value if type(value) is int else BAD
        case Storage.DOUBLE:
            return float(value) if isinstance(value, float | int) else BAD
        case Storage.TEXT:
            return value if type(value) is str else BAD
        case Storage.TIMESTAMP:
            return _moment(value)
        case Storage.DURATION:
            return timedelta(microseconds=value) if type(value) is int else BAD
        case Storage.LIST:
            return list(value)
        case Storage.JSON:
            return _parse(value)
        case Storage.OBJECT:
            return {} if value else BAD
        case Storage.OTHER:
            return BAD


def _moment(value: Any) -> datetime | _Bad:
    try:
        return _EPOCH + timedelta(microseconds=value)
    except (OverflowError, TypeError):
        return BAD


def _parse(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return BAD
