"""Every engine gives the answers of the reference closures: true, false and NULL, for each device.

Docs/fleet.md: "Every answer is the answer of the reference". The engines are really run. The devices are hostile: a quarter of
everything is missing, texts hold quotes, wildcards, escapes and odd Unicode, versions are prereleases, numbers extreme.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import engines
import hostile
import polars as pl
import psycopg
import pyarrow.parquet as pq
import pytest
from hostile import COLUMNS, GIVEN, with_json_lists

from policy_lang import fleet
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.model import Fleet, Limits
from policy_lang.fleet.unsupported import UnsupportedError

DEVICES, POLICIES, AT_ONCE = 3000, 300, 20
Answers = dict[int, list[bool | None]]
Ask = Callable[[Sequence[Policy]], Answers]


def batches(policies: Sequence[Policy]) -> Iterator[tuple[int, Sequence[Policy]]]:
    for start in range(0, len(policies), AT_ONCE):
        yield start, policies[start : start + AT_ONCE]


def check(ask: Ask) -> None:
    """Compare all answers, some policies at once."""
    devices, policies, expected = hostile.reference(DEVICES, POLICIES)
    for start, some in batches(policies):
        answers = ask(some)
        assert len(answers) == DEVICES
        for number, got in answers.items():
            wanted = expected[number][start : start + len(some)]
            wrong = [(policy.text, say, want) for policy, say, want in zip(some, got, wanted, strict=True) if say is not want]
            assert not wrong, (wrong[0], devices[number])


def asking(opened: Fleet) -> Ask:
    return lambda policies: {number: answers for number, *answers in opened.answers(policies, GIVEN, properties=("number",))}


@pytest.mark.parametrize("most_written", [1000, 0], ids=["written", "joined"])
def test_duckdb(tmp_path: Path, most_written: int) -> None:
    """Over a Parquet file as an import writes it, look-ups in the statement or as temporary tables."""
    devices, _, _ = hostile.reference(DEVICES, POLICIES)
    pq.write_table(fleet.typed_table(devices, COLUMNS), tmp_path / "devices.parquet")
    with fleet.open(tmp_path / "devices.parquet", limits=Limits(most_written=most_written)) as opened:
        assert opened.columns == COLUMNS
        check(asking(opened))


def test_duckdb_over_devices_as_they_were_sent() -> None:
    """Without a schema: texts of simple clients, properties of several types at once."""
    devices, _, _ = hostile.reference(DEVICES, POLICIES)
    with fleet.open(devices) as opened:
        check(asking(opened))


def test_polars() -> None:
    devices, _, _ = hostile.reference(DEVICES, POLICIES)
    frame = pl.DataFrame(pl.from_arrow(fleet.typed_table(devices, COLUMNS)))

    def ask(policies: Sequence[Policy]) -> Answers:
        asked = [
            fleet.to_polars(policy, COLUMNS, update=GIVEN.update, now=GIVEN.now).alias(f"answer {at}")
            for at, policy in enumerate(policies)
        ]
        return {number: answers for number, *answers in frame.select("number", *asked).rows()}

    check(ask)


@pytest.mark.parametrize("most_written", [1000, 0], ids=["written", "joined"])
def test_sqlite(most_written: int) -> None:
    """In SQLite lists are JSON, and the connection stays its owner's."""
    devices, _, _ = hostile.reference(DEVICES, POLICIES)
    columns = with_json_lists(COLUMNS)
    with closing(sqlite3.connect(":memory:")) as connection:
        hostile.create(connection.cursor(), "devices", columns, devices, "?")
        check(asking(fleet.open(connection, "devices", columns=columns, limits=Limits(most_written=most_written))))


@pytest.mark.parametrize("most_written", [1000, 0], ids=["written", "joined"])
def test_postgresql(most_written: int) -> None:
    devices, _, _ = hostile.reference(DEVICES, POLICIES)
    with psycopg.connect(engines.postgres()) as connection:
        hostile.create(connection.cursor(), "devices", COLUMNS, devices, "%s")
        check(asking(fleet.open(connection, "devices", columns=COLUMNS, limits=Limits(most_written=most_written))))
        connection.rollback()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet")
def test_spark() -> None:
    """On a local session; what Spark cannot do is decided over the distinct rows that Spark gives."""
    devices, _, _ = hostile.reference(DEVICES, POLICIES)
    session = engines.spark()
    _, stored = hostile.rows(devices, COLUMNS)
    session.createDataFrame(stored, spark_schema(COLUMNS)).coalesce(1).createOrReplaceTempView("devices")
    check(asking(fleet.open(session, "devices", columns=COLUMNS, limits=Limits(most_written=100))))


def spark_schema(columns: Columns) -> str:
    """The types of a table in Spark's words."""
    types = {"TEXT": "STRING", "DOUBLE PRECISION": "DOUBLE", "TEXT[]": "ARRAY<STRING>", "BIGINT[]": "ARRAY<BIGINT>"}
    return ", ".join(f"`{name.replace('`', '``')}` {types.get(type_, type_)}" for name, type_ in hostile.declared(columns))


def test_text_without_a_table_is_exact_or_refused() -> None:
    """Each policy as text for each dialect: either it is written, or the refusal names the operation."""
    _, policies, _ = hostile.reference(DEVICES, POLICIES)
    for dialect in ("duckdb", "postgres", "sqlite", "spark", "trino"):
        written = 0
        for policy in policies:
            refused = suppress(UnsupportedError)
            with refused:
                written += bool(fleet.to_sql(policy, dialect, COLUMNS, update=GIVEN.update, now=GIVEN.now))
        assert written > POLICIES // 3, dialect
