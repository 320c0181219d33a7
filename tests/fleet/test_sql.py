"""Policies as text, for engines that the library does not talk to."""

import duckdb
import pytest
from hostile import COLUMNS, GIVEN, SCHEMA

from policy_lang import fleet
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.unsupported import UnsupportedError
from policy_lang.pipeline import compile_policy

POLICY = compile_policy("device.version < update.version && device.region == 'us-west'", schema=SCHEMA)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("duckdb", """(("version__key" < 'a1a5a0s') AND ("region" = 'us-west'))"""),
        ("postgres", """((("version__key" COLLATE "C") < 'a1a5a0s') AND (("region" COLLATE "C") = 'us-west'))"""),
        ("sqlite", """((("version__key" COLLATE "BINARY") < 'a1a5a0s') AND (("region" COLLATE "BINARY") = 'us-west'))"""),
        ("spark", """((`version__key` < 'a1a5a0s') AND (`region` = 'us-west'))"""),
        ("trino", """(("version__key" < 'a1a5a0s') AND ("region" = 'us-west'))"""),
        ("athena", """(("version__key" < 'a1a5a0s') AND ("region" = 'us-west'))"""),
    ],
)
def test_each_dialect_in_its_own_words(dialect: str, text: str) -> None:
    assert fleet.to_sql(POLICY, dialect, COLUMNS, update=GIVEN.update) == text


def test_what_the_text_cannot_do_is_refused_by_name() -> None:
    policy = compile_policy("device.pro &&\n  device.model.toUpperCase() == 'X'", schema=SCHEMA, name="a.policy")
    with pytest.raises(UnsupportedError) as refused:
        fleet.to_sql(policy, "trino", COLUMNS)
    assert refused.value.operation == "`toUpperCase`"
    assert refused.value.location == (2, 3)
    assert str(refused.value).startswith(
        "a.policy:2:3: Trino cannot decide `device.model.toUpperCase()` exactly (`toUpperCase`), and the text cannot ask a table;"
    )


def test_the_distinct_rows_are_written_out() -> None:
    policy = compile_policy("device.model.toUpperCase() == 'X'", schema=SCHEMA)
    asked = []

    def distinct(names: object) -> list[tuple[object, ...]]:
        asked.append(names)
        return [("x", True), ("y", True), (None, True), (None, False)]

    text = fleet.to_sql(policy, "trino", COLUMNS, distinct=distinct)
    assert asked == [("model", "model__present")]
    assert text.count("THEN TRUE") == text.count("THEN FALSE") == 1
    many = [(str(number), True) for number in range(10_001)]
    with pytest.raises(UnsupportedError, match="over 10000 distinct values"):
        fleet.to_sql(policy, "trino", COLUMNS, distinct=lambda _: many)


def test_lists_are_written_out_item_by_item() -> None:
    columns = Columns((Column(("tags",), "tags", Storage.LIST, Storage.TEXT),))
    policy = compile_policy("'a' in device.tags")
    rows = [(["a", None],), (["b"],), ([None],), ([],), (None,)]
    text = fleet.to_sql(policy, "duckdb", columns, distinct=lambda _: rows)
    with duckdb.connect() as connection:
        values = "(VALUES (['a', NULL]), (['b']), ([NULL]), ([]), (NULL), (['c'])) AS devices(tags)"
        assert [row[0] for row in connection.execute(f"SELECT {text} FROM {values}").fetchall()] == [  # noqa: S608  ours
            *(True, False, None, False, None),
            None,
        ]


def test_an_unknown_dialect() -> None:
    with pytest.raises(ValueError, match="`sprk` is not a dialect; did you mean `spark`"):
        fleet.to_sql(POLICY, "sprk", COLUMNS)
    with pytest.raises(ValueError, match="`oracle` is not a dialect; there are duckdb, postgres"):
        fleet.to_sql(POLICY, "oracle", COLUMNS)
