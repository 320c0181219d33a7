"""Devices as Arrow tables."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_lang.fleet.builder import Form
from policy_lang.fleet.columns import METADATA, Columns, Storage, columns_of_schema
from policy_lang.fleet.tables import columns_of_parquet, lookup_table, raw_table, typed_table
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {"type": "object", "properties": {"memory": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "number"}}}}
)


def test_a_typed_table_says_its_columns() -> None:
    columns = columns_of_schema(SCHEMA)
    table = typed_table([{"version": "1.0.0-rc.1", "memory": "64", "tags": [1, 0.5]}, {}], columns)
    assert Columns.read(table.schema.metadata[METADATA.encode()].decode()) == columns
    assert table.column("version__key").to_pylist() == ["a1a0a0r72630a1", None]
    assert table.column("memory").to_pylist() == [64, None]
    assert table.column("memory__present").to_pylist() == [True, False]
    assert table.column("tags").to_pylist() == [[1.0, 0.5], None]


@pytest.mark.parametrize(
    ("values", "storage"),
    [
        ([True, None], Storage.BOOLEAN),
        ([1, 2], Storage.INTEGER),
        ([2**63], Storage.JSON),
        ([0.5, 1.0], Storage.DOUBLE),
        ([0.5, 1], Storage.JSON),
        (["a", "\x00"], Storage.TEXT),
        (["\ud800"], Storage.JSON),
        (["a", 1], Storage.JSON),
        ([[1]], Storage.JSON),
        ([{"a": 1}, 5], Storage.JSON),
    ],
)
def test_a_raw_table_holds_what_was_sent(values: list[object], storage: Storage) -> None:
    table, columns = raw_table([{"x": value} for value in values])
    (column,) = columns.rows
    assert (column.path, column.storage) == (("x",), storage)
    assert table.num_rows == len(values)


def test_objects_of_a_raw_table_are_columns() -> None:
    table, columns = raw_table([{"site": {"floor": 1}}, {"site": {}}, {}])
    assert [(column.name, column.storage) for column in columns.rows] == [
        ("site__present", Storage.OBJECT),
        ("site.floor", Storage.INTEGER),
    ]
    assert table.to_pydict() == {"site__present": [True, True, None], "site.floor": [1, None, None]}


def test_a_raw_table_without_devices() -> None:
    table, columns = raw_table([])
    assert (table.num_rows, columns.rows) == (0, ())


def test_a_lookup_table_may_be_empty() -> None:
    forms = [("key", Form.TEXT), ("answer", Form.BOOLEAN)]
    empty = lookup_table(forms, [])
    assert (empty.num_rows, empty.schema.names, empty.schema.types) == (0, ["key", "answer"], [pa.string(), pa.bool_()])
    assert lookup_table(forms, [("a", None)]).to_pylist() == [{"key": "a", "answer": None}]


def test_a_file_says_how_it_stores_devices(tmp_path: Path) -> None:
    """For Spark, which does not: one file, or a folder of them."""
    columns = columns_of_schema(SCHEMA)
    pq.write_table(typed_table([{"id": "a"}], columns), tmp_path / "part.parquet")
    assert columns_of_parquet(tmp_path / "part.parquet") == columns_of_parquet(tmp_path) == columns
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "part.parquet")
    assert columns_of_parquet(tmp_path / "part.parquet") is None
    with pytest.raises(FileNotFoundError):
        columns_of_parquet(tmp_path / "nowhere.parquet")
