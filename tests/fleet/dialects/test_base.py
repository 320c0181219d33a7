"""Constants, exactly, in the SQL of each engine."""

import sqlite3
from contextlib import closing

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from policy_lang.fleet.builder import Form, Operation
from policy_lang.fleet.dialects.base import SqlBuilder, exact_double
from policy_lang.fleet.dialects.every import DIALECTS

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(DOUBLES)
@settings(deadline=None)
def test_doubles_in_sqlite(value: float) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        text = exp.Select(expressions=[exact_double(value)]).sql(dialect="sqlite")
        assert connection.execute(text).fetchone() == (value,)


@given(DOUBLES, TEXTS, st.integers(-(2**63) + 1, 2**63 - 1))
@settings(deadline=None)
def test_constants_in_duckdb_and_sqlite(double: float, text: str, integer: int) -> None:
    forms: list[tuple[float | str, Form]] = [(double, Form.DOUBLE), (text, Form.TEXT), (integer, Form.INTEGER)]
    with duckdb.connect() as connection, closing(sqlite3.connect(":memory:")) as other:
        for name, engine in (("duckdb", connection), ("sqlite", other)):
            builder = DIALECTS[name]()
            statement = exp.Select(expressions=[builder.literal(value, form) for value, form in forms])
            assert engine.execute(builder.sql(statement)).fetchall() == [(double, text, integer)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_operation_is_there_or_not_claimed(dialect: str) -> None:
    """What a dialect says it can, it has a way to say."""
    builder = DIALECTS[dialect]()
    text, number = exp.Literal.string("a"), exp.Literal.number(1)
    calls = {
        Operation.PREFIX: lambda: builder.starts_with(text, text),
        Operation.SUFFIX: lambda: builder.ends_with(text, text),
        Operation.PART: lambda: builder.contains(text, text),
        Operation.SEARCH: lambda: builder.search(text, "a", "i"),
        Operation.LENGTH: lambda: builder.length(text),
        Operation.BUCKET: lambda: builder.bucket(text, text),
        Operation.FLOATS: lambda: builder.calculate("/", number, number, Form.DOUBLE),
        Operation.REMAINDER: lambda: builder.calculate("%", number, number, Form.DOUBLE),
        Operation.BITS: lambda: builder.calculate("^", number, number, Form.INTEGER),
        Operation.LISTS: lambda: builder.both([builder.includes(text, text), builder.item(text, 0), builder.count(text)]),
        Operation.NUL: lambda: builder.text("a\0b"),
    }
    assert set(calls) == set(Operation)
    for operation in builder.can:
        assert builder.sql(calls[operation]())


@pytest.mark.parametrize(
    ("call", "operation"),
    [
        (lambda builder, text: builder.ends_with(text, text), Operation.SUFFIX),
        (lambda builder, text: builder.search(text, "a", ""), Operation.SEARCH),
        (lambda builder, text: builder.bucket(text, text), Operation.BUCKET),
        (lambda builder, text: builder.includes(text, text), Operation.LISTS),
        (lambda builder, text: builder.item(text, 0), Operation.LISTS),
        (lambda builder, text: builder.count(text), Operation.LISTS),
    ],
)
def test_a_dialect_says_how_or_leaves_it_out(call: object, operation: Operation) -> None:
    assert callable(call)
    with pytest.raises(NotImplementedError, match=operation):
        call(SqlBuilder(), exp.Literal.string("a"))
