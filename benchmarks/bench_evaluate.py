"""Evaluation against hand-written Python: `python benchmarks/bench_evaluate.py [--json FILE] [--rounds N]`.

The baseline is what a careful engineer writes by hand for one policy: `.get`, a type check for each property, versions compared by
a key that is cached by text; whatever is missing or of the wrong type makes its comparison false. Both are checked to give the same
answers first. Rounds are interleaved, so that the machine's noise hits both; the ratio is the median of each round's own ratio.
"""

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time_ns
from typing import Any

from policy_lang.pipeline import compile_policy
from policy_lang.versions.version import Version

DEVICES = 1_000
REGIONS = ["us-west", "us-east", "eu-central", "ap-south", "sa-east"]
TIERS = ["free", "standard", "premium"]
MODELS = ["X100", "X100-pro", "X200", "Z9", "Z9-mini"]
UPDATE = {"id": "release-7", "version": "2.3.0"}

Device = dict[str, Any]
Test = Callable[[Device, dict[str, Any]], bool]

P1 = "device.version < update.version"
P2 = "device.version < update.version && (device.region == 'us-west' || device.tier == 'premium')"
P3 = (
    "device.version >= '1.4.0' && device.version < '2.0.0' && device.model ^= 'X100' && device.memory >= 256 "
    "&& !device.test && device.region in ['us-west','us-east','eu-central']"
)


def twenty(seed: int = 4) -> list[tuple[str, str, str]]:
    """The constants of P4's twenty alternatives."""
    rng = random.Random(seed)
    return [(f"{rng.choice(MODELS)}-r{at}", rng.choice(REGIONS), f"{rng.randint(0, 2)}.{rng.randint(0, 9)}.0") for at in range(20)]


P4 = " || ".join(
    f"(device.model == '{model}' && device.region == '{region}' && device.version >= '{version}')"
    for model, region, version in twenty()
)


def fleet(seed: int = 1) -> list[Device]:
    """A thousand distinct devices of eight properties; about 28 % of the versions are prereleases."""
    rng = random.Random(seed)
    alternatives = twenty()
    devices = []
    for number in range(DEVICES):
        core = f"{rng.randint(0, 2)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}"
        model, region, _ = rng.choice(alternatives)
        device = {
            "id": f"device-{number}",
            "product": "router",
            "version": core + (f"-rc.{rng.randint(1, 3)}" if rng.random() < 0.28 else ""),
            "region": region if rng.random() < 0.5 else rng.choice(REGIONS),
            "tier": rng.choice(TIERS),
            "model": model if rng.random() < 0.5 else rng.choice(MODELS),
            "memory": rng.choice([128, 256, 512, 1024]),
            "test": rng.random() < 0.05,
        }
        devices.append(device)
    return devices


class Keys(dict[str, str | None]):
    """Version keys by text, as a hand-written cache has them."""

    def __missing__(self, text: str) -> str | None:
        """Parse a text once."""
        try:
            key: str | None = Version.parse(text).key
        except ValueError:
            key = None
        self[text] = key
        return key


KEYS = Keys()


def hand_p1(device: Device, update: dict[str, Any]) -> bool:
    """P1 by hand."""
    version, target = device.get("version"), update.get("version")
    if type(version) is not str or type(target) is not str:
        return False
    key, target_key = KEYS[version], KEYS[target]
    return key is not None and target_key is not None and key < target_key


def hand_p2(device: Device, update: dict[str, Any]) -> bool:
    """P2 by hand."""
    version, target = device.get("version"), update.get("version")
    if type(version) is not str or type(target) is not str:
        return False
    key, target_key = KEYS[version], KEYS[target]
    if key is None or target_key is None or not key < target_key:
        return False
    region, tier = device.get("region"), device.get("tier")
    return (type(region) is str and region == "us-west") or (type(tier) is str and tier == "premium")


