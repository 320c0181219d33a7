"""Selection against a naive loop: `python benchmarks/bench_select.py [--rounds N] [--largest N] [--json FILE]`.

The baseline is a loop over the same compiled policies, bound to their updates, in descending order of versions; each policy names
its product. A second baseline loops over the updates of the device's product only. Ours is the whole `Selector.select` with its
`Decision`. All are checked to choose the same updates first. A thousand devices rotate; passes are interleaved, and a ratio is the
median over the rounds. Where the first loop is slow, its passes are cut to fewer of the devices. How cost grows with the catalog
is a ratio too, at a hundred updates a product: passes over a catalog of a thousand updates are interleaved with those over larger
ones.
"""

import argparse
import gc
import json
import statistics
import sys
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from time import perf_counter_ns
from typing import Any, NamedTuple

import workload
from timing import pass_over

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.selection.engine import Selector
from policy_lang.types.decode import version_cache

DEVICES = 1_000
SIZES = [(1, 1), (10, 1), (100, 1), (10_000, 1), (1_000, 10), (10_000, 100), (100_000, 1_000)]
SMALLEST = (1_000, 10)
"""What growth is measured against."""

_SLOW = 50_000_000
"""Nanoseconds: a naive pass is cut to as many devices as fit."""

Choose = Callable[[dict[str, Any]], Update | None]


class Subject(NamedTuple):
    """What is measured: a selector and the devices that check in."""

    selector: Selector
    devices: list[dict[str, Any]]

    def round(self) -> float:
        """The nanoseconds for each check-in of one pass."""
        return pass_over(self.selector.select, self.devices)


def naive_loop(catalog: Catalog) -> Choose:
    """What one writes first: every update, newest first."""
    keys = version_cache(lenient=False)
    ordered = sorted(catalog, key=attrgetter("version"), reverse=True)
    for update in ordered:
        update.bound.warm()

    def choose(device: dict[str, Any]) -> Update | None:
        version = keys[device["version"]]
        if version is None:
            return None
        key = version.key
        for update in ordered:
            if update.version.key > key and update.bound.matches(device):
                return update
        return None

    return choose


def product_loop(catalog: Catalog) -> Choose:
    """What one writes next: the updates of the product, newest first."""
    keys = version_cache(lenient=False)
    groups = {product: catalog.for_product(product) for product in catalog.products}

    def choose(device: dict[str, Any]) -> Update | None:
        version = keys[device["version"]]
        if version is None:
            return None
        key = version.key
        for update in groups.get(device["product"], ()):
            if update.version.key > key and update.bound.matches(device):
                return update
        return None

    return choose


def percentile(choose: Callable[[dict[str, Any]], Any], devices: list[dict[str, Any]], rounds: int) -> float:
    """The 99th percentile of single check-ins, of which each has its least time over some rounds: the work, not the noise."""
    least = [sys.maxsize] * len(devices)
    for _ in range(rounds):
        for at, device in enumerate(devices):
            start = perf_counter_ns()
            choose(device)
            least[at] = min(least[at], perf_counter_ns() - start)
    return sorted(least)[len(least) * 99 // 100]


def prepare(updates: int, products: int) -> Subject:
    """A catalog of one size, and its devices."""
    catalog = Catalog.load(workload.catalog(updates, products))
    return Subject(Selector(catalog), workload.fleet(DEVICES, updates, products))


def measure(subject: Subject, smallest: Subject, rounds: int) -> dict[str, float]:
    """One catalog size; `smallest` is what its growth is measured against."""
    selector, devices = subject
    catalog = selector.catalog
    updates, products = len(catalog), len(catalog.products)
    naive, by_product = naive_loop(catalog), product_loop(catalog)
    gc.collect()
    gc.freeze()
    few = devices[: max(30, min(DEVICES, int(_SLOW / max(1.0, pass_over(naive, devices[:20])))))]
    wrong = [device["id"] for device in few if not (selector.select(device).update is naive(device) is by_product(device))]
    if wrong:
        sys.exit(f"{updates} updates: {len(wrong)} decisions differ, first {wrong[0]}")
    hits = sum(selector.select(device).update is not None for device in devices) / len(devices)
    triples = [(subject.round(), pass_over(by_product, devices), pass_over(naive, few)) for _ in range(rounds)]
    for _ in range(2):  # the smallest one comes back into the caches
        smallest.round()
    growth = statistics.median(subject.round() / smallest.round() for _ in range(rounds))
    row = {
        "updates": updates,
        "products": products,
        "us": statistics.median(ours for ours, _, _ in triples) / 1_000,
        "naive_us": statistics.median(theirs for _, _, theirs in triples) / 1_000,
        "times": statistics.median(theirs / ours for ours, _, theirs in triples),
        "product_us": statistics.median(theirs for _, theirs, _ in triples) / 1_000,
        "product_times": statistics.median(theirs / ours for ours, theirs, _ in triples),
        "p99_us": percentile(selector.select, devices, 5) / 1_000,
        "hits": hits,
        "growth": growth,
    }
    gc.unfreeze()
    return row


def _times(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 10 else f"{ratio:,.0f}x"


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description="selection of an update, as a ratio to a naive loop in the same run")
    parser.add_argument("--rounds", type=int, default=15, help="interleaved passes over the fleet (default: 15)")
    parser.add_argument("--largest", type=int, default=100_000, help="leave larger catalogs out (default: 100000)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    rows, smallest = [], prepare(*SMALLEST)
    print(f"{'':>40}{'loop over all':>20}{'over the product':>20}")
    print(f"{'updates':>8}{'products':>10}{'select us':>11}{'p99 us':>9}{'us':>11}{'faster':>9}{'us':>11}{'faster':>9}{'hits':>7}")
    for updates, products in [size for size in SIZES if size[0] <= options.largest]:
        subject = smallest if (updates, products) == SMALLEST else prepare(updates, products)
        row = measure(subject, smallest, options.rounds)
        rows.append(row)
        loops = f"{row['naive_us']:>11.2f}{_times(row['times']):>9}{row['product_us']:>11.2f}{_times(row['product_times']):>9}"
        print(f"{updates:>8}{products:>10}{row['us']:>11.2f}{row['p99_us']:>9.2f}{loops}{row['hits']:>7.0%}")
    for row in rows:
        if row["products"] > SMALLEST[1]:
            print(f"growth from {SMALLEST[0]:,} updates to {row['updates']:,.0f}, 100 a product: {row['growth']:.2f} times")
    if options.json:
        options.json.write_text(json.dumps({"select": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
