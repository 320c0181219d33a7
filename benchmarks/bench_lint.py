"""Linting against parsing alone: `python benchmarks/bench_lint.py [--json FILE] [--rounds N] [--policies N]`.

The subject is `lint_catalog` on a catalog of distinct policies: each field is read, each policy parsed and checked, each rule run.
`lint policies` is the same without the catalog around them. The baseline parses the same texts and does nothing else. Rounds are
interleaved, so that the machine's noise hits both; the ratio is the median of each round's own ratio. The target is 5 at most.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from workload import catalog

from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.source import Source
from policy_lang.syntax.parser import parse

TARGET = 5.0


def measure(subject: Callable[[], object], baseline: Callable[[], object], rounds: int) -> tuple[float, float, float, float]:
    """Seconds of both, the ratio and its spread in percent; medians of interleaved rounds."""
    pairs = [(_seconds(subject), _seconds(baseline)) for _ in range(rounds)]
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    low, high = ratios[len(ratios) // 4], ratios[3 * len(ratios) // 4]
    ratio = statistics.median(ratios)
    ours, theirs = statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
    return ours, theirs, ratio, 100 * (high - low) / ratio


def _seconds(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description="linting a catalog, as a ratio to parsing its policies in the same run")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved passes over the policies (default: 5)")
    parser.add_argument("--policies", type=int, default=1_000, help="how many distinct policies (default: 1000)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    document = catalog(options.policies, products=10)
    texts = list(dict.fromkeys(str(update["policy"]) for update in document["updates"]))
    if any(finding.rule is None for finding in lint_catalog(document)):
        sys.exit("the catalog has errors")
    subjects: dict[str, Callable[[], object]] = {
        "lint catalog": lambda: lint_catalog(document),
        "lint policies": lambda: [lint_policy(text) for text in texts],
    }
    results = {}
    print(f"{len(texts)} distinct policies\n{'':<16}{'policies per second':>20}{'parse alone':>13}{'ratio':>8}{'spread':>8}")
    for name, subject in subjects.items():
        ours, theirs, ratio, spread = measure(subject, lambda: [parse(Source(text)) for text in texts], options.rounds)
        results[name] = {"per_second": len(texts) / ours, "parse_per_second": len(texts) / theirs, "ratio": ratio, "spread": spread}
        verdict = "" if ratio <= TARGET else f"  more than {TARGET:g}"
        print(f"{name:<16}{len(texts) / ours:>20.0f}{len(texts) / theirs:>13.0f}{ratio:>8.2f}{spread:>7.0f}%{verdict}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
