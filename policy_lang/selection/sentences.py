"""The reasons of a decision and the gates of a candidate, each as a sentence for people."""

from datetime import datetime, timedelta
from typing import assert_never

from policy_lang.catalog.update import Update
from policy_lang.options import Options
from policy_lang.rollout.bucket import BUCKETS, bucket
from policy_lang.selection.checkin import CheckIn, product_of, raw_product
from policy_lang.selection.model import Gate, Reason
from policy_lang.types.decode import why_not
from policy_lang.types.model import STRING, VERSION
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import quote


def reason_sentence(reason: Reason, offered: Update | None, checkin: CheckIn, options: Options) -> str:
    """Why a device gets an update, or none."""
    if offered is not None:
        return f"the device gets {quote(offered.id)}, version {offered.version}"
    device = checkin.device
    match reason:
        case Reason.NO_PRODUCT:
            problem = "empty" if raw_product(device) == "" else why_not(STRING, raw_product(device), options)[1]
            return f"the device has no usable product: {problem}"
        case Reason.UNKNOWN_PRODUCT:
            return f"the catalog has no update for the product {quote(product_of(device) or '')}"
        case Reason.NO_VERSION:
            return f"the device has no usable version: {why_not(VERSION, device.get('version'), options)[1]}"
        case Reason.UP_TO_DATE:
            return f"the catalog has nothing for a device at version {quote(str(device.get('version')))}"
        case _:
            return "no candidate admits the device"


def gate_sentence(gate: Gate, update: Update, checkin: CheckIn, device_id: str | None) -> str:
    """What stopped a candidate."""
    rollout = update.rollout
    match gate:
        case Gate.PAUSED:
            return "the update is paused"
        case Gate.NO_TIME:
            return "the update depends on the time, and no time is given"
        case Gate.NOT_STARTED:
            return f"the update starts at {_moment(rollout.start)}"
        case Gate.ENDED:
            return f"the update ended at {_moment(rollout.end)}"
        case Gate.POLICY_FALSE:
            return "the policy is false"
        case Gate.POLICY_UNKNOWN:
            return f"the policy is unknown: {_causes(update, checkin)}"
        case Gate.ROLLOUT_UNKNOWN | Gate.NO_DEVICE_ID:
            return "the device has no usable id"
        case Gate.OUTSIDE_ROLLOUT:
            return _outside(update, checkin.now, device_id or "")
        case Gate.MAX_DEVICES:
            return f"the limit of {rollout.max_devices} devices is reached"
        case Gate.MAX_PER_PERIOD:
            return f"the limit of {rollout.max_per_period} devices in {_length(rollout.period)} is reached"
        case Gate.OFFERED:
            return "the device gets the update"
        case _:
            assert_never(gate)


def _causes(update: Update, checkin: CheckIn) -> str:
    device, now, roots = checkin
    return "; ".join(update.bound.explain(device, now=now, roots=roots).reasons)


def _outside(update: Update, now: datetime | None, device_id: str) -> str:
    """Where the device is, and how far the rollout has come, in percent."""
    place = 100 * bucket(device_id, update.id) / BUCKETS
    share = 100 * (update.rollout.share(now) or 0) / BUCKETS
    return f"the rollout has reached {share:g} % of the devices, this one comes after {place:g} %"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else write_timestamp(moment)


def _length(length: timedelta | None) -> str:
    return "" if length is None else write_duration(length)
