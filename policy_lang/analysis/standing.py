"""How every update of a catalog stands to one device: what stopped it, and all that would have to happen for the device to get it.

A decision names the first gate that stops an update. Somebody who asks "why did this device not get it?" wants to know all of them,
for it is no help to learn the second one after the first is out of the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from policy_lang.analysis.candidacy import candidacy
from policy_lang.analysis.changes.change import Change
from policy_lang.analysis.nearest import Finding, find_change
from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.compiler.explain import Explanation
from policy_lang.rollout.bucket import BUCKETS, bucket
from policy_lang.rollout.plan import Activity
from policy_lang.selection.candidates import ScannedGroup
from policy_lang.selection.checkin import CheckIn, device_id_of, product_of
from policy_lang.selection.gates import stopped_by
from policy_lang.selection.model import Decision, Gate
from policy_lang.selection.sentences import gate_sentence
from policy_lang.types.decode import decoder
from policy_lang.types.model import VERSION
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import Version, quote

_MICROSECOND = timedelta(microseconds=1)
_NEEDS_ID = "the device sends a usable `id`"
_LIMITS = (Gate.MAX_DEVICES, Gate.MAX_PER_PERIOD)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that would have to happen for a device to get an update.

    Attributes:
        gate: the gate that stands in the way.
        conditions: what would have to be so, each a phrase that follows "if"; all of them together.
        change: for the policy, the nearest change of the device; None where there is none, or where the gate is another.
    """

    gate: Gate
    conditions: tuple[str, ...]
    change: Change | None = None

    def to_plain(self) -> dict[str, Any]:
        """The need as JSON values."""
        return {
            "gate": str(self.gate),
            "conditions": list(self.conditions),
            "change": None if self.change is None else self.change.to_plain(),
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """How one update stands to one device.

    Attributes:
        update: the update.
        gate: the first gate that stops it, `Gate.OFFERED` where it is the one that the device gets; None where none was asked or
            none would stop it.
        detail: the same in a sentence for people.
        is_candidate: whether it is for the device's product, and for its version.
        is_tried: whether the selection came to it.
        needs: what would have to happen, in the order of the gates; empty where the device gets it, or can never be a candidate.
        explanation: the value of every part of its policy.
    """

    update: Update
    gate: Gate | None
    detail: str
    is_candidate: bool
    is_tried: bool
    needs: tuple[Need, ...]
    explanation: Explanation

    @property
    def label(self) -> str:
        """Where it stands, in a few words: the gate, `not tried` or `not a candidate`."""
        return str(self.gate) if self.is_tried else "not tried" if self.is_candidate else "not a candidate"

    def to_plain(self) -> dict[str, Any]:
        """The standing as JSON values."""
        return {
            "update": self.update.id,
            "version": str(self.update.version),
            "gate": None if self.gate is None else str(self.gate),
            "detail": self.detail,
            "candidate": self.is_candidate,
            "tried": self.is_tried,
            "needs": [need.to_plain() for need in self.needs],
            "explanation": self.explanation.to_plain(),
        }


def tried(decision: Decision, checkin: CheckIn, catalog: Catalog, *, with_changes: bool = True) -> Iterator[Standing]:
    """The updates that a selection tried, in its order.

    Args:
        decision: what the device gets.
        checkin: what was decided about.
        catalog: where the updates are from.
        with_changes: whether the nearest change is looked for where the policy stands in the way.
    """
    device_id = device_id_of(checkin.device, catalog.options)
    for step in decision.trace:
        update, gate = step.update, step.gate
        needs = () if gate is Gate.OFFERED else tuple(_needs(update, gate, checkin, device_id, with_changes=with_changes))
        yield Standing(update, gate, step.detail, True, True, needs, step.explanation)


def untried(decision: Decision, checkin: CheckIn, catalog: Catalog, *, with_changes: bool = True) -> Iterator[Standing]:
    """The candidates behind the one that the device gets, as they would stand without it; arguments as for `tried`."""
    product, version = product_of(checkin.device), device_version(checkin, catalog)
    if product is None or version is None:
        return
    seen = {step.update.id for step in decision.trace}
    for update in ScannedGroup(catalog.for_product(product)).of(version.key):
        if update.id not in seen:
            yield _untried(update, decision, checkin, catalog, with_changes=with_changes)


def standing_of(update: Update, decision: Decision, checkin: CheckIn, catalog: Catalog, *, with_changes: bool = True) -> Standing:
    """How one update stands, whether it is a candidate or not; other arguments as for `tried`."""
    for each in tried(decision, checkin, catalog, with_changes=with_changes):
        if each.update is update:
            return each
    detail = not_a_candidate(update, checkin, catalog)
    if detail is None:
        return _untried(update, decision, checkin, catalog, with_changes=with_changes)
    return Standing(update, None, detail, False, False, (), _explain(update, checkin))


def device_version(checkin: CheckIn, catalog: Catalog) -> Version | None:
    """The version of the device, None where it sends none that can be read."""
    version: Version | None = decoder(VERSION, catalog.options)(checkin.device.get("version"))
    return version


def not_a_candidate(update: Update, checkin: CheckIn, catalog: Catalog) -> str | None:
    """Why an update is not even tried for a device, in a sentence; None where it is a candidate."""
    product, version = product_of(checkin.device), device_version(checkin, catalog)
    if product is None or product != update.product:
        return f"the update is for {quote(update.product)}, the device is {'of no product' if product is None else quote(product)}"
    if version is None:
        return "the device has no usable version"
    if version == update.version:
        return "the device has this version"
    if version > update.version and not update.allows_downgrade:
        return f"the device has {version}, which is newer; the update does not allow a downgrade"
    return None


def _untried(update: Update, decision: Decision, checkin: CheckIn, catalog: Catalog, *, with_changes: bool) -> Standing:
    device_id = device_id_of(checkin.device, catalog.options)
    gate = stopped_by(update, checkin, device_id)
    offered = "another update" if decision.update is None else quote(decision.update.id)
    reason = "nothing else stops it" if gate is None else gate_sentence(gate, update, checkin, device_id)
    detail = f"not tried, because the device gets {offered}; {reason}"
    needs = tuple(_needs(update, gate, checkin, device_id, with_changes=with_changes))
    return Standing(update, gate, detail, True, False, needs, _explain(update, checkin))


def _explain(update: Update, checkin: CheckIn) -> Explanation:
    device, now, roots = checkin
    return update.bound.explain(device, now=now, roots=roots)


def _needs(update: Update, stopped: Gate | None, checkin: CheckIn, device_id: str | None, *, with_changes: bool) -> Iterator[Need]:
    """What stands in the way, every gate asked by itself; of the limits only the one that was found to be reached."""
    if update.is_paused:
        yield Need(Gate.PAUSED, ("the update is no longer paused",))
    yield from _time_need(update, checkin.now)
    yield from _policy_need(update, checkin, with_changes=with_changes)
    yield from _rollout_need(update, checkin.now, device_id)
    if stopped in _LIMITS:
        yield Need(stopped, (_limit(update, stopped),))


def _time_need(update: Update, now: datetime | None) -> Iterator[Need]:
    start, end = update.rollout.start, update.rollout.end
    match update.rollout.activity(now):
        case Activity.ACTIVE:
            return
        case Activity.NO_TIME:
            yield Need(Gate.NO_TIME, ("the time is known",))
        case Activity.NOT_STARTED if start is not None:
            yield Need(Gate.NOT_STARTED, (f"the time is {write_timestamp(start)} or later",))
        case Activity.ENDED if end is not None:
            yield Need(Gate.ENDED, (f"the end of the update, {write_timestamp(end)}, is taken back",))
        case Activity.NOT_STARTED | Activity.ENDED:
            raise TypeError(update)  # INVARIANT: what has not started has a start, what has ended an end
        case activity:
            assert_never(activity)


def _policy_need(update: Update, checkin: CheckIn, *, with_changes: bool) -> Iterator[Need]:
    device, now, roots = checkin
    result = update.bound.evaluate(device, None, now, roots=roots)
    if result is True:
        return
    gate = Gate.POLICY_FALSE if result is False else Gate.POLICY_UNKNOWN
    if not with_changes:
        yield Need(gate, ("the policy is true",))
        return
    found = find_change(update.bound, device, None, now, roots=roots, wanted=True, within=candidacy(update))
    yield Need(gate, conditions_of(found), found.change)


def conditions_of(found: Finding) -> tuple[str, ...]:
    """What would have to be so for a policy to be true, each a phrase that follows "if"."""
    if found.change is None:
        return (f"the policy is true ({found.reason})",)
    return tuple(each.condition for each in found.change.properties)


def _rollout_need(update: Update, now: datetime | None, device_id: str | None) -> Iterator[Need]:
    admitted = update.rollout.admits(device_id, update.id, now)
    if admitted is True:
        if device_id is None and update.rollout.is_limited:
            yield Need(Gate.NO_DEVICE_ID, (_NEEDS_ID,))
        return
    if device_id is None:
        yield Need(Gate.ROLLOUT_UNKNOWN, (_NEEDS_ID,))
    elif admitted is None:
        yield Need(Gate.ROLLOUT_UNKNOWN, ("the time is known",))
    else:
        yield Need(Gate.OUTSIDE_ROLLOUT, (_percent(update, now, bucket(device_id, update.id)),))


def _percent(update: Update, now: datetime | None, place: int) -> str:
    """How far the rollout has to come for a place in it, and when it does so by itself."""
    rollout = update.rollout
    if rollout.ramp is not None and rollout.start is not None and place < rollout.buckets:
        seconds = -(-(place + 1) * (rollout.ramp // _MICROSECOND) // (rollout.buckets * 1_000_000))
        moment = rollout.start + timedelta(seconds=seconds)
        return f"the time is {write_timestamp(moment)} or later, when the ramp comes to the device"
    share = 100 * (rollout.share(now) or 0) / BUCKETS
    return f"the percent of the rollout is {100 * (place + 1) / BUCKETS:g} or more (is {share:g})"


def _limit(update: Update, gate: Gate) -> str:
    rollout = update.rollout
    if gate is Gate.MAX_DEVICES:
        return f"`max_devices` is more than {rollout.max_devices}"
    period = "" if rollout.period is None else write_duration(rollout.period)
    return f"fewer than {rollout.max_per_period} devices were granted the update in the last {period}"