LOW, HIGH = Version.parse("1.4.0").key, Version.parse("2.0.0").key
WEST_EAST_CENTRAL = frozenset({"us-west", "us-east", "eu-central"})


def hand_p3(device: Device, _: dict[str, Any]) -> bool:
    """P3 by hand."""
    version = device.get("version")
    key = KEYS[version] if type(version) is str else None
    if key is None or not LOW <= key < HIGH:
        return False
    model, memory, test, region = device.get("model"), device.get("memory"), device.get("test"), device.get("region")
    return (
        type(model) is str
        and model.startswith("X100")
        and (type(memory) is int or type(memory) is float)
        and memory >= 256
        and test is False
        and type(region) is str
        and region in WEST_EAST_CENTRAL
    )


def _hand_p4() -> Test:
    """P4 by hand: the guards once, then twenty alternatives in one expression, as one would type them."""
    alternatives = [
        f"(model == {model!r} and region == {region!r} and key >= {Version.parse(version).key!r})"
        for model, region, version in twenty()
    ]
    source = f"""
def hand_p4(device, update):
    version, model, region = device.get("version"), device.get("model"), device.get("region")
    key = KEYS[version] if type(version) is str else None
    if key is None or type(model) is not str or type(region) is not str:
        return False
    return {" or ".join(alternatives)}
"""
    namespace: dict[str, Any] = {"KEYS": KEYS}
    exec(source, namespace)  # noqa: S102  our own text: twenty alternatives are tedious to type
    by_hand: Test = namespace["hand_p4"]
    return by_hand


hand_p4 = _hand_p4()

POLICIES: dict[str, tuple[str, Test]] = {"P1": (P1, hand_p1), "P2": (P2, hand_p2), "P3": (P3, hand_p3), "P4": (P4, hand_p4)}


def round_of(test: Test, devices: list[Device], update: dict[str, Any]) -> float:
    """The nanoseconds per evaluation of one pass over the fleet."""
    start = process_time_ns()
    for device in devices:
        test(device, update)
    return (process_time_ns() - start) / len(devices)


def measure(subject: Test, baseline: Test, devices: list[Device], update: dict[str, Any], rounds: int) -> dict[str, float]:
    """Interleave both; medians in nanoseconds, the spread of the ratios in percent."""
    pairs = [(round_of(subject, devices, update), round_of(baseline, devices, update)) for _ in range(rounds)]
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    low, high = ratios[len(ratios) // 4], ratios[3 * len(ratios) // 4]
    return {
        "ns": statistics.median(ours for ours, _ in pairs),
        "baseline_ns": statistics.median(theirs for _, theirs in pairs),
        "ratio": statistics.median(ratios),
        "spread": 100 * (high - low) / statistics.median(ratios),
    }


def check_equal(name: str, subject: Test, baseline: Test, devices: list[Device], update: dict[str, Any]) -> None:
    """Stop where both do not give the same answers: a fast wrong answer is no result."""
    wrong = [device["id"] for device in devices if subject(device, update) is not baseline(device, update)]
    if wrong:
        sys.exit(f"{name}: {len(wrong)} answers differ, first {wrong[0]}")


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description="evaluation of a policy, as a ratio to hand-written Python in the same run")
    parser.add_argument("--rounds", type=int, default=60, help="interleaved passes over the fleet (default: 60)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    devices, results = fleet(), {}
    print(f"{'':<16}{'ns per evaluation':>18}{'by hand':>10}{'ratio':>8}{'spread':>8}")
    for name, (text, by_hand) in POLICIES.items():
        policy = compile_policy(text)
        for label, subject in ((name, policy.matches), (f"{name} bound", policy.bind(UPDATE).matches)):
            check_equal(label, subject, by_hand, devices, UPDATE)
            results[label] = measure(subject, by_hand, devices, UPDATE, options.rounds)
            row = results[label]
            print(f"{label:<16}{row['ns']:>18.0f}{row['baseline_ns']:>10.0f}{row['ratio']:>8.2f}{row['spread']:>7.0f}%")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
