"""Evaluation against other engines: `python benchmarks/bench_peers.py [--json FILE] [--rounds N]`; `make bench-peers` gets them.

The subject is `policy.matches(device, update)` of the policies P1 to P4 of `bench_evaluate.py`, over the same thousand devices. A
peer gets what `peers.py` says, and is called through one function of the device, as ours is. Its answers are first compared with
those written by hand, for all devices: one that is wrong is reported and not timed. One that is not installed is reported as
absent.

Passes are interleaved. A figure is the median, over the rounds, of the time of the peer's pass over that of ours: policy_lang is
that many times as fast. Slow engines are timed on fewer devices, taken evenly from the fleet.
"""

import platform
import statistics
from typing import Any

from bench_evaluate import POLICIES, UPDATE, Device, fleet
from dialects import ordered
from peers import PEERS, Ask, Peer
from timing import command_line, pass_over, ratio_of, write_results

from policy_lang.pipeline import compile_policy

_BUDGET = 10_000_000
"""Nanoseconds that one pass may take."""

_FEWEST = 50


def our_test(text: str) -> Ask:
    """Ours, called through one function as the peers are."""
    matches = compile_policy(text).matches
    return lambda device: matches(device, UPDATE)


def sample(test: Ask, devices: list[Device]) -> list[Device]:
    """As many devices as a pass has time for."""
    cost = pass_over(test, devices[:20])
    return devices[:: max(1, len(devices) // max(_FEWEST, int(_BUDGET / cost)))]


def compare(name: str, tests: dict[Peer, dict[str, Ask]], devices: list[Device], rounds: int) -> dict[Peer, dict[str, float]]:
    """One policy in all engines: how often each is wrong, and the times of those that never are."""
    text, by_hand = POLICIES[name]
    expected = [by_hand(device, UPDATE) for device in devices]
    ours, subjects, rows = our_test(text), dict[Peer, tuple[Ask, list[Device]]](), dict[Peer, dict[str, float]]()
    for peer, own in tests.items():
        wrong = sum(own[name](device) is not answer for device, answer in zip(devices, expected, strict=True))
        rows[peer] = {"wrong": wrong}
        if not wrong:
            subjects[peer] = own[name], sample(own[name], devices)
    times: dict[Peer, list[tuple[float, float]]] = {peer: [] for peer in subjects}
    for _ in range(rounds):
        for peer, (test, few) in subjects.items():
            times[peer].append((pass_over(test, few), pass_over(ours, devices)))
    for peer, pairs in times.items():
        median, spread = ratio_of(pairs)
        rows[peer] |= {"ns": statistics.median(each for each, _ in pairs), "times": median, "spread": spread}
        rows[peer] |= {"ours_ns": statistics.median(each for _, each in pairs), "devices": len(subjects[peer][1])}
    return rows


def cell(row: dict[str, float]) -> str:
    """How many times as fast ours is, or how many answers were wrong."""
    if row["wrong"]:
        return f"{row['wrong']:.0f} wrong"
    return f"{row['times']:.1f}" if row["times"] < 100 else f"{row['times']:.0f}"


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = command_line("evaluation of a policy in other engines, as a ratio to policy_lang in the same run")
    parser.add_argument("--rounds", type=int, default=21, help="interleaved passes over the fleet (default: 21)")
    options = parser.parse_args()
    installed = {peer: peer.installed() for peer in PEERS}
    devices = [ordered(device) for device in fleet()]
    tests = {peer: peer.tests() for peer, version in installed.items() if version is not None}
    found = {name: compare(name, tests, devices, options.rounds) for name in POLICIES}
    results: list[dict[str, Any]] = []
    print(f"policy_lang is N times as fast as{'':<23}{'P1':>11}{'P2':>11}{'P3':>11}{'P4':>11}")
    for peer, version in installed.items():
        own = {name: found[name][peer] for name in POLICIES if version is not None}
        results.append({"name": peer.name, "package": peer.package, "version": version, "versions": peer.versions, "policies": own})
        label = f"{peer.package}{f' {version}' if version else ''} ({peer.note or peer.versions})"
        print(f"{label:<56}" + ("".join(f"{cell(row):>11}" for row in own.values()) or f"{'absent':>11}"))
    write_results(options.json, {"python": platform.python_version(), "peers": results})


if __name__ == "__main__":
    main()
