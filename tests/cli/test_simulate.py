import csv
import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from policy_lang.cli import main
from policy_lang.cli.progress import day_progress
from policy_lang.fleet import extras

Run = Callable[..., tuple[int, str, str]]
START = "2026-05-01T00:00:00Z"
_IMAGE = f"url: 'https://e.com/x', checksum: '{'ab' * 32}'"
CATALOG = f"""updates:
  - {{id: router-2, product: router, version: 2.0.0, policy: 'true', rollout: {{max_per_period: 10, period: 1d}}, {_IMAGE}}}
  - {{id: router-1.1, product: router, version: 1.1.0, policy: 'true', rollout: {{percent: 50}}, {_IMAGE}}}
  - {{id: hub-3, product: hub, version: 3.0.0, policy: 'true', rollout: {{max_devices: 1}}, {_IMAGE}}}
  - {{id: other-1, product: other, version: 1.0.0, policy: 'true', {_IMAGE}}}
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy simulate` in a folder with a catalog and a fleet: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(CATALOG)
    routers = [
        {"id": f"r{at}", "product": "router", "version": ("1.0.0", "0.9.0", "0.8.0", "0.7.0", "0.6.0", "x")[at % 6]}
        for at in range(60)
    ]
    hubs = [{"id": f"h{at}", "product": "hub", "version": "2.0.0"} for at in range(3)]
    Path("fleet.ndjson").write_text("".join(f"{json.dumps(device)}\n" for device in [*routers, *hubs]))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["simulate", "catalog.yaml", *arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("columns", [60, 80, 120, None])
def test_tables_and_bars_fit(run: Run, monkeypatch: pytest.MonkeyPatch, columns: int | None) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    code, out, err = run("--fleet", "fleet.ndjson", "--days", "3", "--start", START)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "63 devices, 3 days from 2026-05-01T00:00Z"
    assert lines[2].split() == ["update", "granted", "installed", "failed", "waiting", "completed"]
    assert lines[3].split() == ["router-2", "30", "30", "0", "20", "open"]
    assert "max per period is reached at 2026-05-01T" in out
    assert "max devices is reached at 2026-05-01T" in out
    assert "2 devices refused at least once" in " ".join(out.split())
    assert [line for line in lines if line in {"router", "hub", "other"}] == ["hub", "router"]
    bars = [line for line in lines if line.startswith(("start", "2026-05"))]
    assert len(bars) == 8
    assert max(map(len, lines)) <= (columns or 120)
    assert {len(line) for line in bars} == {columns or 120}


def test_completed_and_never(run: Run) -> None:
    _, out, _ = run("-F", "fleet.ndjson", "-n", "9", "--start", START, "--checkins-per-day", "4")
    states = {line.split()[0]: line.split()[-1] for line in out.splitlines() if line.startswith(("router-", "hub-", "other-"))}
    assert states == {"router-2": "2026-05-05", "router-1.1": states["router-1.1"], "hub-3": "2026-05-01", "other-1": "never"}


def test_one_day_and_one_device(run: Run) -> None:
    Path("one.json").write_text('{"id": "r", "product": "router", "version": "1.0.0"}')
    _, out, _ = run("-F", "one.json", "-n", "1", "--start", START)
    assert out.startswith("1 device, 1 day from")


def test_json(run: Run) -> None:
    code, out, _ = run("-F", "fleet.ndjson", "-n", "2", "--start", START, "--success", "0.5", "--seed", "5", "--format", "json")
    simulation = json.loads(out)
    assert code == 0
    assert simulation["devices"] == 63
    assert simulation["updates"][0]["by_day"] == [10, 10]
    assert simulation["updates"][0]["failed"] > 0
    assert len(simulation["adoption"]) == 3


def test_csv(run: Run) -> None:
    _, out, _ = run("-F", "fleet.ndjson", "-n", "2", "--start", START, "--format", "csv")
    rows = list(csv.DictReader(StringIO(out)))
    assert list(rows[0]) == ["day", "time", "product", "version", "devices"]
    assert [row["version"] for row in rows if row["day"] == "0" and row["product"] == "router"] == [
        "x",
        "0.6.0",
        "0.7.0",
        "0.8.0",
        "0.9.0",
        "1.0.0",
    ]
    for day in "012":
        assert sum(int(row["devices"]) for row in rows if row["day"] == day) == 63


def test_a_page_with_charts(run: Run) -> None:
    code, out, _ = run("-F", "fleet.ndjson", "-n", "2", "--start", START, "--html", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert (code, out.startswith("63 devices")) == (0, True)
    assert page.startswith("<!doctype html>")
    assert "catalog.yaml, 2 days" in page
    assert run("-F", "fleet.ndjson", "-n", "2", "--start", START, "--html", "nowhere/page.html")[0] == 2


def test_an_imported_fleet_gives_the_same(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fleet", "import", "fleet.ndjson", "-o", "fleet.parquet"]) == 0
    capsys.readouterr()
    arguments = ("-n", "3", "--start", START)
    assert run("-F", "fleet.ndjson", *arguments) == run("-F", "fleet.parquet", *arguments)


def test_without_a_start_the_clock_is_read(run: Run) -> None:
    assert run("-F", "fleet.ndjson", "-n", "1")[0] == 0


def test_what_is_no_device_is_left_out(run: Run) -> None:
    Path("odd.ndjson").write_text('{"id":"r","product":"router","version":"1.0.0"}\n' + "5\n" * 7)
    code, out, err = run("-F", "odd.ndjson", "-n", "1", "--start", START)
    assert code == 2
    assert "1 device, 1 day" in out
    lines = err.splitlines()
    assert lines[0] == "odd.ndjson:2: a device is an object, not the number `5`"
    assert (len(lines), lines[-1]) == (6, "7 documents left out")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-F", "nowhere.ndjson", "-n", "1"), "the file does not exist"),
        (("-F", "empty.ndjson", "-n", "1"), "there is no device in `empty.ndjson`"),
        (("-F", "fleet.ndjson", "-n", "0"), "greater than or equal to 1"),
        (("-F", "fleet.ndjson", "-n", "1", "--start", "today"), "not a timestamp"),
        (("-F", "fleet.ndjson", "-n", "3000", "--start", "9999-01-01T00:00:00Z"), "the days end after the year 9999"),
    ],
)
def test_bad_input(run: Run, arguments: tuple[str, ...], message: str) -> None:
    Path("empty.ndjson").write_text("")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    code, _, err = run("-F", "fleet.parquet", "-n", "1")
    assert code == 2
    assert "`fleet.parquet` needs pyarrow, which is not installed" in err


def test_a_terminal_sees_the_day(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with day_progress() as tell:
        tell(1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with day_progress() as tell:
        tell(1, 2)
    assert "day 1 of 2" in capsys.readouterr().err
