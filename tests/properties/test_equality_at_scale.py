"""Every faster path gives the reference answer on many random pairs, which are counted; the other laws look for the odd ones."""

from collections import Counter
from typing import Any

import strategies

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import as_moment
from policy_lang.compiler.policy import Policy
from policy_lang.errors import PolicyTypeError
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Activity
from policy_lang.selection.checkin import device_id_of
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Reason
from policy_lang.versions.version import Version

PAIRS, CATALOG_PAIRS = 100_000, 50_000
POLICIES, DEVICES = 2_000, 60
CATALOGS, FLEET = 250, 220
NOW = strategies.EXAMPLE_NOW


def policy_of(seed: int) -> Policy | None:
    """A random policy, in turn with a schema, with one that has defaults, and with inferred types; None where these are open."""
    schema = (strategies.SCHEMA, None, strategies.DEFAULTS_SCHEMA)[seed % 3]
    try:
        return compile_policy(strategies.write_policy(1 + seed % 4, seed), schema=schema)
    except PolicyTypeError:
        return None


def test_generated_code_and_optimizer_on_100_000_pairs() -> None:
    """`evaluate`, `matches`, both bound to the update, and the closures of the optimized tree give the reference result."""
    seen: Counter[bool | None] = Counter()
    for seed in range(POLICIES):
        policy = policy_of(seed)
        if policy is None:
            continue
        optimized = compile_expr(policy.optimized, policy.options, policy.roots)
        for number in range(DEVICES):
            device, update, now = (
                (situation := strategies.draw_situation(DEVICES * seed + number)).device,
                situation.update,
                situation.now,
            )
            expected = policy.evaluate_by_reference(device, update, now)
            assert policy.evaluate(device, update, now) is expected, (policy.text, device)
            assert policy.matches(device, update, now) is (expected is True), (policy.text, device)
            assert optimized((device, update, as_moment(now))) is expected, (policy.text, device)
            if number % 10 == 0:
                assert policy.bind(update).evaluate(device, None, now) is expected, (policy.text, device, update)
            seen[expected] += 1
    print(f"\n{seen.total():,} pairs: {seen[True]:,} true, {seen[False]:,} false, {seen[None]:,} unknown")  # noqa: T201  for the record
    assert seen.total() >= PAIRS
    assert min(seen.values()) > PAIRS // 10


def reference(catalog: Catalog, device: Any) -> tuple[Update | None, Reason]:
    """The decision by the words of the specification, with the closures, for a device that has a product and a version."""
    key, now = Version.parse(device["version"]).key, as_moment(NOW)
    candidates = [
        each
        for each in catalog.for_product(device["product"])
        if each.version.key > key or (each.allows_downgrade and each.version.key != key)
    ]
    for update in candidates:
        if update.is_paused or update.rollout.activity(now) is not Activity.ACTIVE:
            continue
        if update.bound.evaluate_by_reference(device, None, NOW) is not True:
            continue
        if update.rollout.admits(device_id_of(device, catalog.options), update.id, now) is True:
            return update, Reason.OFFERED
    return None, Reason.NO_MATCH if candidates else Reason.UP_TO_DATE


def catalog_of(seed: int) -> Catalog:
    """Up to 30 updates of two products, with random policies, some paused, some rollbacks, some for a part of the fleet."""
    texts = [policy.text for at in range(4 + seed % 27) if (policy := policy_of(3 * (40 * seed + at))) is not None]
    updates = [
        {
            "id": f"update-{at}",
            "product": "router" if at % 5 else "camera",
            "version": f"{1 + at % 3}.{at}.0{'-rc.1' if at % 4 == 0 else ''}",
            "policy": text,
            "url": f"https://example.com/{at}.bin",
            "checksum": f"{at + 1:064x}",
            "paused": at % 11 == 3,
            "downgrade": "allow" if at % 9 == 2 else "deny",
            "rollout": {"percent": 10 * (at % 11), "start": "2026-01-01T00:00:00Z"} if at % 6 == 1 else {},
        }
        for at, text in enumerate(texts)
    ]
    return Catalog.load({"updates": updates}, schema=strategies.SCHEMA)


def test_selection_on_50_000_pairs() -> None:
    """The index chooses the update, and gives the reason, that the specification's words give."""
    seen: Counter[Reason] = Counter()
    for seed in range(CATALOGS):
        catalog = catalog_of(seed)
        selector = Selector(catalog)
        for number in range(FLEET):
            device = dict(strategies.draw_situation(FLEET * seed + number).device)
            device["product"] = "router" if number % 4 else "camera"
            device["version"] = strategies.VERSIONS[number % len(strategies.VERSIONS)]
            if device["product"] not in catalog.products:
                continue
            decision = selector.select(device, NOW)
            assert (decision.update, decision.reason) == reference(catalog, device), (seed, device)
            seen[decision.reason] += 1
    print(f"\n{seen.total():,} pairs: {dict(seen)}")  # noqa: T201  for the record
    assert seen.total() >= CATALOG_PAIRS
    assert min(seen[Reason.OFFERED], seen[Reason.NO_MATCH]) > CATALOG_PAIRS // 10
