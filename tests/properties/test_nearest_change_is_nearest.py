"""The nearest change turns the result, and no change of fewer properties does.

The first law is about the whole language. The second is about small policies of the usual comparisons, where every change can be
tried: each property takes a few values for each thing that the policy can ask, among them nothing at all.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from random import Random
from typing import Any, Literal

import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.analysis.nearest import GAVE_UP, find_change, nearest_change
from policy_lang.compiler.policy import Policy
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema

SCHEMAS: list[Schema | None] = [None, strategies.SCHEMA, strategies.DEFAULTS_SCHEMA]
UPDATE = {"version": "1.4.0", "channel": "beta"}

DOMAINS: dict[str, tuple[Any, ...]] = {
    "region": (None, "eu", "eu-west", "us", "us-west", "zz", ""),
    "memory": (None, *range(-1, 8), 2.5, "3"),
    "version": (None, "0.9.0", "1.0.0", "1.2.0-rc.1", "1.2.0", "1.2.1", "1.4.0", "1.5.0", "2.0.0"),
    "pro": (None, True, False),
    "tags": (None, [], ["a"], ["b"], ["a", "b"], "a, b", ["c"]),
    "serial": (None, "7"),
}
BAD = {"region": 5, "memory": "much", "version": "v1", "pro": "yes", "tags": 7}
"""A device may send what cannot be read; no change suggests it."""

ATOMS = (
    *("device.region == 'eu'", "device.region != 'us'", "device.region in ['eu', 'us-west']", "device.region ^= 'us'"),
    *("device.region $= '-west'", "device.region >< 'u'", "device.region == /^(eu|us)-w/", "device.region < 'us'"),
    *("(device.region ?? 'us') == 'us'", "device.region == null", "device.region.length > 2"),
    *("device.memory > 2", "device.memory >= 5", "device.memory == 3", "device.memory != 3", "device.memory < 6"),
    *("device.memory * 2 > 7", "(device.memory ?? 4) < 4", "device.memory in [1, 4]", "device.memory + 1 == 4"),
    *("device.version < update.version", "device.version >= '1.2.0'", "satisfies(device.version, '^1.2')"),
    *("device.version == '1.2.0'", "device.version.isPrerelease", "device.version.major == 1", "device.version < '1.2.0-rc.1'"),
    *("device.pro", "device.pro == true", "!device.pro", "(device.pro ?? false)"),
    *("'a' in device.tags", "'b' not in device.tags", "device.tags >< 'b'", "device.tags.length == 1", "device.tags[0] == 'a'"),
    *("has(device.serial)", "device.serial == null", "update.channel == 'beta'", "has(update.checksum)"),
)


def write(random: Random, depth: int) -> str:
    """A small policy."""
    if depth == 0:
        return random.choice(ATOMS)
    parts = [write(random, random.randrange(depth)) for _ in range(3)]
    match random.randrange(8):
        case 0 | 1 | 2:
            return f"({' && '.join(parts[: random.randrange(2, 4)])})"
        case 3 | 4 | 5:
            return f"({' || '.join(parts[: random.randrange(2, 4)])})"
        case 6:
            return f"!({parts[0]})"
        case _:
            return f"({parts[0]} ? {parts[1]} : {parts[2]})"


def small_situation(seed: int) -> tuple[Policy, dict[str, Any]]:
    """A small policy and a device of the domains."""
    random = Random(seed)  # noqa: S311  test data
    policy = compile_policy(write(random, seed % 4))
    device = {name: random.choice((*values, BAD.get(name))) for name, values in DOMAINS.items()}
    return policy, {name: value for name, value in device.items() if value is not None}


def changed(device: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A device with some properties set, or taken away."""
    return {name: value for name, value in {**device, **change}.items() if value is not None}


def every_change(policy: Policy, size: int) -> Iterator[dict[str, Any]]:
    """Every change of a number of the properties that a policy reads."""
    read = [name for name in DOMAINS if f"device.{name}" in policy.properties]
    for names in combinations(read, size):
        for values in product(*(DOMAINS[name] for name in names)):
            yield dict(zip(names, values, strict=True))


def fewest(policy: Policy, device: Mapping[str, Any], most: int) -> int | None:
    """How many properties have to change, by trying everything; None where `most` are not enough."""
    before = policy.matches(device, UPDATE)
    for size in range(1, most + 1):
        if any(policy.matches(changed(device, change), UPDATE) is not before for change in every_change(policy, size)):
            return size
    return None


@given(strategies.policies(), strategies.situations(3), st.sampled_from(SCHEMAS), st.sampled_from([None, True, False]))
@settings(max_examples=250, deadline=None)
def test_a_change_always_gives_the_wanted_result(
    text: str, situations: list[strategies.Situation], schema: Schema | None, wanted: Literal[True, False] | None
) -> None:
    policy = strategies.compiled(text, schema)
    for device, update, now in ((each.device, each.update, each.now) for each in situations):
        before = policy.matches(device, update, now)
        change = nearest_change(policy, device, update, now, wanted=wanted)
        assert change == nearest_change(policy.bind(update), device, None, now, wanted=wanted)
        if change is not None:
            assert policy.matches(change.apply(device), update, now) is change.matches
            assert change.matches is (not before if wanted is None else wanted)
            assert (not change.properties) is (wanted is before)


@given(strategies.policies(), strategies.wild_devices(), strategies.wild_devices())
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_device_sends_makes_it_raise(text: str, device: Any, update: Any) -> None:
    policy = strategies.compiled(text)
    change = nearest_change(policy, device, update)
    if change is not None:
        assert str(change).count("→") == len(change.properties) == len(change.to_plain()["properties"])
        assert policy.matches(change.apply(device), update) is not policy.matches(device, update)


@given(strategies.SEEDS)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_no_smaller_change_turns_the_result(seed: int) -> None:
    policy, device = small_situation(seed)
    found = find_change(policy, device, UPDATE)
    assert found.reason != GAVE_UP
    size = None if found.change is None else len(found.change.properties)
    least = fewest(policy, device, 2 if size is None else min(2, size - 1))
    assert least is None, (found.change, least)


@given(strategies.SEEDS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_fixed_property_is_changed_only_where_nothing_else_helps(seed: int) -> None:
    policy, device = small_situation(seed)
    change = nearest_change(policy, device, UPDATE, fixed=("device.region",))
    if change is not None and any(each.name == "device.region" for each in change.properties):
        before = policy.matches(device, UPDATE)
        others = (each for size in (1, 2) for each in every_change(policy, size) if "region" not in each)
        assert all(policy.matches(changed(device, each), UPDATE) is before for each in others)
