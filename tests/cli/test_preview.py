import csv
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from rich.cells import cell_len

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[2] / "examples"
FLEET, CATALOG, NOW = str(EXAMPLES / "fleet.ndjson"), str(EXAMPLES / "catalog.yaml"), "2026-05-12T09:00:00Z"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy preview` over the example fleet, in a folder of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("eu.policy").write_text("device.version < update.version && device.region ^= 'eu-'")
    Path("update.json").write_text('{"id": "r", "version": "2.4.0", "rollout": {"percent": 50}}')

    def call(*arguments: str, fleet: str = FLEET) -> tuple[int, str, str]:
        code = main(["preview", *arguments, "--fleet", fleet, "--now", NOW])
        return code, *capsys.readouterr()

    return call


def test_a_policy(run: Run) -> None:
    code, out, err = run("eu.policy", "--update", "update.json", "--by", "region")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[:2] for line in lines[3:6]] == [["match", "5"], ["no", "match"], ["unknown", "8"]]
    assert "device.region  match  no match  unknown    reach" in lines
    assert any(line.startswith("now") for line in lines)


def test_a_catalog_and_one_of_its_updates(run: Run) -> None:
    code, out, _ = run(CATALOG)
    assert code == 0
    assert ["gets", "one", "22", "46.8", "%"] in [line.split()[:5] for line in out.splitlines()]
    code, out, _ = run(CATALOG, "--update-id", "atlas-2.3.0")
    assert (code, out.count("2026-05-1")) == (0, 9)
    assert "now                   58.9285 %" in out


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("arguments", [("eu.policy", "-u", "update.json"), (CATALOG,), (CATALOG, "-i", "atlas-2.3.0")])
def test_tables_fit(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, arguments: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = run(*arguments, "--by", "region", "--by", "lastRestart", "--sample", "20")
    assert max(map(cell_len, out.splitlines())) <= int(columns)


def test_json(run: Run) -> None:
    _, out, _ = run("eu.policy", "-u", "update.json", "--format", "json")
    plain = json.loads(out)
    assert (plain["kind"], plain["name"], plain["total"], plain["reach"]["now"]["percent"]) == ("preview", "eu.policy", 47, 50)
    _, out, _ = run(CATALOG, "--format", "json")
    assert json.loads(out)["matched"] == 22


def test_csv(run: Run) -> None:
    _, out, _ = run("eu.policy", "--by", "region", "--top", "1", "--format", "csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert [(row["property"], row["value"], row["devices"]) for row in rows] == [
        ("", "", "47"),
        ("device.region", "us-west", "11"),
        ("device.region", "(missing)", "14"),
        ("device.region", "5 others", "22"),
    ]
    _, out, _ = run(CATALOG, "--format", "csv")
    assert {row["update"]: row["gets_it"] for row in csv.DictReader(out.splitlines())}["beacon-5.0.2"] == "4"


def test_html(run: Run) -> None:
    code, out, _ = run("eu.policy", "--html", "report.html", "--format", "json")
    assert (code, json.loads(out)["total"]) == (0, 47)
    assert Path("report.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_fleet_in_an_engine(run: Run, suffix: str) -> None:
    rows = "SELECT * FROM (VALUES ('a', '1.0.0', 'eu-1'), ('b', '1.0.0', 'us'), ('c', NULL, 'eu-2')) AS t(id, version, region)"
    form = "(FORMAT csv, HEADER)" if suffix == "csv" else "(FORMAT parquet)"
    duckdb.execute(f"COPY ({rows}) TO 'fleet.{suffix}' {form}")
    code, out, _ = run("eu.policy", "-u", "update.json", "-f", "json", fleet=f"fleet.{suffix}")
    plain = json.loads(out)
    assert (code, plain["matched"], plain["unmatched"], plain["unknown"]) == (0, 1, 1, 1)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("eu.policy", "-i", "r"), "`--update-id` is given with a policy"),
        ((CATALOG, "-u", "update.json"), "`--update` is given with a catalog"),
        ((CATALOG, "-i", "atlas-2.3.9"), "the catalog has no update `atlas-2.3.9`"),
        ((CATALOG, "-i", "zzz"), "the catalog has no update `zzz`"),
        (("eu.policy", "-u", "bad.json"), "`percent`"),
        (("eu.policy", "--html", "no/such/folder.html"), "cannot be written"),
        (("missing.policy",), "missing.policy"),
    ],
)
def test_what_cannot_be_asked(run: Run, arguments: tuple[str, ...], problem: str) -> None:
    Path("bad.json").write_text('{"rollout": {"percent": 101}}')
    code, _, err = run(*arguments)
    assert code == 2
    assert problem in err
    assert "help:" in err


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("fleet.txt", "{}", "is not a fleet"),
        ("missing.ndjson", None, "missing.ndjson"),
        ("bad.ndjson", "[]\n", "a device is an object"),
        ("bad.parquet", "PAR1", "bad.parquet"),
    ],
)
def test_a_fleet_that_cannot_be_read(run: Run, name: str, text: str | None, problem: str) -> None:
    if text is not None:
        Path(name).write_text(text)
    code, out, err = run("eu.policy", fleet=name)
    assert (code, out) == (2, "")
    assert problem in err
