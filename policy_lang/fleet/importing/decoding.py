"""A batch of devices to columns: what `policy_lang.fleet.rows.row_of` gives, a column at a time.

Nearly every column of a batch holds values of one JSON type, and that of the property. Such a column is checked as a whole and
taken as it is. Elsewhere each value is decoded alone, and each text once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from math import isfinite
from typing import Any, Final

import pyarrow as pa

from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.rows import LARGEST_STORED, microseconds, row_of
from policy_lang.options import Options
from policy_lang.types.decode import (
    LARGEST_INTEGER,
    decode_bool,
    decode_duration,
    decode_int,
    decode_timestamp,
    is_text,
    version_cache,
)

_MOST_REMEMBERED = 65_536
_LONGEST_REMEMBERED = 64
_PLAIN: Final[dict[Storage, frozenset[type]]] = {
    Storage.BOOLEAN: frozenset({bool}),
    Storage.INTEGER: frozenset({int}),
    Storage.DOUBLE: frozenset({int, float}),
    Storage.TEXT: frozenset({str}),
}


class _Remembered(dict[str, Any]):
    """What becomes of each text, for a bounded number of texts."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> Any:
        value = self._make(text)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = value
        return value


class ColumnDecoder:
    """Decodes the values of one property.

    Attributes:
        column: where they are stored.
    """

    def __init__(self, column: Column, type_: pa.DataType, options: Options) -> None:
        """Prepare what does not depend on a batch.

        Args:
            column: the property.
            type_: how Arrow holds it.
            options: the longest text, and how versions are read.
        """
        self.column = column
        self._type = type_
        self._longest = options.max_text
        self._store = _storer(column, options)
        self._texts = _Remembered(self._store)
        versions = version_cache(lenient=options.lenient_versions)
        self._keys = _Remembered(lambda text: None if (version := versions[text]) is None else version.key)

    def decode(self, values: Sequence[Any]) -> "pa.Array[Any]":
        """The column of what some devices sent, None for what is missing."""
        return pa.array(values if self._is_plain(values) else self._decoded(values), type=self._type)

    def keys(self, stored: "pa.Array[Any]") -> "pa.Array[Any]":
        """The version keys of a column of texts."""
        keys = self._keys
        return pa.array([None if text is None else keys[text] for text in stored.to_pylist()], type=pa.string())

    def _are_plain_lists(self, values: Sequence[Any]) -> bool:
        """Whether all values are lists of short plain texts."""
        items = list(chain.from_iterable(value for value in values if value is not None))
        return set(map(type, items)) <= {str} and self._are_short(items)

    def _decoded(self, values: Sequence[Any]) -> list[Any]:
        texts, store = self._texts, self._store
        if self.column.storage is Storage.OBJECT:
            return [None if value is None else isinstance(value, Mapping) for value in values]
        return [None if value is None else texts[value] if type(value) is str else store(value) for value in values]

    def _is_plain(self, values: Sequence[Any]) -> bool:
        """Whether all values are stored as they are."""
        storage = self.column.storage
        if storage is Storage.LIST and self.column.items is Storage.TEXT and set(map(type, values)) <= {list, type(None)}:
            return self._are_plain_lists(values)
        plain = _PLAIN.get(storage)
        if plain is None or not set(map(type, values)) <= plain | {type(None)}:
            return False
        known = [value for value in values if value is not None]
        if storage is Storage.TEXT:
            return self.column.values is None and self._are_short(known)
        return storage is Storage.BOOLEAN or not known or _are_in_range(known)

    def _are_short(self, texts: Sequence[str]) -> bool:
        return all(map(str.isascii, texts)) and max(map(len, texts), default=0) <= self._longest


def _are_in_range(numbers: Sequence[int | float]) -> bool:
    """Whether all numbers are finite, and none is as large as whole numbers must not be."""
    return all(map(isfinite, numbers)) and max(numbers) <= LARGEST_INTEGER and min(numbers) >= -LARGEST_INTEGER


def _store_timestamp(raw: Any) -> int | None:
    moment = decode_timestamp(raw)
    return None if moment is None else microseconds(moment)


def _store_duration(raw: Any) -> int | None:
    """A duration beyond 64 bits of microseconds has no place in the column."""
    length = decode_duration(raw)
    stored = 0 if length is None else microseconds(length)
    return None if length is None or abs(stored) > LARGEST_STORED else stored


def _storer(column: Column, options: Options) -> Callable[[Any], Any]:
    """How one value is stored; the rare ways are those of `row_of` itself."""
    if column.storage is Storage.BOOLEAN:
        return decode_bool
    if column.storage is Storage.INTEGER:
        return decode_int
    if column.storage is Storage.TEXT:
        return lambda raw: raw if is_text(raw, options.max_text) and (column.values is None or raw in column.values) else None
    if column.storage in {Storage.TIMESTAMP, Storage.DURATION}:
        return _store_timestamp if column.storage is Storage.TIMESTAMP else _store_duration
    alone = replace(column, path=("value",), name="value", key=None, present=None)
    columns = Columns((alone,), options.lenient_versions)
    return lambda raw: row_of({"value": raw}, columns, options)["value"]
