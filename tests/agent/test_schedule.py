import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.agent.schedule import Schedule, answered_due, backoff, next_due, read_schedule, spread
from policy_lang.catalog.fields import WrongValue

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
CHANCE = random.Random(1)  # noqa: S311  jitter is no secret
DAY = timedelta(days=1)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  the strategy adds the zone
TEXTS = st.sampled_from(
    ["* * * * *", "30 3 * * *", "*/15 * * * *", "0 0 1 * *", "5 4 * * 0", "0 12 13 * 5", "0 0 29 2 *", "0 1-4 * 6-8 *"]
)


def schedule(text: str, zone: ZoneInfo = UTC_ZONE) -> Schedule:
    return read_schedule(text, zone)


def matches(text: str, moment: datetime) -> bool:
    """The plain meaning of a schedule, minute by minute: an oracle."""
    values = (moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)
    fields = text.split()
    found = [_has(field, value) for field, value in zip(fields, values, strict=True)]
    days = found[2] or found[4] if fields[2] != "*" and fields[4] != "*" else found[2] and found[4]
    return found[0] and found[1] and days and found[3]


def _has(field: str, value: int) -> bool:
    if field.startswith("*/"):
        return value % int(field[2:]) == 0
    first, _, last = field.partition("-")
    return field == "*" or int(first) <= value <= int(last or first)


@given(st.sampled_from(["* * * * *", "30 3 * * *", "*/15 * * * *", "5 4 * * 0", "0 12 13 * 5"]), MOMENTS)
def test_the_first_minute_that_matches(text: str, moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    found = schedule(text).at_or_after(moment)
    expected = next(at for at in (minute + timedelta(minutes=step) for step in range(60 * 24 * 40)) if matches(text, at))
    assert found == max(expected, moment)


@given(TEXTS, MOMENTS)
def test_a_moment_that_was_found_is_found_again(text: str, moment: datetime) -> None:
    found = schedule(text).at_or_after(moment)
    assert found is not None
    assert moment <= found == schedule(text).at_or_after(found)


def test_hours_are_those_of_the_zone() -> None:
    at_night = schedule("03:30", BERLIN)
    assert at_night.at_or_after(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 1, 2, 30, tzinfo=UTC)
    assert at_night.at_or_after(datetime(2026, 7, 1, tzinfo=UTC)) == datetime(2026, 7, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", [UTC_ZONE, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])
def test_each_day_of_a_year_has_its_check_in(zone: ZoneInfo) -> None:
    """Also the days of 23 and of 25 hours, at an hour that a change of the clock skips or repeats."""
    nightly = schedule("30 2 * * *", zone)
    due = nightly.at_or_after(datetime(2026, 1, 1, tzinfo=UTC))
    assert due is not None
    days = [due.astimezone(zone).date()]
    for _ in range(364):
        due = next_due(nightly, DAY, due)
        days.append(due.astimezone(zone).date())
    assert days == [days[0] + timedelta(days=number) for number in range(365)]


@given(TEXTS, st.integers(1, 72), MOMENTS, st.integers(0, 10**6))
def test_a_check_in_is_never_due_again_at_once(text: str, hours: int, last: datetime, seconds: int) -> None:
    """Whatever was missed, the next check-in is not due before some part of a period has passed."""
    plan, period = schedule(text), timedelta(hours=hours)
    now = max(last, last + timedelta(seconds=seconds))
    due = answered_due(plan, period, last, now)
    assert due <= now
    if now >= next_due(plan, period, last):
        following = next_due(plan, period, due)
        assert following > now - timedelta(minutes=1)
        assert following - due >= period - period / 10


@given(st.integers(0, 3600))
def test_due_times_do_not_drift(late: int) -> None:
    plan, last = schedule("anytime"), datetime(2026, 5, 1, tzinfo=UTC)
    for day in range(1, 5):
        last = answered_due(plan, DAY, last, last + DAY + timedelta(seconds=late))
        assert last == datetime(2026, 5, 1 + day, tzinfo=UTC)


_WRONG = """* * * *|* * * * * *|60 * * * *|* 24 * * *|* * 0 * *|* * * 13 *|* * * * 8|5-1 * * * *|*/0 * * * *|1,,2 * * * *|a * * * *|
-1 * * * *|1- * * * *|24:00|3:60|٣:30|0 0 31 2 *|sometimes|"""


@pytest.mark.parametrize("text", [each.strip() for each in _WRONG.split("|")])
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(WrongValue):
        schedule(text)


@pytest.mark.parametrize(("text", "same"), [("anytime", "* * * * *"), ("03:05", "5 3 * * *"), (" 5  3 * * * ", "5 3 * * *")])
def test_other_spellings(text: str, same: str) -> None:
    assert schedule(text) == schedule(same)


def test_sunday_is_0_and_7() -> None:
    assert schedule("0 0 * * 0").weekdays == schedule("0 0 * * 7").weekdays == frozenset({0})


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(0, 86400))
def test_jitter_is_mostly_that_of_the_device(device: str, seconds: int) -> None:
    jitter = timedelta(seconds=seconds)
    delays = [spread(device, jitter, CHANCE) for _ in range(20)]
    assert all(timedelta() <= each <= jitter for each in delays)
    assert max(delays) - min(delays) <= jitter / 4


def test_jitter_spreads_a_fleet_evenly() -> None:
    delays = sorted(spread(f"device-{number}", timedelta(seconds=1000), CHANCE).total_seconds() for number in range(4000))
    assert 220 < delays[1000] < 330
    assert 450 < delays[2000] < 560
    assert delays[-1] > 950


def test_the_backoff_grows_to_an_hour() -> None:
    longest = [max(backoff(errors, CHANCE) for _ in range(50)).total_seconds() for errors in (1, 2, 3, 9, 10_000)]
    assert longest[0] <= 10 < longest[1] <= 20 < longest[2] <= 40
    assert longest[-2] <= 3600
    assert 3000 < longest[-1] <= 3600
    assert min(backoff(1, CHANCE) for _ in range(50)) >= timedelta(seconds=5)
