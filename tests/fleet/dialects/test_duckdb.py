"""What DuckDB's own functions do, of which the dialect relies on every bit."""

from contextlib import closing

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from policy_lang.fleet.builder import Form
from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.rollout.bucket import bucket

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
@settings(deadline=None)
def test_buckets(pairs: list[tuple[str, str]]) -> None:
    builder = DuckDb()
    asked = [builder.bucket(builder.literal(key, Form.TEXT), builder.literal(salt, Form.TEXT)) for key, salt in pairs]
    named = [exp.Alias(this=value, alias=f"a{at}") for at, value in enumerate(asked)]
    with closing(duckdb.connect()) as connection:
        (row,) = connection.execute(builder.sql(exp.Select(expressions=named))).fetchall()
    assert list(row) == [bucket(key, salt) for key, salt in pairs]


@pytest.mark.parametrize(
    ("items", "value", "answer"),
    [
        (["a", "b"], "a", True),
        (["b"], "a", False),
        ([], "a", False),
        (["b", None], "a", None),
        (["a", None], "a", True),
        ([], None, None),
        (["a"], None, None),
        ([None], None, None),
        (None, "a", None),
    ],
)
def test_membership_has_the_logic_of_the_language(
    items: list[str | None] | None, value: str | None, *, answer: bool | None
) -> None:
    """`NULL in []` is unknown, whatever a version of DuckDB makes of it."""
    builder = DuckDb()
    condition = builder.sql(builder.includes(builder.name_of("items"), builder.name_of("value")))
    with closing(duckdb.connect()) as connection:
        statement = f"SELECT {condition} FROM (SELECT CAST(? AS VARCHAR[]) AS items, CAST(? AS VARCHAR) AS value)"  # noqa: S608  ours
        assert connection.execute(statement, [items, value]).fetchall() == [(answer,)]
