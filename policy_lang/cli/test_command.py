"""`policy test`: the cases of test files, and what they cover."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_lang.cli.case_report import report_coverage, report_failures, report_json
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.files import walk_files
from policy_lang.cli.output import BAD, GOOD, Format, Output, Styled, standard_error, standard_output
from policy_lang.documents.problems import quote
from policy_lang.testing.coverage import PolicyCoverage, Share, join, report, total
from policy_lang.testing.files import is_test
from policy_lang.testing.junit import junit_xml
from policy_lang.testing.results import FileResult
from policy_lang.testing.runner import Wanted, run_files

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class TestRequest:
    """What was asked; the fields are the arguments of the command."""

    __test__ = False  # for pytest, which takes the name for a test

    paths: tuple[Path, ...]
    word: str
    jobs: int | None
    coverage: bool | None
    fail_under: float | None
    fail_under_mcdc: float | None
    fail_fast: bool
    junit: Path | None
    format: Format


@dataclass(frozen=True, slots=True)
class _Shares:
    """The two figures of the whole run; None where nothing was measured."""

    conditions: Share
    mcdc: Share

    def sentence(self) -> str:
        """Both, for the summary; nothing where there was nothing to cover."""
        return f"; conditions {self.conditions.percent} %, MC/DC {self.mcdc.percent} %" if self.conditions.total else ""


def run_test(request: TestRequest) -> ExitCode:
    """Run everything that was named, and sum up on standard error."""
    _check(request)
    paths = list(_find(request.paths or (Path(),)))
    wanted = Wanted(request.word, request.fail_fast, request.coverage is not False)
    results = _watch(run_files(paths, wanted, jobs=request.jobs or os.cpu_count() or 1), len(paths))
    _check_something_ran(results, request.word)
    covered = [report(each) for each in join(each for result in results for each in result.measured)]
    if request.junit is not None:
        _write_junit(request.junit, results)
    output, errors = standard_output(), standard_error()
    _write(request, results, covered, output)
    output.flush()
    for result in results:
        errors.diagnostics(result.findings)
    return _sum_up(request, results, _shares(covered) if wanted.measure else None, errors)


def _check(request: TestRequest) -> None:
    """Refuse what cannot be asked."""
    limits = (request.fail_under, request.fail_under_mcdc)
    if any(limit is not None and not 0 <= limit <= _HUNDRED for limit in limits):
        raise MisuseError("a coverage is from 0 to 100 percent", "write for example `--fail-under 90`")
    if request.coverage is False and limits != (None, None):
        raise MisuseError("nothing is measured with `--no-coverage`", "leave one of the options out")
    if request.jobs is not None and request.jobs < 1:
        raise MisuseError(f"{request.jobs} processes cannot do anything", "write for example `--jobs 4`")


def _find(paths: Iterable[Path]) -> Iterable[Path]:
    """The test files, each once: those that are named, and those in folders."""
    seen: set[Path] = set()
    for path in paths:
        found = [file for file in walk_files(path) if is_test(file)] if path.is_dir() else [path]
        if not found:
            raise MisuseError(
                f"there is no test of a policy in {quote(str(path))}",
                "a test file ends in `.test.yaml`, and has `policy`, `catalog` or `expression`, and `cases`",
            )
        yield from (file for file in found if file not in seen)
        seen.update(found)


def _check_something_ran(results: Sequence[FileResult], word: str) -> None:
    """Refuse a run that tested nothing: it would look as if all was well."""
    if word and not any(result.has_run for result in results):
        raise MisuseError(f"no case and no file has {quote(word)} in its name", "check the text after `-k`")


def _watch(results: Iterable[FileResult], count: int) -> list[FileResult]:
    """All results; while they come in, a terminal shows how far they are."""
    if not sys.stderr.isatty():
        return list(results)
    from rich.console import Console  # noqa: PLC0415  for terminals only
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415  for terminals only

    done: list[FileResult] = []
    with Progress(TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=count)
        for result in results:
            done.append(result)
            bar.update(task, description=_counts(done), completed=len(done))
    return done


def _counts(results: Sequence[FileResult]) -> str:
    """How many cases passed and failed, and how many files could not be read."""
    cases = [case for result in results for case in result.cases]
    failed = sum(not case.passed for case in cases)
    unread = sum(bool(result.findings) for result in results)
    parts = [f"{len(cases) - failed} passed", *([f"{failed} failed"] if failed else [])]
    files = sum(result.has_run for result in results)
    problems = f"; {unread} could not be read" if unread else ""
    return f"{', '.join(parts)} in {files} file{'' if files == 1 else 's'}{problems}"


def _write_junit(path: Path, results: Sequence[FileResult]) -> None:
    try:
        path.write_bytes(junit_xml(results))
    except OSError as problem:
        reason = problem.strerror or "unknown"
        raise MisuseError(f"{quote(str(path))} cannot be written: {reason.lower()}", "check the path after `--junit`") from problem


def _write(request: TestRequest, results: Sequence[FileResult], covered: Sequence[PolicyCoverage], output: Output) -> None:
    if request.format is Format.JSON:
        report_json(results, covered, output)
        return
    for result in results:
        report_failures(result, output)
    if request.coverage:
        report_coverage(covered, output)


def _shares(covered: Sequence[PolicyCoverage]) -> _Shares:
    return _Shares(total(each.conditions for each in covered), total(each.mcdc for each in covered))


def _sum_up(request: TestRequest, results: Sequence[FileResult], shares: _Shares | None, errors: Output) -> ExitCode:
    """One line of summary, and the exit code: unreadable input is worse than a failure."""
    failed = any(result.failed for result in results)
    under = [] if shares is None else list(_under(request, shares))
    measured = "" if shares is None else shares.sentence()
    unread = any(result.findings for result in results)
    code = ExitCode.BAD_INPUT if unread else ExitCode.FINDINGS if failed or under else ExitCode.FINE
    for line in under:
        errors.line(Styled(line, BAD))
    errors.line(Styled(f"{_counts(results)}{measured}", BAD if code else GOOD))
    return code


def _under(request: TestRequest, shares: _Shares) -> Iterable[str]:
    """What is covered less than was asked."""
    asked = (("conditions", shares.conditions, request.fail_under), ("MC/DC", shares.mcdc, request.fail_under_mcdc))
    for name, share, limit in asked:
        if limit is not None and not share.reaches(limit):
            yield f"{name}: {share.done} of {share.total} are covered, less than {limit:g} %"
