"""What comes before the first check-in: `python benchmarks/bench_build.py [--updates N] [--rounds N] [--json FILE]`.

- load: `Catalog.load` of plain values, for each update; how much of it is parsing and checking. Baseline: `json.loads` of the same
  catalog, which any loader pays.
- index: `Index.build`, for each update, the first time that its policies are bound. Baseline: sorting the updates by product and
  version.
- change: `Catalog.changing` and `Selector.changing` with one new update. Baseline: building the index anew.
- memory: what `tracemalloc` counts for the catalog, for a selector made from it, and for the generated code of all its policies.
- stages: parse, check and generate for P1 to P4 of `bench_evaluate.py`. Baseline: Python's own `compile` of the same policy.

The index is first checked to choose as a scan does. Rounds are interleaved; figures are medians.
"""

import gc
import json
import statistics
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any

import workload
from bench_evaluate import POLICIES
from dialects import PYTHON, policies
from timing import command_line, microseconds, ratio_of, write_results

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.checker.policy import check
from policy_lang.compiler import python as generator
from policy_lang.pipeline import check_policy, make_policy
from policy_lang.selection.candidates import Candidates, Scan
from policy_lang.selection.engine import Selector
from policy_lang.selection.index import Index
from policy_lang.source import Source
from policy_lang.syntax.parser import parse

SAMPLE = 1_000
MOST_BYTES = 2_048
MOST_MILLISECONDS = 5.0

Row = dict[str, float]


def measure_load(rounds: int) -> Row:
    """Microseconds for each update of a catalog of a thousand."""
    plain = workload.catalog(SAMPLE, 10)
    text, texts = json.dumps(plain), [Source(update["policy"]) for update in plain["updates"]]
    parsed = [parse(source) for source in texts]
    actions: dict[str, Callable[[], object]] = {
        "load": lambda: Catalog.load(plain),
        "parse": lambda: [parse(source) for source in texts],
        "check": lambda: [check(each) for each in parsed],
        "json": lambda: json.loads(text),
    }
    times = [{name: microseconds(action) / SAMPLE for name, action in actions.items()} for _ in range(rounds)]
    row = {f"{name}_us": statistics.median(each[name] for each in times) for name in actions}
    rest = statistics.median(each["load"] - each["parse"] - each["check"] for each in times)
    return {**row, "rest_us": rest, "ratio": ratio_of((each["load"], each["json"]) for each in times).median}


def unbound(updates: Catalog | tuple[Update, ...]) -> list[Update]:
    """The same updates, their policies not yet bound, as they are when they were just loaded."""
    return [replace(update) for update in updates]


def id_of(selector: Selector, device: dict[str, Any]) -> str | None:
    """The id of the update that a device gets."""
    update = selector.select(device).update
    return update.id if update else None


def choices(catalog: Catalog, candidates: Candidates, devices: list[dict[str, Any]]) -> list[str | None]:
    """The ids of the updates that devices get."""
    selector = Selector(catalog, candidates=candidates)
    return [id_of(selector, device) for device in devices]


def check_equal(catalog: Catalog, index: Index, products: int) -> None:
    """Stop where the index does not choose as a scan does."""
    devices = workload.fleet(200, len(catalog), products)
    if choices(catalog, index, devices) != choices(catalog, Scan(catalog), devices):
        sys.exit(f"{len(catalog)} updates of {products} products: the index chooses other updates than a scan")


def measure_index(catalog: Catalog, products: int, rounds: int) -> Row:
    """Microseconds for each update."""
    check_equal(catalog, Index.build(catalog, catalog.options), products)
    pairs = []
    for _ in range(rounds):
        fresh = unbound(catalog)
        build = microseconds(lambda updates=fresh: Index.build(updates, catalog.options))  # type: ignore[misc]
        pairs.append((build, microseconds(lambda: sorted(catalog, key=attrgetter("product", "version.key")))))
    return {"us": statistics.median(build for build, _ in pairs) / len(catalog), "ratio": ratio_of(pairs).median}


def measure_change(catalog: Catalog, products: int, rounds: int) -> Row:
    """Milliseconds until a selector has one new update: the catalog reads and compiles it, the index takes it in."""
    selector, pairs, last = Selector(catalog), [], catalog
    whole = statistics.median(microseconds(lambda: Index.build(catalog, catalog.options)) for _ in range(3))
    for number in range(rounds):
        plain = new_update(catalog, number)
        loading = microseconds(lambda put=plain: catalog.changing([put]))  # type: ignore[misc]
        last = catalog.changing([plain])
        pairs.append((loading, microseconds(lambda changed=last: selector.changing(changed))))  # type: ignore[misc]
    check_equal(last, Index.build(last, last.options), products)
    devices = workload.fleet(200, len(last), products)
    if choices(last, Index.build(last, last.options), devices) != [id_of(selector.changing(last), device) for device in devices]:
        sys.exit("the changed selector chooses other updates than a new one")
    total = statistics.median(map(sum, pairs))
    return {
        "ms": total / 1_000,
        "catalog_ms": statistics.median(loading for loading, _ in pairs) / 1_000,
        "selector_ms": statistics.median(indexing for _, indexing in pairs) / 1_000,
        "ratio": total / whole,
    }


