from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.rollout.bucket import bucket
from policy_lang.rollout.ledger import Grant, MemoryLedger
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Gate, Reason
from policy_lang.types.schema import Schema

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
DEVICE = {"id": "device-1", "product": "thermostat", "version": "1.0.0", "pro": True}


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


def selector(*updates: dict[str, Any], options: Options = DEFAULT_OPTIONS, ledger: MemoryLedger | None = None) -> Selector:
    return Selector(Catalog.load({"updates": list(updates)}, options=options), ledger)


def gates(decision: Decision) -> list[Gate]:
    return [step.gate for step in decision.trace]


def got(decision: Decision) -> str | None:
    return None if decision.update is None else str(decision.update.version)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, Reason.OFFERED),
        ({"product": None}, Reason.NO_PRODUCT),
        ({"product": 7}, Reason.NO_PRODUCT),
        ({"product": ""}, Reason.NO_PRODUCT),
        ({"product": ["thermostat"]}, Reason.NO_PRODUCT),
        ({"product": "door-lock"}, Reason.UNKNOWN_PRODUCT),
        ({"product": "Thermostat"}, Reason.UNKNOWN_PRODUCT),
        ({"version": None}, Reason.NO_VERSION),
        ({"version": ""}, Reason.NO_VERSION),
        ({"version": "one"}, Reason.NO_VERSION),
        ({"version": 1}, Reason.NO_VERSION),
        ({"version": "2.0.0"}, Reason.UP_TO_DATE),
        ({"version": "2.0.0+build"}, Reason.UP_TO_DATE),
        ({"version": "2.0.1-rc.1"}, Reason.UP_TO_DATE),
        ({"pro": False}, Reason.NO_MATCH),
        ({"pro": None}, Reason.NO_MATCH),
    ],
)
def test_each_reason(changes: dict[str, Any], reason: Reason) -> None:
    decision = selector(update(policy="device.pro == true")).select({**DEVICE, **changes}, NOW)
    assert decision.reason is reason
    assert (decision.update is not None) is (reason is Reason.OFFERED)


@pytest.mark.parametrize("device", [None, True, 7, 1.5, "device", [], [DEVICE], object()])
def test_what_is_no_object_gets_nothing(device: object) -> None:
    decision = selector(update()).select(device, NOW)
    assert (decision.update, decision.reason, decision.trace) == (None, Reason.NO_PRODUCT, ())


@pytest.mark.parametrize(
    ("fields", "changes", "gate"),
    [
        ({}, {}, Gate.OFFERED),
        ({"paused": True}, {}, Gate.PAUSED),
        ({"paused": True, "policy": "false"}, {}, Gate.PAUSED),
        ({"rollout": {"start": "2026-05-01T12:00:01Z"}}, {}, Gate.NOT_STARTED),
        ({"rollout": {"start": "2026-05-01T12:00:00Z"}}, {}, Gate.OFFERED),
        ({"rollout": {"end": "2026-05-01T12:00:00Z"}}, {}, Gate.ENDED),
        ({"rollout": {"end": "2026-05-01T12:00:01Z"}}, {}, Gate.OFFERED),
        ({"policy": "device.pro == false"}, {}, Gate.POLICY_FALSE),
        ({"policy": "device.pro == true"}, {"pro": None}, Gate.POLICY_UNKNOWN),
        ({"policy": "device.pro == true"}, {"pro": "yes"}, Gate.POLICY_UNKNOWN),
        ({"policy": "device.pro == true"}, {"pro": "TRUE"}, Gate.OFFERED),
        ({"policy": "false", "rollout": {"percent": 0}}, {}, Gate.POLICY_FALSE),
        ({"rollout": {"percent": 0}}, {}, Gate.OUTSIDE_ROLLOUT),
        ({"rollout": {"percent": 0}}, {"id": None}, Gate.ROLLOUT_UNKNOWN),
        ({"rollout": {"percent": 99.9999}}, {"id": 7}, Gate.ROLLOUT_UNKNOWN),
        ({"rollout": {"percent": 99.9999}}, {"id": ""}, Gate.ROLLOUT_UNKNOWN),
        ({"rollout": {"percent": 99.9999}}, {"id": "\ud800"}, Gate.ROLLOUT_UNKNOWN),
        ({"rollout": {"percent": 99.9999}}, {"id": "x" * 4097}, Gate.ROLLOUT_UNKNOWN),
        ({"rollout": {"percent": 100}}, {"id": None}, Gate.OFFERED),
        ({"rollout": {"max_devices": 0}}, {}, Gate.MAX_DEVICES),
        ({"rollout": {"max_devices": 1}}, {}, Gate.OFFERED),
        ({"rollout": {"max_devices": 1}}, {"id": None}, Gate.NO_DEVICE_ID),
        ({"rollout": {"max_devices": 1}}, {"id": 7}, Gate.NO_DEVICE_ID),
        ({"rollout": {"max_per_period": 0, "period": "1d"}}, {}, Gate.MAX_PER_PERIOD),
        ({"rollout": {"max_per_period": 1, "period": "1d"}}, {}, Gate.OFFERED),
    ],
)
def test_each_gate(fields: dict[str, Any], changes: dict[str, Any], gate: Gate) -> None:
    decision = selector(update(**fields)).select({**DEVICE, **changes}, NOW)
    assert gates(decision) == [gate]
    assert (decision.update is not None) is (gate is Gate.OFFERED)


