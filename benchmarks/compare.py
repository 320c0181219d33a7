"""All benchmarks in one run: `python benchmarks/compare.py [NAME ...] [--quick] [--record] [--against REV] [--docs PAGE]`.

Each benchmark is a process of its own, one after the other; what they print is shown as they end, and their ratios once more at the
end. `--record` appends the results to benchmarks/history.jsonl. `--docs docs/performance.md` writes the tables of that page and its
picture. `--against REV` runs the benchmarks of today against the package of another revision, each right after its own run here,
and fails where a ratio costs more than `--tolerance` percent more. Peers run where `make bench-peers` has installed them.
"""

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from figures import Figure, figures
from revision import ROOT, git, interpreter_of
from tables import write_page

FOLDER = Path(__file__).resolve().parent
HISTORY = FOLDER / "history.jsonl"
PEERS = ROOT / ".venv-peers" / "bin" / "python"

BENCHES: dict[str, list[str]] = {
    "evaluate": ["--rounds", "15"],
    "select": ["--largest", "1000", "--rounds", "5"],
    "build": ["--updates", "1000", "--rounds", "3"],
    "cold_start": ["--updates", "1000"],
    "lint": ["--policies", "300", "--rounds", "3"],
    "hostile": ["--devices", "50000"],
    "fleet": ["--devices", "200000", "--largest", "0", "--rounds", "5"],
    "import": ["--devices", "100000"],
    "service": ["--rounds", "3", "--requests", "2000"],
    "peers": ["--rounds", "3"],
}
"""The benchmarks, and what makes them quick."""

NOT_COMPARED = {"peers"}
"""Another revision of ours changes nothing about other engines, and they take long."""

Results = dict[str, Any]


def run_bench(name: str, python: Path, *, quick: bool) -> tuple[Results | None, str]:
    """The results of one benchmark, or None where it failed, and what it printed."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        command = [python, FOLDER / f"bench_{name}.py", "--json", file, *(BENCHES[name] if quick else ())]
        found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603
        return (json.loads(file.read_text()) if found.returncode == 0 else None), found.stdout


def interpreters(names: list[str]) -> dict[str, Path]:
    """The Python of each benchmark that can run here."""
    known = {name: PEERS if name == "peers" else Path(sys.executable) for name in names or BENCHES}
    return {name: python for name, python in known.items() if python.exists() and (FOLDER / f"bench_{name}.py").exists()}


def run_all(benches: dict[str, Path], other: Path | None, *, quick: bool) -> tuple[dict[str, Results], dict[str, Results]]:
    """The results here, and those with another interpreter right after each; one that fails there is left out."""
    here: dict[str, Results] = {}
    there: dict[str, Results] = {}
    for name, python in benches.items():
        results, printed = run_bench(name, python, quick=quick)
        print(f"== {name}\n{printed}", flush=True)
        if results is None:
            sys.exit(f"bench_{name}.py failed")
        here[name] = results
        if other is not None and name not in NOT_COMPARED:
            before, printed = run_bench(name, other, quick=quick)
            if before is None:
                print(f"bench_{name}.py does not run with the other revision: {printed.splitlines()[-1]}", flush=True)
            else:
                there[name] = before
    return here, there


def processor() -> str:
    """The model of the machine's processor."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def describe(date: str | None, results: dict[str, Results]) -> Results:
    """A run: when, what, where."""
    return {
        "date": date or git("show", "--no-patch", "--format=%cI", "HEAD").decode().strip(),
        "commit": git("describe", "--always", "--dirty=+", "--exclude=*").decode().strip(),
        "python": platform.python_version(),
        "cpu": processor(),
        "results": results,
    }


def all_figures(results: dict[str, Results]) -> dict[str, Figure]:
    """The figures of a run by their names."""
    return {figure.name: figure for name, each in results.items() for figure in figures(name, each)}


def show(found: dict[str, Figure]) -> None:
    """Print the figures of one run."""
    for figure in found.values():
        print(f"{figure.name:<52}{figure.value:>12,.2f} {figure.unit}")


def show_against(now: dict[str, Figure], then: dict[str, Figure], tolerance: float) -> bool:
    """Print both runs, and say whether any figure costs more than is tolerated."""
    worse = False
    print(f"{'':<52}{'then':>12}{'now':>12}{'cost':>9}")
    for name in [name for name in now if name in then]:
        cost = now[name].cost_over(then[name])
        worse |= cost > tolerance
        mark = "  worse" if cost > tolerance else ""
        print(f"{name:<52}{then[name].value:>12,.2f}{now[name].value:>12,.2f}{cost:>+8.0f}%{mark}")
    return worse


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description="run the benchmarks, record their ratios, compare them with another revision")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="smaller catalogs and fewer rounds")
    parser.add_argument("--record", action="store_true", help="append the results to benchmarks/history.jsonl")
    parser.add_argument("--date", help="the date of the record (default: that of the commit)")
    comparison = parser.add_mutually_exclusive_group()
    comparison.add_argument("--against", metavar="REV", help="a revision to compare with")
    parser.add_argument("--tolerance", type=float, default=20, help="percent that a ratio may cost more (default: 20)")
    parser.add_argument("--json", type=Path, help="also write the whole run to this file")
    comparison.add_argument("--from", dest="earlier", type=Path, metavar="FILE", help="run nothing, take such a file")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="write the tables of this page, and the picture beside it")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    """Run, print, write what was asked for."""
    options = arguments()
    then: dict[str, Results] = {}
    if options.earlier:
        run = json.loads(options.earlier.read_text())
    else:
        with TemporaryDirectory() as folder:
            other = interpreter_of(options.against, Path(folder)) if options.against else None
            here, then = run_all(interpreters(options.names), other, quick=options.quick)
        run = describe(options.date, here)
    if options.json:
        options.json.write_text(json.dumps(run, indent=2) + "\n")
    if options.record:
        with HISTORY.open("a") as file:
            file.write(json.dumps(run) + "\n")
    if options.docs:
        write_page(options.docs, run)
    now = all_figures(run["results"])
    show(now)
    if options.against:
        print()
        sys.exit(show_against(now, all_figures(then), options.tolerance))


if __name__ == "__main__":
    main()
