"""Fleets in Spark, over a session of your own: the same questions, answered where the data is.

The table is whatever the session calls by its name: a view, or a table of its catalog. Only look-ups are sent there, as temporary
views; what comes back are counts, or the rows that were asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlglot import exp

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.facts import as_moment
from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import Columns, Storage, columns_of_names
from policy_lang.fleet.database import SqlFleet
from policy_lang.fleet.dialects.spark import Spark
from policy_lang.fleet.model import NOTHING_GIVEN, Given, Limits
from policy_lang.fleet.offers import offers, unreadable
from policy_lang.fleet.survey import Chosen
from policy_lang.fleet.tables import lookup_table

_DEFAULT_LIMITS = Limits()
_STORAGES = {
    "boolean": Storage.BOOLEAN,
    "bigint": Storage.INTEGER,
    "double": Storage.DOUBLE,
    "string": Storage.TEXT,
}


class SparkFleet(SqlFleet):
    """A fleet in Spark; what it says of each device can stay there."""

    def __init__(self, session: "SparkSession", source: exp.Expr, columns: Columns, limits: Limits) -> None:
        """Take a table or view of a session."""
        super().__init__(Spark, session, source, columns, limits)
        self._spark = session

    def assigned(self, catalog: Catalog, given: Given = NOTHING_GIVEN) -> Any:
        """Each device with its update, as a dataframe of Spark: nothing is computed before the dataframe is written or shown.

        Args:
            catalog: the updates.
            given: the time, and the values of the host's own roots.

        Returns:
            A dataframe with the texts `id`, `product`, `version`, `update`, `to` and `reason`, as `policy assign` writes them.

        Raises:
            ValueError: the table does not hold the id, the product or the version of a device as text; the time has no zone.
            UnsupportedError: a policy cannot be answered exactly.

        Source: docs/fleet.md, "On a cluster".
        """
        if names := unreadable(self.columns):
            raise ValueError(f"the table has no text for {', '.join(f'`{name}`' for name in names)}; make it in a view")
        with self._query() as query:
            return self._spark.frame(offers(query, self.columns, Chosen(catalog, as_moment(given.now), given.roots)))


class SparkSession:
    """A session of PySpark that its owner keeps."""

    def __init__(self, session: Any) -> None:
        """Take a session; the fleet does not stop it."""
        self._session = session
        self._builder = Spark()

    def rows(self, statement: exp.Expr) -> Iterator[tuple[Any, ...]]:
        """Run a statement and read its rows, one partition at a time."""
        return map(tuple, self.frame(statement).toLocalIterator())

    def frame(self, statement: exp.Expr) -> Any:
        """A statement as a dataframe; it keeps the look-ups that it needs, also when their views are dropped."""
        return self._session.sql(self._builder.sql(statement))

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


def open_session(session: Any, table: str, columns: Columns | None = None, limits: Limits = _DEFAULT_LIMITS) -> SparkFleet:
    """A fleet in a table or view of Spark; the session stays its owner's.

    Args:
        session: of PySpark.
        table: the name of the table or view, as `spark.table` takes it.
        columns: where the properties are stored; without it, as the names and types of the table say: `boolean`, `bigint`,
            `double`, `string`, and lists of them. A column of any other type counts as a bad value; cast it in a view.
        limits: how far to go in Python.

    Source: docs/fleet.md, "On a cluster".
    """
    if columns is None:
        columns = columns_of_names((name, *_storage(type_)) for name, type_ in session.table(table).dtypes)
    name, *schema = (exp.to_identifier(part, quoted=True) for part in reversed(table.split(".")))
    source = exp.Table(this=name, db=schema[0] if schema else None)
    return SparkFleet(SparkSession(session), source, columns, limits)


def _storage(type_: str) -> tuple[Storage, Storage | None]:
    items = _STORAGES.get(type_.removeprefix("array<").removesuffix(">")) if type_.startswith("array<") else None
    return (Storage.LIST, items) if items is not None else (_STORAGES.get(type_, Storage.OTHER), None)