@pytest.mark.parametrize(
    "rollout",
    [
        {"start": "2026-05-01T00:00:00Z"},
        {"end": "2026-06-01T00:00:00Z"},
        {"start": "2026-05-01T00:00:00Z", "ramp": "1d"},
        {"max_per_period": 1, "period": "1d"},
    ],
)
def test_what_depends_on_the_time_needs_one(rollout: dict[str, Any]) -> None:
    assert gates(selector(update(rollout=rollout)).select(DEVICE)) == [Gate.NO_TIME]


def test_without_a_time_the_other_updates_are_offered() -> None:
    chosen = selector(update("3.0.0", rollout={"start": "2026-05-01T00:00:00Z"}), update(rollout={"max_devices": 1}))
    assert got(chosen.select(DEVICE)) == "2.0.0"


def test_the_newest_that_admits_the_device_is_the_decision() -> None:
    chosen = selector(update("1.5.0"), update("3.0.0", policy="device.beta == true"), update("2.0.0"), update("4.0.0", paused=True))
    assert got(chosen.select(DEVICE, NOW)) == "2.0.0"
    assert got(chosen.select({**DEVICE, "beta": "true"}, NOW)) == "3.0.0"


def test_a_device_outside_a_canary_gets_the_release_before_it() -> None:
    chosen = selector(update("3.0.0", rollout={"percent": 5}), update("2.0.0"))
    versions = {str(number): got(chosen.select({**DEVICE, "id": str(number)}, NOW)) for number in range(400)}
    inside = {device for device in versions if bucket(device, "release-3.0.0") < 50_000}
    assert {device for device, version in versions.items() if version == "3.0.0"} == inside
    assert set(versions.values()) == {"2.0.0", "3.0.0"}


def test_a_ramp_admits_more_and_more_devices_and_drops_none() -> None:
    ramp = {"percent": 50, "ramp": "4d", "start": "2026-05-01T12:00:00Z"}
    chosen = selector(update(rollout=ramp))
    devices = [{**DEVICE, "id": str(number)} for number in range(300)]
    admitted = [
        {device["id"] for device in devices if chosen.select(device, NOW + days * DAY).update is not None} for days in range(6)
    ]
    for days, inside in enumerate(admitted):
        share = min(days, 4) * 125_000
        assert inside == {device["id"] for device in devices if bucket(str(device["id"]), "release-2.0.0") < share}
    assert admitted[0] == set()
    assert admitted[4] == admitted[5]


@pytest.mark.parametrize(
    ("product", "token", "expected"),
    [
        ("thermostat", None, "2.0.0"),
        (None, "thermostat", "2.0.0"),
        ("thermostat", "door-lock", "2.0.0"),
        ("door-lock", "thermostat", None),
        (7, "thermostat", None),
        ("", "thermostat", None),
        (None, 7, None),
    ],
)
def test_a_product_token_stands_in_for_an_absent_product(product: object, token: object, expected: str | None) -> None:
    device = {"version": "1.0.0", "product": product, "productToken": token}
    assert got(selector(update()).select(device)) == expected


