"""The gates that a candidate passes before the ledger is asked: pure, and in a fixed order."""

from typing import Final

from policy_lang.catalog.update import Update
from policy_lang.rollout.ledger import Grant
from policy_lang.rollout.plan import Activity
from policy_lang.selection.checkin import CheckIn
from policy_lang.selection.model import Gate

_ACTIVITIES: Final = {Activity.NOT_STARTED: Gate.NOT_STARTED, Activity.ENDED: Gate.ENDED, Activity.NO_TIME: Gate.NO_TIME}
_GRANTS: Final = {
    Grant.MAX_DEVICES: Gate.MAX_DEVICES,
    Grant.MAX_PER_PERIOD: Gate.MAX_PER_PERIOD,
    Grant.NO_TIME: Gate.NO_TIME,
    Grant.NO_ID: Gate.NO_DEVICE_ID,
}


def stopped_by(update: Update, checkin: CheckIn, device_id: str | None) -> Gate | None:
    """The gate that stops a candidate, or None where only its limits are left to ask.

    Traces come through here; `Selector` asks the same questions in the order that is fastest, and a law compares the two.
    """
    device, now, roots = checkin
    if update.is_paused:
        return Gate.PAUSED
    rollout = update.rollout
    activity = rollout.activity(now)
    if activity is not Activity.ACTIVE:
        return _ACTIVITIES[activity]
    matched = update.bound.evaluate(device, None, now, roots=roots)
    if matched is not True:
        return Gate.POLICY_UNKNOWN if matched is None else Gate.POLICY_FALSE
    admitted = rollout.admits(device_id, update.id, now)
    if admitted is not True:
        return Gate.ROLLOUT_UNKNOWN if admitted is None else Gate.OUTSIDE_ROLLOUT
    return None


def gate_of(grant: Grant | None) -> Gate:
    """The gate that a ledger's answer means; without limits there is none to stop a candidate."""
    return Gate.OFFERED if grant is None or grant.admits else _GRANTS[grant]
