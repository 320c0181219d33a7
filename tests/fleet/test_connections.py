"""Fleets in SQLite and PostgreSQL: tables of others, with the types of each."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import engines
import psycopg
import pytest
import sqlalchemy

from policy_lang import fleet
from policy_lang.fleet.model import Fleet, Given, Limits
from policy_lang.pipeline import compile_policy

NOW = Given(now="2026-03-02T12:00:00Z")


def answers(opened: Fleet, text: str) -> list[bool | None]:
    """What a policy says to the devices, in the order of their number."""
    rows = opened.answers([compile_policy(text)], NOW, properties=("number",))
    return [answer for _, answer in sorted(rows)]


SQLITE = """
CREATE TABLE devices (number INTEGER, version TEXT, version__key TEXT, memory INTEGER, ratio REAL, pro BOOLEAN,
                      model VARCHAR(20) COLLATE NOCASE, extra, "it's ""a"" b" TEXT);
INSERT INTO devices VALUES (0, '1.10.0', 'a1b10a0s', 512, 1.5, 1, 'X1', 'text', 'q');
INSERT INTO devices VALUES (1, '1.9.0', 'a1a9a0s', 'many', 2, 0, 'x1', 5, NULL);
INSERT INTO devices VALUES (2, 'bad', NULL, 1.5, 'x', 7, x'00', NULL, '');
INSERT INTO devices VALUES (3, NULL, NULL, 9223372036854775807, NULL, NULL, NULL, NULL, NULL);
"""


@pytest.fixture(name="lite")
def _lite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SQLITE)
        yield connection


@pytest.mark.parametrize("most_written", [0, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("device.version > '1.9.0'", [True, False, None, None]),
        ("device.memory > 100", [True, None, None, None]),
        ("has(device.memory)", [True, True, True, True]),
        ("device.ratio > 1.75", [False, True, None, None]),
        ("device.pro", [True, False, None, None]),
        ("device.model == 'X1'", [True, False, None, None]),
        ("device.model < 'a'", [True, False, None, None]),
        ("device.model == /^X[0-9]$/", [True, False, None, None]),
        ("device.model.length == 2", [True, True, None, None]),
        ("has(device.extra) && device.extra == 'text'", [None, None, False, False]),
        ("""device["it's \\"a\\" b"] == 'q'""", [True, None, False, None]),
    ],
)
def test_values_of_other_types_in_sqlite(
    lite: sqlite3.Connection, text: str, expected: list[bool | None], most_written: int
) -> None:
    assert answers(fleet.open(lite, "devices", limits=Limits(most_written=most_written)), text) == expected


def test_text_for_sqlite_guards_the_types(lite: sqlite3.Connection) -> None:
    """The text runs on the table itself, without a sub-query that would bring its types to ours."""
    columns = fleet.open(lite, "devices").columns
    for text, expected in (("device.memory > 100", [1, None, None, None]), ("device.pro", [1, 0, None, None])):
        condition = fleet.to_sql(compile_policy(text), "sqlite", columns)
        assert [row[0] for row in lite.execute(f"SELECT {condition} FROM devices ORDER BY number")] == expected  # noqa: S608  ours


def test_fractions_in_sqlite(lite: sqlite3.Connection) -> None:
    assert answers(fleet.open(lite, "devices"), "device.ratio + 0.1 == 1.6") == [True, False, None, None]
    assert answers(fleet.open(lite, "devices"), "device.ratio * 1e308 * 10 > 0") == [None, None, None, None]


POSTGRES = """
CREATE TEMPORARY TABLE devices (number BIGINT, version VARCHAR, memory SMALLINT, ratio REAL, pro BOOLEAN, seen TIMESTAMPTZ,
                                naive TIMESTAMP, tags TEXT[], uuid UUID, extra JSONB, price NUMERIC);
INSERT INTO devices VALUES (0, '1.10.0', 512, 1.5, true, '2026-03-01T00:00:00+01', '2026-01-01', '{a,b}', gen_random_uuid(),
                            '{"a": 5}', 1);
INSERT INTO devices VALUES (1, 'x', NULL, 'NaN', false, 'infinity', NULL, '{NULL}', NULL, '5', NULL);
INSERT INTO devices VALUES (2, NULL, 1, 'Infinity', NULL, '0044-01-01 BC', NULL, '{}', NULL, NULL, NULL);
"""


@pytest.fixture(name="postgres", scope="module")
def _postgres() -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(engines.postgres()) as connection:
        for statement in POSTGRES.split(";\n"):
            connection.execute(statement.encode())
        yield connection
        connection.rollback()


@pytest.mark.parametrize("most_written", [0, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("device.version > '1.9.0'", [True, None, None]),
        ("device.memory * device.memory > 100000", [True, None, False]),
        ("device.ratio < 2", [True, None, None]),
        ("device.ratio * 2 == 3", [True, None, None]),
        ("device.pro", [True, False, None]),
        ("device.seen < now", [True, None, None]),
        ("has(device.seen)", [True, True, True]),
        ("has(device.naive) && device.naive < now", [None, False, False]),
        ("'a' in device.tags", [True, None, False]),
        ("'x' in device.tags || device.tags.length == 2", [True, None, False]),
        ("device.tags[1] == 'b'", [True, None, None]),
        ("device.uuid.length == 36", [True, None, None]),
        ("device.extra.a == 5", [True, None, None]),
        ("has(device.price)", [True, False, False]),
    ],
)
def test_types_of_postgresql(postgres: Any, text: str, expected: list[bool | None], most_written: int) -> None:
    assert answers(fleet.open(postgres, "devices", limits=Limits(most_written=most_written)), text) == expected


def test_counting_in_postgresql(postgres: Any) -> None:
    opened = fleet.open(postgres, "devices")
    assert opened.devices == 3
    assert opened.count(compile_policy("device.pro")) == (1, 1, 1)
    assert opened.count_by(compile_policy("device.memory > 5"), "pro") == {True: (1, 0, 0), False: (0, 0, 1), None: (0, 1, 0)}


def test_an_engine_of_sqlalchemy(tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'devices.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE devices (number INTEGER, model TEXT)")
        connection.exec_driver_sql("INSERT INTO devices VALUES (0, 'X1'), (1, 'Y1')")
        assert answers(fleet.open(connection, "main.devices"), "device.model == /^X[0-9]$/") == [True, False]
    with fleet.open(engine, "devices") as opened:
        assert answers(opened, "device.model ^= 'X'") == [True, False]
    engine.dispose()


def test_another_engine_is_refused() -> None:
    class Other:
        def cursor(self) -> None:
            """Nothing."""

    with pytest.raises(ValueError, match="is not supported"):
        fleet.open(Other(), "devices")
