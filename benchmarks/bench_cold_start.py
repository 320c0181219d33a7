"""Cold start with compiled catalogs: `python benchmarks/bench_cold_start.py [--json FILE] [--updates N] [--rounds N]`.

Two questions. How much sooner is a catalog of distinct policies loaded from its compiled form than from its source? The baseline is
`Catalog.load` of the JSON document, so that YAML's own slowness flatters nobody; YAML is shown beside it. And what does a process
pay that imports the library and loads a small compiled catalog? The baseline is an interpreter that does nothing.

Every load runs in a process of its own with the garbage collector on, as a service starts. Rounds are interleaved. Both forms are
checked first to be the same catalog.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import workload
import yaml

from policy_lang.catalog.catalog import Catalog

SMALL = 100
_TIMED = """
import sys
from time import perf_counter
from policy_lang.catalog.catalog import Catalog
from policy_lang.selection.engine import Selector
started = perf_counter()
catalog = Catalog.load(sys.argv[1])
loaded = perf_counter()
Selector(catalog)
print(loaded - started, perf_counter() - started)
"""
_SMALL = "import sys, policy_lang\npolicy_lang.Catalog.load(sys.argv[1])"


def distinct(updates: int, products: int) -> dict[str, Any]:
    """A catalog in which no two policies are the same."""
    plain: dict[str, Any] = workload.catalog(updates, products)
    for number, update in enumerate(plain["updates"]):
        update["policy"] += f" && device.serial != 'X{number}'"
        update["checksum"] = f"{number:063x}f"  # never a number to YAML
    return plain


def run(code: str, path: Path) -> tuple[list[float], float]:
    """What a fresh process prints, and how many seconds it took."""
    started = perf_counter()
    command = [sys.executable, "-I", "-c", code, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own code
    return [float(number) for number in result.stdout.split()], perf_counter() - started


def check_same(source: Path, compiled: Path) -> None:
    """Stop where the two forms are not the same catalog."""
    ours, theirs = Catalog.load(compiled), Catalog.load(source)
    for one, other in zip(ours, theirs, strict=True):
        if one.to_plain() != other.to_plain() or one.policy.core != other.policy.core:
            sys.exit(f"{one.id}: the compiled update is another")


def write(folder: Path, plain: dict[str, Any]) -> tuple[Path, Path, Path]:
    """The catalog as JSON, as YAML, compiled."""
    paths = folder / "catalog.json", folder / "catalog.yaml", folder / "catalog.policyc"
    paths[0].write_text(json.dumps(plain))
    paths[1].write_text(yaml.safe_dump(plain, sort_keys=False))
    Catalog.load(paths[0]).save(paths[2])
    check_same(paths[0], paths[2])
    return paths


def measure_load(paths: tuple[Path, Path, Path], rounds: int) -> dict[str, list[list[float]]]:
    """Seconds to load, and to load and index, by form; YAML once a run, for it takes long."""
    times: dict[str, list[list[float]]] = {"json": [], "yaml": [run(_TIMED, paths[1])[0]], "compiled": []}
    for _ in range(rounds):
        times["json"].append(run(_TIMED, paths[0])[0])
        times["compiled"].append(run(_TIMED, paths[2])[0])
    return times


def measure_process(compiled: Path, rounds: int) -> dict[str, float]:
    """Milliseconds of a process that does nothing, imports the library, or loads a small compiled catalog too."""
    codes = {"bare": "pass", "import": "import policy_lang", "load": _SMALL}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(rounds):
        for name, code in codes.items():
            times[name].append(1000 * run(code, compiled)[1])
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print both tables, and write them as JSON where asked."""
    parser = argparse.ArgumentParser(description="loading compiled catalogs, as ratios to their source and to a bare interpreter")
    parser.add_argument("--updates", type=int, default=10_000, help="distinct policies of the large catalog (default: 10000)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved loads of the large catalog (default: 3)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        loads = measure_load(write(Path(folder), distinct(options.updates, max(1, options.updates // 100))), options.rounds)
        compiled = write(Path(folder), distinct(SMALL, 1))[2]
        processes = measure_process(compiled, 7 * options.rounds)
    best = [statistics.median(times) for times in zip(*loads["compiled"], strict=True)]
    results: dict[str, Any] = {"updates": options.updates, "process_ms": processes}
    print(f"{options.updates} distinct policies{'load s':>12}{'ratio':>8}{'load + index s':>17}{'ratio':>8}")
    for name, rounds in loads.items():
        load, both = (statistics.median(times) for times in zip(*rounds, strict=True))
        results[name] = {"load_s": load, "load_index_s": both, "ratio": load / best[0], "ratio_index": both / best[1]}
        print(f"{name:<24}{load:>12.3f}{load / best[0]:>8.1f}{both:>17.3f}{both / best[1]:>8.1f}")
    print(f"\n{'process':<24}{'ms':>12}{'ratio':>8}")
    for name, milliseconds in processes.items():
        print(f"{name:<24}{milliseconds:>12.1f}{milliseconds / processes['bare']:>8.1f}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
