"""The tables of docs/performance.md, written between their markers, so that no figure is ever typed by hand."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import plot

Results = dict[str, Any]


def write_page(page: Path, run: Results) -> None:
    """Put the tables of a run into a page, and the picture beside it; what was not run stays as it is."""
    text = page.read_text()
    text = _filled(text, "machine", _machines(text, run))
    for bench, results in run["results"].items():
        for marker, table in _TABLES[bench].items():
            text = _filled(text, marker, table(results))
    page.write_text(text)
    if "select" in run["results"]:
        page.with_suffix(".svg").write_text(plot.picture(run["results"]["select"]["select"]))


def _filled(text: str, marker: str, content: str) -> str:
    pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
    found, count = pattern.subn(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)
    if count != 1:
        raise ValueError(f"the page has {count} places for {marker!r}, not one")
    return found


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A table whose first column is text and the others numbers."""
    names = head.split(" | ")
    lines = [names, ["---", *["--:"] * (len(names) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _short(value: float) -> str:
    """A ratio with as many digits as mean something."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _machines(text: str, run: Results) -> str:
    """Where each benchmark was last run; those that this run leaves out keep their row."""
    rows = {
        name: [name, *rest.split(" | ")] for name, rest in re.findall(r"^\| (\w+) \| (\w+\+? \| \d{4}-.*) \|$", text, re.MULTILINE)
    }
    for name in run["results"]:
        rows[name] = [name, run["commit"], run["date"][:10], run["python"], run["cpu"]]
    return _table("benchmark | commit | date | Python | processor", [rows[name] for name in sorted(rows)]).replace("--:", "---")


def _evaluate(results: Results) -> str:
    rows = [
        [name, f"{row['ns']:.0f}", f"{row['baseline_ns']:.0f}", _short(row["ratio"]), f"{row['spread']:.0f} %"]
        for name, row in results.items()
    ]
    return _table("policy | ns per evaluation | by hand, ns | ratio | spread", rows)


def _peers(results: Results) -> str:
    rows = []
    for peer in results["peers"]:
        cells = [f"{row['wrong']:.0f} wrong" if row["wrong"] else _short(row["times"]) for row in peer["policies"].values()]
        version = f" {peer['version']}" if peer["version"] else ""
        rows.append([f"{peer['package']}{version}", peer["name"].partition(", ")[2], *(cells or ["absent", "", "", ""])])
    return _table("engine | versions by | P1 | P2 | P3 | P4", rows).replace("| --- | --: |", "| --- | --- |", 1)


def _select(results: Results) -> str:
    rows = [
        [
            f"{row['updates']:,}",
            f"{row['products']:,}",
            f"{row['us']:.2f}",
            f"{row['p99_us']:.2f}",
            f"{row['naive_us']:,.2f}",
            _short(row["times"]),
        ]
        for row in results["select"]
    ]
    return _table("updates | products | µs per check-in | 99th percentile, µs | naive loop, µs | times as fast", rows)


def _load(results: Results) -> str:
    row = results["load"]
    cells = [f"{row[name]:,.0f}" for name in ("load_us", "parse_us", "check_us", "rest_us", "ratio")]
    return _table(" | µs per update | parse | check | rest | times json.loads", [["`Catalog.load`", *cells]])


def _index(results: Results) -> str:
    rows = [
        [f"index of {results['updates']:,} updates, {name}", f"{row['us']:.1f} µs per update"]
        for name, row in results["index"].items()
    ]
    memory, change = results["memory"], results["change"]
    rows += [
        ["one new update: the catalog", f"{change['catalog_ms']:.2f} ms"],
        ["one new update: the selector", f"{change['selector_ms']:.2f} ms"],
        ["memory of the index", f"{memory['index']:,.0f} bytes per update"],
        ["memory of the generated code", f"{memory['code']:,.0f} bytes per update"],
        ["memory of the catalog itself", f"{memory['catalog']:,.0f} bytes per update"],
    ]
    return _table("what | cost", rows)


def _stages(results: Results) -> str:
    names = ("parse_us", "check_us", "generate_us", "again_us", "python_us", "ratio")
    rows = [[name, *(f"{row[each]:,.0f}" for each in names)] for name, row in results["stages"].items()]
    return _table("policy | parse, µs | check, µs | generate, µs | same shape again, µs | Python's compile, µs | ratio", rows)


def _cold_start(results: Results) -> str:
    rows = [
        [name, f"{results[name]['load_s']:.2f}", f"{results[name]['load_index_s']:.2f}", _short(results[name]["ratio"])]
        for name in ("json", "yaml", "compiled")
    ]
    return _table(f"{results['updates']:,} distinct policies | load, s | load and index, s | times the compiled load", rows)


def _process(results: Results) -> str:
    times = results["process_ms"]
    names = {"bare": "bare interpreter", "import": "`import policy_lang`", "load": "load a small compiled catalog"}
    return _table("process | ms | ratio", [[names[name], f"{ms:.0f}", _short(ms / times["bare"])] for name, ms in times.items()])


def _lint(results: Results) -> str:
    rows = [[name, f"{row['per_second']:,.0f}", _short(row["ratio"]), f"{row['spread']:.0f} %"] for name, row in results.items()]
    return _table("what | policies per second | times parsing alone | spread", rows)


def _hostile(results: Results) -> str:
    row = results
    rows = [
        ["growth of resident memory, at most", f"{row['most_mb']:.1f} MB"],
        ["check-ins per second", f"{row['per_second']:,.0f}"],
        ["times an ordinary check-in", _short(row["ratio"])],
    ]
    return _table(f"{row['devices']:,} hostile check-ins | figure", rows)


def _fleet(results: Results) -> str:
    rows = [_question(fleet, name, row) for fleet in results["fleets"] for name, row in fleet["counts"].items()]
    rows += [_question(fleet, "assignment of 50 updates", fleet["assign"]) for fleet in results["fleets"]]
    return _table("question | devices | seconds | ns per device | times as fast as the loop | of SQL by hand", rows)


def _question(fleet: Results, name: str, row: Results) -> list[str]:
    by_hand = _short(row["ns"] / row["hand_ns"]) if "hand_ns" in row else ""
    seconds = f"{row['ns'] * fleet['devices'] / 1e9:.2f}"
    return [name, f"{fleet['devices']:,}", seconds, f"{row['ns']:.1f}", _short(row["loop_ns"] / row["ns"]), by_hand]


def _fleet_memory(results: Results) -> str:
    rows = [
        [f"{fleet['devices']:,} devices", f"{fleet['file_mb']:,.0f} MB", f"{fleet['peak_mb']:,.0f} MB"]
        for fleet in results["fleets"]
    ]
    return _table("fleet | Parquet file | peak memory", rows)


def _import(results: Results) -> str:
    rows = [
        [name, f"{row['per_second']:,.0f}", _short(row["ratio"]), f"{row['memory_mib']:,} MiB", f"{row['file_mib']:.0f} MiB"]
        for name, row in results.items()
    ]
    devices = max(row["devices"] for row in results.values())
    return _table(f"import of {devices:,} devices | devices per second | times parsing alone | peak memory | file", rows)


def _service(results: Results) -> str:
    rows = []
    for row in results["rows"]:
        rows.append(_requests(row["name"], row, [_short(row["ratio"]), _short(row["growth"])]))
        rows.append(_requests("the bare endpoint, same answers", row["bare"], ["1.00", ""]))
    return _table("catalog | µs of processor | requests per second | p50, ms | p99, ms | of bare | cost of the smallest", rows)


def _requests(name: str, row: Results, ratios: list[str]) -> list[str]:
    latencies = [f"{row[each]:.2f}" for each in ("p50_ms", "p99_ms")]
    return [name, f"{row['processor_us']:.0f}", f"{row['per_second']:,.0f}", *latencies, *ratios]


_TABLES: dict[str, dict[str, Callable[[Results], str]]] = {
    "evaluate": {"evaluate": _evaluate},
    "peers": {"peers": _peers},
    "select": {"select": _select},
    "build": {"load": _load, "index": _index, "stages": _stages},
    "cold_start": {"cold_start": _cold_start, "process": _process},
    "lint": {"lint": _lint},
    "hostile": {"hostile": _hostile},
    "fleet": {"fleet": _fleet, "fleet_memory": _fleet_memory},
    "import": {"import": _import},
    "service": {"service": _service},
}
