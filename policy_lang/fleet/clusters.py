"""Fleets in Spark, over a session of your own: the same questions, answered where the data is.

The table is whatever the session calls by its name: a view, or a table of its catalog. Only look-ups are sent there, as temporary
views; what comes back are counts, or the rows that were asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlglot import exp

from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import Columns, Storage, columns_of_names
from policy_lang.fleet.database import SqlFleet
from policy_lang.fleet.dialects.spark import Spark
from policy_lang.fleet.model import Limits
from policy_lang.fleet.tables import lookup_table

_STORAGES = {
    "boolean": Storage.BOOLEAN,
    "bigint": Storage.INTEGER,
    "double": Storage.DOUBLE,
    "string": Storage.TEXT,
}


class SparkSession:
    """A session of PySpark that its owner keeps."""

    def __init__(self, session: Any) -> None:
        """Take a session; the fleet does not stop it."""
        self._session = session
        self._builder = Spark()

    def rows(self, statement: exp.Expr) -> Iterator[tuple[Any, ...]]:
        """Run a statement and read its rows, one partition at a time."""
        return map(tuple, self._session.sql(self._builder.sql(statement)).toLocalIterator())

    def stage(self, name: str, forms: Sequence[tuple[str, Form]], rows: Iterable[Sequence[Plain | None]]) -> None:
        """Make a temporary view."""
        self._session.createDataFrame(lookup_table(forms, rows)).coalesce(1).createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        """Drop a temporary view."""
        self._session.catalog.dropTempView(name)

    def close(self) -> None:
        """The session stays open; it is its owner's."""


def is_session(source: object) -> bool:
    """Whether something is a session of PySpark."""
    return type(source).__module__.startswith("pyspark.sql") and type(source).__name__ == "SparkSession"


def open_session(session: Any, table: str, columns: Columns | None, limits: Limits) -> SqlFleet:
    """A fleet in a table or view of Spark.

    Args:
        session: of PySpark.
        table: the name of the table or view, as `spark.table` takes it.
        columns: where the properties are stored; without it, as the names and types of the table say: `boolean`, `bigint`,
            `double`, `string`, and lists of them. A column of any other type counts as a bad value; cast it in a view.
        limits: how far to go in Python.
    """
    if columns is None:
        columns = columns_of_names((name, *_storage(type_)) for name, type_ in session.table(table).dtypes)
    name, *schema = (exp.to_identifier(part, quoted=True) for part in reversed(table.split(".")))
    source = exp.Table(this=name, db=schema[0] if schema else None)
    return SqlFleet(Spark, SparkSession(session), source, columns, limits)


def _storage(type_: str) -> tuple[Storage, Storage | None]:
    items = _STORAGES.get(type_.removeprefix("array<").removesuffix(">")) if type_.startswith("array<") else None
    return (Storage.LIST, items) if items is not None else (_STORAGES.get(type_, Storage.OTHER), None)
