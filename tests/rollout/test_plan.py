from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from policy_lang.rollout.bucket import BUCKETS, bucket
from policy_lang.rollout.plan import Activity, Rollout, check_limits, in_utc

START = datetime(2026, 5, 1, tzinfo=UTC)
END = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
RAMP = Rollout(ramp=4 * DAY, start=START)
NAIVE = START.replace(tzinfo=None)
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_plain_rollout_is_everybody_at_once() -> None:
    plain = Rollout()
    assert plain.share(None) == BUCKETS
    assert plain.admits(None, "release-7", None) is True
    assert plain.activity(None) is Activity.ACTIVE
    assert not plain.is_limited
    assert not plain.has_percent


def test_a_rollout_is_a_value() -> None:
    assert Rollout(buckets=5) == Rollout(buckets=5)
    assert hash(RAMP) == hash(Rollout(ramp=4 * DAY, start=START))
    with pytest.raises(FrozenInstanceError):
        RAMP.buckets = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("elapsed", "share"),
    [
        (-DAY, 0),
        (-MOMENT, 0),
        (timedelta(), 0),
        (MOMENT, 0),
        (timedelta(microseconds=345_599), 0),
        (timedelta(microseconds=345_600), 1),
        (DAY, 250_000),
        (2 * DAY, 500_000),
        (4 * DAY - MOMENT, 999_999),
        (4 * DAY, BUCKETS),
        (400 * DAY, BUCKETS),
    ],
)
def test_a_ramp_grows_linearly(elapsed: timedelta, share: int) -> None:
    assert RAMP.share(START + elapsed) == share


def test_a_ramp_ends_at_the_final_share() -> None:
    ramp = Rollout(buckets=100_000, ramp=4 * DAY, start=START)
    assert [ramp.share(START + days * DAY) for days in range(6)] == [0, 25_000, 50_000, 75_000, 100_000, 100_000]


def test_a_very_long_ramp_is_exact() -> None:
    assert Rollout(ramp=timedelta.max, start=START).share(START + DAY) == 0
    assert Rollout(ramp=3 * MOMENT, start=START).share(START + MOMENT) == 333_333


def test_a_share_without_a_ramp_needs_no_time() -> None:
    assert Rollout(buckets=7, start=START, end=END).share(None) == 7


def test_a_ramp_without_a_time_is_unknown() -> None:
    assert RAMP.share(None) is None
    assert RAMP.admits("device-1", "release-7", None) is None
    assert RAMP.activity(None) is Activity.NO_TIME


def test_a_ramp_runs_by_true_time_when_clocks_change() -> None:
    before = datetime(2026, 3, 29, 1, tzinfo=BERLIN)  # an hour before 02:00 becomes 03:00
    ramp = Rollout(ramp=timedelta(hours=4), start=before)
    assert ramp.share(datetime(2026, 3, 29, 3, tzinfo=BERLIN)) == BUCKETS // 4
    assert ramp.start == before
    assert ramp.start is not None
    assert ramp.start.tzinfo is UTC


def test_the_percent_is_the_bucket_below_the_share() -> None:
    place = bucket("device-1", "release-7")
    assert Rollout(buckets=place).admits("device-1", "release-7", None) is False
    assert Rollout(buckets=place + 1).admits("device-1", "release-7", None) is True


@pytest.mark.parametrize("device_id", [None, "", "\ud800", "device-\udfff"])
@pytest.mark.parametrize("buckets", [0, 1, BUCKETS - 1, BUCKETS])
def test_a_percent_without_a_usable_id_is_unknown(device_id: str | None, buckets: int) -> None:
    assert Rollout(buckets=buckets, has_percent=True).admits(device_id, "release-7", None) is None


def test_a_salt_that_cannot_be_encoded_is_unknown() -> None:
    assert Rollout(has_percent=True).admits("device-1", "\ud800", None) is None


@pytest.mark.parametrize("plan", [Rollout(buckets=0), Rollout(buckets=BUCKETS - 1), RAMP])
def test_a_percent_that_is_implied_cannot_be_skipped(plan: Rollout) -> None:
    assert plan.has_percent
    assert plan.admits(None, "release-7", START + DAY) is None


def test_100_percent_admits_a_whole_fleet_and_0_percent_nobody() -> None:
    everybody, nobody = Rollout(has_percent=True), Rollout(buckets=0)
    fleet = [f"device-{number}" for number in range(100_000)]
    assert all(everybody.admits(device, "release-7", None) for device in fleet)
    assert not any(nobody.admits(device, "release-7", None) for device in fleet)


