"""When the agent checks in and when it may apply: a schedule as in cron, a period, and jitter.

A schedule has five fields (minute, hour, day of the month, month, day of the week), each `*`, `7`, `1-5`, `*/15` or several with
commas; `03:30` is a time of day and `anytime` every minute. Where both days are given, one of them is enough, as in cron.

The next check-in is due at the first moment of the schedule that is a period after the last one was due. Due times never drift,
because jitter is added when waiting and never counted on. Jitter spreads a fleet: three quarters of it come from the id, always the
same for one device, and one quarter is random, so that devices that were once in step do not stay so.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from policy_lang.catalog.fields import WrongValue, read_text
from policy_lang.documents.problems import quote
from policy_lang.rollout.bucket import bucket

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_HORIZON = 366 * 5
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_SUNDAY_AGAIN = 7
_ANY = "* * * * *"
_BUCKETS = 1_000_000
_STABLE_SHARE = 0.75
_EARLY = 10
_REMEDY = "write five fields as in cron, such as `30 3 * * *`, a time of day such as `03:30`, or `anytime`"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes at which something may happen.

    Attributes:
        text: how it was written.
        zone: where its hours are those of the day.
    """

    text: str
    zone: ZoneInfo
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    has_either_day: bool

    @property
    def is_any(self) -> bool:
        """Whether every minute is one of the schedule."""
        return self.text == _ANY

    def at_or_after(self, moment: datetime) -> datetime | None:
        """The first moment of the schedule from one on, in UTC; None where no day of the next five years has one."""
        if self.is_any:
            return moment
        first = moment.astimezone(self.zone).date()
        for days in range(_HORIZON):
            day = first + timedelta(days=days)
            if day.month in self.months and self._has_day(day.day, day.isoweekday() % 7):
                for found in self._minutes_of(datetime(day.year, day.month, day.day, tzinfo=self.zone)):
                    if found + _MINUTE > moment:
                        return max(found, moment)
        return None

    def _has_day(self, day: int, weekday: int) -> bool:
        by_date, by_week = day in self.days, weekday in self.weekdays
        return by_date or by_week if self.has_either_day else by_date and by_week

    def _minutes_of(self, midnight: datetime) -> Iterator[datetime]:
        """The moments of one day; an hour that a change of the clock skips comes after it, one that comes twice is the first."""
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield midnight.replace(hour=hour, minute=minute).astimezone(UTC)


def read_schedule(raw: object, zone: ZoneInfo) -> Schedule:
    """A schedule from text.

    Raises:
        WrongValue: it is not one, or no day has it.

    >>> read_schedule("03:30", ZoneInfo("UTC")).at_or_after(datetime(2026, 5, 1, 9, 0, tzinfo=UTC))
    datetime.datetime(2026, 5, 2, 3, 30, tzinfo=datetime.timezone.utc)
    """
    written = " ".join(read_text(raw).split())
    text = _ANY if written == "anytime" else _of_time(written) or written
    fields = text.split(" ")
    if len(fields) != len(_FIELDS):
        raise WrongValue("PL507", f"is not a schedule: {quote(written)}", _REMEDY)
    sets = [_read_field(field, *bounds, written) for field, bounds in zip(fields, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = sets
    weekdays = frozenset(day % _SUNDAY_AGAIN for day in weekdays)
    has_either_day = fields[2] != "*" and fields[4] != "*"
    schedule = Schedule(text, zone, minutes, hours, days, months, weekdays, has_either_day)
    if schedule.at_or_after(datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise WrongValue("PL507", f"has no day: {quote(written)}", _REMEDY)
    return schedule


def _of_time(text: str) -> str | None:
    """The schedule of a time of day."""
    hour, colon, minute = text.partition(":")
    return f"{int(minute)} {int(hour)} * * *" if colon and f"{hour}{minute}".isdecimal() and text.isascii() else None


def _read_field(field: str, lowest: int, highest: int, written: str) -> frozenset[int]:
    """The numbers of one field."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = (str(lowest), "-", str(highest)) if span == "*" else span.partition("-")
        numbers = (first, last if dash else (str(highest) if slash else first), step if slash else "1")
        if not all(number.isascii() and number.isdecimal() for number in numbers):
            raise WrongValue("PL507", f"is not a schedule: {quote(written)}", _REMEDY)
        start, end, every = map(int, numbers)
        if not (lowest <= start <= end <= highest and every):
            raise WrongValue("PL507", f"has {quote(part)} outside {lowest} to {highest}: {quote(written)}", _REMEDY)
        found.update(range(start, end + 1, every))
    return frozenset(found)


def next_due(schedule: Schedule, period: timedelta, last: datetime) -> datetime:
    """When the next check-in is due, without jitter.

    Args:
        schedule: when check-ins may be.
        period: how far they are apart. On a schedule with hours, a tenth less is enough: days of 23 hours have their check-in too.
        last: when the last one was due.

    Returns:
        A moment, which has passed where a check-in was missed.
    """
    earliest = last + (period if schedule.is_any else period - period / _EARLY)
    return schedule.at_or_after(earliest) or earliest


def answered_due(schedule: Schedule, period: timedelta, last: datetime | None, now: datetime) -> datetime:
    """Which due time a check-in answers: its own, so that due times never drift; where many were missed, one close to now."""
    if last is None:
        return now
    due = min(next_due(schedule, period, last), now)
    if now - due < period:
        return due
    return now if schedule.is_any else now - period / 2


def spread(device_id: str, jitter: timedelta, chance: random.Random) -> timedelta:
    """How long after the due time a device checks in: from zero up to the jitter.

    >>> spread("device-1", timedelta(minutes=15), random.Random(1)) < timedelta(minutes=15)
    True
    """
    stable = bucket(device_id, "check-in") / _BUCKETS
    return jitter * (_STABLE_SHARE * stable + (1 - _STABLE_SHARE) * chance.random())


def backoff(errors: int, chance: random.Random) -> timedelta:
    """How long to wait after so many errors in a row: 10 seconds, twice as long each time, an hour at most; half of it is random.

    >>> [backoff(count, random.Random(1)) <= timedelta(hours=1) for count in (1, 2, 1000)]
    [True, True, True]
    """
    longest = min(10 * 2 ** min(errors - 1, 16), 3600)
    return timedelta(seconds=longest * (0.5 + chance.random() / 2))
