"""Running test files: one after the other, or in worker processes where that pays."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from policy_lang.errors import PolicyError
from policy_lang.testing.cases import load_suite
from policy_lang.testing.judges import Judge, judge_of
from policy_lang.testing.model import Case
from policy_lang.testing.results import CaseResult, FileResult

_PATIENCE = 2.0
"""How many seconds of work must be left before worker processes are started; each takes a good part of a second to start."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to run.

    Attributes:
        word: only cases whose name, or the name of whose file, contains this text; case does not matter.
        stops: whether to stop after the first case that fails, or file that cannot be read.
        measure: whether to measure coverage.
    """

    word: str = ""
    stops: bool = False
    measure: bool = True


EVERYTHING = Wanted()
"""Every case, measured, whatever fails."""


def run_file(path: Path, wanted: Wanted = EVERYTHING) -> FileResult:
    """Run the cases of one test file.

    Args:
        path: the file.
        wanted: which of its cases.

    Returns:
        The results in the order of the file; why it could not be run, where anything in it is wrong.

    Source: docs/testing.md, "The test file".
    """
    try:
        suite = load_suite(path)
    except PolicyError as error:
        return FileResult(str(path), findings=error.diagnostics)
    cases = [case for case in suite.cases if _is_wanted(case, path, wanted.word)]
    judge = judge_of(suite, measure=wanted.measure and bool(cases))
    results = []
    for case in cases:
        results.append(_timed(judge, case))
        if wanted.stops and not results[-1].passed:
            break
    return FileResult(str(path), tuple(results), (), judge.measured(), len(suite.cases) - len(results))


def run_files(
    paths: Sequence[Path], wanted: Wanted = EVERYTHING, *, jobs: int = 1, patience: float = _PATIENCE
) -> Iterator[FileResult]:
    """Run test files, and yield their results in the order of the files.

    Args:
        paths: the files.
        wanted: which of their cases.
        jobs: how many processes at most.
        patience: how many seconds of work must be left before processes are started.

    Yields:
        The result of each file; after the first failure nothing more, if that is wanted.
    """
    started = 0.0
    for before, path in enumerate(paths):
        result = run_file(path, wanted)
        yield result
        if wanted.stops and (result.failed or result.findings):
            return
        left = len(paths) - before - 1
        if not before:  # the first file loads the parser too, which says nothing about the others
            started = perf_counter()
        if jobs > 1 and left > 1 and _estimate(perf_counter() - started, before, left) >= patience:
            yield from _run_in_processes(paths[before + 1 :], wanted, min(jobs, left))
            return


def _estimate(seconds: float, done: int, left: int) -> float:
    """How many seconds the files that are left take, by those that are done; none are known to take any at first."""
    return seconds / done * left if done else 0.0


def _run_in_processes(paths: Sequence[Path], wanted: Wanted, jobs: int) -> Iterator[FileResult]:
    """Run files in processes that start fresh: a copy of this one could hold a lock of a thread that it lacks."""
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    done = 0
    try:
        for result in pool.map(partial(run_file, wanted=wanted), paths):
            done += 1
            yield result
            if wanted.stops and (result.failed or result.findings):
                return
    except BrokenProcessPool:  # a program that cannot be started again, such as one from standard input, has no processes
        yield from run_files(paths[done:], wanted)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _timed(judge: Judge, case: Case) -> CaseResult:
    started = perf_counter()
    result = judge.judge(case)
    return replace(result, seconds=perf_counter() - started)


def _is_wanted(case: Case, path: Path, word: str) -> bool:
    return word.casefold() in case.name.casefold() or word.casefold() in path.name.casefold()
