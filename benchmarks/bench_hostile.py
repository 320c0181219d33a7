"""A fleet that wants to hurt: `python benchmarks/bench_hostile.py [--devices N] [--updates N] [--json FILE]`.

Every check-in has a version that was never seen before and values that were never seen before: long texts, huge numbers, nested
lists, properties that no policy reads. Whatever the library remembers of devices must be bounded. Printed is by how much the
resident memory of this process grew, at the end and at most, after a warm-up; and the time of a check-in as a
ratio to one of the ordinary fleet, measured before and after. The ordinary fleet must get the same updates as before.
"""

import gc
import os
import random
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import workload
from timing import command_line, pass_over, write_results

from policy_lang.catalog.catalog import Catalog
from policy_lang.selection.engine import Selector

PRODUCTS = 10
BATCH = 1_000
MOST_MEGABYTES = 100.0
_MEGABYTE = 1 << 20
_NAMES = ("model", "region", "tier", "channel", "memory", "serial", "pro")

Device = dict[str, Any]


def resident() -> int:
    """The bytes of this process that are in memory, without garbage."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def hostile_version(rng: random.Random, number: int) -> object:
    """A version that no other device has; some are long, some are none."""
    match rng.randrange(8):
        case 0:
            return f"{number}.0.0"
        case 1:
            return f"0.0.{number}-rc.{number}+build.{number}"
        case 2:
            return f"1.{number}.0-{'a' * rng.randrange(200)}{number}"
        case 3:
            return f"{number}.{10**40 + number}.{number}"
        case 4:
            return f"no version {number}"
        case 5:
            return "9" * 4_096 + f".{number}.0"
        case 6:
            return [number]
        case _:
            return f"0.{number % 10}.{number}"


def hostile_value(rng: random.Random, number: int) -> object:
    """A value that no other device has."""
    match rng.randrange(8):
        case 0:
            return 10**300 + number
        case 1:
            return [[number], [[str(number)]] * 3]
        case 2:
            return {"value": number}
        case 3:
            return number + rng.random()
        case 4:
            return -number
        case 5 if rng.random() < 0.05:
            return f"{number:04096}"
        case _:
            return f"X1{number}"


def hostile_fleet(devices: int, seed: int = 3) -> Iterator[list[Device]]:
    """Batches of devices, made as they are needed."""
    rng = random.Random(seed)
    for start in range(0, devices, BATCH):
        yield [_hostile_device(rng, number) for number in range(start, min(devices, start + BATCH))]


def _hostile_device(rng: random.Random, number: int) -> Device:
    product = f"product-{rng.randrange(PRODUCTS)}" if rng.random() < 0.95 else f"product-{PRODUCTS + number}"
    device: Device = {"id": f"hostile-{number}", "product": product, "version": hostile_version(rng, number)}
    device |= {name: hostile_value(rng, number) for name in _NAMES}
    device[f"property_{number}"] = number
    return device


def attack(selector: Selector, devices: int) -> tuple[list[float], int]:
    """The nanoseconds per check-in of each batch, and the most memory that was resident between batches."""
    times, most = [], 0
    for at, batch in enumerate(hostile_fleet(devices)):
        times.append(pass_over(selector.select, batch))
        if at % 50 == 0:
            most = max(most, resident())
    return times, most


def measure(devices: int, updates: int) -> dict[str, float]:
    """One attack."""
    selector = Selector(Catalog.load(workload.catalog(updates, PRODUCTS)))
    ordinary = workload.fleet(BATCH, updates, PRODUCTS)
    before = [selector.select(device).update for device in ordinary]
    attack(selector, 2 * BATCH)
    calm = [pass_over(selector.select, ordinary) for _ in range(20)]
    start = resident()
    times, most = attack(selector, devices)
    end = resident()
    calm += [pass_over(selector.select, ordinary) for _ in range(20)]
    if [selector.select(device).update for device in ordinary] != before:
        sys.exit("the ordinary fleet gets other updates than before")
    nanoseconds, usual = statistics.median(times), statistics.median(calm)
    return {
        "devices": devices,
        "updates": updates,
        "growth_mb": (end - start) / _MEGABYTE,
        "most_mb": (max(most, end) - start) / _MEGABYTE,
        "start_mb": start / _MEGABYTE,
        "per_second": 1e9 / statistics.mean(times),
        "us": nanoseconds / 1_000,
        "ratio": nanoseconds / usual,
    }


def main() -> None:
    """Print the figures, and write them as JSON where asked."""
    parser = command_line("memory and time under a fleet of distinct, malformed and huge values")
    parser.add_argument("--devices", type=int, default=1_000_000, help="check-ins (default: 1000000)")
    parser.add_argument("--updates", type=int, default=1_000, help="updates of ten products (default: 1000)")
    options = parser.parse_args()
    row = measure(options.devices, options.updates)
    over = "" if row["most_mb"] <= MOST_MEGABYTES else f"  more than {MOST_MEGABYTES:g}"
    print(f"{options.devices} hostile check-ins, {options.updates} updates of {PRODUCTS} products")
    print(f"resident memory: {row['start_mb']:.1f} MB, grew by {row['growth_mb']:.1f} MB, by {row['most_mb']:.1f} at most{over}")
    print(f"check-ins: {row['per_second']:.0f} a second, {row['us']:.2f} us each, {row['ratio']:.1f} times an ordinary one")
    write_results(options.json, row)


if __name__ == "__main__":
    main()
