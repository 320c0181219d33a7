"""Devices as Arrow tables: stored by a schema, as an import does, or just as they were sent."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any

import pyarrow as pa

from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import METADATA, PRESENT, Column, Columns, Names, Storage, column_name, free_name
from policy_lang.fleet.rows import row_of
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.decode import is_text

_TYPES: dict[Storage, pa.DataType] = {
    Storage.BOOLEAN: pa.bool_(),
    Storage.INTEGER: pa.int64(),
    Storage.DOUBLE: pa.float64(),
    Storage.TEXT: pa.string(),
    Storage.TIMESTAMP: pa.int64(),
    Storage.DURATION: pa.int64(),
    Storage.JSON: pa.string(),
    Storage.OBJECT: pa.bool_(),
    Storage.OTHER: pa.null(),
}
_FORMS: dict[Form, pa.DataType] = {
    Form.BOOLEAN: pa.bool_(),
    Form.INTEGER: pa.int64(),
    Form.DOUBLE: pa.float64(),
    Form.TEXT: pa.string(),
    Form.KEY: pa.string(),
    Form.MICROSECONDS: pa.int64(),
}
_LARGEST = 2**63 - 1


def arrow_schema(columns: Columns) -> pa.Schema:
    """The Arrow types of a table, with the columns in its metadata, so that `fleet.open` knows them again."""
    fields: list[pa.Field[Any]] = []
    for column in columns.rows:
        fields.append(pa.field(column.name, _type(column)))
        fields += [pa.field(column.key, pa.string())] if column.key else []
        fields += [pa.field(column.present, pa.bool_())] if column.present else []
    return pa.schema(fields, metadata={METADATA: columns.write()})


def columns_of_parquet(path: str | PathLike[str]) -> Columns | None:
    """How Parquet files of `policy fleet import` store devices, for engines that do not show the metadata of files.

    Args:
        path: a file, a folder of files, or the address of one of them, such as `s3://bucket/fleet.parquet`.

    Returns:
        The columns; None where the files say nothing about them.

    Raises:
        OSError: there is no such file.
        ValueError: it is no Parquet file, or what it says cannot be read.

    Source: docs/fleet.md, "On a cluster".
    """
    import pyarrow.dataset as ds  # noqa: PLC0415  it loads slowly, and only this needs it

    text = (ds.dataset(path, format="parquet").schema.metadata or {}).get(METADATA.encode())
    return None if text is None else Columns.read(text.decode())


def _type(column: Column) -> pa.DataType:
    return pa.list_(_TYPES[column.items or Storage.TEXT]) if column.storage is Storage.LIST else _TYPES[column.storage]


def typed_table(devices: Iterable[Mapping[str, Any]], columns: Columns, options: Options = DEFAULT_OPTIONS) -> pa.Table:
    """The table of devices that an import makes: typed, with version keys, every value checked.

    Args:
        devices: what the devices sent.
        columns: how to store it, usually `columns_of_schema(schema)`.
        options: the limits, and how versions are read.
    """
    return pa.Table.from_pylist([row_of(device, columns, options) for device in devices], arrow_schema(columns))


def raw_table(devices: Iterable[Mapping[str, Any]]) -> tuple[pa.Table, Columns]:
    """The table of devices just as they were sent, and its columns.

    A property whose values are all of one type is stored as that type; one with different types is stored as JSON, and every
    question about it is decided in Python over its distinct values.
    """
    read = list(_raw_columns((), list(devices), set()))
    columns = Columns(tuple(column for column, _ in read))
    arrays = [pa.array(values, _type(column)) for column, values in read]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(columns)), columns


def _raw_columns(path: Names, values: list[Any], taken: set[str]) -> Iterator[tuple[Column, list[Any]]]:
    """The columns of a property and of everything below it, with their values."""
    known = [value for value in values if value is not None]
    if not all(isinstance(value, Mapping) for value in known):
        storage = _storage_of(known)
        stored = [None if value is None else json.dumps(value) for value in values] if storage is Storage.JSON else values
        yield Column(path, free_name(column_name(path), taken), storage), stored
        return
    if path:
        is_there = [None if value is None else True for value in values]
        yield Column(path, free_name(column_name(path) + PRESENT, taken), Storage.OBJECT), is_there
    for name in dict.fromkeys(name for value in known for name in value):
        yield from _raw_columns((*path, name), [None if value is None else value.get(name) for value in values], taken)


def _storage_of(values: list[Any]) -> Storage:
    """What holds all of some values as they are."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return Storage.BOOLEAN
    if kinds == {int} and all(-_LARGEST <= value <= _LARGEST for value in values):
        return Storage.INTEGER
    if kinds == {float}:
        return Storage.DOUBLE
    return Storage.TEXT if kinds == {str} and all(map(_is_unicode, values)) else Storage.JSON


def _is_unicode(text: str) -> bool:
    return is_text(text, len(text.encode(errors="replace")))


def lookup_table(forms: Sequence[tuple[str, Form]], rows: Iterable[Sequence[Plain | None]]) -> pa.Table:
    """A temporary table as Arrow.

    Args:
        forms: the names of its columns, and what they hold.
        rows: its rows.
    """
    values = list(zip(*rows, strict=True)) or [()] * len(forms)
    arrays = [pa.array(column, _FORMS[form]) for column, (_, form) in zip(values, forms, strict=True)]
    return pa.table(arrays, names=[column for column, _ in forms])
