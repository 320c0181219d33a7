"""The index of a product with many updates; with thousands slots are asked in another way than with a hundred."""

from random import Random
from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.selection.candidates import Scan
from policy_lang.selection.engine import Selector

COUNTS = [100, 1_200]
IMAGE = {"product": "p", "url": "https://example.com/x", "checksum": "ab" * 32}


def policy_of(random: Random, count: int) -> str:
    """A policy of the shapes that slots, clauses and neither of them say."""
    parts = [
        f"device.model == 'M{random.randrange(6)}'",
        f"device.region in ['r{random.randrange(4)}', 'r{random.randrange(4)}']",
        f"device.memory >= {random.choice((64, 128, 256))}",
        f"device.serial ^= '{random.randrange(4)}'",
        f"(device.tier == 't{random.randrange(3)}' || device.memory > 512)",
        f"device.load * 2 < {random.randrange(1, 9)}",
        f"device.version >= '1.{random.randrange(count)}.0'",
        f"device.region != 'r{random.randrange(4)}'",
        f"!(device.model in ['M1', 'M{random.randrange(6)}'])",
        random.choice(("device.product == 'p'", "device.product in ['p', 'q']", "device.product != 'q'", "device.product == 'q'")),
    ]
    return " && ".join(random.sample(parts, random.randrange(1, 4)))


def device_of(random: Random, count: int) -> dict[str, Any]:
    """A device, some of whose properties are missing, text, or none of their type."""
    device = {
        "version": f"1.{random.randrange(count + 50)}.0",
        "model": f"M{random.randrange(7)}",
        "region": f"r{random.randrange(5)}",
        "memory": random.choice((32, "128", 256, 1024, None, [1], True, 256.0)),
        "serial": f"{random.randrange(5)}77",
        "tier": random.choice(("t0", "t1", 7)),
        "load": random.randrange(5),
    }
    return {"id": "d", random.choice(("product", "product", "productToken")): "p"} | {
        name: value for name, value in device.items() if name == "version" or random.random() > 0.1
    }


@pytest.fixture(scope="module", params=COUNTS)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    count: int = request.param
    random = Random(7)  # noqa: S311  a seed, so that a failure can be repeated
    updates = [{"id": str(at), "version": f"1.{at}.0", "policy": policy_of(random, count), **IMAGE} for at in range(count)]
    return Catalog.load({"updates": updates})


def test_a_large_product_is_chosen_from_as_a_scan_does(catalog: Catalog) -> None:
    indexed, scanned = Selector(catalog), Selector(catalog, candidates=Scan(catalog))
    random, offered = Random(8), 0  # noqa: S311  the same
    for _ in range(400):
        device = device_of(random, len(catalog))
        found, expected = indexed.select(device), scanned.select(device)
        assert (found.update, found.reason) == (expected.update, expected.reason), device
        offered += found.update is not None
    assert 100 < offered < 400


def test_a_device_that_sends_what_cannot_be_looked_up_leaves_the_rest(catalog: Catalog) -> None:
    device = {"id": "d", "product": "p", "version": "1.0.0", "model": ["M1"], "region": {"r": 1}, "memory": 1024, "tier": "t1"}
    found, expected = Selector(catalog).select(device), Selector(catalog, candidates=Scan(catalog)).select(device)
    assert found.update is expected.update is not None


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        ("device[\"a'b\"] == 'x'", {"a'b": "x"}),
        ("device['n1'] == 'n0'", {"n1": "n0"}),
        ("device.n0.n1 == 'y' && device.n0.n2 != 'z'", {"n0": {"n1": "y", "n2": "w"}}),
        ("device['\"\"\"\\n'] == 'q'", {'"""\n': "q"}),
        ("device.tags[0] == 't' && device['device'] == 'mask'", {"tags": ["t"], "device": "mask"}),
        ("device.mask == 'masks' && device.found == 'left'", {"mask": "masks", "found": "left"}),
        ("device.x == 'n0' || device.y == 'n1'", {"y": "n1"}),
        ("device.v0 == 'a' && device.int == 5", {"v0": "a", "int": 5}),
        ("device.walk == 'b'", {"walk": "b"}),
    ],
)
def test_names_that_the_generated_function_uses_itself(policy: str, sent: dict[str, Any]) -> None:
    """A name of a property is a constant there, whatever it says."""
    others = [{"id": f"other-{at}", "version": f"2.{at}.0", "policy": "device.n0 == 'nobody'", **IMAGE} for at in range(20)]
    catalog = Catalog.load({"updates": [{"id": "named", "version": "1.0.0", "policy": policy, **IMAGE}, *others]})
    offered = Selector(catalog).select({"product": "p", "version": "0.1.0", **sent}).update
    assert offered is not None
    assert offered.id == "named"
    assert Selector(catalog).select({"product": "p", "version": "0.1.0"}).update is None
