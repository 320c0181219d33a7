import json
from datetime import UTC, datetime
from typing import Any

import pytest

from policy_lang.analysis.standing import Standing, standing_of, tried, untried
from policy_lang.catalog.catalog import Catalog
from policy_lang.rollout.bucket import bucket
from policy_lang.selection.checkin import CheckIn
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Gate

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


def decide(catalog: Catalog, device: Any, now: datetime | None = NOW) -> tuple[Decision, CheckIn]:
    return Selector(catalog).select(device, now), CheckIn(device, now, None)


def only(fields: dict[str, Any], device: dict[str, Any] | None = None, now: datetime | None = NOW, **options: bool) -> Standing:
    """How the only update of a catalog stands to a device."""
    catalog = Catalog.load({"updates": [update(**fields)]})
    decision, checkin = decide(catalog, {**DEVICE, **(device or {})}, now)
    return standing_of(catalog.updates[0], decision, checkin, catalog, **options)


def needs(standing: Standing) -> list[tuple[Gate, tuple[str, ...]]]:
    return [(need.gate, need.conditions) for need in standing.needs]


def percent_of(version: str) -> str:
    return f"{100 * (bucket('device-1', f'release-{version}') + 1) / 1_000_000:g}"


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"paused": True}, [(Gate.PAUSED, ("the update is no longer paused",))]),
        (
            {"rollout": {"start": "2026-06-01T00:00:00Z"}},
            [(Gate.NOT_STARTED, ("the time is 2026-06-01T00:00:00Z or later",))],
        ),
        (
            {"rollout": {"end": "2026-04-01T00:00:00Z"}},
            [(Gate.ENDED, ("the end of the update, 2026-04-01T00:00:00Z, is taken back",))],
        ),
        ({"policy": "device.region == 'us'"}, [(Gate.POLICY_FALSE, ("device.region is 'us' (is 'eu')",))]),
        ({"policy": "device.pro"}, [(Gate.POLICY_UNKNOWN, ("device.pro is true (is missing)",))]),
        ({"policy": "false"}, [(Gate.POLICY_FALSE, ("the policy is true (no change of device properties found)",))]),
        (
            {"rollout": {"percent": 5}},
            [(Gate.OUTSIDE_ROLLOUT, (f"the percent of the rollout is {percent_of('2.0.0')} or more (is 5)",))],
        ),
        ({"rollout": {"max_devices": 0}}, [(Gate.MAX_DEVICES, ("`max_devices` is more than 0",))]),
        (
            {"rollout": {"max_per_period": 0, "period": "1d"}},
            [(Gate.MAX_PER_PERIOD, ("fewer than 0 devices were granted the update in the last P1D",))],
        ),
        (
            {"paused": True, "policy": "device.pro", "rollout": {"percent": 0, "end": "2026-04-01T00:00:00Z"}},
            [
                (Gate.PAUSED, ("the update is no longer paused",)),
                (Gate.ENDED, ("the end of the update, 2026-04-01T00:00:00Z, is taken back",)),
                (Gate.POLICY_UNKNOWN, ("device.pro is true (is missing)",)),
                (Gate.OUTSIDE_ROLLOUT, (f"the percent of the rollout is {percent_of('2.0.0')} or more (is 0)",)),
            ],
        ),
    ],
)
def test_everything_that_stands_in_the_way_is_named(fields: dict[str, Any], wanted: list[tuple[Gate, tuple[str, ...]]]) -> None:
    standing = only(fields)
    assert needs(standing) == wanted
    assert (standing.gate, standing.label, standing.is_candidate, standing.is_tried) == (
        wanted[0][0],
        str(wanted[0][0]),
        True,
        True,
    )


def test_a_ramp_says_when_it_comes() -> None:
    """The moment that is named is the first second at which the rollout admits the device."""
    rollout = {"percent": 100, "start": "2026-05-01T00:00:00Z", "ramp": "30d"}
    standing = only({"rollout": rollout})
    ((gate, (condition,)),) = needs(standing)
    moment = datetime.fromisoformat(condition.split()[3])
    assert gate is Gate.OUTSIDE_ROLLOUT
    assert only({"rollout": rollout}, now=moment).gate is Gate.OFFERED
    assert only({"rollout": rollout}, now=moment.replace(second=moment.second - 1)).gate is Gate.OUTSIDE_ROLLOUT


def test_a_ramp_to_a_share_without_the_device_never_comes() -> None:
    standing = only({"rollout": {"percent": 1, "start": "2026-05-01T00:00:00Z", "ramp": "1d"}})
    assert needs(standing) == [(Gate.OUTSIDE_ROLLOUT, (f"the percent of the rollout is {percent_of('2.0.0')} or more (is 0.5)",))]


@pytest.mark.parametrize(
    ("rollout", "device", "now", "wanted"),
    [
        ({"percent": 50}, {"id": None}, NOW, [(Gate.ROLLOUT_UNKNOWN, ("the device sends a usable `id`",))]),
        ({"max_devices": 3}, {"id": ""}, NOW, [(Gate.NO_DEVICE_ID, ("the device sends a usable `id`",))]),
        ({"start": "2026-04-01T00:00:00Z"}, {}, None, [(Gate.NO_TIME, ("the time is known",))]),
        (
            {"percent": 100, "start": "2026-04-01T00:00:00Z", "ramp": "1d"},
            {},
            None,
            [(Gate.NO_TIME, ("the time is known",)), (Gate.ROLLOUT_UNKNOWN, ("the time is known",))],
        ),
    ],
)
def test_what_is_not_known(rollout: dict[str, Any], device: dict[str, Any], now: datetime | None, wanted: list[Any]) -> None:
    assert needs(only({"rollout": rollout}, device, now)) == wanted


