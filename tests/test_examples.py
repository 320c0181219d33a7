import os
import runpy
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import engines
import pytest
from pyarrow.parquet import read_table

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.devices import load_device, read_devices
from policy_lang.cli import main
from policy_lang.fleet.assigned import HEADS, write_assigned
from policy_lang.fleet.importing.devices import import_devices
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.survey import Chosen
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Gate, Reason

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
NOW = "2026-05-12T09:00:00Z"
PLAIN = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "COLUMNS"}}


def test_every_example_lints_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(EXAMPLES)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", sorted((EXAMPLES / "policies").iterdir()), ids=lambda path: path.name)
def test_every_policy_can_match(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One device that satisfies all of them."""
    settings = [
        *("version=1.9.0", "id=lab-1", "pro=true", "region=us-west", "serial=7", "hardware=cg1-b", "network.ip=10.20.0.1"),
        *("flash.free=64", "tags=a,b", "lastRestart=2026-05-01T00:00:00Z", "update.version=2.0.0", "update.id=release-7"),
    ]
    options = [part for each in settings for part in ("--set", each)]
    assert main(["eval", str(path), *options, "--now", "2026-05-12T01:00:00Z"]) == 0
    assert capsys.readouterr().out == "match\n"


def test_every_device_can_be_read() -> None:
    assert len([load_device(path) for path in (EXAMPLES / "devices").iterdir()]) == 16
    lines = list(read_devices(EXAMPLES / "fleet.ndjson"))
    assert len(lines) == 47
    assert not any(line.error for line in lines)


def test_the_fleet_shows_every_reason_and_nearly_every_gate() -> None:
    selector = Selector(Catalog.load(EXAMPLES / "catalog.yaml"))
    decisions = [selector.select(line.value, NOW) for line in read_devices(EXAMPLES / "fleet.ndjson")]
    gates = {step.gate for decision in decisions for step in decision.trace}
    assert {decision.reason for decision in decisions} == set(Reason)
    assert gates >= set(Gate) - {Gate.NO_TIME}


def test_the_demo(tmp_path: Path) -> None:
    """It runs in any folder, and prints the same on every day."""
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / "demo.py")], cwd=tmp_path, env=PLAIN, capture_output=True, text=True, check=True
    )
    assert result.stderr == ""
    assert result.stdout == (ROOT / "tests" / "data" / "demo.txt").read_text()


def test_the_function(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / "embed.py")], cwd=tmp_path, env=PLAIN, capture_output=True, text=True, check=True
    )
    assert "https://updates.example.com/atlas/2.3.1/image.bin" in result.stdout


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet")
def test_spark_writes_what_the_library_assigns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same file runs on a cluster; here the session is a local one."""
    engines.spark()
    fleet, output, wanted = (tmp_path / name for name in ("fleet.parquet", "assigned", "wanted.parquet"))
    import_devices(EXAMPLES / "fleet.ndjson", fleet)
    arguments = [str(EXAMPLES / "catalog.yaml"), str(fleet), str(output), "--now", NOW]
    runpy.run_path(str(EXAMPLES / "spark_preview.py"))["main"](arguments)
    chosen = Chosen(Catalog.load(EXAMPLES / "catalog.yaml"), datetime.fromisoformat(NOW))
    write_assigned(Loop.read(EXAMPLES / "fleet.ndjson"), chosen, wanted)
    # The version stands in the documents as it was sent; a column of texts holds texts.
    names = [name for name in HEADS if name != "version"]
    tables = [read_table(path, columns=names) for path in (output, wanted)]
    rows, others = (Counter(tuple(row.values()) for row in table.to_pylist()) for table in tables)
    assert rows == others
    assert "           9  nothing: no match\n" in capsys.readouterr().out
