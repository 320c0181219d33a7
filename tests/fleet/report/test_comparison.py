import json
from typing import Any

import pytest
from fleets import NOW, draw_catalog, draw_fleet

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.embedded import open_devices
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.report.comparison import Names, compare_catalogs, compare_policies
from policy_lang.fleet.report.model import Counts
from policy_lang.fleet.survey import Nothing
from policy_lang.pipeline import compile_policy

DEVICES = [
    {"id": str(number), "product": "router", "version": f"{number}.0.0", "region": "eu" if number < 3 else "us"}
    for number in range(6)
]


def _catalog(**policies: str) -> Catalog:
    """Updates by their id: `r3` brings version 3.0.0; `back3` does so to newer devices, too."""
    updates: list[dict[str, Any]] = []
    for name, policy in policies.items():
        number = int(name.strip("rbacknew"))
        updates.append(
            {
                "id": name,
                "product": "router",
                "version": f"{number}.0.0",
                "policy": policy,
                "url": "https://example.com/i.bin",
                "checksum": f"{len(updates):064x}",
                "downgrade": "allow" if name.startswith("back") else "deny",
            }
        )
    return Catalog.load({"updates": updates})


def test_policies_gain_and_lose() -> None:
    old, new = (
        compile_policy("device.region == 'eu'"),
        compile_policy("device.version >= '2.0.0' && device.memory != 5 || device.id == '0'"),
    )
    report = compare_policies(Loop([*DEVICES, {"region": "eu"}]), old, new, NOW, names=Names("a", "b"))
    assert (report.gained, report.lost, report.changed, report.unchanged) == (0, 3, 0, 4)
    assert (report.before, report.after) == (Counts(4, 3, 0), Counts(1, 1, 5))
    assert [(move.before, move.after, move.devices, move.kind) for move in report.moves] == [
        ("match", "unknown", 2, "lost"),
        ("match", "no match", 1, "lost"),
        ("no match", "unknown", 3, "unchanged"),
    ]
    assert {name: {*ids} for name, ids in report.samples} == {"lost": {"1", "2"}}


def test_updates_of_a_policy_are_taken_into_account() -> None:
    old, new = compile_policy("device.version < update.version"), compile_policy("true")
    report = compare_policies(Loop(DEVICES), old, new, NOW, update={"version": "2.0.0"}, sample=0)
    assert (report.gained, report.samples) == (4, ())


@pytest.mark.parametrize(
    ("old", "new", "measures"),
    [
        ({"r3": "true"}, {"r3": "true"}, {}),
        ({"r3": "true"}, {"r3": "device.version > '1.0.0'"}, {"lost": 2}),
        ({}, {"r3": "true"}, {"gained": 3}),
        ({"r3": "true"}, {"new3": "true"}, {"changed": 3}),
        ({"r3": "true"}, {"r4": "true"}, {"changed": 3, "gained": 1}),
        ({"r4": "true"}, {"r3": "true"}, {"changed": 3, "lowered": 3, "lost": 1}),
        ({"r3": "true"}, {"back3": "true"}, {"changed": 3, "gained": 2, "downgraded": 2}),
        ({"back3": "true"}, {"back3": "true", "r5": "true"}, {"changed": 4, "gained": 1}),
        ({"back2": "true"}, {"back3": "true"}, {"changed": 4, "gained": 1, "lost": 1}),
    ],
)
def test_catalogs(old: dict[str, str], new: dict[str, str], measures: dict[str, int]) -> None:
    report = compare_catalogs(Loop(DEVICES), _catalog(**old), _catalog(**new), NOW)
    found = {name: devices for name, devices in report.measures().items() if devices and name not in {"matched", "unknown"}}
    assert found == measures
    assert sum(move.devices for move in report.moves if move.kind != "unchanged") == len(DEVICES) - report.unchanged


def test_the_same_id_with_another_version_has_changed() -> None:
    old, new = _catalog(r3="true"), _catalog(r4="true")
    object.__setattr__(new.updates[0], "id", "r3")
    report = compare_catalogs(Loop(DEVICES[:3]), old, new, NOW)
    assert (report.changed, report.lowered) == (3, 0)
    assert [(move.before, move.after) for move in report.moves] == [("r3", "r3")]


def test_another_reason_for_nothing_is_listed_and_changes_nothing() -> None:
    report = compare_catalogs(Loop(DEVICES), _catalog(r3="false"), _catalog(r3="device.unheard == 'x'"), NOW)
    assert (report.unchanged, report.after.unknown) == (6, 3)
    assert [(move.before, move.after, move.kind) for move in report.moves] == [
        (Nothing.NO_MATCH.value, Nothing.POLICY_UNKNOWN.value, "unchanged")
    ]


@pytest.mark.parametrize("seed", [3, 8])
def test_engines_give_the_same_report(seed: int) -> None:
    old, new, devices = draw_catalog(seed), draw_catalog(seed + 1), draw_fleet(seed, 150)
    with open_devices(devices, Limits()) as fleet:
        assert fleet.diff(old, new, NOW) == compare_catalogs(Loop(devices), old, new, NOW)


def test_a_comparison_is_json() -> None:
    report = compare_catalogs(Loop(DEVICES), _catalog(r3="true"), _catalog(r4="true"), NOW, names=Names("a", "b"))
    plain = json.loads(json.dumps(report.to_plain()))
    assert (plain["kind"], plain["old"], plain["changed"], plain["unchanged"]) == ("comparison", "a", 3, 2)
    assert {*plain["moves"][0]} == {"from", "to", "devices", "kind"}
