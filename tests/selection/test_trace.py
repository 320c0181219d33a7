import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.rollout.ledger import Grant, Limits, MemoryLedger
from policy_lang.selection.candidates import ScannedGroup
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Gate

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DEVICE = {"id": "device-1", "product": "thermostat", "version": "1.0.0", "region": "eu"}


def update(version: str = "2.0.0", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"release-{version}",
        "product": "thermostat",
        "version": version,
        "policy": "true",
        "url": f"https://example.com/{version}.bin",
        "checksum": "00" * 32,
        **fields,
    }


class CountingGroup(ScannedGroup):
    """Counts how often it is asked for its candidates."""

    asked = 0

    def of(self, key: str) -> Iterator[Update]:
        """Count, then look."""
        self.asked += 1
        return super().of(key)


class CountingScan:
    """One group that counts."""

    def __init__(self, catalog: Catalog) -> None:
        """Take the updates of the only product."""
        self.groups = {"thermostat": CountingGroup(catalog)}


class CountingLedger(MemoryLedger):
    """Counts how often it is asked for a grant."""

    asked = 0

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """Count, then grant."""
        self.asked += 1
        return super().grant(update_id, device_id, limits, now)


CATALOG = Catalog.load(
    {
        "updates": [
            update("7.0.0", paused=True),
            update("6.0.0", rollout={"start": "2026-06-01T00:00:00Z"}),
            update("5.0.0", policy="device.region == 'us'"),
            update("4.0.0", policy="device.memory > 5 && device.pro == true"),
            update("3.0.0", rollout={"max_devices": 1}),
            update("2.0.0"),
            update("1.5.0"),
        ]
    }
)


def test_the_trace_lists_what_was_tried_and_ends_with_the_offer() -> None:
    decision = Selector(CATALOG).select(DEVICE, NOW)
    assert [(str(step.update.version), step.gate) for step in decision.trace] == [
        ("7.0.0", Gate.PAUSED),
        ("6.0.0", Gate.NOT_STARTED),
        ("5.0.0", Gate.POLICY_FALSE),
        ("4.0.0", Gate.POLICY_UNKNOWN),
        ("3.0.0", Gate.OFFERED),
    ]
    assert decision.trace[-1].update is decision.update


def test_a_trace_tells_what_the_ledger_said_at_the_time() -> None:
    ledger = CountingLedger()
    selector = Selector(CATALOG, ledger)
    first = selector.select(DEVICE, NOW)
    second = selector.select({**DEVICE, "id": "device-2"}, NOW)
    retry = selector.select(DEVICE, NOW)
    assert ledger.asked == 3
    assert [decision.trace[4].gate for decision in (first, second, retry)] == [Gate.OFFERED, Gate.MAX_DEVICES, Gate.OFFERED]
    assert second.trace[-1].update is second.update
    assert len(second.trace) == 6
    assert ledger.asked == 3


def test_a_trace_is_made_when_it_is_asked_for() -> None:
    candidates = CountingScan(CATALOG)
    decision = Selector(CATALOG, candidates=candidates).select(DEVICE, NOW)
    assert candidates.groups["thermostat"].asked == 0
    assert decision.trace == decision.trace
    assert candidates.groups["thermostat"].asked == 2


def test_without_candidates_the_trace_is_empty() -> None:
    for device in ({}, {**DEVICE, "product": "other"}, {**DEVICE, "version": "x"}, {**DEVICE, "version": "9.0.0"}):
        assert Selector(CATALOG).select(device, NOW).trace == ()


def test_every_step_explains_its_policy() -> None:
    decision = Selector(CATALOG).select(DEVICE, NOW)
    assert [step.explanation.result for step in decision.trace] == [True, True, False, None, True]
    assert [cause.path for cause in decision.trace[3].explanation.causes] == ["device.memory", "device.pro"]


