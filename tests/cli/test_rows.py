import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_lang.cli import main
from policy_lang.cli.output import TableFormat
from policy_lang.cli.rows import check_format
from policy_lang.fleet import extras

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = ("--now", "2026-05-12T09:00:00Z")
UPDATE = ("-u", "devices/device-01-typical.json5")
FLEET = ("-F", "fleet.ndjson")
Read = Callable[..., pa.Table]


@pytest.fixture
def read(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Read:
    """What a command writes as Parquet."""
    monkeypatch.chdir(EXAMPLES)

    def call(*arguments: str) -> pa.Table:
        assert main([*arguments, *FLEET, "--format", "parquet"]) == 0
        return pq.read_table(io.BytesIO(capfdbinary.readouterr().out))

    return call


def test_a_preview(read: Read) -> None:
    table = read("preview", "policies/newer.policy", *NOW, "--by", "region")
    assert table.schema.names == ["property", "value", "match", "no_match", "unknown", "devices"]
    assert table.schema.types == [pa.string(), pa.string(), *[pa.int64()] * 4]
    assert table.to_pylist()[0] == {"property": None, "value": None, "match": 0, "no_match": 0, "unknown": 47, "devices": 47}


def test_a_catalog_has_the_rows_of_its_csv(read: Read, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    table = read("preview", "catalog.yaml", *NOW)
    assert main(["preview", "catalog.yaml", *NOW, *FLEET, "--format", "csv"]) == 0
    head, *lines = capfdbinary.readouterr().out.decode().splitlines()
    assert head.split(",") == table.schema.names
    assert [",".join("" if cell is None else str(cell) for cell in row.values()) for row in table.to_pylist()] == lines


@pytest.mark.parametrize(
    ("arguments", "column", "devices"),
    [
        (("assign", "catalog.yaml", *NOW), "none", 47),
        (("diff", *(f"policies/{name}.policy" for name in ("newer", "regional")), *UPDATE, *NOW), "kind", 12),
        (("simulate", "catalog.yaml", "-n", "2", "--start", NOW[1]), "day", 3 * 42),
    ],
)
def test_the_others(read: Read, arguments: tuple[str, ...], column: str, devices: int) -> None:
    table = read(*arguments)
    assert column in table.schema.names
    assert sum(table["devices"].to_pylist()) == devices


def test_a_terminal_gets_no_parquet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.chdir(EXAMPLES)
    assert main(["preview", "catalog.yaml", *NOW, *FLEET, "--format", "parquet"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Parquet is nothing for a terminal" in captured.err
    check_format(TableFormat.CSV)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    monkeypatch.chdir(EXAMPLES)
    assert main(["preview", "catalog.yaml", *NOW, *FLEET, "--format", "parquet"]) == 2
    assert "Parquet needs pyarrow, which is not installed" in capsys.readouterr().err


def test_nobody_reads_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123  a descriptor
        monkeypatch.setattr(sys, "stdout", stream)
        code = main(["preview", "catalog.yaml", *NOW, *FLEET, "--format", "parquet"])
    assert code == 141
