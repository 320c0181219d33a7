"""When a candidate that did not admit a device could admit it, if nothing but time passes.

A device changes only by an update, and a limit on all grants never has room again. So most gates stay shut, a start and a ramp open
at a moment that can be computed, and only a policy that reads `now` and a limit per period have to be asked again at each check-in.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from policy_lang.catalog.update import Update
from policy_lang.rollout.bucket import bucket
from policy_lang.rollout.plan import Rollout
from policy_lang.selection.model import Gate, Step

_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_ANYTIME: Final = frozenset({Gate.MAX_PER_PERIOD, Gate.OFFERED})
_BY_POLICY: Final = frozenset({Gate.POLICY_FALSE, Gate.POLICY_UNKNOWN})


class Opening(Enum):
    """A time that is no moment."""

    NEVER = "never"
    ANYTIME = "anytime"


def reads_now(update: Update) -> bool:
    """Whether the policy of an update can change with the time alone."""
    return "now" in update.policy.properties


def opening_of(step: Step, device_id: str | None) -> datetime | Opening:
    """When a candidate could admit a device that it did not admit.

    Args:
        step: the candidate, and what stopped it.
        device_id: the id of the device, which was decided by before.

    Returns:
        The first moment, or that it is never, or may be anytime; never too late, for a device is not asked before.
    """
    gate, rollout = step.gate, step.update.rollout
    if gate in _ANYTIME or (gate in _BY_POLICY and reads_now(step.update)):
        return Opening.ANYTIME
    if gate is Gate.NOT_STARTED and rollout.start is not None:
        return rollout.start
    if gate is Gate.OUTSIDE_ROLLOUT and device_id is not None:
        return _admitted_at(rollout, bucket(device_id, step.update.id))
    return Opening.NEVER


def _admitted_at(rollout: Rollout, place: int) -> datetime | Opening:
    """When a ramp reaches a bucket: the first microsecond at which the share is above it."""
    if rollout.ramp is None or rollout.start is None or place >= rollout.buckets:
        return Opening.NEVER
    elapsed = -(-(place + 1) * (rollout.ramp // _MICROSECOND) // rollout.buckets) * _MICROSECOND
    if elapsed > _LATEST - rollout.start:
        return Opening.NEVER
    moment = rollout.start + elapsed
    return Opening.NEVER if rollout.end is not None and moment >= rollout.end else moment
