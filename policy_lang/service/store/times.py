"""Moments as whole microseconds since 1970 in UTC, exact in both directions."""

from datetime import UTC, datetime, timedelta

from policy_lang.rollout.plan import in_utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """A moment as a number.

    Args:
        moment: a time with a zone.

    Returns:
        Microseconds since 1970; negative before.

    Raises:
        ValueError: the time has no zone.

    >>> to_micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (in_utc(moment, "now") - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment that a number stands for, in UTC.

    >>> from_micros(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=micros)


def maybe_from_micros(micros: int | None) -> datetime | None:
    """The moment of a column that may be empty."""
    return None if micros is None else from_micros(micros)


def maybe_to_micros(moment: datetime | None) -> int | None:
    """The number of a moment that may be missing."""
    return None if moment is None else to_micros(moment)


def length_in_micros(length: timedelta) -> int:
    """How many microseconds a length of time has."""
    return length // _MICROSECOND
