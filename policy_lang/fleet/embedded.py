"""Fleets in DuckDB, the engine inside the process: Parquet, CSV, NDJSON and dataframes.

A file that an import of ours wrote says in its metadata how it stores devices. Any other is read through a sub-query that brings
its types to ours: narrow integers become BIGINT, a timestamp with a zone microseconds, the fields of a STRUCT columns. What has no
type of ours (a date, a map, a timestamp without a zone) counts as a bad value. A CSV has no types; every property of it is text, as
from a simple client.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import METADATA, PRESENT, Columns, Names, Storage, column_name, columns_of_names, path_of
from policy_lang.fleet.database import SqlFleet
from policy_lang.fleet.dialects.base import SqlBuilder, call, cast
from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.fleet.model import Limits
from policy_lang.fleet.tables import lookup_table, raw_table

_SOURCE = "policy_lang_source"
_BATCH = 10_000


class DuckDbSession:
    """A connection to DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take a connection; it is closed with the fleet."""
        self.connection = connection

    def rows(self, statement: exp.Expr) -> Iterator[tuple[Any, ...]]:
        """Run a statement on a cursor of its own, so that others may run while its rows are read."""
        cursor = self.connection.cursor().execute(statement.sql(dialect=DuckDb.dialect, copy=False))
        while batch := cursor.fetchmany(_BATCH):
            yield from batch

    def stage(self, name: str, forms: Sequence[tuple[str, Form]], rows: Iterable[Sequence[Plain | None]]) -> None:
        """Make a temporary table from Arrow."""
        self.connection.from_arrow(lookup_table(forms, rows)).create(name)

    def drop(self, name: str) -> None:
        """Drop a temporary table."""
        table = exp.Table(this=exp.to_identifier(name, quoted=True))
        self.connection.execute(exp.Drop(tables=[table], kind="TABLE").sql(dialect=DuckDb.dialect))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def open_parquet(path: str | Path, columns: Columns | None, limits: Limits) -> SqlFleet:
    """A fleet in a Parquet file, or in many by a pattern such as `devices/*.parquet`."""
    connection = duckdb.connect()
    relation = connection.read_parquet(str(path))
    if columns is None:
        query = "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = ? LIMIT 1"
        rows = connection.execute(query, [str(path), METADATA]).fetchall()
        columns = Columns.read(rows[0][0]) if rows else None
    return _fleet(connection, relation, columns, limits)


def open_csv(path: str | Path, columns: Columns | None, limits: Limits) -> SqlFleet:
    """A fleet in a CSV file with a header; an empty field is missing, unless it is quoted."""
    connection = duckdb.connect()
    relation = connection.read_csv(str(path), header=True, all_varchar=True, allow_quoted_nulls=False)
    return _fleet(connection, relation, columns, limits)


def open_arrow(table: pa.Table, columns: Columns | None, limits: Limits) -> SqlFleet:
    """A fleet in an Arrow table."""
    metadata = (table.schema.metadata or {}).get(METADATA.encode())
    if columns is None and metadata is not None:
        columns = Columns.read(metadata.decode())
    connection = duckdb.connect()
    return _fleet(connection, connection.from_arrow(table), columns, limits)


def open_devices(devices: Iterable[Mapping[str, Any]], limits: Limits) -> SqlFleet:
    """A fleet of device documents, held in memory just as they were sent."""
    table, columns = raw_table(devices)
    return open_arrow(table, columns, limits)


def _fleet(
    connection: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation, columns: Columns | None, limits: Limits
) -> SqlFleet:
    relation.create_view(_SOURCE)
    source: exp.Expr = exp.Table(this=exp.to_identifier(_SOURCE, quoted=True))
    if columns is None:
        read = [
            field for name, type_ in zip(relation.columns, relation.types, strict=True) for field in _fields((name,), name, type_)
        ]
        columns = columns_of_names((name, storage, items) for name, _, storage, items in read)
        named = [exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True)) for name, value, _, _ in read]
        source = exp.Select(expressions=named).from_(source).subquery()
    return SqlFleet(_builder(), DuckDbSession(connection), source, columns, limits)


def _builder() -> type[SqlBuilder]:
    return DuckDb


_Field = tuple[str, exp.Expr, Storage, Storage | None]

_AS_THEY_ARE = {"boolean": Storage.BOOLEAN, "bigint": Storage.INTEGER, "double": Storage.DOUBLE, "varchar": Storage.TEXT}
_TO_INTEGER = frozenset({"tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger"})
_TO_INTEGER_IF_SMALL = frozenset({"ubigint", "hugeint", "uhugeint"})
_TO_TEXT = frozenset({"enum", "uuid"})
_FIRST_MOMENT, _LAST_MOMENT = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"


def _fields(path: Names, name: str, type_: Any) -> Iterator[_Field]:
    """The columns that one column of a foreign table becomes: their names, values and types."""
    value = _value(path)
    own = name if len(path) == 1 else column_name((*path_of(name), *path[1:]))
    kind = type_.id
    if str(type_) == "JSON":
        yield own, cast(value, "TEXT"), Storage.JSON, None
    elif kind in _AS_THEY_ARE:
        yield own, value, _AS_THEY_ARE[kind], None
    elif kind in _TO_INTEGER:
        yield own, cast(value, "BIGINT"), Storage.INTEGER, None
    elif kind in _TO_TEXT:
        yield own, cast(value, "TEXT"), Storage.TEXT, None
    elif kind == "float":
        yield own, cast(value, "DOUBLE"), Storage.DOUBLE, None
    elif kind == "list" and (items := _AS_THEY_ARE.get(type_.children[0][1].id)) is not None:
        yield own, value, Storage.LIST, items
    elif kind == "list" and type_.children[0][1].id in _TO_INTEGER:
        yield own, exp.Cast(this=value, to=exp.DataType.build("BIGINT[]", dialect=DuckDb.dialect)), Storage.LIST, Storage.INTEGER
    elif kind == "struct":
        yield own + PRESENT, exp.Case(ifs=[exp.If(this=_is_stored(value), true=exp.true())]), Storage.BOOLEAN, None
        for inner, inner_type in type_.children:
            yield from _fields((*path, inner), name, inner_type)
    else:
        yield from _converted(own, value, kind)


def _converted(own: str, value: exp.Expr, kind: str) -> Iterator[_Field]:
    """A value that may have no place in our types, and whether there is one."""
    yield own + PRESENT, _is_stored(value), Storage.BOOLEAN, None
    if kind in _TO_INTEGER_IF_SMALL:
        yield own, exp.TryCast(this=value, to=exp.DataType(this=exp.DataType.Type.BIGINT)), Storage.INTEGER, None
    elif kind == "timestamp with time zone":
        low, high = (cast(exp.Literal.string(moment), "TIMESTAMPTZ") for moment in (_FIRST_MOMENT, _LAST_MOMENT))
        in_calendar = exp.Between(this=value.copy(), low=low, high=high)
        microseconds = exp.Case(ifs=[exp.If(this=in_calendar, true=call("EPOCH_US", value))])
        yield own, microseconds, Storage.TIMESTAMP, None
    else:
        yield own, value, Storage.OTHER, None


def _is_stored(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))


def _value(path: Names) -> exp.Expr:
    """A column, or a field inside it."""
    value: exp.Expr = exp.column(exp.to_identifier(path[0], quoted=True))
    for step in path[1:]:
        value = call("STRUCT_EXTRACT", value, exp.Literal.string(step))
    return value
