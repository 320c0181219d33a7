"""When the ramp of a rollout is complete: what the rules about dates ask."""

from datetime import UTC, datetime

from policy_lang.catalog.update import Update
from policy_lang.rollout.plan import Rollout

_LATEST = datetime.max.replace(tzinfo=UTC)


def ramp_end(rollout: Rollout) -> datetime | None:
    """The moment from which a ramp admits its whole share, at most the last one that there is; None without a ramp."""
    if rollout.ramp is None or rollout.start is None:
        return None
    return rollout.start + rollout.ramp if rollout.ramp < _LATEST - rollout.start else _LATEST


def is_complete_when_published(update: Update) -> bool:
    """Whether the ramp of an update had admitted its whole share when the update was published."""
    end = ramp_end(update.rollout)
    return end is not None and update.published is not None and end <= update.published