@pytest.mark.parametrize(
    ("fields", "device", "detail"),
    [
        ({"paused": True}, {}, "the update is paused"),
        ({"rollout": {"start": "2026-05-02T00:00:00Z"}}, {}, "the update starts at 2026-05-02T00:00:00Z"),
        ({"rollout": {"end": "2026-05-01T00:00:00Z"}}, {}, "the update ended at 2026-05-01T00:00:00Z"),
        ({"policy": "false"}, {}, "the policy is false"),
        (
            {"policy": "device.pro == true && device.memory > 5"},
            {},
            "the policy is unknown: device.pro: missing; device.memory: missing",
        ),
        ({"rollout": {"percent": 5}}, {"id": None}, "the device has no usable id"),
        ({"rollout": {"max_devices": 5}}, {"id": None}, "the device has no usable id"),
        (
            {"rollout": {"percent": 12.5}},
            {},
            "the rollout has reached 12.5 % of the devices, this one comes after 91.3046 %",
        ),
        ({"rollout": {"max_devices": 0}}, {}, "the limit of 0 devices is reached"),
        ({"rollout": {"max_per_period": 0, "period": "1d"}}, {}, "the limit of 0 devices in P1D is reached"),
        ({}, {}, "the device gets the update"),
    ],
)
def test_each_gate_has_a_sentence(fields: dict[str, Any], device: dict[str, Any], detail: str) -> None:
    decision = Selector(Catalog.load({"updates": [update(**fields)]})).select({**DEVICE, **device}, NOW)
    assert [step.detail for step in decision.trace] == [detail]


def test_a_missing_time_has_a_sentence() -> None:
    catalog = Catalog.load({"updates": [update(rollout={"max_per_period": 1, "period": "1d"})]})
    (step,) = Selector(catalog).select(DEVICE).trace
    assert (step.gate, step.detail) == (Gate.NO_TIME, "the update depends on the time, and no time is given")


@pytest.mark.parametrize(
    ("device", "detail"),
    [
        (DEVICE, "the device gets `release-3.0.0`, version 3.0.0"),
        (None, "the device has no usable product: missing"),
        ({"product": 7}, "the device has no usable product: expected text, got the number `7`"),
        ({"product": ""}, "the device has no usable product: empty"),
        ({"product": "other"}, "the catalog has no update for the product `other`"),
        ({"product": "thermostat"}, "the device has no usable version: missing"),
        ({**DEVICE, "version": 1.1}, "the device has no usable version: expected version, got the number `1.1`"),
        ({**DEVICE, "version": "v1"}, "the device has no usable version: the text `v1` is not a semantic version"),
        ({**DEVICE, "version": "7.0.0"}, "the catalog has nothing for a device at version `7.0.0`"),
        ({**DEVICE, "version": "6.0.0"}, "no candidate admits the device"),
    ],
)
def test_each_reason_has_a_sentence(device: object, detail: str) -> None:
    assert Selector(CATALOG).select(device, NOW).detail == detail


def test_a_plain_decision_is_json() -> None:
    decision = Selector(CATALOG).select(DEVICE, NOW)
    plain = {
        "reason": "offered",
        "detail": "the device gets `release-3.0.0`, version 3.0.0",
        "url": "https://example.com/3.0.0.bin",
        "checksum": "00" * 32,
        "update": "release-3.0.0",
        "version": "3.0.0",
    }
    assert decision.to_plain() == json.loads(json.dumps(plain)) == plain
    assert decision.offer == {name: plain[name] for name in ("url", "checksum", "update", "version")}


def test_a_plain_decision_without_an_update_has_nulls() -> None:
    decision = Selector(CATALOG).select({}, NOW)
    assert decision.offer is None
    assert decision.to_plain(trace=True) == {
        "reason": "no product",
        "detail": "the device has no usable product: missing",
        "url": None,
        "checksum": None,
        "update": None,
        "version": None,
        "trace": [],
    }


def test_a_plain_trace_is_json() -> None:
    plain = Selector(CATALOG).select(DEVICE, NOW).to_plain(trace=True)
    assert json.loads(json.dumps(plain)) == plain
    steps = plain["trace"]
    assert [step["gate"] for step in steps] == ["paused", "not started", "policy false", "policy unknown", "offered"]
    assert steps[2]["update"] == "release-5.0.0"
    assert steps[2]["version"] == "5.0.0"
    assert steps[2]["detail"] == "the policy is false"
    assert steps[2]["explanation"]["result"] is False


def test_a_decision_is_readable_in_a_debugger() -> None:
    selector = Selector(CATALOG)
    assert repr(selector.select(DEVICE, NOW)) == "Decision(offered, release-3.0.0)"
    assert repr(selector.select({}, NOW)) == "Decision(no product)"
