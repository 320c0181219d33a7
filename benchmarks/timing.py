"""What the benchmarks share: one pass over many values, and the median and spread of the ratios of interleaved passes.

Times are those of the processor. A clock on the wall would also count what other processes do meanwhile, and more of it in long
passes than in short ones, which favours the faster of two.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import process_time_ns
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Ratio(NamedTuple):
    """How many times as long one thing takes as another.

    Attributes:
        median: of the rounds' own ratios.
        spread: of the middle half of them, in percent of the median.
    """

    median: float
    spread: float


def pass_over(subject: Callable[[T], object], values: Sequence[T]) -> float:
    """The nanoseconds for each value of one pass."""
    start = process_time_ns()
    for value in values:
        subject(value)
    return (process_time_ns() - start) / len(values)


def microseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    start = process_time_ns()
    action()
    return (process_time_ns() - start) / 1_000


def ratio_of(pairs: Iterable[tuple[float, float]]) -> Ratio:
    """The ratio of interleaved rounds, each a pair of what both took."""
    ratios = sorted(one / other for one, other in pairs)
    median = statistics.median(ratios)
    return Ratio(median, 100 * (ratios[3 * len(ratios) // 4] - ratios[len(ratios) // 4]) / median)


def command_line(description: str) -> argparse.ArgumentParser:
    """A parser with the option that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    return parser


def write_results(path: Path | None, results: Any) -> None:
    """Write the results as JSON where that was asked for."""
    if path is not None:
        path.write_text(json.dumps(results, indent=2) + "\n")