def test_changes_can_be_left_out() -> None:
    assert needs(only({"policy": "device.pro"}, with_changes=False)) == [(Gate.POLICY_UNKNOWN, ("the policy is true",))]


@pytest.mark.parametrize(
    ("fields", "device", "wanted"),
    [
        ({"policy": "device.version >= '1.5.0'"}, {}, "device.version: 1.0.0 → 1.5.0"),
        ({"policy": "device.version >= '2.5.0'"}, {}, None),
        ({"policy": "device.version == '2.5.0'", "downgrade": "allow"}, {}, "device.version: 1.0.0 → 2.5.0"),
        ({"policy": "device.version == '2.0.0'", "downgrade": "allow"}, {}, None),
        ({"policy": "device.product == 'other'"}, {}, None),
        (
            {"policy": "device.product == 'thermostat'"},
            {"product": None, "productToken": "thermostat"},
            "device.product: missing → 'thermostat'",
        ),
    ],
)
def test_a_change_keeps_the_device_a_candidate(fields: dict[str, Any], device: dict[str, Any], wanted: str | None) -> None:
    (need,) = only(fields, device).needs
    assert (None if need.change is None else str(need.change)) == wanted


CATALOG = Catalog.load(
    {
        "updates": [
            update("4.0.0", policy="device.region == 'us'"),
            update("3.0.0"),
            update("2.0.0", policy="device.pro"),
            update("1.5.0"),
            update("1.0.0"),
            update("0.9.0"),
            update("0.8.0", downgrade="allow"),
            update("9.0.0", id="other", product="camera"),
        ]
    }
)


def test_tried_and_untried_are_the_candidates_in_order() -> None:
    decision, checkin = decide(CATALOG, DEVICE)
    assert [(each.update.id, each.label) for each in tried(decision, checkin, CATALOG)] == [
        ("release-4.0.0", "policy false"),
        ("release-3.0.0", "offered"),
    ]
    rest = list(untried(decision, checkin, CATALOG))
    assert [(each.update.id, each.label, each.detail) for each in rest] == [
        (
            "release-2.0.0",
            "not tried",
            "not tried, because the device gets `release-3.0.0`; the policy is unknown: device.pro: missing",
        ),
        ("release-1.5.0", "not tried", "not tried, because the device gets `release-3.0.0`; nothing else stops it"),
        ("release-0.8.0", "not tried", "not tried, because the device gets `release-3.0.0`; nothing else stops it"),
    ]
    assert needs(rest[0]) == [(Gate.POLICY_UNKNOWN, ("device.pro is true (is missing)",))]


@pytest.mark.parametrize("device", [{}, {"product": "thermostat"}, {"product": "thermostat", "version": "v1"}])
def test_without_product_or_version_nothing_is_untried(device: dict[str, Any]) -> None:
    decision, checkin = decide(CATALOG, device)
    assert list(untried(decision, checkin, CATALOG)) == []


@pytest.mark.parametrize(
    ("update_id", "device", "detail"),
    [
        ("other", DEVICE, "the update is for `camera`, the device is `thermostat`"),
        ("other", {}, "the update is for `camera`, the device is of no product"),
        ("release-4.0.0", {"product": "thermostat", "version": 1.1}, "the device has no usable version"),
        ("release-1.0.0", DEVICE, "the device has this version"),
        ("release-0.9.0", DEVICE, "the device has 1.0.0, which is newer; the update does not allow a downgrade"),
    ],
)
def test_what_is_no_candidate(update_id: str, device: dict[str, Any], detail: str) -> None:
    decision, checkin = decide(CATALOG, device)
    asked = CATALOG.find(update_id)
    assert asked is not None
    standing = standing_of(asked, decision, checkin, CATALOG)
    assert (standing.detail, standing.label, standing.needs, standing.gate) == (detail, "not a candidate", (), None)


def test_one_update_of_those_that_were_not_tried() -> None:
    decision, checkin = decide(CATALOG, DEVICE)
    asked = CATALOG.find("release-2.0.0")
    assert asked is not None
    assert standing_of(asked, decision, checkin, CATALOG).label == "not tried"


def test_json() -> None:
    decision, checkin = decide(CATALOG, DEVICE)
    plain = [standing.to_plain() for standing in tried(decision, checkin, CATALOG)]
    assert json.loads(json.dumps(plain)) == plain
    assert {name: plain[0][name] for name in ("update", "version", "gate", "detail", "candidate", "tried")} == {
        "update": "release-4.0.0",
        "version": "4.0.0",
        "gate": "policy false",
        "detail": "the policy is false",
        "candidate": True,
        "tried": True,
    }
    (need,) = plain[0]["needs"]
    assert (need["gate"], need["conditions"]) == ("policy false", ["device.region is 'us' (is 'eu')"])
    assert need["change"]["properties"][0]["to"] == "us"
    assert plain[1]["needs"] == []
