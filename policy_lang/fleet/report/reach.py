"""How far a rollout reaches: the devices that match and that its share lets in, now and at later times."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final

from policy_lang.fleet.report.model import Reach, Step
from policy_lang.fleet.survey import Cell, Result, Stage, Survey
from policy_lang.rollout.plan import Activity, Rollout
from policy_lang.types.times import write_duration

STEPS: Final = 10
"""Into how many equal parts a ramp is cut."""


def find_reach(survey: Survey, result: Result, rollout: Rollout, salt: str, now: datetime, where: Sequence[Cell] = ()) -> Reach:
    """How many devices a rollout lets in, counted by their published buckets.

    The policy is asked at one time, `now`; only the share moves on. Limits on grants are named and not counted.

    Args:
        survey: the fleet.
        result: the policy; its devices that match are counted.
        rollout: the plan.
        salt: the id of the update.
        now: the time of the report.
        where: counts only devices where all of these are true.
    """
    times = [*_times(rollout), now]
    shares = [rollout.share(at) or 0 for at in times]
    bounds = tuple(sorted(set(shares)))
    counted = survey.tally([Stage(salt, bounds)], [*where, result])
    stages = [counted[stage,] for stage in range(len(bounds) + 1)]
    within = dict(zip(bounds, accumulate(stages), strict=False))
    without_id, matched = counted[None,], sum(stages) + counted[None,]
    steps = [
        _step(rollout, at, share, within[share] if _asks_for_id(rollout) else matched)
        for at, share in zip(times, shares, strict=True)
    ]
    single = (steps[-1],) if len(steps) == 1 else tuple(steps[:-1])
    return Reach(single, steps[-1], without_id if _asks_for_id(rollout) else 0, _limits(rollout))


def _asks_for_id(rollout: Rollout) -> bool:
    return rollout.has_percent or rollout.is_limited


def _step(rollout: Rollout, at: datetime, share: int, devices: int) -> Step:
    is_active = rollout.activity(at) is Activity.ACTIVE
    return Step(at, share, devices if is_active else 0, is_active)


def _times(rollout: Rollout) -> list[datetime]:
    """The times that are worth showing: the steps of a ramp, the start and the end."""
    times = [] if rollout.start is None else [rollout.start]
    if rollout.start is not None and rollout.ramp is not None:
        times += [rollout.start + rollout.ramp * part / STEPS for part in range(1, STEPS + 1)]
    if rollout.end is not None:
        times = [*(at for at in times if at < rollout.end), rollout.end]
    return times


def _limits(rollout: Rollout) -> tuple[str, ...]:
    limits = [] if rollout.max_devices is None else [f"at most {rollout.max_devices:,} devices in all"]
    if rollout.max_per_period is not None and rollout.period is not None:
        limits.append(f"at most {rollout.max_per_period:,} new devices in {write_duration(rollout.period)}")
    return tuple(limits)
