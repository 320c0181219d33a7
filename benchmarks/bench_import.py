"""Importing a fleet: `python benchmarks/bench_import.py [--devices N] [--json FILE]`.

The subject writes an NDJSON file of random devices as typed Parquet, once with inferred types and once with a schema. Each import
runs in a process of its own, which reports its peak memory. The baseline parses the same lines with Python's own decoder and does
nothing else. Times are those of the processor, because a clock on the wall also counts what other processes do. The targets are one
million devices, and 1 GB of memory at most.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

MOST_MEMORY = 1024
"""The target, in MiB."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "product": {"type": "string"},
        "version": {"type": "string", "format": "semver"},
        "region": {"type": "string"},
        "channel": {"enum": ["stable", "beta"]},
        "pro": {"type": "boolean"},
        "memory": {"type": "integer"},
        "load": {"type": "number"},
        "seen": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "site": {"type": "object", "properties": {"name": {"type": "string"}, "floor": {"type": "integer"}}},
        "bootloader": {"type": "string", "format": "semver"},
    },
}
_IMPORT = """
import resource, sys
from time import process_time
from policy_lang.fleet.importing.devices import import_devices
from policy_lang.types.schema import Schema
schema = Schema.load(sys.argv[3]) if len(sys.argv) > 3 else None
start = process_time()
report = import_devices(sys.argv[1], sys.argv[2], schema=schema)
print(process_time() - start, report.devices, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def devices(count: int) -> Iterator[dict[str, Any]]:
    """Devices with twelve properties; two in a thousand have a text for their memory, every tenth sends all as text."""
    random = Random(1)
    for number in range(count):
        yield {
            "id": f"ATL-{number:08}",
            "product": random.choice(("atlas", "beacon")),
            "version": f"{random.randrange(3)}.{random.randrange(10)}.{random.randrange(5)}",
            "region": random.choice(("us-west", "us-east", "eu-central", "ap-south")),
            "channel": random.choice(("stable", "stable", "beta")),
            "pro": random.random() < 0.5 if number % 10 else "true",
            "memory": "lots" if random.random() < 0.002 else random.choice((128, 256, 512, "512")),
            "load": round(random.random(), 3),
            "seen": f"2026-05-{random.randrange(1, 29):02}T{random.randrange(24):02}:{random.randrange(60):02}:00Z",
            "tags": random.sample(("home", "office", "lab"), 2),
            "site": {"name": random.choice("abc"), "floor": random.randrange(5)},
            "bootloader": "1.0.0",
        }


def baseline(source: Path) -> float:
    """The seconds that parsing alone takes."""
    start = process_time()
    with source.open("rb") as file:
        for line in file:
            json.loads(line)
    return process_time() - start


def measure(source: Path, schema: Path | None) -> tuple[float, int, int]:
    """Seconds, devices and peak memory in MiB of one import."""
    arguments = [str(source), str(source.with_suffix(".parquet")), *([] if schema is None else [str(schema)])]
    run = subprocess.run([sys.executable, "-c", _IMPORT, *arguments], capture_output=True, text=True, check=True)  # noqa: S603  our own
    seconds, count, memory = run.stdout.split()
    return float(seconds), int(count), int(memory)


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description="importing a fleet, as a ratio to parsing its lines in the same run")
    parser.add_argument("--devices", type=int, default=1_000_000, help="how many devices (default: 1,000,000)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        source, schema = Path(folder, "fleet.ndjson"), Path(folder, "schema.json")
        schema.write_text(json.dumps(SCHEMA))
        with source.open("w") as file:
            file.writelines(f"{json.dumps(device)}\n" for device in devices(options.devices))
        parse = baseline(source)
        size = source.stat().st_size / 2**20
        print(f"{options.devices:,} devices, {size:.0f} MiB of NDJSON; parsing alone {options.devices / parse:,.0f} a second")
        print(f"{'import':<16}{'devices per second':>20}{'ratio to parsing':>18}{'peak memory':>14}{'file':>10}")
        for name, given in (("inferred types", None), ("with a schema", schema)):
            seconds, count, memory = measure(source, given)
            size = source.with_suffix(".parquet").stat().st_size / 2**20
            results[name] = {
                "devices": count,
                "per_second": count / seconds,
                "ratio": seconds / parse,
                "memory_mib": memory,
                "file_mib": size,
            }
            print(f"{name:<16}{count / seconds:>20,.0f}{seconds / parse:>17.1f}x{memory:>10,} MiB{size:>6.0f} MiB")
            if count != options.devices or memory > MOST_MEMORY:
                sys.exit(f"{name}: {count} devices in {memory} MiB; the target is {options.devices} in {MOST_MEMORY}")
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
