"""Surveys by SQL: each question is one statement, counted by the engine."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import md5
from heapq import nsmallest
from typing import Any, Final

from sqlglot import exp

from policy_lang.fleet.bindings import column_of
from policy_lang.fleet.builder import Form
from policy_lang.fleet.cells import Asked, Asking
from policy_lang.fleet.columns import Columns, Storage
from policy_lang.fleet.dialects.base import SqlBuilder, call, number
from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.fleet.model import Limits
from policy_lang.fleet.offers import offers, unreadable
from policy_lang.fleet.query import DEVICES, Query, Session
from policy_lang.fleet.survey import Absent, Assigned, Cell, Chosen, Nothing, Top, Value, top_of

MOST_COUNTED: Final = 100_000
"""How many values of a property are counted in Python; of more, the engine finds the most frequent ones first."""

_CELLS: Final = "cells"
_MOST_HELD: Final = 100
_FORMS: Final = {
    Storage.BOOLEAN: Form.BOOLEAN,
    Storage.INTEGER: Form.INTEGER,
    Storage.DOUBLE: Form.DOUBLE,
    Storage.TEXT: Form.TEXT,
    Storage.TIMESTAMP: Form.MICROSECONDS,
    Storage.DURATION: Form.MICROSECONDS,
}
"""The columns whose values the engine ranks; those of others are read in Python."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of devices in an engine.

    Attributes:
        builder: the dialect of the engine.
        session: the connection.
        source: the table, or a sub-query in its place.
        columns: the columns of the table.
        limits: how far to go in Python.
    """

    builder: type[SqlBuilder]
    session: Session
    source: exp.Expr
    columns: Columns
    limits: Limits

    def query(self) -> Query:
        """A new statement."""
        return Query(self.builder, self.session, self.source, self.columns, self.limits)


class Poll:
    """A fleet in a database that answers surveys; see `policy_lang.fleet.survey.Survey`.

    Attributes:
        name: what reports call the fleet.
    """

    def __init__(self, table: Table, name: str) -> None:
        """Take a table."""
        self.name = name
        self._table = table

    def tally(self, cells: Sequence[Cell], where: Sequence[Cell] = ()) -> "Counter[tuple[Any, ...]]":
        """How many devices have each combination of values."""
        return self._tally(cells, where, None)

    def top(self, value: Value, cell: Cell, most: int, where: Sequence[Cell] = ()) -> Top:
        """The devices by the values of a property that most of them have."""
        column = column_of(("device", *value.path), self._table.columns)
        if (
            column is None
            or column.path != value.path
            or column.storage not in _FORMS
            or self._distinct(column.name) <= MOST_COUNTED
        ):
            return top_of(self.tally([value, cell], where), most)
        name, form = column.name, _FORMS[column.storage]
        frequent = self._frequent(name, where, most)
        builder = self._table.builder(DEVICES)
        literals = [builder.literal(each, form) for each, _ in frequent]
        is_kept = builder.either([builder.among(builder.name_of(name), literals, form), _is_null(builder.name_of(name))])
        counts = self._tally([value, cell], where, is_kept)
        others = Counter({key[0]: devices for key, devices in self.tally([cell], where).items()})
        for (_, label), devices in counts.items():
            others[label] -= devices
        return Top(counts, +others, self._distinct(name) - len(frequent))

    def sample(self, cells: Sequence[Cell], size: int, where: Sequence[Cell] = ()) -> Mapping[tuple[Any, ...], tuple[str, ...]]:
        """The ids of some devices for each combination of values, those with the least MD5."""
        found: dict[tuple[Any, ...], list[str]] = {}
        with closing(self._table.query()) as query:
            statement = _Statement(query, self._table.columns, cells, where)
            for *values, ids in self._table.session.rows(statement.sampled(size, can_pick=self._is_embedded)):
                kept = found.setdefault(statement.read(values), [])
                kept.extend(ids if isinstance(ids, list) else [ids])
                if len(kept) > _MOST_HELD * size:
                    kept[:] = nsmallest(size, kept, key=_digest)
        return {values: tuple(nsmallest(size, kept, key=_digest)) for values, kept in found.items()}

    def assigned(self, chosen: Chosen) -> Iterator[Assigned]:
        """Each device with its update."""
        updates = {update.id: update for update in chosen.catalog.updates}
        cells: list[Cell] = [*(Value((name,)) for name in ("id", "product", "productToken", "version")), chosen]
        with closing(self._table.query()) as query:
            statement = _Statement(query, self._table.columns, cells, ())
            for row in self._table.session.rows(statement.listed()):
                device_id, product, token, version, choice = statement.read(row)
                update = choice if isinstance(choice, Nothing) else updates[choice]
                yield Assigned(_known(device_id), _known(token if product is Absent.MISSING else product), _known(version), update)

    def write_assigned(self, chosen: Chosen, path: str, form: str) -> int | None:
        """Let the engine write the file, where all columns are texts."""
        if not self._is_embedded or unreadable(self._table.columns):
            return None
        with closing(self._table.query()) as query:
            rows = offers(query, self._table.columns, chosen)
            ((devices, *_),) = self._table.session.rows(_copy(rows, path, form))
        return int(devices)

    @property
    def _is_embedded(self) -> bool:
        return self._table.builder is DuckDb

    def _tally(self, cells: Sequence[Cell], where: Sequence[Cell], is_kept: exp.Expr | None) -> "Counter[tuple[Any, ...]]":
        counted: Counter[tuple[Any, ...]] = Counter()
        with closing(self._table.query()) as query:
            statement = _Statement(query, self._table.columns, cells, where, is_kept)
            for *values, devices in self._table.session.rows(statement.counted()):
                counted[statement.read(values)] += devices
        return counted

    def _distinct(self, name: str) -> int:
        """How many values a column has."""
        query = self._table.query()
        values = query.select([(query.builder.name_of(name), "value")], None, _is_known(query.builder.name_of(name))).distinct()
        ((number_of,),) = self._table.session.rows(exp.Select(expressions=[_count()]).from_(values.subquery(alias=_CELLS)))
        return int(number_of)

    def _frequent(self, name: str, where: Sequence[Cell], most: int) -> list[tuple[Any, int]]:
        """The most frequent values of a column."""
        with closing(self._table.query()) as query:
            value = query.builder.name_of(name)
            conditions = [_is_known(value), *_conditions(Asking(query, self._table.columns), where)]
            inner = query.select([(value, "value")], None, query.builder.both(conditions)).subquery(alias=_CELLS)
            ranked = exp.Select(expressions=[_column("value"), _count()]).from_(inner).group_by(_column("value"))
            order = [exp.Ordered(this=_count(), desc=True), exp.Ordered(this=_column("value"))]
            return [(each, devices) for each, devices in self._table.session.rows(ranked.order_by(*order).limit(most))]


class _Statement:
    """A question in two layers: each device's values inside, what is counted of them outside."""

    def __init__(
        self, query: Query, columns: Columns, cells: Sequence[Cell], where: Sequence[Cell], is_kept: exp.Expr | None = None
    ) -> None:
        asking = Asking(query, columns)
        self._query = query
        self._asked: list[Asked] = [asking.ask(cell) for cell in cells]
        self._conditions = [*_conditions(asking, where), *([] if is_kept is None else [is_kept])]
        self._id = asking.id
        self._names: dict[str, tuple[exp.Expr, str]] = {}
        self._keys = [list(asked.outer([self._named(value) for value in asked.inner])) for asked in self._asked]

    def read(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The values of the cells in a row."""
        row = iter(values)
        return tuple([asked.read([next(row) for _ in keys]) for asked, keys in zip(self._asked, self._keys, strict=True)])

    def counted(self) -> exp.Select:
        """A row for each combination, with the number of devices."""
        keys = self._flat()
        outer = self._outer([*keys, _count()])
        return outer.group_by(*(key.copy() for key in keys)) if keys else outer

    def sampled(self, size: int, *, can_pick: bool) -> exp.Select:
        """A row for each combination with some ids where the engine can pick them, else a row for each device."""
        keys, device_id = self._flat(), self._named(self._id())
        if not can_pick:
            return self._outer([*keys, device_id]).where(_is_known(device_id))
        picked = call("MIN_BY", device_id, call("MD5", device_id.copy()), number(size))
        outer = self._outer([*keys, picked]).where(_is_known(device_id))
        return outer.group_by(*(key.copy() for key in keys)) if keys else outer

    def listed(self) -> exp.Select:
        """A row for each device."""
        return self._outer(self._flat())

    def _flat(self) -> list[exp.Expr]:
        return [key for keys in self._keys for key in keys]

    def _named(self, value: exp.Expr) -> exp.Expr:
        """The inner column of an expression; equal ones share one."""
        text = self._query.builder.sql(value)
        _, name = self._names.setdefault(text, (value, f"cell_{len(self._names)}"))
        return _column(name)

    def _outer(self, values: Sequence[exp.Expr]) -> exp.Select:
        inner = list(self._names.values()) or [(number(1), "cell")]
        where = self._query.builder.both(self._conditions) if self._conditions else None
        return exp.Select(expressions=list(values)).from_(self._query.select(inner, None, where).subquery(alias=_CELLS))


def _conditions(asking: Asking, where: Sequence[Cell]) -> list[exp.Expr]:
    return [value for cell in where for value in asking.ask(cell).inner]


def _column(name: str) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True))


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star())


def _is_null(value: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Is(this=value.copy(), expression=exp.null()))


def _is_known(value: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Not(this=_is_null(value)))


def _copy(rows: exp.Select, path: str, form: str) -> exp.Copy:
    """`COPY (…) TO 'path' WITH (FORMAT …)`."""
    settings = {"FORMAT": form, "HEADER": "true"} if form == "csv" else {"FORMAT": form}
    parameters = [exp.CopyParameter(this=exp.Var(this=name), expression=exp.Var(this=value)) for name, value in settings.items()]
    return exp.Copy(this=rows.subquery(), kind=False, files=[exp.Literal.string(path)], params=parameters)


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