def new_update(catalog: Catalog, number: int) -> dict[str, Any]:
    """An update that the catalog does not have, newer than all of its product, with a policy of its own."""
    newest = catalog.for_product(catalog.products[number % len(catalog.products)])[0]
    policy = f"{newest.policy.text} && device.serial != 'C{number}'"
    return {**newest.to_plain(), "id": f"change-{number}", "version": f"9999.0.{number}", "policy": policy}


def measure_memory(plain: dict[str, Any]) -> tuple[Row, Catalog]:
    """Bytes for each update, and the catalog that was counted."""
    Catalog.load(workload.catalog(10, 1))  # the grammar is there, however many updates follow
    gc.collect()
    tracemalloc.start()
    catalog = Catalog.load(plain)
    loaded = _traced()
    selector = Selector(catalog)
    indexed = _traced()
    for update in catalog:
        update.bound.share()  # what selection runs; `matches` of its own is made only for those who ask it
    warm = _traced()
    tracemalloc.stop()
    updates = len(selector.catalog)
    return {"catalog": loaded / updates, "index": (indexed - loaded) / updates, "code": (warm - indexed) / updates}, catalog


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def measure_stages(rounds: int) -> dict[str, Row]:
    """Microseconds for each stage of each policy."""
    python = policies(PYTHON)
    return {name: _stages(text, python[name], rounds) for name, (text, _) in POLICIES.items()}


def _stages(text: str, python: str, rounds: int) -> Row:
    source = Source(text)
    parsed, checked = parse(source), check_policy(source)
    actions: dict[str, Callable[[], object]] = {
        "parse": lambda: parse(source),
        "check": lambda: check(parsed),
        "generate": lambda: make_policy(checked).warm(),
        "again": lambda: make_policy(checked).warm(),
        "python": lambda: compile(python, "<policy>", "eval"),
    }
    times = []
    for _ in range(rounds):
        generator._factory.cache_clear()  # noqa: SLF001  else only the first policy of a shape generates code
        times.append({name: microseconds(action) for name, action in actions.items()})
    pairs = ((each["parse"] + each["check"] + each["generate"], each["python"]) for each in times)
    return {f"{name}_us": statistics.median(each[name] for each in times) for name in actions} | {"ratio": ratio_of(pairs).median}


def show(results: dict[str, Any]) -> None:
    """Print all tables."""
    load, memory, change, updates = results["load"], results["memory"], results["change"], results["updates"]
    print(f"{'load, us per update':<28}{'all':>9}{'parse':>9}{'check':>9}{'rest':>9}{'x json':>9}")
    print(f"{'':<28}" + "".join(f"{load[name]:>9.0f}" for name in ("load_us", "parse_us", "check_us", "rest_us", "ratio")))
    print(f"\n{f'index of {updates} updates':<28}{'us per update':>18}{'x sorting':>18}")
    for products, row in results["index"].items():
        print(f"{products:<28}{row['us']:>18.1f}{row['ratio']:>18.1f}")
    over = "" if change["ms"] <= MOST_MILLISECONDS else f"  more than {MOST_MILLISECONDS:g} ms"
    print(f"\none change: {change['ms']:.2f} ms, {change['ratio']:.3f} of building the index anew{over}")
    print(f"  of the catalog {change['catalog_ms']:.2f} ms, of the selector {change['selector_ms']:.2f} ms")
    total = memory["index"] + memory["code"]
    over = "" if total <= MOST_BYTES else f"  more than {MOST_BYTES}"
    print(f"bytes per update: index {memory['index']:.0f} + code {memory['code']:.0f} = {total:.0f}{over}")
    print(f"bytes per update of the catalog itself: {memory['catalog']:.0f}")
    print(f"\n{'us':<8}{'parse':>9}{'check':>9}{'generate':>10}{'same shape':>12}{'python compile':>16}{'ratio':>8}")
    for name, row in results["stages"].items():
        times = f"{row['parse_us']:>9.0f}{row['check_us']:>9.0f}{row['generate_us']:>10.0f}{row['again_us']:>12.0f}"
        print(f"{name:<8}{times}{row['python_us']:>16.0f}{row['ratio']:>8.1f}")


def main() -> None:
    """Print the tables, and write them as JSON where asked."""
    parser = command_line("loading, indexing, changing and compiling, as ratios to baselines in the same run")
    parser.add_argument("--updates", type=int, default=10_000, help="updates of the large catalogs (default: 10000)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default: 5)")
    options = parser.parse_args()
    products, rounds = max(1, options.updates // 100), options.rounds
    memory, many = measure_memory(workload.catalog(options.updates, products))
    results: dict[str, Any] = {"updates": options.updates, "memory": memory}
    results["change"] = measure_change(many, products, 3 * rounds)
    results["index"] = {f"{products} products": measure_index(many, products, rounds)}
    del many
    one = Catalog.load(workload.catalog(options.updates, 1))
    results["index"]["1 product"] = measure_index(one, 1, rounds)
    del one
    results["load"], results["stages"] = measure_load(rounds), measure_stages(10 * rounds)
    show(results)
    write_results(options.json, results)


if __name__ == "__main__":
    main()
