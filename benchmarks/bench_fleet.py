"""A fleet in Parquet against loops: `python benchmarks/bench_fleet.py [--devices N] [--largest N] [--json FILE]`.

- count: the policies P1 to P3 of `bench_evaluate.py` over all devices. Baselines: the loop over our own compiled policies on a
  slice of the same devices, and hand-written SQL over the same columns in the same engine.
- assign: a catalog of 50 updates over all devices. Baseline: the loop over `Selector.select` on the slice.
- growth: both once more with ten times as many devices, in a process of its own, with its peak memory.

Answers are compared before anything is timed. Times are those of a clock on the wall, of the faster half of the rounds, for what
engines gain from several processors is part of the matter.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import workload
from bench_evaluate import P1, P2, P3

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.columns import Columns, columns_of_schema
from policy_lang.fleet.model import Fleet, Given
from policy_lang.fleet.sources import open_fleet
from policy_lang.fleet.tables import arrow_schema
from policy_lang.pipeline import compile_policy
from policy_lang.selection.engine import Selector
from policy_lang.types.schema import Schema
from policy_lang.versions.version import Version

pc: Any = pyarrow.compute  # its types know no numbers of Python

UPDATE = {"id": "release-7", "version": "1.6.0"}
UPDATES = 50
SLICE = 20_000
_BATCH = 500_000
_MISSING = 0.03
_TEXT, _VERSION = {"type": "string"}, {"type": "string", "format": "semver"}

SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            **dict.fromkeys(("id", "product", "model", "region", "tier", "channel", "serial"), _TEXT),
            "version": _VERSION,
            "memory": {"type": "integer"},
            "pro": {"type": "boolean"},
            "test": {"type": "boolean"},
        },
    }
)
"""What the devices send."""

_VERSIONS = [f"{major}.{minor}.{patch}" for major in range(3) for minor in range(11) for patch in range(10)]
_VERSIONS += [f"1.{minor}.0-rc.{number}" for minor in range(11) for number in range(3)]
_VALUES: dict[str, list[Any]] = {
    "product": ["product-0"],
    "version": _VERSIONS,
    "model": [*workload.models(UPDATES), "X100", "X100-pro", "X200"],
    "region": workload.REGIONS,
    "tier": workload.TIERS,
    "channel": workload.CHANNELS,
    "memory": workload.MEMORY,
    "serial": [f"S{number:05}" for number in range(100_000)],
    "pro": [True, False],
    "test": [True, False],
}
HAND = {
    "P1": """"version__key" < 'a1a6a0s'""",
    "P2": """"version__key" < 'a1a6a0s' AND ("region" = 'us-west' OR "tier" = 'premium')""",
    "P3": """"version__key" >= 'a1a4a0s' AND "version__key" < 'a2a0a0s' AND "model" ^@ 'X100' AND "memory" >= 256 AND NOT "test"
        AND "region" IN ('us-west', 'us-east', 'eu-central')""",
}
"""The policies as one would write them for DuckDB."""


def write_fleet(path: Path, devices: int, columns: Columns) -> None:
    """A Parquet file as an import leaves it: typed columns, version keys, presence."""
    schema = arrow_schema(columns)
    keys = pa.array([Version.parse(text).key for text in _VERSIONS])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, devices, _BATCH):
            size = min(_BATCH, devices - start)
            writer.write_table(pa.table(_batch(start, size, columns, keys), schema=schema))


def _batch(start: int, size: int, columns: Columns, keys: "pa.Array[Any]") -> dict[str, Any]:
    made: dict[str, Any] = {}
    for at, column in enumerate(columns.rows):
        (name,) = column.path
        if name == "id":
            made[column.name] = pc.binary_join_element_wise(
                "device-", pc.cast(pa.array(range(start, start + size)), pa.string()), ""
            )
        else:
            values = pa.array(_VALUES[name])
            picked = pc.cast(pc.floor(pc.multiply(pc.random(size, initializer=start + at), len(values))), pa.int64())
            if name not in {"product", "version"}:
                gone = pc.less(pc.random(size, initializer=start + at + 500), _MISSING)
                picked = pc.if_else(gone, None, picked)
            made[column.name] = values.take(picked)
            if column.key:
                made[column.key] = keys.take(picked)
        if column.present:
            made[column.present] = pc.is_valid(made[column.name])
    return made


def slice_of(path: Path, columns: Columns) -> list[dict[str, Any]]:
    """The first devices of a file, as they would have been sent."""
    names = [column.name for column in columns.rows]
    rows = next(pq.ParquetFile(path).iter_batches(SLICE, columns=names)).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def interleaved(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """The nanoseconds of one call of each, the median of the faster half of its rounds; the rounds take turns."""
    times: list[list[int]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, taken in zip(actions, times, strict=True):
            start = perf_counter_ns()
            action()
            taken.append(perf_counter_ns() - start)
    return [statistics.median(sorted(taken)[: (rounds + 1) // 2]) for taken in times]


def count_by_hand(connection: duckdb.DuckDBPyConnection, path: Path, condition: str) -> tuple[int, int, int]:
    """The three counts by SQL as one would write it."""
    query = f"SELECT count(*), count(c), count(CASE WHEN c THEN 1 END) FROM (SELECT {condition} AS c FROM read_parquet(?))"  # noqa: S608  constants
    ((total, known, matched),) = connection.execute(query, [str(path)]).fetchall()
    return matched, known - matched, total - known


def measure_counts(fleet: Fleet, path: Path, devices: int, sample: Sequence[dict[str, Any]], rounds: int) -> dict[str, Any]:
    """P1 to P3: ours, the loop, and by hand; nanoseconds per device."""
    connection, given, rows = duckdb.connect(), Given(UPDATE), {}
    small = open_fleet(list(sample))
    for name, text in {"P1": P1, "P2": P2, "P3": P3}.items():
        policy = compile_policy(text, schema=SCHEMA)
        condition = HAND[name]
        _check(name, tuple(fleet.count(policy, given)), count_by_hand(connection, path, condition))
        _check(name, tuple(small.count(policy, given)), _loop(policy, sample))
        ours, by_hand, loop = interleaved(
            rounds,
            lambda: fleet.count(policy, given),  # noqa: B023  called at once
            lambda: count_by_hand(connection, path, condition),  # noqa: B023  called at once
            lambda: _loop(policy, sample),  # noqa: B023  called at once
        )
        rows[name] = {"ns": ours / devices, "hand_ns": by_hand / devices, "loop_ns": loop / len(sample)}
    return rows


def _loop(policy: Policy, devices: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    answers = [policy.evaluate(device, UPDATE) for device in devices]
    return answers.count(True), answers.count(False), answers.count(None)


def measure_assignment(fleet: Fleet, devices: int, sample: Sequence[dict[str, Any]], rounds: int) -> dict[str, float]:
    """A catalog of 50 updates: ours, and the loop over `Selector.select`; nanoseconds per device."""
    catalog = Catalog.load(workload.catalog(UPDATES, 1), schema=SCHEMA)
    selector, small = Selector(catalog), open_fleet(list(sample))
    wanted: dict[str | None, int] = {}
    for device in sample:
        update = selector.select(device).update
        name = None if update is None else update.id
        wanted[name] = wanted.get(name, 0) + 1
    _check("assignment", small.count_assigned(catalog), wanted)
    ours, loop = interleaved(rounds, lambda: fleet.count_assigned(catalog), lambda: [selector.select(device) for device in sample])
    return {"ns": ours / devices, "loop_ns": loop / len(sample)}


def _check(name: str, found: object, wanted: object) -> None:
    if found != wanted:
        sys.exit(f"{name}: the answers differ: {found}, not {wanted}")


def measure(path: Path, devices: int, rounds: int) -> dict[str, Any]:
    """Everything for one fleet."""
    columns = columns_of_schema(SCHEMA)
    sample = slice_of(path, columns)
    fleet = open_fleet(path)
    counts = measure_counts(fleet, path, devices, sample, rounds)
    assigned = measure_assignment(fleet, devices, sample, max(3, rounds // 3))
    fleet.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"devices": devices, "counts": counts, "assign": assigned, "peak_mb": memory}


def measure_apart(path: Path, devices: int, rounds: int) -> dict[str, Any]:
    """The same in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, __file__, "--measure", str(path), "--devices", str(devices), "--rounds", str(rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  this very file
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(found: dict[str, Any]) -> None:
    """One fleet as a table."""
    print(f"\n{found['devices']:,} devices; peak memory {found['peak_mb']:,.0f} MB, file {found['file_mb']:,.0f} MB")
    print(f"{'':<12}{'ns/device':>11}{'seconds':>9}{'loop ns':>10}{'times loop':>12}{'hand ns':>9}{'of hand':>9}")
    for name, row in {**found["counts"], f"assign {UPDATES}": found["assign"]}.items():
        hand = f"{row['hand_ns']:>9.1f}{row['ns'] / row['hand_ns']:>8.2f}x" if "hand_ns" in row else ""
        seconds = row["ns"] * found["devices"] / 1e9
        print(f"{name:<12}{row['ns']:>11.1f}{seconds:>9.2f}{row['loop_ns']:>10.0f}{row['loop_ns'] / row['ns']:>11.1f}x{hand}")


def main() -> None:
    """Print the tables, and write them as JSON where asked."""
    parser = argparse.ArgumentParser(description="a fleet in Parquet, as ratios to loops and to SQL by hand in the same run")
    parser.add_argument("--devices", type=int, default=1_000_000, help="devices of the first fleet (default: 1000000)")
    parser.add_argument("--largest", type=int, default=10_000_000, help="devices of the second one; 0 for none (default: 10000000)")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each question (default: 9)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(measure(options.measure, options.devices, options.rounds)))
        return
    fleets = [run(devices, options.rounds) for devices in (options.devices, options.largest) if devices]
    results: dict[str, Any] = {"fleets": fleets, "cpus": os.cpu_count()}
    if len(fleets) > 1:
        results["growth"] = growth(*fleets)
        print(
            "\ncost per device, the larger fleet to the smaller one: "
            + ", ".join(f"{k} {v:.2f}x" for k, v in results["growth"].items())
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def run(devices: int, rounds: int) -> dict[str, Any]:
    """Make a fleet, measure it, and show the table."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.parquet"
        write_fleet(path, devices, columns_of_schema(SCHEMA))
        found = {**measure_apart(path, devices, rounds), "file_mb": path.stat().st_size / 2**20}
    show(found)
    return found


def growth(small: dict[str, Any], large: dict[str, Any]) -> dict[str, float]:
    """How much more a device costs in the larger fleet."""
    found = {name: large["counts"][name]["ns"] / row["ns"] for name, row in small["counts"].items()}
    return {**found, "assign": large["assign"]["ns"] / small["assign"]["ns"]}


if __name__ == "__main__":
    main()
