import csv
import json
from pathlib import Path

import pytest
from fleets import NOW, SCHEMA, draw_catalog, draw_fleet
from pyarrow import parquet

from policy_lang.fleet.assigned import HEADS, write_assigned
from policy_lang.fleet.columns import columns_of_schema
from policy_lang.fleet.embedded import open_arrow
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.survey import Chosen, Nothing
from policy_lang.fleet.tables import typed_table

CHOSEN = Chosen(draw_catalog(3), NOW)
DEVICES = [
    {**device, "id": f"d'{at}"}
    for at, device in enumerate(draw_fleet(9, 80))
    if all(
        isinstance(device.get(name, ""), str) and len(device.get(name, "")) < 100 for name in ("product", "productToken", "version")
    )
]
LOOP = Loop(DEVICES)


def _read(path: Path) -> list[tuple[str | None, ...]]:
    match path.suffix:
        case ".csv":
            head, *rows = csv.reader(path.read_text().splitlines())
            assert tuple(head) == HEADS
            return [tuple(cell or None for cell in row) for row in rows]
        case ".ndjson":
            return [tuple(json.loads(line).get(name) for name in HEADS) for line in path.read_text().splitlines()]
        case _:
            return [tuple(row[name] for name in HEADS) for row in parquet.read_table(path).to_pylist()]


@pytest.mark.parametrize("suffix", [".csv", ".ndjson", ".parquet"])
def test_a_loop_and_an_engine_write_the_same(tmp_path: Path, suffix: str) -> None:
    one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix}"
    assert write_assigned(LOOP, CHOSEN, one) == len(DEVICES)
    with open_arrow(typed_table(DEVICES, columns_of_schema(SCHEMA)), None, Limits()) as fleet:
        assert write_assigned(fleet.survey(), CHOSEN, other) == len(DEVICES)
    rows, others = _read(one), _read(other)
    assert [row[0] for row in rows] == [device["id"] for device in DEVICES]
    assert rows == others
    assert {row[5] for row in rows} <= {"offered", *(nothing.value for nothing in Nothing)}
    assert sorted(file.name for file in tmp_path.iterdir()) == [one.name, other.name]


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is none of \.csv, "):
        write_assigned(LOOP, CHOSEN, tmp_path / "rows.xlsx")


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("old")

    def fail(_chosen: Chosen) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LOOP, "assigned", fail)
    with pytest.raises(OSError, match="No space"):
        write_assigned(LOOP, CHOSEN, file)
    assert file.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["rows.csv"]
