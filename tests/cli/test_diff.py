import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[2] / "examples"
FLEET, CATALOG, NOW = str(EXAMPLES / "fleet.ndjson"), str(EXAMPLES / "catalog.yaml"), "2026-05-12T09:00:00Z"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy diff` over the example fleet, in a folder of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("old.policy").write_text("device.region ^= 'eu-'")
    Path("new.policy").write_text("device.region ^= 'us-' && device.version < update.version")
    Path("update.json").write_text('{"version": "2.3.0"}')
    schema = (EXAMPLES / "device.schema.json").as_posix()
    Path("new.yaml").write_text(
        Path(CATALOG).read_text().replace("device.schema.json", schema).replace("paused: true", "paused: false")
    )

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["diff", *arguments, "--fleet", FLEET, "--now", NOW])
        return code, *capsys.readouterr()

    return call


def test_policies(run: Run) -> None:
    code, out, err = run("old.policy", "new.policy", "-u", "update.json")
    assert (code, err) == (0, "")
    assert [line.split()[:2] for line in out.splitlines() if line.startswith(("gained", "lost"))] == [
        ["gained", "9"],
        ["lost", "11"],
    ]
    assert "no match → match" in out
    assert "such as" in out


def test_catalogs_and_gates(run: Run) -> None:
    code, out, err = run(CATALOG, "new.yaml", "--fail-on", "gained>5", "--fail-on", "lost>0", "--fail-on", "changed>=1%")
    assert code == 1
    assert "no match → beacon-5.1.0" in out
    assert err.splitlines() == ["failed: changed>=1% (changed 8, 17.0 %)"]


def test_nothing_changes(run: Run) -> None:
    code, out, err = run(CATALOG, CATALOG, "--fail-on", "unknown>99%")
    assert (code, err, out.splitlines()[-1]) == (0, "", "nothing changes")


def test_many_moves_are_cut(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.cli.fleet_report._MOST_MOVES", 1)
    assert "more; `--format csv` has all" in run(CATALOG, "new.yaml")[1]


def test_json_csv_and_html(run: Run) -> None:
    plain = json.loads(run(CATALOG, "new.yaml", "-f", "json", "--html", "report.html")[1])
    assert (plain["kind"], plain["changed"]) == ("comparison", 8)
    assert "From and to" in Path("report.html").read_text()
    rows = list(csv.DictReader(run(CATALOG, "new.yaml", "-f", "csv")[1].splitlines()))
    assert sum(int(row["devices"]) for row in rows if row["kind"] == "changed") == 8


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("old.policy", CATALOG), "a policy and a catalog cannot be compared"),
        (("-", "-"), "`-` is given twice"),
        ((CATALOG, CATALOG, "-u", "update.json"), "`--update` is given with catalogs"),
        (("old.policy", "new.policy", "--fail-on", "lost"), "is not a gate"),
        (("old.policy", "new.policy", "--fail-on", "loss>0"), "nothing that a gate can ask for"),
    ],
)
def test_what_cannot_be_compared(run: Run, arguments: tuple[str, ...], problem: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert problem in err
    assert "help:" in err