def test_a_device_may_send_the_token_only() -> None:
    assert got(selector(update()).select({"version": "1.0.0", "productToken": "thermostat"})) == "2.0.0"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.0.0", "2.0.0"), ("2.0.0", None), ("2.0.0+other", None), ("3.0.0", "2.0.0"), ("2.0.1-rc.1", "2.0.0")],
)
def test_an_allowed_downgrade_goes_to_every_other_version(version: str, expected: str | None) -> None:
    chosen = selector(update(downgrade="allow"), update("1.0.0"))
    assert got(chosen.select({**DEVICE, "version": version})) == expected


def test_a_downgrade_is_denied_unless_it_is_allowed() -> None:
    device = {**DEVICE, "version": "3.0.0"}
    assert selector(update()).select(device).reason is Reason.UP_TO_DATE
    assert selector(update(downgrade="deny")).select(device).reason is Reason.UP_TO_DATE


def test_an_allowed_downgrade_waits_for_its_turn() -> None:
    chosen = selector(update("4.0.0", policy="device.beta == true"), update(downgrade="allow"))
    decision = chosen.select({**DEVICE, "version": "3.0.0"})
    assert (got(decision), gates(decision)) == ("2.0.0", [Gate.POLICY_UNKNOWN, Gate.OFFERED])


def test_the_number_of_devices_is_limited() -> None:
    chosen = selector(update("3.0.0", rollout={"max_devices": 2}), update("2.0.0"))
    versions = [got(chosen.select({**DEVICE, "id": device}, NOW)) for device in "abcacb"]
    assert versions == ["3.0.0", "3.0.0", "2.0.0", "3.0.0", "2.0.0", "3.0.0"]


def test_the_number_of_devices_in_a_period_is_limited() -> None:
    chosen = selector(update(rollout={"max_per_period": 1, "period": "1d"}))
    times = [("a", NOW), ("a", NOW), ("b", NOW + DAY - SECOND), ("b", NOW + DAY), ("a", NOW + DAY), ("c", NOW + DAY)]
    assert [got(chosen.select({**DEVICE, "id": device}, at)) for device, at in times] == [
        "2.0.0",
        "2.0.0",
        None,
        "2.0.0",
        "2.0.0",
        None,
    ]


def test_the_ledger_is_asked_last_and_only_where_there_are_limits() -> None:
    limited = {"max_devices": 1}
    ledger = MemoryLedger()
    chosen = selector(
        update("5.0.0", paused=True, rollout=limited),
        update("4.0.0", policy="device.beta == true", rollout=limited),
        update("3.0.0", rollout={"percent": 0, **limited}),
        update("2.0.0", rollout=limited),
        update("1.5.0"),
        ledger=ledger,
    )
    assert got(chosen.select(DEVICE, NOW)) == "2.0.0"
    assert ledger.to_plain() == {"grants": {"release-2.0.0": {"device-1": "2026-05-01T12:00:00Z"}}}
    assert got(chosen.select({**DEVICE, "id": "device-2"}, NOW)) == "1.5.0"
    assert set(ledger.to_plain()["grants"]) == {"release-2.0.0"}


def test_selectors_without_a_ledger_share_nothing() -> None:
    limited = update(rollout={"max_devices": 1})
    assert got(selector(limited).select(DEVICE)) == got(selector(limited).select({**DEVICE, "id": "other"})) == "2.0.0"


def test_a_decision_tells_what_the_ledger_answered() -> None:
    found = selector(update(rollout={"max_devices": 0}), update("1.5.0", rollout={"max_devices": 1}), update("1.4.0"))
    decision = found.select(DEVICE, NOW)
    assert decision.grants == {"release-2.0.0": Grant.MAX_DEVICES, "release-1.5.0": Grant.NEW}
    assert found.select(DEVICE, NOW).grants == {"release-2.0.0": Grant.MAX_DEVICES, "release-1.5.0": Grant.HELD}


def test_a_decision_without_limits_has_no_grants() -> None:
    assert selector(update()).select(DEVICE, NOW).grants == {}
    assert selector(update()).select({}, NOW).grants == {}


