"""When each device checks in: at a time of the day of its own, a little earlier or later each time.

Everything comes from hashes, so the same seed gives the same times on every machine, whatever the other devices do.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

DAY: Final = 86_400_000_000
"""The microseconds of a day."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST_JITTER: Final = 600_000_000
_JITTERS_PER_INTERVAL: Final = 8
_MASK: Final = 2**64 - 1
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def to_microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


_LATEST: Final = to_microseconds(datetime.max.replace(tzinfo=UTC))


def to_moment(microseconds: int) -> datetime:
    """The moment of some microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def place_of(key: str) -> int:
    """A number of 64 bits for a text, the same one for ever."""
    return int.from_bytes(sha256(key.encode(errors="backslashreplace")).digest()[:8], "big")


def mix(place: int, seed: int, number: int) -> int:
    """A number of 64 bits that looks random, from three numbers (the finaliser of splitmix64)."""
    value = (place + seed * _FIRST + number * _GOLDEN) & _MASK
    value = (value ^ (value >> 30)) * _FIRST & _MASK
    value = (value ^ (value >> 27)) * _SECOND & _MASK
    return value ^ (value >> 31)


class Timetable:
    """The check-ins of all devices in a span of days; a device's are numbered from 0.

    Attributes:
        start: the first moment, in microseconds since 1970.
        end: the moment after the last one.
    """

    def __init__(self, start: datetime, days: int, checkins_per_day: int, seed: int) -> None:
        """Lay out the days.

        Args:
            start: the first moment.
            days: how many days of 24 hours.
            checkins_per_day: how often each device checks in, evenly over the day.
            seed: what varies the times from day to day.

        Raises:
            ValueError: the days end after the year 9999.
        """
        self.start = to_microseconds(start)
        self.end = self.start + days * DAY
        if self.end > _LATEST:
            raise ValueError("the days end after the year 9999")
        self._seed = seed
        self._interval = DAY // checkins_per_day
        self._jitter = min(_LONGEST_JITTER, self._interval // _JITTERS_PER_INTERVAL)
        self._midnight = self.start // DAY * DAY

    def time(self, place: int, number: int) -> int:
        """When a device checks in for the n-th time, counted from the midnight before the start.

        Args:
            place: the device, by `place_of` its id.
            number: which check-in; the times of a device ascend with it.
        """
        # INVARIANT: the jitter is less than half of the interval, so no check-in overtakes another one of the device.
        jitter = mix(place, self._seed, number) % (2 * self._jitter + 1) - self._jitter
        return self._midnight + place % self._interval + number * self._interval + jitter

    def first(self, place: int, moment: int) -> int:
        """The number of the first check-in of a device at a moment or after it."""
        number = max((moment - self._midnight - place % self._interval) // self._interval - 1, -1)
        while self.time(place, number) < moment:
            number += 1
        return number
