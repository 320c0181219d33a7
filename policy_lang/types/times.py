"""Timestamps and durations from text, strictly, and back.

A timestamp is an aware `datetime` in UTC, a duration a `timedelta`; both have microseconds, and finer digits are dropped.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,18}))?(?:([Zz])|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)
_ISO_DURATION = re.compile(
    r"P(?:(\d{1,12})W|(?:(\d{1,12})D)?(T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{1,18}))?S)?)?)",
    re.ASCII,
)
_SHORT_DURATION = re.compile(r"(\d{1,12})([dhms])", re.ASCII)
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_HOURS, _MINUTES = 24, 60
_MICROSECOND = timedelta(microseconds=1)


def read_timestamp(text: str) -> datetime | None:
    """The moment that a text names in RFC 3339 (section 5.6), in UTC; None where it is not one.

    A leap second (`:60`) has no place on the time line of the engines and is refused.

    >>> read_timestamp("2026-03-01T12:00:00+02:00")
    datetime.datetime(2026, 3, 1, 10, 0, tzinfo=datetime.timezone.utc)
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    try:
        zone = UTC if match[8] else _offset(match[9], int(match[10]), int(match[11]))
        return datetime(year, month, day, hour, minute, second, _microseconds(match[7]), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_duration(text: str) -> timedelta | None:
    """The length of time that a text names: ISO 8601 in weeks, days and smaller, or `7d`, `12h`, `30m`, `45s`.

    Months and years are refused: their length depends on where they start.

    >>> read_duration("P1DT12H") == read_duration("36h")
    True
    """
    short = _SHORT_DURATION.fullmatch(text)
    iso = _ISO_DURATION.fullmatch(text)
    try:
        if short is not None:
            return timedelta(**{_UNITS[short[2]]: int(short[1])})
        if iso is None or text == "P":
            return None
        weeks, days, _, hours, minutes, seconds = (int(digits) if digits and digits.isdigit() else 0 for digits in iso.groups()[:6])
        return timedelta(days, seconds, _microseconds(iso[7]), 0, minutes, hours, weeks)
    except OverflowError:
        return None


def write_timestamp(moment: datetime) -> str:
    """The moment in RFC 3339, in UTC with a `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_duration(length: timedelta) -> str:
    """The length of time in ISO 8601, in days and seconds."""
    sign = "-" if length < timedelta(0) else ""
    seconds, micros = divmod(abs(length) // _MICROSECOND, 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    time = f"T{seconds}{fraction}S" if seconds or micros or not days else ""
    return f"{sign}P{f'{days}D' if days else ''}{time}"


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    if hours >= _HOURS or minutes >= _MINUTES:
        raise ValueError(hours, minutes)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1))


def _microseconds(digits: str | None) -> int:
    return int((digits or "0")[:6].ljust(6, "0"))