def test_a_reloaded_catalog_keeps_the_grants_of_its_ledger() -> None:
    ledger = MemoryLedger()
    limited = update(rollout={"max_devices": 1})
    assert got(selector(limited, ledger=ledger).select(DEVICE)) == "2.0.0"
    again = selector(limited, ledger=ledger)
    assert got(again.select({**DEVICE, "id": "other"})) is None
    assert got(again.select(DEVICE)) == "2.0.0"
    assert again.ledger is ledger


@pytest.mark.parametrize(
    "now", [NOW, NOW.astimezone(timezone(timedelta(hours=-9))), "2026-05-01T12:00:00Z", "2026-05-01t14:00:00+02:00"]
)
def test_a_time_is_taken_in_each_form(now: datetime | str) -> None:
    rollout = {"start": "2026-05-01T12:00:00Z", "end": "2026-05-01T12:00:01Z"}
    assert got(selector(update(rollout=rollout)).select(DEVICE, now)) == "2.0.0"


@pytest.mark.parametrize("now", [NOW.replace(tzinfo=None), "2026-05-01", "soon", "", 5])
@pytest.mark.parametrize("device", [DEVICE, {}, None])
def test_a_time_without_a_zone_is_the_error_of_the_caller(now: datetime | str, device: object) -> None:
    with pytest.raises(ValueError, match="now"):
        selector(update()).select(device, now)


@pytest.mark.parametrize(
    ("version", "is_lenient", "expected"),
    [
        ("v1.2", False, None),
        ("v1.2", True, "2.0.0"),
        ("1.2", True, "2.0.0"),
        ("2", True, None),
        ("v2.0.0", True, None),
        ("", True, None),
    ],
)
def test_versions_are_read_as_the_host_wants(version: str, expected: str | None, *, is_lenient: bool) -> None:
    chosen = selector(update(), options=Options(lenient_versions=is_lenient))
    assert got(chosen.select({**DEVICE, "version": version})) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.9.0", "1.10.0"), ("1.10.0", None), ("1.11.0", None), ("1.1.1", "1.10.0"), ("1.1.10", "1.10.0"), ("1.10.0-rc.9", "1.10.0")],
)
def test_versions_are_ordered_by_their_numbers(version: str, expected: str | None) -> None:
    assert got(selector(update("1.10.0"), update("1.9.0")).select({**DEVICE, "version": version})) == expected


@pytest.mark.parametrize("version", [1.1, 1, 110, True, {"major": 1}])
def test_a_version_that_is_no_text_gets_nothing(version: object) -> None:
    chosen = selector(update(downgrade="allow"))
    assert chosen.select({**DEVICE, "version": version}).reason is Reason.NO_VERSION


def test_the_roots_of_the_host_reach_the_policies() -> None:
    schema = Schema().with_root("site")
    chosen = Selector(Catalog.load({"updates": [update(policy="site.open == true")]}, schema=schema))
    assert got(chosen.select(DEVICE, NOW, roots={"site": {"open": True}})) == "2.0.0"
    decision = chosen.select(DEVICE, NOW, roots={"site": {"open": False}})
    assert gates(decision) == [Gate.POLICY_FALSE]
    assert decision.trace[0].explanation.result is False
    assert gates(chosen.select(DEVICE, NOW)) == [Gate.POLICY_UNKNOWN]


def test_the_time_reaches_the_policies() -> None:
    chosen = selector(update(policy="now >= timestamp('2026-05-01T12:00:00Z')"))
    assert got(chosen.select(DEVICE, NOW)) == "2.0.0"
    assert gates(chosen.select(DEVICE, NOW - SECOND)) == [Gate.POLICY_FALSE]
    assert gates(chosen.select(DEVICE)) == [Gate.POLICY_UNKNOWN]


def test_a_mapping_that_makes_values_up_is_asked_for_what_it_has() -> None:
    made_up = defaultdict[str, Any](lambda: "1.0.0", {"product": "thermostat"})
    catalog = Catalog.load({"updates": [update("2.0.0", policy="device.version < '2.0.0'")]})
    assert str(Selector(catalog).select(made_up).reason) == "no version"
    assert set(made_up) == {"product"}
    known = MappingProxyType({"product": "thermostat", "version": "1.0.0"})
    assert Selector(catalog).select(known).update is catalog.updates[0]
