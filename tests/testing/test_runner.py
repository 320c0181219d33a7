import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from policy_lang.testing import runner
from policy_lang.testing.coverage import join, report
from policy_lang.testing.results import FileResult
from policy_lang.testing.runner import Wanted, run_file, run_files

EXAMPLES = Path(__file__).parents[2] / "examples"
TESTS = sorted((EXAMPLES / "tests").iterdir())
GOOD = """\
expression: device.a
cases:
- {name: yes, device: {a: true}, expect: match}
- {name: No, device: {a: false}, expect: no match}
"""
BAD = GOOD.replace("no match", "unknown")


def written(folder: Path, *texts: str) -> list[Path]:
    """Test files with these texts."""
    paths = [folder / f"{number}.test.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def names(results: list[FileResult]) -> list[list[str]]:
    """The cases that ran, by file."""
    return [[case.name for case in result.cases] for result in results]


def test_the_examples_pass_and_cover_everything() -> None:
    results = list(run_files(TESTS))
    assert [result.path for result in results] == [str(path) for path in TESTS]
    assert not any(result.failed or result.findings for result in results)
    for coverage in map(report, join(each for result in results for each in result.measured)):
        assert (coverage.conditions.percent, coverage.mcdc.percent) == (100, 100), coverage.file


def test_a_file_that_is_wrong_does_not_run(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "expression: device.a\ncases: []")
    result = run_file(path)
    assert [finding.code for finding in result.findings] == ["PL520"]
    assert (result.cases, result.measured, result.has_run) == ((), (), True)


@pytest.mark.parametrize(("word", "expected"), [("", ["yes", "No"]), ("no", ["No"]), ("0.TEST", ["yes", "No"]), ("zz", [])])
def test_a_word_chooses_cases(word: str, expected: list[str], tmp_path: Path) -> None:
    (path,) = written(tmp_path, GOOD)
    result = run_file(path, Wanted(word))
    assert [case.name for case in result.cases] == expected
    assert result.left_out == 2 - len(expected)
    assert bool(result.measured) is result.has_run is bool(expected)


def test_results_can_be_sent_and_take_time(tmp_path: Path) -> None:
    (path,) = written(tmp_path, BAD)
    result = run_file(path)
    assert [case.passed for case in result.cases] == [True, False]
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301  our own
    assert all(case.seconds > 0 for case in result.cases)


def test_a_failure_of_a_catalog_can_be_sent(tmp_path: Path) -> None:
    device = EXAMPLES / "devices" / "device-15-no-signal.json5"
    (path,) = written(tmp_path, f"catalog: {EXAMPLES}/catalog.yaml\ncases: [{{name: a, device: {device}, expect: no version}}]")
    (case,) = run_file(path).cases
    assert [tried.update for tried in case.trace] == ["cellgate-1.12.0", "cellgate-1.11.0", "cellgate-1.10.0", "cellgate-1.9.3"]
    assert pickle.loads(pickle.dumps(case)) == case  # noqa: S301  our own


@pytest.mark.parametrize("patience", [3600.0, 0.0], ids=["one process", "two processes"])
def test_stopping_at_the_first_failure(patience: float, tmp_path: Path) -> None:
    paths = written(tmp_path, GOOD, BAD.replace("expect: match", "expect: unknown"), GOOD, GOOD)
    results = list(run_files(paths, Wanted(stops=True), jobs=2, patience=patience))
    assert names(results) == [["yes", "No"], ["yes"]]


def test_stopping_at_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    paths = written(tmp_path, "[", GOOD)
    assert [bool(result.findings) for result in run_files(paths, Wanted(stops=True))] == [True]


def test_processes_give_the_same_results() -> None:
    alone, together = list(run_files(TESTS)), list(run_files(TESTS, jobs=2, patience=0.0))
    assert alone == together


def test_everything_runs_without_stopping(tmp_path: Path) -> None:
    paths = written(tmp_path, BAD, "[", GOOD)
    results = list(run_files(paths, jobs=2, patience=0.0))
    assert names(results) == [["yes", "No"], [], ["yes", "No"]]


def test_where_processes_cannot_start_it_does_without(tmp_path: Path) -> None:
    """A program from standard input cannot be started again."""
    paths = written(tmp_path, GOOD, BAD, GOOD, GOOD)
    program = (
        "from pathlib import Path\n"
        "from policy_lang.testing.runner import run_files\n"
        f"print([len(each.cases) for each in run_files([Path(name) for name in {list(map(str, paths))}], jobs=2, patience=0.0)])\n"
    )
    run = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == "[2, 2, 2, 2]\n"


def test_processes_start_only_for_enough_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hour of work is left after any of these files."""
    monkeypatch.setattr(runner, "ProcessPoolExecutor", None)
    paths = written(tmp_path, *[GOOD] * 8)
    assert len(list(run_files(paths, jobs=2, patience=3600.0))) == 8


class BrokenPool:
    """Processes that end before they answer more than once."""

    def __init__(self, *_: object, **__: object) -> None:
        """Start nothing."""

    def map(self, run: Callable[[Path], FileResult], paths: Sequence[Path]) -> Iterator[FileResult]:
        """The first result, then the end."""
        yield run(paths[0])
        raise BrokenProcessPool

    def shutdown(self, **_: object) -> None:
        """End nothing."""


def test_what_processes_leave_is_run_without_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "ProcessPoolExecutor", BrokenPool)
    paths = written(tmp_path, GOOD, BAD, "[", GOOD)
    results = list(run_files(paths, jobs=2, patience=0.0))
    assert [result.path for result in results] == list(map(str, paths))
    assert [len(result.cases) for result in results] == [2, 2, 0, 2]
