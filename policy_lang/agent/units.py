"""Lengths of time and sizes in the words of the Ioto agent: `24 hr`, `30 secs`, `100mb`."""

import re
from datetime import timedelta

from policy_lang.catalog.fields import WrongValue, read_text
from policy_lang.documents.problems import quote
from policy_lang.types.times import read_duration

_WORDS = re.compile(r"(\d{1,9})\s*([a-z]*)", re.ASCII | re.IGNORECASE)
_TIMES = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("week", "weeks"), timedelta(weeks=1)),
}
_SIZES = {"": 1, "b": 1, "k": 2**10, "kb": 2**10, "m": 2**20, "mb": 2**20, "g": 2**30, "gb": 2**30}
_LONGEST = timedelta(days=366)


def read_time(raw: object) -> timedelta:
    """A length of time, 0 included: a number of seconds, `24 hr`, `30 secs`, `12h` or ISO 8601.

    >>> read_time("24 hr") == read_time("P1D") == read_time(86400)
    True
    """
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else read_text(raw).strip()
    words = _WORDS.fullmatch(text)
    unit = None if words is None else _TIMES.get(words[2].lower())
    length = read_duration(text) if words is None or unit is None else int(words[1]) * unit
    if length is None:
        raise WrongValue("PL507", f"is not a length of time: {quote(text)}", "write for example `24 hr`, `30 secs` or `PT15M`")
    if length > _LONGEST:
        raise WrongValue("PL507", f"is longer than a year: {quote(text)}", "write a shorter time")
    return length


def read_some_time(raw: object) -> timedelta:
    """A length of time above zero."""
    length = read_time(raw)
    if not length:
        raise WrongValue("PL507", "must be longer than zero", "write for example `30 secs`")
    return length


def read_size(raw: object) -> int:
    """A size in bytes above zero: a number, `64k`, `100 mb` or `2gb`, in powers of 1024.

    >>> read_size("100 mb")
    104857600
    """
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else read_text(raw).strip()
    words = _WORDS.fullmatch(text)
    unit = None if words is None else _SIZES.get(words[2].lower())
    if words is None or not unit or not int(words[1]):
        raise WrongValue("PL507", f"is not a size: {quote(text)}", "write for example `64k` or `100 mb`")
    return int(words[1]) * unit
