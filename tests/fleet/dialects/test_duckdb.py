"""DuckDB's SHA-256, against the published bucket."""

from contextlib import closing

import duckdb
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
