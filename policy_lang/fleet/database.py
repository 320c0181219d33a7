"""A fleet in a database that speaks SQL, whichever: all questions as statements over one table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from sqlglot import exp

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.assignment import assignment
from policy_lang.fleet.bindings import Bound, bind_policy
from policy_lang.fleet.columns import Columns, path_of
from policy_lang.fleet.dialects.base import SqlBuilder
from policy_lang.fleet.model import NOTHING_GIVEN, Assigned, Counts, Given, Limits
from policy_lang.fleet.polls import Poll, Table
from policy_lang.fleet.query import DEVICES, Query, Session, aliased, counted
from policy_lang.fleet.report.comparison import compare_catalogs
from policy_lang.fleet.report.decisions import Comparison
from policy_lang.fleet.settled import settled
from policy_lang.suggest import did_you_mean

_DEFAULT_LIMITS = Limits()


class SqlFleet:
    """Answers questions by SQL; see `policy_lang.fleet.model.Fleet`.

    Attributes:
        columns: where the properties are stored.
    """

    def __init__(
        self,
        builder: type[SqlBuilder],
        session: Session,
        source: exp.Expr,
        columns: Columns,
        limits: Limits = _DEFAULT_LIMITS,
    ) -> None:
        """Take a table.

        Args:
            builder: the dialect of the engine.
            session: the connection; the fleet closes it.
            source: the table, or a sub-query in its place.
            columns: the columns of the table.
            limits: how far to go in Python.
        """
        self.columns = columns
        self._builder = builder
        self._session = session
        self._source = source
        self._limits = limits

    @property
    def devices(self) -> int:
        """How many devices there are."""
        statement = exp.Select(expressions=[exp.Count(this=exp.Star())])
        statement.set("from_", exp.From(this=aliased(self._source, DEVICES)))
        ((number,),) = self._session.rows(statement)
        return int(number)

    def missing(self, policy: Policy, given: Given = NOTHING_GIVEN) -> tuple[str, ...]:
        """The properties that a policy reads and the table does not have."""
        return self._bound(policy, given).missing

    def count(self, policy: Policy, given: Given = NOTHING_GIVEN) -> Counts:
        """How many devices a policy matches."""
        with self._query() as query:
            statement = query.select([(settled(query, self._bound(policy, given)), "answer")])
            ((devices, known, matched),) = self._session.rows(counted(statement))
        return Counts(matched, known - matched, devices - known)

    def count_by(self, policy: Policy, by: str, given: Given = NOTHING_GIVEN) -> dict[Any, Counts]:
        """The same for each value of a property."""
        with self._query() as query:
            values = [*self._values(query, [by]), (settled(query, self._bound(policy, given)), "answer")]
            rows = self._session.rows(counted(query.select(values), ["property_0"]))
            return {value: Counts(matched, known - matched, devices - known) for value, devices, known, matched in rows}

    def matching(
        self, policy: Policy, given: Given = NOTHING_GIVEN, *, properties: Sequence[str] = ("id",), limit: int | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The devices that a policy matches."""
        with self._query() as query:
            condition = query.condition(self._bound(policy, given))
            yield from self._session.rows(query.select(self._values(query, properties), limit, condition))

    def answers(
        self, policies: Sequence[Policy], given: Given = NOTHING_GIVEN, *, properties: Sequence[str] = ("id",)
    ) -> Iterator[tuple[Any, ...]]:
        """For each device the values of some properties, then the answer of each policy."""
        with self._query() as query:
            conditions = [(query.condition(self._bound(policy, given)), f"answer_{at}") for at, policy in enumerate(policies)]
            kept = len(properties)
            for row in self._session.rows(query.select([*self._values(query, properties), *conditions])):
                yield (*row[:kept], *(None if answer is None else bool(answer) for answer in row[kept:]))

    def assign(self, catalog: Catalog, given: Given = NOTHING_GIVEN, *, properties: Sequence[str] = ("id",)) -> Iterator[Assigned]:
        """For each device the update that it would get."""
        with self._query() as query:
            update = assignment(query, catalog, self.columns, given)
            for *values, update_id in self._session.rows(query.select([*self._values(query, properties), (update, "update")])):
                yield Assigned(tuple(values), update_id)

    def count_assigned(self, catalog: Catalog, given: Given = NOTHING_GIVEN) -> dict[str | None, int]:
        """How many devices would get each update."""
        with self._query() as query:
            statement = query.select([(assignment(query, catalog, self.columns, given), "answer")])
            return {update: devices for update, devices, *_ in self._session.rows(_grouped(statement))}

    def survey(self, name: str = "the fleet") -> Poll:
        """The fleet as reports ask it; see `policy_lang.fleet.survey`.

        Args:
            name: what reports call the fleet.
        """
        return Poll(Table(self._builder, self._session, self._source, self.columns, self._limits), name)

    def diff(self, old: Catalog, new: Catalog, now: datetime) -> Comparison:
        """What changes for the devices when a catalog takes the place of another; see `policy_lang.fleet.report.comparison`."""
        return compare_catalogs(self.survey(), old, new, now)

    def close(self) -> None:
        """Let go of the engine."""
        self._session.close()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the engine."""
        self.close()

    @contextmanager
    def _query(self) -> Iterator[Query]:
        query = Query(self._builder, self._session, self._source, self.columns, self._limits)
        try:
            yield query
        finally:
            query.close()

    def _bound(self, policy: Policy, given: Given) -> Bound:
        return bind_policy(policy, self.columns, given.update, given.now, given.roots)

    def _values(self, query: Query, properties: Sequence[str]) -> list[tuple[exp.Expr, str]]:
        return [(query.builder.name_of(self._column(name)), f"property_{at}") for at, name in enumerate(properties)]

    def _column(self, name: str) -> str:
        column = self.columns.find(path_of(name))
        if column is None:
            hint = did_you_mean(name, (".".join(each.path) for each in self.columns.rows))
            raise ValueError(f"the table has no property `{name}`" + (f"; {hint}" if hint else ""))
        return column.name


def _grouped(statement: exp.Select) -> exp.Select:
    """How often each answer occurs."""
    answer = exp.column("answer", quoted=True)
    outer = exp.Select(expressions=[answer, exp.Count(this=exp.Star())])
    outer.set("from_", exp.From(this=statement.subquery(alias="answers")))
    return outer.group_by(answer.copy())
