"""What the benchmarks' results come down to: one list of named ratios, so that two runs can be compared."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Results = dict[str, Any]
"""What a benchmark writes with `--json`."""


class Figure(NamedTuple):
    """One ratio to a baseline of the same run.

    Attributes:
        name: what was measured.
        value: the ratio.
        unit: what it is a ratio to.
        is_better_low: whether a lower value is better.
    """

    name: str
    value: float
    unit: str
    is_better_low: bool = True

    def cost_over(self, other: "Figure") -> float:
        """By how many percent this one costs more than the same figure of another run; negative where it costs less."""
        more, less = (self.value, other.value) if self.is_better_low else (other.value, self.value)
        return 100 * (more / less - 1)


def figures(bench: str, results: Results) -> list[Figure]:
    """The figures of one benchmark."""
    return list(_READERS[bench](results))


def _evaluate(results: Results) -> Iterator[Figure]:
    for name, row in results.items():
        yield Figure(f"evaluate {name}", row["ratio"], "of Python by hand")


def _select(results: Results) -> Iterator[Figure]:
    for row in results["select"]:
        name = f"select, updates {row['updates']:,}, products {row['products']:,}"
        yield Figure(name, row["times"], "times as fast as a naive loop", is_better_low=False)


def _build(results: Results) -> Iterator[Figure]:
    yield Figure("load", results["load"]["ratio"], "of json.loads")
    for products, row in results["index"].items():
        yield Figure(f"index, {results['updates']:,} updates, {products}", row["ratio"], "of sorting the updates")
    yield Figure("change of one update", results["change"]["ratio"], "of building the index anew")
    memory = results["memory"]
    yield Figure("memory of index and code", memory["index"] + memory["code"], "bytes per update")
    for name, row in results["stages"].items():
        yield Figure(f"compile {name}", row["ratio"], "of Python's compile")


def _cold_start(results: Results) -> Iterator[Figure]:
    row, processes = results["json"], results["process_ms"]
    yield Figure("load compiled", row["ratio"], "times as fast as JSON", is_better_low=False)
    yield Figure("load and index compiled", row["ratio_index"], "times as fast as JSON", is_better_low=False)
    yield Figure("import policy_lang", processes["import"] / processes["bare"], "of a bare interpreter")
    yield Figure("process with a small compiled catalog", processes["load"] / processes["bare"], "of a bare interpreter")


def _lint(results: Results) -> Iterator[Figure]:
    for name, row in results.items():
        yield Figure(name, row["ratio"], "of parsing alone")


def _hostile(results: Results) -> Iterator[Figure]:
    yield Figure("hostile check-in", results["ratio"], "of an ordinary one")


def _fleet(results: Results) -> Iterator[Figure]:
    for fleet in results["fleets"]:
        size = f"of {fleet['devices']:,} devices"
        for name, row in fleet["counts"].items():
            yield Figure(f"count {name} {size}", row["loop_ns"] / row["ns"], "times as fast as the loop", is_better_low=False)
            yield Figure(f"count {name} {size}, by hand", row["ns"] / row["hand_ns"], "of SQL by hand")
        row = fleet["assign"]
        yield Figure(f"assignment {size}", row["loop_ns"] / row["ns"], "times as fast as the loop", is_better_low=False)
        yield Figure(f"memory {size}", fleet["peak_mb"], "MB at most")
    for name, ratio in results.get("growth", {}).items():
        yield Figure(f"{name}, per device of the larger fleet", ratio, "of the smaller one")


def _import(results: Results) -> Iterator[Figure]:
    for name, row in results.items():
        yield Figure(f"import, {name}", row["ratio"], "of parsing alone")
        yield Figure(f"memory of an import, {name}", row["memory_mib"], "MiB at most")


def _service(results: Results) -> Iterator[Figure]:
    for row in results["rows"]:
        yield Figure(f"check-ins over HTTP, {row['name']}", row["ratio"], "of a bare endpoint", is_better_low=False)
        yield Figure(f"cost of a check-in, {row['name']}", row["growth"], "of the smallest catalog")


def _peers(results: Results) -> Iterator[Figure]:
    for peer in results["peers"]:
        for name, row in peer["policies"].items():
            if not row["wrong"]:
                yield Figure(f"{name} in {peer['name']}", row["times"], "times as slow as policy_lang", is_better_low=False)


_READERS: dict[str, Callable[[Results], Iterator[Figure]]] = {
    "evaluate": _evaluate,
    "select": _select,
    "build": _build,
    "cold_start": _cold_start,
    "lint": _lint,
    "hostile": _hostile,
    "fleet": _fleet,
    "import": _import,
    "service": _service,
    "peers": _peers,
}
