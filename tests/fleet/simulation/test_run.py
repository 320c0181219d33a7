"""The simulation, compared with the plain loop over all check-ins."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.simulate import Simulation, simulate
from policy_lang.fleet.simulation.openings import Opening, opening_of
from policy_lang.fleet.simulation.timetable import DAY, Timetable, mix, place_of, to_moment
from policy_lang.rollout.ledger import Grant, MemoryLedger
from policy_lang.selection.checkin import device_id_of
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Gate

START = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
_IMAGE = {"url": "https://example.com/x.bin", "checksum": "ab" * 32}
_VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0-rc.1", "2.0.0", "3.0.0")
_POLICIES = (
    *("true", "true", "device.memory >= 128", "device.region == 'eu'", "rollout(50)", "device.version >= '1.1.0'"),
    *("inWindow('08:00', '20:00')", "now > timestamp('2026-05-03T00:00:00Z') && device.memory > 64"),
)
_ROLLOUTS: tuple[dict[str, Any], ...] = (
    *({}, {}, {"percent": 40}, {"percent": 0}, {"max_devices": 5}, {"max_devices": 0}),
    *({"max_per_period": 2, "period": "1d"}, {"max_per_period": 1, "period": "5h"}, {"start": "2026-05-02T12:00:00Z"}),
    *({"start": "2026-04-30T00:00:00Z", "ramp": "6d"}, {"start": "2026-05-02T00:00:00Z", "ramp": "9d", "percent": 70}),
    *({"end": "2026-05-03T00:00:00Z"}, {"start": "2026-05-01T12:00:00Z", "ramp": "4d", "end": "2026-05-03T12:00:00Z"}),
    {"start": "2026-05-01T00:00:00Z", "ramp": "3d", "max_devices": 6, "max_per_period": 3, "period": "1d"},
)


def _catalog(random: Random) -> Catalog:
    updates: list[dict[str, Any]] = []
    for product in ("atlas", "beacon"):
        for number, version in enumerate(random.sample(_VERSIONS, random.randrange(1, 5))):
            update: dict[str, Any] = {
                "id": f"{product}-{number}",
                "product": product,
                "version": version,
                "policy": random.choice(_POLICIES),
                **_IMAGE,
            }
            update["rollout"] = random.choice(_ROLLOUTS)
            update["paused"] = random.random() < 0.1
            if random.random() < 0.1:
                update["downgrade"] = "allow"
            updates.append({name: value for name, value in update.items() if value != {}})
    return Catalog.load({"updates": updates})


def _fleet(random: Random, size: int) -> list[dict[str, Any]]:
    devices = []
    for number in range(size):
        device: dict[str, Any] = {"id": f"device-{number}", "product": random.choice(("atlas", "atlas", "beacon", "other"))}
        device["version"] = random.choice((*_VERSIONS[:4], _VERSIONS[0], "bad", 5))
        device["region"], device["memory"] = random.choice(("eu", "us")), random.choice((64, 128, 256))
        for name in random.sample(("id", "product", "version", "memory"), random.choice((0, 0, 0, 0, 1))):
            del device[name]
        devices.append(device)
    devices.append({"id": "device-0", "productToken": "atlas", "version": "1.0.0"})
    return devices


def _naively(catalog: Catalog, fleet: list[dict[str, Any]], days: int, checkins: int, seed: int, success: float) -> dict[str, Any]:
    """Every check-in of every day, one after the other."""
    devices = [dict(device) for device in fleet]
    table, ledger = Timetable(START, days, checkins, seed), MemoryLedger()
    selector = Selector(catalog, ledger)
    ids = [device_id_of(device, catalog.options) for device in devices]
    places = [place_of(f"#{at}" if each is None else each) for at, each in enumerate(ids)]
    moments = [(table.time(place, n), at, n) for at, place in enumerate(places) for n in range(-2, (days + 3) * checkins)]
    offered: dict[str, dict[int, int]] = {update.id: {} for update in catalog}
    failed: Counter[str] = Counter()
    refused: dict[tuple[str, str], list[Any]] = {}
    adoption = [_adoption(catalog, devices)]
    queue = sorted(moment for moment in moments if table.start <= moment[0] < table.end)
    for day in range(days):
        end = table.start + (day + 1) * DAY
        while queue and queue[0][0] < end:
            time, at, number = queue.pop(0)
            decision = selector.select(devices[at], to_moment(time))
            for step in decision.trace:
                if step.gate in {Gate.MAX_DEVICES, Gate.MAX_PER_PERIOD}:
                    refused.setdefault((step.update.id, str(step.gate)), [to_moment(time), set()])[1].add(ids[at])
            if decision.update is not None:
                offered[decision.update.id].setdefault(at, time)
                if mix(places[at] ^ place_of(decision.update.id), seed, number) < int(success * 2**64):
                    devices[at]["version"] = str(decision.update.version)
                else:
                    failed[decision.update.id] += 1
        adoption.append(_adoption(catalog, devices))
    waiting = Counter[str]()
    for at, device in enumerate(devices):
        plain = Selector(catalog, _Peeking(ledger))
        for step in plain.select(device, to_moment(table.end)).trace:
            waiting[step.update.id] += opening_of(step, ids[at]) is not Opening.NEVER
    return {"adoption": adoption, "offered": offered, "failed": failed, "refused": refused, "waiting": waiting}


class _Peeking:
    def __init__(self, ledger: MemoryLedger) -> None:
        self.peek = self.grant = ledger.peek


def _adoption(catalog: Catalog, devices: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {product: Counter() for product in catalog.products}
    for device in devices:
        product = device.get("product", device.get("productToken"))
        if product in counts:
            version = device.get("version")
            counts[product][version if isinstance(version, str) else "unknown"] += 1
    return {product: dict(versions) for product, versions in counts.items()}


def _same(simulation: Simulation, naive: dict[str, Any]) -> None:
    assert [dict(day) for day in simulation.adoption] == naive["adoption"]
    for update in simulation.updates:
        offers = naive["offered"][update.id]
        assert update.granted == len(offers) == sum(update.by_day)
        assert (update.first, update.last) == (
            (to_moment(min(offers.values())), to_moment(max(offers.values()))) if offers else (None, None)
        )
        assert update.failed == naive["failed"][update.id]
        assert update.waiting == naive["waiting"][update.id], update.id
        found = {(update.id, each.limit): (each.first, each.deferred) for each in update.bindings}
        wanted = {key: (first, len(ids)) for key, (first, ids) in naive["refused"].items() if key[0] == update.id}
        assert found == wanted


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**24), st.sampled_from([1, 1, 2, 5]), st.sampled_from([1.0, 1.0, 0.6, 0.0]))
def test_skipping_changes_nothing(seed: int, checkins: int, success: float) -> None:
    """Who is passed over could not have got anything: the result is that of the loop over all check-ins."""
    random = Random(seed)  # noqa: S311  test data
    catalog, fleet = _catalog(random), _fleet(random, 24)
    simulation = simulate(catalog, fleet, start=START, days=5, checkins_per_day=checkins, seed=seed, success=success)
    _same(simulation, _naively(catalog, fleet, 5, checkins, seed, success))


def _one(rollout: dict[str, Any], policy: str = "true") -> Catalog:
    return Catalog.load(
        {"updates": [{"id": "u", "product": "p", "version": "2.0.0", "policy": policy, "rollout": rollout, **_IMAGE}]}
    )


_FLEET = [{"id": f"d{number}", "product": "p", "version": "1.0.0"} for number in range(50)]


def test_everybody_at_once() -> None:
    simulation = simulate(_one({"percent": 100}), _FLEET, start=START, days=3)
    (update,) = simulation.updates
    assert (update.granted, update.installed, update.failed, update.waiting, update.bindings) == (50, 50, 0, 0, ())
    assert update.by_day[0] + update.by_day[1] == 50
    assert simulation.adoption[0] == {"p": {"1.0.0": 50}}
    assert simulation.adoption[-1] == {"p": {"2.0.0": 50}}
    assert update.completed == update.last
    assert START <= update.first < START + timedelta(days=1)  # type: ignore[operator]  # it was offered


def test_a_limit_per_day_binds_and_the_rest_waits() -> None:
    simulation = simulate(_one({"max_per_period": 10, "period": "1d"}), _FLEET, start=START, days=3)
    (update,) = simulation.updates
    assert update.granted <= 31
    assert update.waiting == 50 - update.granted
    assert update.completed is None
    assert [each.limit for each in update.bindings] == [Grant.MAX_PER_PERIOD.value]


def test_a_limit_on_all_completes() -> None:
    (update,) = simulate(_one({"max_devices": 10}), _FLEET, start=START, days=3).updates
    assert (update.granted, update.waiting, update.bindings[0].deferred) == (10, 0, 40)
    assert update.completed is not None


def test_failures_are_tried_again() -> None:
    simulation = simulate(_one({"percent": 100}), _FLEET, start=START, days=30, success=0.5, seed=7)
    (update,) = simulation.updates
    assert (update.granted, update.installed) == (50, 50)
    assert 20 < update.failed < 100
    assert simulate(_one({}), _FLEET, start=START, days=2, success=0).updates[0].installed == 0


def test_the_same_arguments_give_the_same_result_and_the_devices_stay() -> None:
    first, second = (simulate(_one({"percent": 50}), _FLEET, start=START, days=4, seed=3, success=0.7) for _ in range(2))
    assert first == second
    assert _FLEET[0]["version"] == "1.0.0"
    assert first != simulate(_one({"percent": 50}), _FLEET, start=START, days=4, seed=4, success=0.7)


def test_progress_counts_days() -> None:
    told: list[tuple[int, int]] = []
    simulate(_one({}), _FLEET, start=START, days=2, progress=lambda day, days: told.append((day, days)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"checkins_per_day": 0}, {"success": 1.1}, {"days": 10**7}, {"start": START.replace(tzinfo=None)}]
)
def test_arguments_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"1 or more|year 9999|zone"):
        simulate(_one({}), _FLEET, **{"start": START, "days": 1, **wrong})


def test_plain_form() -> None:
    plain = simulate(_one({"max_devices": 10}), _FLEET, start=START, days=1).to_plain()
    assert (plain["start"], plain["days"], plain["devices"]) == ("2026-05-01T09:30:00Z", 1, 50)
    assert plain["adoption"][0] == {"p": {"1.0.0": 50}}
    assert plain["updates"][0]["limits"][0]["limit"] == "max devices"
    assert simulate(_one({"percent": 0}), _FLEET, start=START, days=1).to_plain()["updates"][0]["first"] is None
