from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select

from policy_lang.service.store.columns import Json, Name, digest_of, write_json
from policy_lang.service.store.database import Database

TABLE = Table("things", MetaData(), Column("id", Name(), primary_key=True), Column("value", Json()))


def kept(database: Database, name: str, value: Any = None) -> tuple[str, Any]:
    """What comes back of a row."""
    with database.changing() as connection:
        TABLE.create(connection, checkfirst=True)
        connection.execute(insert(TABLE).values(id=name, value=value))
    with database.reading() as connection:
        row = connection.execute(select(TABLE).where(TABLE.c.id == name)).one()
    return row.id, row.value


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "\0",
        "a\0b",
        "\\",
        "\\0",
        "\\\\0",
        "\\#",
        "a\\",
        "ü" * 512,
        "x" * 1024,
        " a ",
        "A",
        "\ud800",
        "\\ud800",
        "\\\ud800\0",
        "\\\\ud800",
    ],
)
def test_a_name_is_kept_exactly(database: Database, name: str) -> None:
    assert kept(database, name)[0] == name


def test_names_that_look_alike_are_different(database: Database) -> None:
    for name in ("a", "A", "a ", "\0", "\\0", "é", "e\u0301"):
        assert kept(database, name)[0] == name


def test_a_long_name_is_found_and_reads_as_its_digest_and_beginning(database: Database) -> None:
    first, second = "x" * 3000 + "a", "x" * 3000 + "\ud800"
    shown = [kept(database, name)[0] for name in (first, second)]
    assert shown[0] != shown[1]
    assert all(each.startswith("\\#") and each.endswith(":" + "x" * 200) for each in shown)


@pytest.mark.parametrize("value", [None, {"b": [1, 2.5, True, None], "a": "\0\ud800ü"}, 2**70, 0.1, [], float("inf")])
def test_a_json_value_is_kept_exactly(database: Database, value: Any) -> None:
    assert kept(database, "x", value)[1] == value


def test_the_same_value_has_one_text() -> None:
    assert write_json({"b": 1, "a": {"d": 2, "c": 3}}) == write_json({"a": {"c": 3, "d": 2}, "b": 1}) == '{"a":{"c":3,"d":2},"b":1}'


def test_a_digest_tells_where_one_text_ends() -> None:
    assert len({digest_of("ab", "c"), digest_of("a", "bc"), digest_of("abc")}) == 3