def test_the_first_devices_differ_from_update_to_update() -> None:
    plan = Rollout(buckets=100_000)
    fleet = [f"device-{number}" for number in range(1_000)]
    first, second = ({device for device in fleet if plan.admits(device, salt, None)} for salt in ("release-7", "release-8"))
    assert len(first & second) < min(len(first), len(second)) / 3


@pytest.mark.parametrize(
    ("now", "activity"),
    [
        (START - MOMENT, Activity.NOT_STARTED),
        (START, Activity.ACTIVE),
        (END - MOMENT, Activity.ACTIVE),
        (END, Activity.ENDED),
        (END + DAY, Activity.ENDED),
        (START.astimezone(timezone(timedelta(hours=9))), Activity.ACTIVE),
        (None, Activity.NO_TIME),
    ],
)
def test_activity_includes_start_and_excludes_end(now: datetime | None, activity: Activity) -> None:
    assert Rollout(start=START, end=END).activity(now) is activity


@pytest.mark.parametrize(
    ("plan", "now", "activity"),
    [
        (Rollout(start=START), END, Activity.ACTIVE),
        (Rollout(start=START), START - DAY, Activity.NOT_STARTED),
        (Rollout(start=START), None, Activity.NO_TIME),
        (Rollout(end=END), START, Activity.ACTIVE),
        (Rollout(end=END), END, Activity.ENDED),
        (Rollout(end=END), None, Activity.NO_TIME),
    ],
)
def test_activity_with_one_end_open(plan: Rollout, now: datetime | None, activity: Activity) -> None:
    assert plan.activity(now) is activity


@pytest.mark.parametrize(
    ("plan", "is_limited"),
    [
        (Rollout(), False),
        (Rollout(buckets=5, start=START), False),
        (Rollout(max_devices=0), True),
        (Rollout(max_devices=5), True),
        (Rollout(max_per_period=0, period=DAY), True),
    ],
)
def test_is_limited(plan: Rollout, *, is_limited: bool) -> None:
    assert plan.is_limited is is_limited


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"buckets": -1}, "`buckets` must be from 0 to 1000000, not `-1`"),
        ({"buckets": BUCKETS + 1}, "`buckets` must be from 0 to 1000000, not `1000001`"),
        ({"ramp": DAY}, "`ramp` needs `start`"),
        ({"ramp": timedelta(), "start": START}, "`ramp` must be longer than zero"),
        ({"ramp": -DAY, "start": START}, "`ramp` must be longer than zero"),
        ({"start": NAIVE}, "`start` needs a time zone"),
        ({"end": NAIVE}, "`end` needs a time zone"),
        ({"start": START, "end": START}, "`end` must be after `start`"),
        ({"start": END, "end": START}, "`end` must be after `start`"),
        ({"max_devices": -1}, "`max_devices` must be 0 or more, not `-1`"),
        ({"pause_on_failures": -1}, "`pause_on_failures` must be 0 or more, not `-1`"),
        ({"max_per_period": -2, "period": DAY}, "`max_per_period` must be 0 or more, not `-2`"),
        ({"max_per_period": 2}, "`max_per_period` and `period` need each other"),
        ({"period": DAY}, "`max_per_period` and `period` need each other"),
        ({"max_per_period": 2, "period": timedelta()}, "`period` must be longer than zero"),
        ({"start": datetime.min.replace(tzinfo=timezone(DAY / 2))}, "`start` is outside the years 1 to 9999"),
    ],
)
def test_contradictions_are_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="`") as error:
        Rollout(**parts)
    assert str(error.value) == message


@pytest.mark.parametrize("ask", [RAMP.share, RAMP.activity, lambda now: RAMP.admits("device-1", "release-7", now)])
def test_a_time_without_a_zone_is_the_callers_error(ask: Any) -> None:
    with pytest.raises(ValueError, match=r"^`now` needs a time zone$"):
        ask(NAIVE)


def test_in_utc_keeps_the_moment() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=BERLIN)
    assert in_utc(noon, "now") == noon
    assert in_utc(noon, "now").isoformat() == "2026-07-01T10:00:00+00:00"


def test_limits_that_make_sense_pass() -> None:
    check_limits(None, None, None)
    check_limits(0, 0, MOMENT)
