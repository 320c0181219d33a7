"""The plan of a rollout: the share of the fleet, how it grows, when it runs, and the limits on grants.

Everything here is pure: the time is an argument, and the same arguments give the same answer for ever. With a ramp, the share grows
linearly from 0 at `start` to its final value, in whole microseconds and whole buckets, so no rounding depends on the machine. Where
something is not known (no time, no device id), the answer is unknown, never "everybody".
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from policy_lang.rollout.bucket import BUCKETS, bucket

_MICROSECOND = timedelta(microseconds=1)


class Activity(Enum):
    """Whether a rollout runs at a time, and why not."""

    ACTIVE = "active"
    NOT_STARTED = "not started"
    ENDED = "ended"
    NO_TIME = "no time"


@dataclass(frozen=True, slots=True)
class Rollout:
    """How an update spreads over the fleet; without arguments, to every device at once.

    A share below everybody and a ramp count as a percent even where `has_percent` was left out, so that they cannot be skipped.

    Attributes:
        buckets: the final share of the fleet, in millionths: the percent times 10,000.
        has_percent: whether a percent or a ramp was given; then a device needs an id, also at 100 percent.
        ramp: how long the share grows, linearly from `start`; None for the whole share at once.
        start: the first moment of the rollout, included; kept in UTC.
        end: the moment when the rollout is over, excluded; kept in UTC.
        max_devices: the grants in all; 0 for nobody.
        max_per_period: the new grants in any window as long as `period`; 0 for nobody.
        period: the length of that window.
        pause_on_failures: how many devices may report that the update failed; a service pauses the update when there are more.
            Selection does not read it, because reports are not known to it.

    Raises:
        ValueError: if the parts contradict each other, or a time has no zone.

    Source: docs/spec.md, "Selecting an update".
    """

    buckets: int = BUCKETS
    has_percent: bool = False
    ramp: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None
    max_devices: int | None = None
    max_per_period: int | None = None
    period: timedelta | None = None
    pause_on_failures: int | None = None

    def __post_init__(self) -> None:
        """Refuse contradictions, and bring the times to UTC."""
        if not 0 <= self.buckets <= BUCKETS:
            raise ValueError(f"`buckets` must be from 0 to 1000000, not `{self.buckets}`")
        self._normalize()
        if self.ramp is not None:
            _check_ramp(self.ramp, self.start)
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("`end` must be after `start`")
        if self.pause_on_failures is not None and self.pause_on_failures < 0:
            raise ValueError(f"`pause_on_failures` must be 0 or more, not `{self.pause_on_failures}`")
        check_limits(self.max_devices, self.max_per_period, self.period)

    def _normalize(self) -> None:
        """Bring the times to UTC, and note that there is a percent where one is implied."""
        if self.start is not None:
            object.__setattr__(self, "start", in_utc(self.start, "start"))
        if self.end is not None:
            object.__setattr__(self, "end", in_utc(self.end, "end"))
        # INVARIANT: without a percent the share is everybody, always.
        if self.buckets < BUCKETS or self.ramp is not None:
            object.__setattr__(self, "has_percent", True)

    @property
    def is_limited(self) -> bool:
        """Whether the number of grants is limited, so that a ledger has to agree."""
        return self.max_devices is not None or self.max_per_period is not None

    def share(self, now: datetime | None) -> int | None:
        """The buckets that are admitted at a time, from 0 to `buckets`; None when there is a ramp and no time.

        Args:
            now: the time, with a zone; read only where there is a ramp.

        Raises:
            ValueError: if there is a ramp and `now` has no zone.

        >>> day = datetime(2026, 5, 1, tzinfo=UTC)
        >>> Rollout(ramp=timedelta(days=4), start=day).share(day + timedelta(days=1))
        250000
        """
        if self.ramp is None or self.start is None:
            return self.buckets
        if now is None:
            return None
        elapsed = min(max(in_utc(now, "now") - self.start, timedelta()), self.ramp)
        return self.buckets * (elapsed // _MICROSECOND) // (self.ramp // _MICROSECOND)

    def admits(self, device_id: str | None, salt: str, now: datetime | None) -> bool | None:
        """Whether the percent lets a device in; None when that is not known.

        Args:
            device_id: `device.id`; the answer is unknown where it is missing, empty or not encodable as UTF-8.
            salt: what shuffles the fleet, usually `update.id`; the answer is unknown where UTF-8 cannot encode it.
            now: the time, with a zone; read only where there is a ramp.

        Returns:
            True without a percent. Otherwise whether the bucket of the device is inside the share.

        Raises:
            ValueError: if there is a ramp and `now` has no zone.

        >>> plan = Rollout(buckets=400_000)
        >>> plan.admits("device-1", "release-7", None), plan.admits(None, "release-7", None)
        (True, None)
        """
        if not self.has_percent:
            return True
        share = self.share(now)
        if share is None or not device_id:
            return None
        try:
            return bucket(device_id, salt) < share
        except ValueError:
            return None

    def activity(self, now: datetime | None) -> Activity:
        """Whether the rollout runs at a time: from `start`, included, to `end`, excluded.

        Args:
            now: the time, with a zone; without it, a rollout that has a start or an end is not active.

        Raises:
            ValueError: if there is a start or an end and `now` has no zone.
        """
        if self.start is None and self.end is None:
            return Activity.ACTIVE
        if now is None:
            return Activity.NO_TIME
        moment = in_utc(now, "now")
        if self.start is not None and moment < self.start:
            return Activity.NOT_STARTED
        if self.end is not None and moment >= self.end:
            return Activity.ENDED
        return Activity.ACTIVE


def in_utc(moment: datetime, name: str) -> datetime:
    """The same moment in UTC, where differences are true durations on the days that clocks change too.

    Args:
        moment: a time with a zone.
        name: what a message calls it.

    Raises:
        ValueError: if the time has no zone, or its UTC form is outside the years 1 to 9999.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"`{name}` needs a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"`{name}` is outside the years 1 to 9999") from None


def check_limits(max_devices: int | None, max_per_period: int | None, period: timedelta | None) -> None:
    """Refuse limits that make no sense together.

    Raises:
        ValueError: if a limit is negative, or one of `max_per_period` and `period` is missing, or the period is not positive.
    """
    for name, limit in (("max_devices", max_devices), ("max_per_period", max_per_period)):
        if limit is not None and limit < 0:
            raise ValueError(f"`{name}` must be 0 or more, not `{limit}`")
    if (max_per_period is None) != (period is None):
        raise ValueError("`max_per_period` and `period` need each other")
    if period is not None and period <= timedelta():
        raise ValueError("`period` must be longer than zero")


def _check_ramp(ramp: timedelta, start: datetime | None) -> None:
    """Refuse a ramp without a start or without a length."""
    if start is None:
        raise ValueError("`ramp` needs `start`")
    if ramp <= timedelta():
        raise ValueError("`ramp` must be longer than zero")
