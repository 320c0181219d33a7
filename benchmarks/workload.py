"""The catalogs and fleets that several benchmarks share: made from a seed, the same on every machine.

An update is for some of its product's models, and then for a region, a tier, a channel, an amount of memory or a range of versions.
The more updates a product has, the more models it has too: that is why it has so many updates.
"""

import random
from typing import Any

REGIONS = ["us-west", "us-east", "eu-central", "eu-north", "ap-south", "sa-east"]
TIERS = ["free", "standard", "premium"]
CHANNELS = ["stable", "beta", "nightly"]
MEMORY = [128, 256, 512, 1024, 2048]

Plain = dict[str, Any]


def models(per_product: int) -> list[str]:
    """The models of a product with that many updates."""
    return [f"X{number}" for number in range(1_000, 1_000 + max(10, per_product // 2))]


def policy_text(rng: random.Random, product: str, known: list[str]) -> str:
    """One policy of the mix: 62 % conjunctions, 18 % with a disjunction, 8 % prefixes, 7 % negations, 5 % with a regex."""
    guard = [f"device.version >= '0.{rng.randint(0, 9)}.0'"] if rng.random() < 0.5 else ["device.version < update.version"]
    kind = rng.random()
    if kind < 0.62:
        parts = [_model(rng, known), *rng.sample(_tests(rng), rng.randint(1, 2))]
    elif kind < 0.80:
        parts = [_model(rng, known), f"({' || '.join(rng.sample(_tests(rng), 2))})"]
    elif kind < 0.88:
        parts = [f"device.model ^= '{rng.choice(known)[:-1]}'", *rng.sample(_tests(rng), 2)]
    elif kind < 0.95:
        parts = [_model(rng, known), f"device.region != '{rng.choice(REGIONS)}'", f"!(device.tier == '{rng.choice(TIERS)}')"]
    else:
        parts = [_model(rng, known), f"device.serial == /{rng.randint(0, 9)}[0-4]$/"]
    return " && ".join([f"device.product == '{product}'", *guard, *parts])


def _model(rng: random.Random, known: list[str]) -> str:
    if rng.random() < 0.6:
        return f"device.model == '{rng.choice(known)}'"
    return f"device.model in [{', '.join(repr(model) for model in sorted(rng.sample(known, 3)))}]"


def _tests(rng: random.Random) -> list[str]:
    regions = ", ".join(repr(region) for region in sorted(rng.sample(REGIONS, 2)))
    return [
        f"device.region == '{rng.choice(REGIONS)}'",
        f"device.region in [{regions}]",
        f"device.tier == '{rng.choice(TIERS)}'",
        f"device.channel == '{rng.choice(CHANNELS)}'",
        f"device.memory >= {rng.choice(MEMORY)}",
    ]


def catalog(updates: int, products: int, seed: int = 7) -> Plain:
    """A catalog as plain values, its updates spread evenly over its products."""
    rng = random.Random(seed)
    known, rows = models(updates // products), []
    for number in range(updates):
        step, product = number // products, f"product-{number % products}"
        rows.append(
            {
                "id": f"release-{number}",
                "product": product,
                "version": f"{1 + step // 100}.{step // 10 % 10}.{step % 10}",
                "policy": policy_text(rng, product, known),
                "url": f"https://updates.example.com/{number}.bin",
                "checksum": f"{number + 1:064x}",
            }
        )
    return {"updates": rows}


def fleet(devices: int, updates: int, products: int, seed: int = 11) -> list[Plain]:
    """Devices for a catalog; they differ, and each property is missing from 3 % of them."""
    rng = random.Random(seed)
    known = models(updates // products)
    return [_device(rng, number, products, known) for number in range(devices)]


def _device(rng: random.Random, number: int, products: int, known: list[str]) -> Plain:
    device = {
        "version": f"{rng.randint(0, 1)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}" + ("-rc.1" if rng.random() < 0.1 else ""),
        "model": rng.choice(known),
        "region": rng.choice(REGIONS),
        "tier": rng.choice(TIERS),
        "channel": rng.choice(CHANNELS),
        "memory": rng.choice(MEMORY),
        "serial": f"S{rng.randint(0, 99_999):05}",
        "pro": rng.random() < 0.3,
    }
    kept = {name: value for name, value in device.items() if rng.random() >= 0.03 or name == "version"}
    return {"id": f"device-{number}", "product": f"product-{rng.randrange(products)}", **kept}
