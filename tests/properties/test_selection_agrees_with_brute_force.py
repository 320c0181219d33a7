from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from hashlib import sha256
from typing import Any, TypeAlias

import semver
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.catalog.catalog import Catalog
from policy_lang.pipeline import compile_policy
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Gate

Raw: TypeAlias = dict[str, Any]
Grants: TypeAlias = dict[str, dict[str, datetime | None]]

EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
VERSIONS = ("1.2.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0-rc.11", "2.0.0", "2.0.0+build", "10.0.0")
POLICIES = {
    text: compile_policy(text)
    for text in (
        "true",
        "false",
        "device.version < update.version",
        "device.pro == true",
        "!(device.pro == true)",
        "device.memory >= 256 || device.pro == true",
        "device.region in ['eu', 'us'] && !(device.memory < 256)",
        "now >= timestamp('2026-05-01T06:00:00Z') || has(device.region)",
        "rollout(50) || device.id == 'device-1'",
        "1 / device.memory > 0",
    )
}
HOURS = st.integers(0, 24)
IDS = st.sampled_from(["device-1", "device-2", "device-3", "7", "", 7, None])
DEVICES = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS,
        "product": st.sampled_from(["lock", "lamp", "Lamp", "", None, 7]),
        "productToken": st.sampled_from(["lock", "lamp", None]),
        "version": st.sampled_from([*VERSIONS, "0.1.0", "99.0.0", "v1.9.0", "1.9", "", None, 1.9]),
        "pro": st.sampled_from([True, False, "true", "FALSE", "yes", None, 1]),
        "memory": st.sampled_from([0, 128, 256, 512.5, "512", "lots", None, True]),
        "region": st.sampled_from(["eu", "us", "asia", None, 7]),
    },
)
SIMPLE_DEVICES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["device-1", "device-2", "device-3", "device-4", None]),
        "product": st.sampled_from(["lock", "lamp"]),
        "version": st.sampled_from(["0.1.0", "2.0.0+other", "99.0.0"]),
        "pro": st.booleans(),
    }
)


@st.composite
def rollouts(draw: st.DrawFn) -> Raw:
    """The rollout of an update, in the words of a catalog."""
    rollout: Raw = draw(st.fixed_dictionaries({}, optional={"percent": st.sampled_from([0, 30, 62.5, 100])}))
    start = draw(st.integers(0, 12))
    if draw(st.booleans()):
        rollout["start"] = (EPOCH + start * HOUR).isoformat()
        rollout |= draw(st.fixed_dictionaries({}, optional={"ramp": st.sampled_from(["24h", "PT12H"])}))
    if draw(st.booleans()):
        rollout["end"] = (EPOCH + (start + draw(st.integers(6, 24))) * HOUR).isoformat()
    if draw(st.integers(0, 3)) == 0:
        rollout |= {"max_per_period": draw(st.integers(0, 2)), "period": draw(st.sampled_from(["1h", "6h"]))}
    if draw(st.integers(0, 3)) == 0:
        rollout["max_devices"] = draw(st.integers(0, 2))
    return rollout


def an_update(number: int, product: str, version: str, rest: Raw) -> Raw:
    """An update in the words of a catalog."""
    url = f"https://example.com/{number}.bin"
    return {"id": f"u{number}", "product": product, "version": version, "url": url, "checksum": f"{number:064x}", **rest}


PLACES = st.lists(
    st.tuples(st.sampled_from(["lock", "lamp"]), st.sampled_from(VERSIONS)),
    min_size=1,
    max_size=8,
    unique_by=lambda place: (place[0], place[1].partition("+")[0]),
)
REST = st.fixed_dictionaries(
    {"policy": st.just("true") | st.sampled_from(list(POLICIES))},
    optional={
        "paused": st.booleans(),
        "downgrade": st.sampled_from(["allow", "deny"]),
        "channel": st.just("beta"),
        "rollout": st.just({}) | rollouts(),
    },
)


@st.composite
def catalogs(draw: st.DrawFn) -> list[Raw]:
    """The updates of a catalog that is right."""
    return [an_update(number, *place, draw(REST)) for number, place in enumerate(draw(PLACES))]


@st.composite
def visits(draw: st.DrawFn) -> list[tuple[Raw, datetime | None]]:
    """Devices that check in one after the other, some of them at no known time."""
    hours = sorted(draw(st.lists(HOURS, min_size=6, max_size=12)))
    devices = SIMPLE_DEVICES | DEVICES
    return [(draw(devices), None if draw(st.integers(0, 5)) == 0 else EPOCH + hour * HOUR) for hour in hours]


