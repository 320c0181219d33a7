import json
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from policy_lang.cli import main
from policy_lang.cli.progress import import_progress
from policy_lang.fleet import extras
from policy_lang.fleet.importing.reading import Progress

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy fleet import` in a folder with a fleet: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    lines = [{"id": f"d{number}", "version": "1.0.0", "memory": 512 if number else "lots"} for number in range(200)]
    Path("fleet.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    Path("schema.json").write_text('{"type": "object", "properties": {"memory": {"type": "integer"}}}')

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["fleet", "import", *arguments])
        return code, *capsys.readouterr()

    return call


def test_conflicts_on_standard_output_and_a_summary_on_standard_error(run: Run) -> None:
    code, out, err = run("fleet.ndjson", "-o", "fleet.parquet")
    assert (code, err) == (0, "fleet.parquet: 200 devices, 4 properties\n")
    assert out.splitlines() == [
        "property  type  devices  unknown    such as",
        "memory    int   200      1 (0.5 %)  the text `lots`",
    ]
    assert pq.read_table("fleet.parquet").num_rows == 200


def test_everything_odd_is_noted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("odd.ndjson").write_text('{"id":"a","memory":1,"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}\n{"id":"a"}\n5\n')
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run("odd.ndjson", "-o", "fleet.parquet", "--schema", "schema.json")
    assert (code, out) == (0, "")
    notes = err.splitlines()
    assert notes[0] == "1 document rejected: see fleet.parquet.rejected.ndjson"
    assert notes[1] == "1 device with an id that an earlier one has, all kept: `a`"
    assert notes[2].startswith("not in the schema and left out: `")
    assert notes[2].endswith(", …")
    assert notes[-1] == "fleet.parquet: 2 devices, 4 properties"
    assert all(len(line) <= 80 for line in notes)


def test_json(run: Run) -> None:
    code, out, _ = run("fleet.ndjson", "-o", "fleet.parquet", "--format", "json", "--rejected", "bad.ndjson")
    report = json.loads(out)
    assert (code, report["devices"], report["written"], report["rejected_file"]) == (0, 200, True, None)
    assert report["properties"][3] == {
        "name": "memory",
        "type": "int",
        "present": 200,
        "unknown": 1,
        "examples": ["the text `lots`"],
        "kinds": {"int": 199, "text": 1},
    }


def test_strict(run: Run) -> None:
    code, _, err = run("fleet.ndjson", "-o", "fleet.parquet", "--strict")
    assert (code, err) == (1, "fleet.parquet: not written, because of --strict\n")
    assert not Path("fleet.parquet").exists()


def test_a_small_share_is_not_shown_as_nothing(run: Run) -> None:
    Path("many.ndjson").write_text('{"m":1}\n' * 4000 + '{"m":"x"}\n')
    assert "1 (<0.1 %)" in run("many.ndjson", "-o", "fleet.parquet")[1]


def test_standard_input_and_lenient_versions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b'{"version":"v1.2"}\n')))
    assert run("-", "-o", "fleet.parquet", "--lenient-versions")[0] == 0
    assert pq.read_table("fleet.parquet")["version__key"].to_pylist() == ["a1a2a0s"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-", "-", "-o", "x.parquet"), "`-` is given twice"),
        (("fleet.ndjson", "-o", "x.csv"), "a fleet is named `.parquet`, not `x.csv`"),
        (("nowhere.ndjson", "-o", "x.parquet"), "the file does not exist"),
        (("fleet.ndjson", "-o", "nowhere/x.parquet"), "`nowhere/x.parquet` cannot be written"),
        (("fleet.ndjson", "-o", "x.parquet", "--schema", "nowhere.json"), "the file does not exist"),
    ],
)
def test_bad_input(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_a_source_is_never_overwritten(run: Run) -> None:
    Path("same.parquet").hardlink_to("fleet.ndjson")
    assert "is a source too" in run("fleet.ndjson", "-o", "same.parquet")[2]


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    code, _, err = run("fleet.ndjson", "-o", "fleet.parquet")
    assert code == 2
    assert "`pyarrow` is not installed" in err
    assert "pip install 'policy-lang[fleet]'" in err


def test_the_group_alone_shows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fleet"]) == 2
    assert "import" in capsys.readouterr().out


def test_a_terminal_sees_rate_and_remaining_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with import_progress() as watch:
        assert watch is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with import_progress() as watch:
        assert watch is not None
        for done in (500, 1000):
            watch(Progress("types", done, 1000, done))
        watch(Progress("devices", 10, None, 1))
    shown = capsys.readouterr().err
    assert "finding types" in shown
    assert "devices/s" in shown
