"""Fleets in a database of your own, SQLite or PostgreSQL, over a connection of DB-API 2.0 or SQLAlchemy.

Nothing is written but temporary tables. The types of the table are brought to ours by a sub-query in its place; what has no type of
ours counts as a bad value.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from sqlglot import exp

from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import KEY, PRESENT, Columns, Storage, columns_of_names
from policy_lang.fleet.database import SqlFleet
from policy_lang.fleet.dialects.base import SqlBuilder, binary, call, cast, number
from policy_lang.fleet.dialects.postgres import Postgres
from policy_lang.fleet.dialects.sqlite import SQLite
from policy_lang.fleet.model import Limits

_BATCH = 1000


class Cursor(Protocol):
    """A cursor of DB-API 2.0."""

    def execute(self, statement: str, /) -> object:
        """Run a statement."""
        ...

    def fetchmany(self, size: int, /) -> list[Any]:
        """Some rows."""
        ...

    def close(self) -> object:
        """Let go of it."""
        ...


class Connection(Protocol):
    """A connection of DB-API 2.0."""

    def cursor(self) -> Cursor:
        """A new cursor."""
        ...


class ConnectionSession:
    """A connection that its owner keeps; the fleet does not close it."""

    def __init__(self, connection: Connection, builder: type[SqlBuilder], release: Callable[[], object] | None = None) -> None:
        """Take a connection.

        Args:
            connection: of DB-API 2.0.
            builder: the dialect of the engine.
            release: gives the connection back where it was borrowed from.
        """
        self._connection = connection
        self._builder = builder()
        self._release = release

    def rows(self, statement: exp.Expr) -> Iterator[tuple[Any, ...]]:
        """Run a statement and read its rows."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(self._builder.sql(statement))
            while batch := cursor.fetchmany(_BATCH):
                yield from map(tuple, batch)
        finally:
            cursor.close()

    def stage(self, name: str, forms: Sequence[tuple[str, Form]], rows: Iterable[Sequence[Plain | None]]) -> None:
        """Make a temporary table and insert into it, some rows at a time."""
        definitions = [
            exp.ColumnDef(this=exp.to_identifier(column, quoted=True), kind=exp.DataType.build(self._builder.type_name(form)))
            for column, form in forms
        ]
        schema = exp.Schema(this=_table(name), expressions=definitions)
        temporary = exp.Properties(expressions=[exp.TemporaryProperty()])
        self._execute(exp.Create(this=schema, kind="TABLE", properties=temporary))
        pending = iter(rows)
        while batch := list(islice(pending, _BATCH)):
            tuples = [exp.Tuple(expressions=[self._literal(*cell) for cell in zip(row, forms, strict=True)]) for row in batch]
            self._execute(exp.Insert(this=_table(name), expression=exp.Values(expressions=tuples)))

    def drop(self, name: str) -> None:
        """Drop a temporary table."""
        self._execute(exp.Drop(tables=[_table(name)], kind="TABLE"))

    def close(self) -> None:
        """Give a borrowed connection back."""
        if self._release is not None:
            self._release()

    def _literal(self, value: Plain | None, column: tuple[str, Form]) -> exp.Expr:
        return self._builder.null(column[1]) if value is None else self._builder.literal(value, column[1])

    def _execute(self, statement: exp.Expr) -> None:
        cursor = self._connection.cursor()
        cursor.execute(self._builder.sql(statement))
        cursor.close()


def open_connection(connection: Any, table: str, columns: Columns | None, limits: Limits) -> SqlFleet:
    """A fleet in a table.

    Args:
        connection: of `sqlite3` or `psycopg`, or an engine or connection of SQLAlchemy to one of them.
        table: the name of the table; `schema.table` for one that is not on the search path.
        columns: where the properties are stored; without it, as the names and types of the table say.
        limits: how far to go in Python.

    Raises:
        ValueError: the connection is to another engine.
    """
    raw, release = _raw(connection)
    builder, read = _engine(raw)
    session = ConnectionSession(raw, builder, release)
    source: exp.Expr = _table(*table.split("."))
    if columns is None:
        fields = list(read(session, source))
        columns = columns_of_names((name, storage, items) for name, _, storage, items in fields)
        named = [exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True)) for name, value, _, _ in fields]
        source = exp.Select(expressions=named).from_(source).subquery()
    return SqlFleet(builder, session, source, columns, limits)


def is_connection(source: object) -> bool:
    """Whether something is a connection, or makes one."""
    return (
        hasattr(source, "cursor")
        or hasattr(source, "raw_connection")
        or hasattr(source, "driver_connection")
        or _is_alchemy(source)
    )


def _is_alchemy(source: object) -> bool:
    return type(source).__module__.partition(".")[0] == "sqlalchemy"


def _raw(connection: Any) -> tuple[Any, Callable[[], object] | None]:
    """The connection of the driver, and how to give it back."""
    if hasattr(connection, "raw_connection"):
        borrowed = connection.raw_connection()
        return borrowed.driver_connection, borrowed.close
    return (connection.connection.driver_connection, None) if _is_alchemy(connection) else (connection, None)


_Field = tuple[str, exp.Expr, Storage, Storage | None]
_Read = Callable[[ConnectionSession, exp.Expr], Iterator[_Field]]


def _engine(connection: object) -> tuple[type[SqlBuilder], _Read]:
    driver = type(connection).__module__.partition(".")[0]
    if driver == "sqlite3":
        return SQLite, _read_sqlite
    if driver in {"psycopg", "psycopg2"}:
        return Postgres, _read_postgres
    raise ValueError(f"a connection of `{driver}` is not supported; there are `sqlite3` and `psycopg`")


