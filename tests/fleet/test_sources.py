"""What a fleet can be opened from."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from policy_lang import fleet
from policy_lang.errors import DeviceFileError
from policy_lang.pipeline import compile_policy

DATA: dict[str, list[Any]] = {"id": ["a", "b", "c"], "memory": [1, 5, None], "model": ["x", None, "y"]}
SOURCES = {
    "arrow": pa.table(DATA),
    "pandas": pd.DataFrame(DATA),
    "polars": pl.DataFrame(DATA),
    "lazy": pl.DataFrame(DATA).lazy(),
    "devices": [dict(zip(DATA, row, strict=True)) for row in zip(*DATA.values(), strict=True)],
}


@pytest.mark.parametrize("kind", SOURCES)
def test_frames(kind: str) -> None:
    with fleet.open(SOURCES[kind]) as opened:
        assert opened.count(compile_policy("device.memory > 2")) == (1, 1, 1)
        assert opened.count(compile_policy("device.model == /^[xz]$/")) == (1, 1, 1)


def test_columns_may_be_given() -> None:
    columns = fleet.Columns((fleet.Column(("size",), "memory", fleet.Storage.INTEGER),))
    with fleet.open(SOURCES["arrow"], columns=columns) as opened:
        assert opened.count(compile_policy("device.size > 2")) == (1, 1, 1)


def test_a_connection_needs_a_table() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(ValueError, match="needs the name of a table"):
        fleet.open(connection)


@pytest.mark.parametrize(("source", "message"), [("x.xml", "suffix is one of .parquet"), (5, "a value of the program")])
def test_what_is_no_fleet(source: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fleet.open(source)


def test_a_line_that_is_no_device(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text("{}\n[]\n")
    with pytest.raises(DeviceFileError, match=r"x\.ndjson:2"):
        fleet.open(path)
