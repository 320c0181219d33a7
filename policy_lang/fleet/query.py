"""One statement in the making: expressions over the table of devices, and the look-ups that are joined to it.

Few answers of a look-up stand in the statement as CASE. Many become a temporary table that is joined by the values themselves: each
key column is two columns there, its value with a stand-in for NULL and whether it was NULL, because equality finds no NULL.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Protocol

from sqlglot import exp

from policy_lang.fleet.bindings import Bound
from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.cases import KeyColumn, as_case, key_columns
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.dialects.base import SqlBuilder, binary, call, number
from policy_lang.fleet.lookups import Key, decide, fits
from policy_lang.fleet.lower import Lookup, Lowering
from policy_lang.fleet.model import Limits
from policy_lang.fleet.unsupported import unsupported

DEVICES = "devices"
"""The alias of the table in every statement."""

_STAND_INS: dict[Form, Plain] = {
    Form.BOOLEAN: False,
    Form.INTEGER: 0,
    Form.DOUBLE: 0.0,
    Form.TEXT: "",
    Form.MICROSECONDS: 0,
}
_NUMBERS = count(1)


class Session(Protocol):
    """A connection to an engine."""

    def rows(self, statement: exp.Expr) -> Iterator[tuple[Any, ...]]:
        """Run a statement and read its rows, the values as Python's bool, int, float, str or list; None for NULL."""
        ...

    def stage(self, name: str, forms: Sequence[tuple[str, Form]], rows: Iterable[Sequence[Plain | None]]) -> None:
        """Make a temporary table and fill it."""
        ...

    def drop(self, name: str) -> None:
        """Drop a temporary table."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Query:
    """Lowers policies into one statement over the table of devices."""

    def __init__(self, builder: type[SqlBuilder], session: Session, source: exp.Expr, columns: Columns, limits: Limits) -> None:
        """Start a statement.

        Args:
            builder: the dialect of the engine.
            session: the connection.
            source: the table, or a sub-query in its place.
            columns: the columns of the table.
            limits: how far to go in Python.
        """
        self.builder = builder(DEVICES)
        self.staged: list[str] = []
        self._session = session
        self._source = source
        self._limits = limits
        self._most_written = builder.most_written if limits.most_written is None else limits.most_written
        self._lowering: Lowering[exp.Expr] = Lowering(self.builder, columns, self)
        self._joins: list[exp.Join] = []
        self._known: dict[int, tuple[Lookup, exp.Expr]] = {}

    def condition(self, bound: Bound) -> exp.Expr:
        """A bound policy: true, false or NULL."""
        return self._lowering.lower(bound)

    def is_native(self, bound: Bound) -> bool:
        """Whether the engine answers it without looking it up."""
        return self._lowering.is_native(bound)

    def select(self, values: Sequence[tuple[exp.Expr, str]], limit: int | None = None, where: exp.Expr | None = None) -> exp.Select:
        """`SELECT values FROM devices`, with all that was looked up."""
        named = [exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True)) for value, name in values]
        statement = exp.Select(expressions=named)
        statement.set("from_", exp.From(this=aliased(self._source, DEVICES)))
        statement.set("joins", [join.copy() for join in self._joins])
        if where is not None:
            statement.set("where", exp.Where(this=where))
        return statement if limit is None else statement.limit(limit)

    def close(self) -> None:
        """Drop the temporary tables."""
        while self.staged:
            self._session.drop(self.staged.pop())

    def lookup(self, wanted: Lookup) -> exp.Expr:
        """The answers of a look-up, written out or joined."""
        if id(wanted) not in self._known:
            self._known[id(wanted)] = (wanted, self._look_up(wanted))
        return self._known[id(wanted)][1].copy()

    def _look_up(self, wanted: Lookup) -> exp.Expr:
        columns = key_columns(wanted, self.builder.name)
        rows = self._distinct(wanted, columns) if columns else [()]
        answers = list(decide(wanted, rows))
        if not all(map(fits, answers)):
            self._refuse(wanted, "and a duration is too long for a column", "bound it in the policy")
        if len(rows) * len(columns) <= self._most_written:
            return as_case(self.builder, wanted, rows, answers)
        return self._staged(wanted, columns, rows, answers)

    def _distinct(self, wanted: Lookup, columns: Sequence[KeyColumn]) -> list[Key]:
        """The distinct keys of the table, and behind them the lists once more, as the texts that they are joined by."""
        values = [(self.builder.name_of(column.name), column.name) for column in columns]
        lists = [column.name for column in columns if column.form is Form.LIST]
        texts = [(self.builder.list_key(self.builder.name_of(name)), f"text_{at}") for at, name in enumerate(lists)]
        most = self._limits.most_distinct
        query = Query(type(self.builder), self._session, self._source, Columns(()), self._limits)
        keys = list(self._session.rows(query.select([*values, *texts]).distinct().limit(most + 1)))
        if len(keys) > most:
            self._refuse(wanted, f"and there are over {most} distinct values", "raise `Limits.most_distinct`")
        return keys

    def _refuse(self, wanted: Lookup, reason: str, remedy: str) -> None:
        raise unsupported(self.builder.name, wanted.bound.policy, wanted.deferral, reason, remedy)

    def _staged(
        self, wanted: Lookup, columns: Sequence[KeyColumn], rows: Sequence[Key], answers: Sequence[Plain | None]
    ) -> exp.Expr:
        """The answers as a temporary table."""
        name = f"policy_lang_lookup_{next(_NUMBERS)}"
        made: list[tuple[str, Form]] = []
        for at, column in enumerate(columns):
            made += [(f"key_{at}", _key_form(column)), (f"null_{at}", Form.BOOLEAN)]
        filled = ((*_key_row(columns, row), answer) for row, answer in zip(rows, answers, strict=True))
        self._session.stage(name, [*made, ("answer", wanted.form)], filled)
        self.staged.append(name)
        self._joins.append(self._join(name, columns))
        return type(self.builder)(name).name_of("answer")

    def _join(self, name: str, columns: Sequence[KeyColumn]) -> exp.Join:
        lookup, tests = type(self.builder)(name), []
        for at, column in enumerate(columns):
            form, value = _key_form(column), self.builder.name_of(column.name)
            known = self.builder.list_key(value) if column.form is Form.LIST else value
            key = call("COALESCE", known, self.builder.literal(_STAND_INS[form], form))
            tests.append(self.builder.equal(key, lookup.name_of(f"key_{at}"), form))
            is_null = self.builder.negation(self.builder.is_stored(column.name))
            tests.append(binary(exp.EQ, is_null, lookup.name_of(f"null_{at}")))
        table = aliased(exp.Table(this=exp.to_identifier(name, quoted=True)), name)
        return exp.Join(this=table, side="LEFT", on=self.builder.both(tests))


def _key_form(column: KeyColumn) -> Form:
    """What a look-up is joined by: a list as text."""
    return Form.TEXT if column.form is Form.LIST else column.form


def _key_row(columns: Sequence[KeyColumn], row: Key) -> Iterator[Plain | None]:
    """A row of a temporary table, but for its answer."""
    texts = iter(row[len(columns) :])
    for column, value in zip(columns, row, strict=False):
        key = next(texts) if column.form is Form.LIST else value
        yield _STAND_INS[_key_form(column)] if key is None else key
        yield value is None


def aliased(source: exp.Expr, alias: str) -> exp.Expr:
    """A table or a sub-query under a name."""
    named = source.copy()
    named.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return named


def counted(statement: exp.Select, by: Sequence[str] = ()) -> exp.Select:
    """How many answers there are, how many are known, how many are true; for each value of some columns."""
    answer = exp.column("answer", quoted=True)
    is_true = exp.Case(ifs=[exp.If(this=answer.copy(), true=number(1))])
    groups: list[exp.Expr] = [exp.column(name, quoted=True) for name in by]
    counts = [exp.Count(this=exp.Star()), exp.Count(this=answer), exp.Count(this=is_true)]
    outer = exp.Select(expressions=[*groups, *counts])
    outer.set("from_", exp.From(this=statement.subquery(alias="answers", copy=False)))
    return outer.group_by(*(group.copy() for group in groups)) if groups else outer