def _table(*names: str) -> exp.Expr:
    """A table by its name, or by schema and name."""
    *schema, name = names
    return exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier(schema[0], quoted=True) if schema else None)


def _field(name: str) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True))


# --- SQLite

_AFFINITIES = (
    ("BOOL", Storage.BOOLEAN),
    ("INT", Storage.INTEGER),
    ("CHAR", Storage.TEXT),
    ("CLOB", Storage.TEXT),
    ("TEXT", Storage.TEXT),
    ("REAL", Storage.DOUBLE),
    ("FLOA", Storage.DOUBLE),
    ("DOUB", Storage.DOUBLE),
)
_SQLITE_TYPES = {Storage.INTEGER: ("integer",), Storage.DOUBLE: ("real", "integer"), Storage.TEXT: ("text",)}


def _read_sqlite(session: ConnectionSession, table: exp.Expr) -> Iterator[_Field]:
    """The columns of a table; each value only where it has the declared type."""
    info = exp.Select(expressions=[_field("name"), _field("type")])
    arguments = [exp.Literal.string(table.name), *([exp.Literal.string(table.text("db"))] if table.text("db") else [])]
    declared = list(session.rows(info.from_(exp.Table(this=call("pragma_table_info", *arguments)))))
    names = {name for name, _ in declared}
    for name, type_ in declared:
        storage = next((each for part, each in _AFFINITIES if part in type_.upper()), Storage.OTHER)
        yield name, _guarded(name, storage), storage, None
        if name + PRESENT not in names and not name.endswith((KEY, PRESENT)):
            yield name + PRESENT, _is_stored(name), Storage.BOOLEAN, None


def _guarded(name: str, storage: Storage) -> exp.Expr:
    if storage is Storage.BOOLEAN:
        return exp.Case(ifs=[exp.If(this=exp.In(this=_field(name), expressions=[number(0), number(1)]), true=_field(name))])
    if storage is Storage.OTHER:
        return _field(name)
    types = [exp.Literal.string(each) for each in _SQLITE_TYPES[storage]]
    value = cast(_field(name), "DOUBLE") if storage is Storage.DOUBLE else _field(name)
    return exp.Case(ifs=[exp.If(this=exp.In(this=call("TYPEOF", _field(name)), expressions=types), true=value)])


def _is_stored(name: str) -> exp.Expr:
    return exp.Not(this=exp.Is(this=_field(name), expression=exp.null()))


# --- PostgreSQL

_POSTGRES: dict[str, tuple[Storage, str | None]] = {
    "boolean": (Storage.BOOLEAN, None),
    "bigint": (Storage.INTEGER, None),
    "integer": (Storage.INTEGER, "BIGINT"),
    "smallint": (Storage.INTEGER, "BIGINT"),
    "double precision": (Storage.DOUBLE, None),
    "real": (Storage.DOUBLE, "DOUBLE"),
    "text": (Storage.TEXT, None),
    "character varying": (Storage.TEXT, "TEXT"),
    "uuid": (Storage.TEXT, "TEXT"),
    "json": (Storage.JSON, "TEXT"),
    "jsonb": (Storage.JSON, "TEXT"),
}
_FIRST_MOMENT, _LAST_MOMENT = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"


def _read_postgres(session: ConnectionSession, table: exp.Expr) -> Iterator[_Field]:
    """The columns of a table, from the catalog of the database."""
    name = exp.Literal.string(table.sql(dialect=Postgres.dialect))
    is_of_table = binary(exp.EQ, _field("attrelid"), call("TO_REGCLASS", name))
    conditions = [is_of_table, binary(exp.GT, _field("attnum"), number(0)), exp.Not(this=_field("attisdropped"))]
    type_name = call("FORMAT_TYPE", _field("atttypid"), exp.null())
    info = exp.Select(expressions=[_field("attname"), type_name]).from_(_table("pg_catalog", "pg_attribute"))
    for column, type_ in session.rows(info.where(*conditions).order_by(_field("attnum"))):
        yield from _converted(column, type_)


def _converted(name: str, type_: str) -> Iterator[_Field]:
    if type_.endswith("[]") and (items := _POSTGRES.get(type_[:-2], (None, ""))[0]) is not None:
        yield name, _field(name), Storage.LIST, items
    elif type_ == "timestamp with time zone":
        yield name + PRESENT, _is_stored(name), Storage.BOOLEAN, None
        yield name, _microseconds(name), Storage.TIMESTAMP, None
    elif type_ in _POSTGRES:
        storage, type_name = _POSTGRES[type_]
        yield name, _field(name) if type_name is None else cast(_field(name), type_name), storage, None
    else:
        yield name, _field(name), Storage.OTHER, None


def _microseconds(name: str) -> exp.Expr:
    """Since 1970, exactly, for moments of the calendar; PostgreSQL knows others, infinity among them."""
    low, high = (cast(exp.Literal.string(moment), "TIMESTAMPTZ") for moment in (_FIRST_MOMENT, _LAST_MOMENT))
    seconds = exp.Extract(this=exp.Var(this="EPOCH"), expression=_field(name))
    whole = cast(binary(exp.Mul, seconds, number(1_000_000)), "BIGINT")
    return exp.Case(ifs=[exp.If(this=exp.Between(this=_field(name), low=low, high=high), true=whole)])
