from datetime import UTC, datetime, timedelta

import pytest

from policy_lang.fleet.loop import Loop
from policy_lang.fleet.report.reach import STEPS, find_reach
from policy_lang.fleet.survey import Result
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Activity, Rollout

START = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DEVICES = [{"id": f"device-{number}", "pro": number % 2 == 0} for number in range(300)] + [{"pro": True}, {"id": "", "pro": True}]
LOOP = Loop(DEVICES)
RESULT = Result(compile_policy("device.pro == true"))
MATCHING = [device for device in DEVICES if device["pro"]]


def _admitted(rollout: Rollout, now: datetime) -> int:
    """The same, device by device."""
    if rollout.activity(now) is not Activity.ACTIVE:
        return 0
    return sum(rollout.admits(str(device.get("id", "")), "release-7", now) is True for device in MATCHING)


@pytest.mark.parametrize(
    "rollout",
    [
        Rollout(),
        Rollout(buckets=250_000),
        Rollout(start=START, ramp=4 * DAY),
        Rollout(buckets=500_000, start=START, ramp=4 * DAY, end=START + 2 * DAY),
        Rollout(start=START, end=START + 3 * DAY),
        Rollout(end=START),
    ],
)
@pytest.mark.parametrize("now", [START - DAY, START, START + DAY, START + 30 * DAY])
def test_devices_are_counted_by_their_buckets(rollout: Rollout, now: datetime) -> None:
    reach = find_reach(LOOP, RESULT, rollout, "release-7", now)
    assert [step.devices for step in reach.steps] == [_admitted(rollout, step.at) for step in reach.steps]
    assert reach.now.devices == _admitted(rollout, now)
    assert reach.now.at == now
    assert reach.without_id == (2 if rollout.has_percent else 0)


def test_a_ramp_is_cut_into_equal_parts() -> None:
    reach = find_reach(LOOP, RESULT, Rollout(start=START, ramp=4 * DAY), "release-7", START + DAY)
    assert [step.percent for step in reach.steps] == [100 * part / STEPS for part in range(STEPS + 1)]
    assert [step.at for step in (reach.steps[0], reach.steps[-1])] == [START, START + 4 * DAY]
    assert reach.now.percent == 25


def test_an_end_cuts_the_ramp_off() -> None:
    rollout = Rollout(start=START, ramp=4 * DAY, end=START + DAY)
    reach = find_reach(LOOP, RESULT, rollout, "release-7", START)
    assert reach.steps[-1].at == START + DAY
    assert [step.is_active for step in reach.steps] == [True, True, True, False]


def test_limits_are_named_and_need_an_id() -> None:
    rollout = Rollout(max_devices=1000, max_per_period=5, period=DAY)
    reach = find_reach(LOOP, RESULT, rollout, "release-7", START)
    assert reach.limits == ("at most 1,000 devices in all", "at most 5 new devices in P1D")
    assert (reach.now.devices, reach.without_id) == (150, 2)
    assert len(reach.steps) == 1
