"""Hours, weekdays and windows, in a time zone of the IANA database.

The time itself is always an argument: nothing here reads a clock.
"""

import re
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from policy_lang.suggest import did_you_mean
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of a name, None where the database has none; only names of the database are ever looked up or kept."""
    return _zone(name) if name in _zone_names() else None


def _check_zone(name: Any) -> str | None:
    if name in _zone_names():
        return None
    hint = did_you_mean(name, _zone_names())
    return f"`{name}` is not a time zone" + (f"; {hint}" if hint else "")


def _read_clock(text: str) -> int:
    """Minutes since midnight."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is not a time of day")
    return int(match[1]) * 60 + int(match[2])


def _local(moment: datetime, zone_name: str) -> datetime | None:
    zone = find_zone(zone_name)
    try:
        return None if zone is None else moment.astimezone(zone)
    except OverflowError:
        return None


def _hour(moment: datetime, zone_name: str) -> int | None:
    local = _local(moment, zone_name)
    return None if local is None else local.hour


def _weekday(moment: datetime, zone_name: str) -> int | None:
    local = _local(moment, zone_name)
    return None if local is None else local.isoweekday()


def _in_window(now: datetime, start: int, end: int, zone_name: str) -> bool | None:
    """From `start` on, until before `end`; over midnight where the end is the earlier one."""
    local = _local(now, zone_name)
    if local is None:
        return None
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start < end else minute >= start or minute < end


def _check_window(start: int, end: int, _: Any) -> str | None:
    return "a window that ends when it starts is empty" if start == end else None


_MOMENT = Parameter("t", Kind.TIMESTAMP)
_ZONE = Parameter(
    "zone", Kind.STRING, check=_check_zone, default="UTC", hint="write an IANA name, for example `Europe/Berlin` or `UTC`"
)
_CLOCK_HINT = "write hours and minutes, for example `01:30`"

IN_WINDOW = Function(
    "inWindow",
    Form.FUNCTION,
    (
        Parameter("start", Kind.STRING, read=_read_clock, hint=_CLOCK_HINT),
        Parameter("end", Kind.STRING, read=_read_clock, hint=_CLOCK_HINT),
        _ZONE,
    ),
    Kind.BOOL,
    _in_window,
    "whether the time of day is in a window: from `start` on, until before `end`, over midnight where `end` is earlier",
    "inWindow('01:00', '23:00', device.timezone)",
    implicit=(("now",),),
    check=_check_window,
)

ROWS: tuple[Function, ...] = (
    Function(
        "hour",
        Form.FUNCTION,
        (_MOMENT, _ZONE),
        Kind.INT,
        _hour,
        "the hour of the day in a time zone, 0 to 23",
        "hour(now, 'UTC') == 12",
    ),
    Function(
        "weekday",
        Form.FUNCTION,
        (_MOMENT, _ZONE),
        Kind.INT,
        _weekday,
        "the day of the week in a time zone, 1 for Monday to 7 for Sunday",
        "weekday(now, 'Europe/Berlin') in [1, 2, 3, 4, 5]",
    ),
    IN_WINDOW,
)
