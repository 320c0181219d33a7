"""A policy as SQL text, for engines that the library does not talk to itself: Spark, Trino and Athena, or a pipeline of yours."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlglot import exp

from policy_lang.compiler.policy import Now, Policy
from policy_lang.fleet.bindings import bind_policy
from policy_lang.fleet.cases import as_case
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.dialects.base import SqlBuilder
from policy_lang.fleet.dialects.every import find_dialect
from policy_lang.fleet.lookups import decide, physical_columns
from policy_lang.fleet.lower import Lookup, Lowering
from policy_lang.fleet.unsupported import unsupported

Distinct: TypeAlias = Callable[[Sequence[str]], Iterable[Sequence[Any]]]
"""From names of physical columns to their distinct rows, NULL as None: what `SELECT DISTINCT … FROM devices` gives."""

MOST_WRITTEN: Final = 10_000
"""How many distinct rows are written out in one SQL text at most."""


def to_sql(
    policy: Policy,
    dialect: str,
    columns: Columns,
    *,
    update: Mapping[str, Any] | None = None,
    now: Now = None,
    roots: Mapping[str, Any] | None = None,
    distinct: Distinct | None = None,
) -> str:
    """A policy as a condition of SQL: true, false or NULL (unknown) for each row, exactly as the policy evaluates.

    Use it as a filter (`WHERE` takes the rows that are true) or as a column.

    Args:
        policy: a compiled policy.
        dialect: `duckdb`, `postgres`, `sqlite`, `spark`, `trino` or `athena`.
        columns: the columns of the table of devices.
        update: the update's metadata; a policy of a catalog brings its own.
        now: the evaluation time.
        roots: the values of the host's own roots.
        distinct: asks the table for the distinct rows of some columns. With it, operations that the dialect cannot do exactly are
            decided here, and the answers written out; without it they are refused.

    Raises:
        UnsupportedError: the policy has such an operation; the message names it.
        ValueError: there is no such dialect, or `now` has no zone.

    Source: docs/fleet.md, "SQL text".
    """
    builder = find_dialect(dialect)()
    lowering: Lowering[exp.Expr] = Lowering(builder, columns, _Written(builder, distinct))
    return builder.sql(lowering.lower(bind_policy(policy, columns, update, now, roots)))


@dataclass(slots=True)
class _Written:
    """Look-ups written out as CASE."""

    builder: SqlBuilder
    distinct: Distinct | None

    def lookup(self, wanted: Lookup) -> exp.Expr:
        """The answers, one case for each."""
        if self.distinct is None and wanted.columns:
            remedy = "give `distinct`, which asks your table, or open the table with `fleet.open`"
            raise unsupported(self.builder.name, wanted.bound.policy, wanted.deferral, "and the text cannot ask a table", remedy)
        rows = [()] if self.distinct is None or not wanted.columns else self.distinct(physical_columns(wanted))
        keys = list(map(tuple, rows))
        if len(keys) > MOST_WRITTEN:
            reason, remedy = f"and there are over {MOST_WRITTEN} distinct values", "open the table with `fleet.open`"
            raise unsupported(self.builder.name, wanted.bound.policy, wanted.deferral, reason, remedy)
        return as_case(self.builder, wanted, keys, list(decide(wanted, keys)))
