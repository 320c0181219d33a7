import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[2] / "examples"
FLEET, CATALOG, NOW = str(EXAMPLES / "fleet.ndjson"), str(EXAMPLES / "catalog.yaml"), "2026-05-12T09:00:00Z"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy assign` over the example fleet, in a folder of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["assign", CATALOG, "--fleet", FLEET, "--now", NOW, *arguments])
        return code, *capsys.readouterr()

    return call


def test_numbers(run: Run) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line.split()[2] for line in out.splitlines() if line.startswith(("atlas", "beacon", "cellgate"))}
    assert (rows["atlas-2.3.0"], rows["beacon-5.1.0"], rows["cellgate-1.10.0"]) == ("3", "0", "2")
    assert max(map(cell_len, out.splitlines())) <= 80


def test_json_and_csv(run: Run) -> None:
    plain = json.loads(run("--format", "json")[1])
    assert (plain["total"], plain["none"]["policy unknown"]) == (47, 5)
    rows = list(csv.DictReader(run("--format", "csv")[1].splitlines()))
    assert sum(int(row["devices"]) for row in rows) == 47


@pytest.mark.parametrize("name", ["rows.csv", "rows.NDJSON", "rows.parquet"])
def test_a_file(run: Run, name: str) -> None:
    code, _, err = run("--output", name, "-f", "json")
    assert (code, err) == (0, f"47 devices written to {name}\n")
    assert Path(name).stat().st_size > 1000


@pytest.mark.parametrize(("name", "problem"), [("rows.txt", "has no known format"), ("no/such/rows.csv", "cannot be written")])
def test_a_file_that_cannot_be_written(run: Run, name: str, problem: str) -> None:
    code, _, err = run("--output", name)
    assert code == 2
    assert problem in err