def a_length(text: str) -> timedelta:
    return int("".join(filter(str.isdigit, text))) * HOUR


def brute_force(updates: list[Raw], device: Raw, now: datetime | None, grants: Grants) -> str | None:
    """The id of the update that section "Selecting an update" of the specification gives to a device, by its words."""
    has_version = isinstance(device.get("version"), str) and semver.Version.is_valid(device["version"])
    product = device["product"] if device.get("product") is not None else device.get("productToken")
    if not has_version or not isinstance(product, str):
        return None
    for update in sorted(updates, key=cmp_to_key(by_version), reverse=True):
        difference = semver.Version.parse(update["version"]).compare(device["version"])
        is_candidate = difference > 0 or (difference < 0 and update.get("downgrade") == "allow")
        if update["product"] != product or not is_candidate or not is_active(update, now):
            continue
        if POLICIES[update["policy"]].evaluate(device, update, now) is not True:
            continue
        if is_inside(update, device.get("id"), now) and is_granted(update, device.get("id"), now, grants):
            return str(update["id"])
    return None


def by_version(one: Raw, other: Raw) -> int:
    """SemVer precedence, by another implementation."""
    return semver.Version.parse(one["version"]).compare(other["version"])


def is_active(update: Raw, now: datetime | None) -> bool:
    """Not paused, from `start` on, before `end`; a time that is not known is in no such span."""
    rollout = update.get("rollout", {})
    start, end = rollout.get("start"), rollout.get("end")
    if update.get("paused", False):
        return False
    if now is None:
        return start is None and end is None
    is_started = start is None or datetime.fromisoformat(start) <= now
    return is_started and (end is None or now < datetime.fromisoformat(end))


def is_inside(update: Raw, device_id: object, now: datetime | None) -> bool:
    """Whether the bucket of the device is inside the percent, or inside what the ramp has reached of it."""
    rollout = update.get("rollout", {})
    share = round(rollout.get("percent", 100) * 10_000)
    if share == 1_000_000 and "ramp" not in rollout:
        return True
    if "ramp" in rollout:
        assert now is not None, "a ramp has a start, so the update is not active without a time"
        elapsed = now - datetime.fromisoformat(rollout["start"])
        ramp = a_length(rollout["ramp"])
        share = share * int(min(elapsed, ramp) / HOUR) // int(ramp / HOUR)
    if not isinstance(device_id, str) or not device_id:
        return False
    first = sha256(f"{update['id']}\x1f{device_id}".encode()).digest()[:4]
    return bool(int.from_bytes(first, "big") * 1_000_000 // 2**32 < share)


def is_granted(update: Raw, device_id: object, now: datetime | None, grants: Grants) -> bool:
    """Whether the device has a grant, or there is room for one, which is noted then."""
    rollout = update.get("rollout", {})
    if "max_devices" not in rollout and "period" not in rollout:
        return True
    if not isinstance(device_id, str) or not device_id:
        return False
    granted = grants.setdefault(update["id"], {})
    if device_id in granted:
        return True
    if len(granted) >= rollout.get("max_devices", len(granted) + 1):
        return False
    if "period" in rollout:
        if now is None:
            return False
        recent = [at for at in granted.values() if at is not None and at > now - a_length(rollout["period"])]
        if len(recent) >= rollout["max_per_period"]:
            return False
    granted[device_id] = now
    return True


@settings(deadline=None, max_examples=300)
@given(catalogs(), visits())
def test_selection_agrees_with_brute_force(updates: list[Raw], checkins: list[tuple[Raw, datetime | None]]) -> None:
    """The decision for each device is what the specification says, whatever the catalog, the devices and the grants before."""
    selector = Selector(Catalog.load({"updates": updates}))
    grants: Grants = {}
    for device, now in checkins:
        decision = selector.select(device, now)
        assert (decision.update.id if decision.update else None) == brute_force(updates, device, now, grants)


@settings(deadline=None)
@given(catalogs(), visits())
def test_a_trace_tells_the_same_as_its_decision(updates: list[Raw], checkins: list[tuple[Raw, datetime | None]]) -> None:
    """Asked after all the decisions, each trace still ends with what was offered, and shows a gate for everything before."""
    selector = Selector(Catalog.load({"updates": updates}))
    for decision in [selector.select(device, now) for device, now in checkins]:
        offered = [step.update for step in decision.trace if step.gate is Gate.OFFERED]
        assert offered == ([decision.update] if decision.update else [])
        assert all(step.detail for step in decision.trace)
        assert not offered or decision.trace[-1].update is decision.update
