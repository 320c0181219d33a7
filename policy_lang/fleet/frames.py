"""A policy as a Polars expression, for programs whose devices are a dataframe already.

The expression needs no data when it is made: what Polars cannot say exactly becomes a Python function over the distinct values of
the columns, which Polars calls when the expression runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from policy_lang.compiler.policy import Now, Policy
from policy_lang.fleet.bindings import bind_policy
from policy_lang.fleet.builder import Form, Operation, Plain
from policy_lang.fleet.columns import Column, Columns, Storage, columns_of_names
from policy_lang.fleet.lookups import MOST_DISTINCT, decide, physical_columns
from policy_lang.fleet.lower import Lookup, Lowering
from policy_lang.fleet.unsupported import unsupported

_TYPES: dict[Form, Any] = {
    Form.BOOLEAN: pl.Boolean,
    Form.INTEGER: pl.Int64,
    Form.DOUBLE: pl.Float64,
    Form.TEXT: pl.String,
    Form.KEY: pl.String,
    Form.MICROSECONDS: pl.Int64,
}


def to_polars(
    policy: Policy,
    columns: Columns,
    *,
    update: Mapping[str, Any] | None = None,
    now: Now = None,
    roots: Mapping[str, Any] | None = None,
    most_distinct: int = MOST_DISTINCT,
) -> pl.Expr:
    """A policy as an expression: true, false or null (unknown) for each row, exactly as the policy evaluates.

    Args:
        policy: a compiled policy.
        columns: the columns of the frame; `columns_of_frame` reads them from it.
        update: the update's metadata; a policy of a catalog brings its own.
        now: the evaluation time.
        roots: the values of the host's own roots.
        most_distinct: how many distinct values are decided in Python at most; beyond, running the expression raises
            `UnsupportedError`, in Polars' own error.

    Raises:
        ValueError: `now` has no zone.

    Source: docs/fleet.md, "Polars".
    """
    lowering: Lowering[pl.Expr] = Lowering(Polars(), columns, _Mapped(most_distinct))
    return lowering.lower(bind_policy(policy, columns, update, now, roots))


def columns_of_frame(frame: pl.DataFrame | pl.LazyFrame) -> Columns:
    """The columns of a frame, by their names and types."""
    return columns_of_names((name, *_storage(type_)) for name, type_ in frame.collect_schema().items())


def _storage(type_: pl.DataType) -> tuple[Storage, Storage | None]:
    match type_:
        case pl.Boolean():
            return Storage.BOOLEAN, None
        case pl.Int64():
            return Storage.INTEGER, None
        case pl.Float64():
            return Storage.DOUBLE, None
        case pl.String():
            return Storage.TEXT, None
        case pl.List(inner=pl.DataType() as inner) if _storage(inner)[0] is not Storage.OTHER:
            return Storage.LIST, _storage(inner)[0]
        case _:
            return Storage.OTHER, None


@dataclass(slots=True)
class _Mapped:
    """Look-ups as functions over the distinct values, run by Polars."""

    most_distinct: int

    def lookup(self, wanted: Lookup) -> pl.Expr:
        """The answers as an expression."""
        type_ = _TYPES[wanted.form]
        if not wanted.columns:
            return pl.lit(next(decide(wanted, [()])), dtype=type_)

        def answer(rows: pl.Series) -> pl.Series:
            return self._answers(wanted, rows)

        return pl.struct([pl.col(name) for name in physical_columns(wanted)]).map_batches(answer, return_dtype=type_)

    def _answers(self, wanted: Lookup, rows: pl.Series) -> pl.Series:
        """The answer of each row, by the distinct ones."""
        frame = rows.struct.unnest()
        distinct = frame.unique()
        if distinct.height > self.most_distinct:
            reason, remedy = f"and there are over {self.most_distinct} distinct values", "raise `most_distinct`"
            raise unsupported(Polars.name, wanted.bound.policy, wanted.deferral, reason, remedy)
        answers = pl.Series("", list(decide(wanted, distinct.rows())), dtype=_TYPES[wanted.form])
        keys = list(frame.columns)
        with_answers = distinct.with_columns(answers.alias("\0answer"))
        joined = frame.join(with_answers, on=keys, how="left", nulls_equal=True, maintain_order="left")
        return joined.get_column("\0answer")


class Polars:
    """Polars' expressions."""

    name = "Polars"
    can = frozenset(Operation) - {Operation.SEARCH, Operation.REMAINDER, Operation.BUCKET}

    def literal(self, value: Plain, form: Form) -> pl.Expr:
        """A constant."""
        return pl.lit(value, dtype=_TYPES[form])

    def null(self, form: Form) -> pl.Expr:
        """An unknown of a type."""
        return pl.lit(None, dtype=_TYPES[form])

    def column(self, column: Column) -> pl.Expr:
        """The value of a column."""
        return pl.col(column.name)

    def key(self, column: Column) -> pl.Expr:
        """The version key of a column."""
        return pl.col(column.key or column.name)

    def is_stored(self, name: str) -> pl.Expr:
        """Whether a physical column is not null."""
        return pl.col(name).is_not_null()

    def flag(self, name: str) -> pl.Expr:
        """A column of bools; its null is false."""
        return pl.col(name).fill_null(value=False)

    def is_known(self, value: pl.Expr) -> pl.Expr:
        """Whether a value is not null."""
        return value.is_not_null()

    def both(self, items: Sequence[pl.Expr]) -> pl.Expr:
        """A conjunction; `&` has Kleene's logic."""
        return reduce(and_, items)

    def either(self, items: Sequence[pl.Expr]) -> pl.Expr:
        """A disjunction."""
        return reduce(or_, items)

    def negation(self, value: pl.Expr) -> pl.Expr:
        """A negation."""
        return ~value

    def equal(self, left: pl.Expr, right: pl.Expr, form: Form) -> pl.Expr:  # noqa: ARG002  every form alike
        """Equality."""
        return right == left if _is_constant(left) else left == right

    def less(self, left: pl.Expr, right: pl.Expr, form: Form) -> pl.Expr:  # noqa: ARG002  texts compare by their bytes
        """Order."""
        return right > left if _is_constant(left) else left < right

    def among(self, value: pl.Expr, items: Sequence[pl.Expr], form: Form) -> pl.Expr:
        """Membership, as the disjunction that it is."""
        return reduce(or_, [self.equal(value, item, form) for item in items])

    def choose(self, test: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
        """One of two; an `otherwise` alone would take the null, too."""
        return pl.when(test).then(then).when(~test).then(otherwise).otherwise(None)

    def first_true(self, cases: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
        """The value beside the first true test."""
        return reduce(lambda rest, case: pl.when(case[0]).then(case[1]).otherwise(rest), reversed(cases), otherwise)

    def first_known(self, items: Sequence[pl.Expr]) -> pl.Expr:
        """The first value that is not null."""
        return pl.coalesce(*items)

    def within(self, value: pl.Expr, low: Plain, high: Plain, form: Form) -> pl.Expr:
        """The value in range; NaN counts as above every number."""
        low_, high_ = self.literal(low, form), self.literal(high, form)
        return pl.when((value >= low_) & (value <= high_)).then(value).otherwise(None)

    def to_double(self, value: pl.Expr) -> pl.Expr:
        """An integer as a double."""
        return value.cast(pl.Float64)

    def to_integer(self, value: pl.Expr) -> pl.Expr:
        """A whole double as an integer."""
        return value.cast(pl.Int64)

    def whole(self, value: pl.Expr) -> pl.Expr:
        """A double where it is whole."""
        return pl.when(value == value.floor()).then(value).otherwise(None)

    def calculate(self, op: str, left: pl.Expr, right: pl.Expr, form: Form) -> pl.Expr:
        """Arithmetic in 64 bits."""
        match op:
            case "/":
                return left / pl.when(right == 0).then(None).otherwise(right)
            case "%":
                return _remainder(left, right)
            case _:
                return _OPERATORS[op](left.cast(_TYPES[form]), right.cast(_TYPES[form]))

    def starts_with(self, text: pl.Expr, part: pl.Expr) -> pl.Expr:
        """Whether a text starts with another."""
        return text.str.starts_with(part)

    def ends_with(self, text: pl.Expr, part: pl.Expr) -> pl.Expr:
        """Whether a text ends with another."""
        return text.str.ends_with(part)

    def contains(self, text: pl.Expr, part: pl.Expr) -> pl.Expr:
        """Whether a text contains another."""
        return text.str.contains(part, literal=True)

    def search(self, text: pl.Expr, pattern: str, flags: str) -> pl.Expr:
        """Not exactly: Polars has another engine than the language."""
        raise NotImplementedError(Operation.SEARCH)

    def length(self, text: pl.Expr) -> pl.Expr:
        """How many code points."""
        return text.str.len_chars().cast(pl.Int64)

    def short(self, text: pl.Expr, longest: int) -> pl.Expr:
        """The text where it is short enough."""
        return pl.when(text.str.len_bytes() <= longest).then(text).otherwise(None)

    def bucket(self, key: pl.Expr, salt: pl.Expr) -> pl.Expr:
        """Polars has no SHA-256."""
        raise NotImplementedError(Operation.BUCKET)

    def includes(self, items: pl.Expr, value: pl.Expr) -> pl.Expr:
        """A list with a null in it gives null where the value is not found."""
        found = pl.when(items.is_null() | value.is_null()).then(None).otherwise(items.list.contains(value))
        has_null = items.list.len() > items.list.drop_nulls().list.len()
        return pl.when(~found & has_null).then(None).otherwise(found)

    def item(self, items: pl.Expr, position: int) -> pl.Expr:
        """The item at a position."""
        return items.list.get(position, null_on_oob=True)

    def count(self, items: pl.Expr) -> pl.Expr:
        """How many items."""
        return items.list.len().cast(pl.Int64)


def _is_constant(value: pl.Expr) -> bool:
    """Whether a value is the same for every row.

    Polars gives too few rows where a constant is compared with a column of nulls; not so with the constant on the right.
    """
    return not value.meta.root_names()


def _remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Polars' own has the divisor's sign."""
    size = left.abs() % pl.when(right == 0).then(None).otherwise(right.abs())
    return pl.when(left < 0).then(-size).otherwise(size)


_OPERATORS = {
    "+": pl.Expr.add,
    "-": pl.Expr.sub,
    "*": pl.Expr.mul,
    "&": pl.Expr.and_,
    "|": pl.Expr.or_,
    "^": pl.Expr.xor,
}
