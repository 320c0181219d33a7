import csv
from pathlib import Path

import pytest
from sqlglot import exp

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.assigned import HEADS
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.fleet.dialects.spark import Spark
from policy_lang.fleet.offers import choice_columns, unreadable
from policy_lang.fleet.sources import open_fleet
from policy_lang.fleet.survey import Chosen, Nothing

IMAGE = {"product": "router", "url": "https://example.com/7.bin", "checksum": "00" * 32}
CATALOG = Catalog.load({"updates": [{"id": "r'0\"--${x}", "version": "2.0.0", "policy": "true", **IMAGE}]})


def _columns(**storages: Storage) -> Columns:
    return Columns(tuple(Column((name,), name, storage) for name, storage in storages.items()))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (_columns(id=Storage.TEXT, version=Storage.TEXT, product=Storage.TEXT), ()),
        (_columns(id=Storage.TEXT, version=Storage.TEXT, productToken=Storage.TEXT), ()),
        (_columns(id=Storage.INTEGER, product=Storage.TEXT), ("id", "version")),
        (_columns(id=Storage.TEXT, version=Storage.TEXT, product=Storage.TEXT, productToken=Storage.JSON), ("productToken",)),
        (_columns(id=Storage.TEXT, version=Storage.TEXT), ("product",)),
    ],
)
def test_what_is_no_text_is_named(columns: Columns, expected: tuple[str, ...]) -> None:
    assert unreadable(columns) == expected


@pytest.mark.parametrize("token", [True, False])
def test_a_product_may_be_sent_as_a_token(token: bool, tmp_path: Path) -> None:  # noqa: FBT001  a parameter of the test
    devices = [{"id": "a", "product": "router", "version": "1.0.0"}, {"id": "b", "productToken": "router", "version": "1.0.0"}]
    file = tmp_path / "rows.csv"
    with open_fleet(devices if token else devices[:1]) as opened:
        assert opened.survey().write_assigned(Chosen(CATALOG), str(file), "csv") == len(devices[: 1 + token])
    head, *rows = csv.reader(file.read_text().splitlines())
    assert tuple(head) == HEADS
    assert rows == [[name, "router", "1.0.0", "r'0\"--${x}", "2.0.0", "offered"] for name in ("a", "b")[: 1 + token]]


def test_a_choice_in_words() -> None:
    update, version, reason = (each.sql("duckdb") for each in choice_columns(DuckDb(), CATALOG, exp.column("choice")))
    assert "'r''0\"--${x}'" in update
    assert "'2.0.0'" in version
    assert all(f"'{nothing.value}'" in reason for nothing in Nothing)
    empty = choice_columns(DuckDb(), Catalog.load({"updates": []}), exp.column("choice"))
    assert [each.sql("duckdb") for each in empty[:2]] == ["CAST(NULL AS TEXT)"] * 2


def test_spark_finds_no_variable_of_its_own_in_an_id() -> None:
    assert "${" not in choice_columns(Spark(), CATALOG, exp.column("choice"))[0].sql("spark")
