"""Random catalogs, and random fleets for them: what surveys and assignments are tested with."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from strategies import DURATIONS, SCHEMA_DOCUMENT, TIMESTAMPS, VERSIONS, compiled, draw_situation, write_policy

from policy_lang.catalog.catalog import Catalog
from policy_lang.errors import CatalogError
from policy_lang.types.schema import Schema

PRODUCTS = ("thermostat", "router", "Router")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    **SCHEMA_DOCUMENT,
    "properties": {
        **SCHEMA_DOCUMENT["properties"],
        **{name: {"type": "string"} for name in ("id", "product", "productToken")},
        "version": {"type": "string", "format": "semver"},
    },
}
SCHEMA = Schema.load(DOCUMENT)
"""The vocabulary of `strategies`, with all that selection reads."""

__all__ = ["DOCUMENT", "NOW", "PRODUCTS", "SCHEMA", "compiled", "draw_catalog", "draw_fleet"]


def draw_catalog(seed: int) -> Catalog:
    """A catalog of some updates for some products: paused ones, rollbacks, times, ramps and limits among them."""
    random = Random(seed)  # noqa: S311  test data
    updates: list[dict[str, Any]] = []
    for product in PRODUCTS:
        versions = random.sample([*VERSIONS[:2], *VERSIONS[3:]], random.randint(0, 4))
        updates += [_update(random, product, version, len(updates) + at) for at, version in enumerate(versions)]
    while True:
        try:
            return Catalog.load({"updates": updates}, schema=SCHEMA)
        except CatalogError as error:
            refused = {int(finding.field.partition("[")[2].partition("]")[0]) for finding in error.diagnostics if finding.field}
            updates = [update for at, update in enumerate(updates) if at not in refused]


def _update(random: Random, product: str, version: str, number: int) -> dict[str, Any]:
    update: dict[str, Any] = {
        "id": f"release-{number}",
        "product": product,
        "version": version,
        "policy": write_policy(random.choice([1, 2, 3]), random.randrange(2**24)),
        "url": "https://example.com/image.bin",
        "checksum": f"{number + 1:064x}",
        "paused": random.random() < 0.1,
        "downgrade": "allow" if random.random() < 0.3 else "deny",
        "channel": random.choice(["beta", "eu"]),
    }
    rollout = _rollout(random)
    return {**update, "rollout": rollout} if rollout else update


def _rollout(random: Random) -> dict[str, Any]:
    rollout: dict[str, Any] = {}
    if random.random() < 0.4:
        rollout["percent"] = random.choice([0, 0.5, 25, 60, 100])
    if random.random() < 0.3:
        rollout["start"] = random.choice(TIMESTAMPS[:2])
        if random.random() < 0.6:
            rollout["ramp"] = random.choice(DURATIONS[2:])
    if random.random() < 0.1:
        rollout["end"] = random.choice(TIMESTAMPS[1:])
    if random.random() < 0.1:
        rollout["max_devices"] = random.choice([0, 5])
    if random.random() < 0.1:
        rollout |= {"max_per_period": random.choice([0, 5]), "period": "1d"}
    return rollout


def draw_fleet(seed: int, size: int) -> list[dict[str, Any]]:
    """Devices that send the properties of the vocabulary, well for the most part, and mostly have a product and an id."""
    random = Random(seed)  # noqa: S311  test data
    return [_device(random, seed + at) for at in range(size)]


def _device(random: Random, seed: int) -> dict[str, Any]:
    device = {name: value for name, value in draw_situation(seed).device.items() if name != "id"}
    if random.random() < 0.9:
        device["id"] = f"device-{random.randrange(10**6)}"
    elif random.random() < 0.5:
        device["id"] = random.choice(["", 5, None])
    product = random.choice([*PRODUCTS, *PRODUCTS, *PRODUCTS, "unheard of", "", 5, None])
    device[random.choice(["product", "product", "product", "productToken"])] = product
    if random.random() < 0.7:
        device["version"] = random.choice(VERSIONS)
    return device
