"""What each field of a catalog may hold: one reader for each kind of value.

A reader turns a plain value into what the library works with, or raises `WrongValue`. It knows neither the name nor the place of
its field. `None` is never a value: an empty field in YAML is one that somebody forgot to fill, and must not mean "no limit".
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from policy_lang.documents.problems import quote
from policy_lang.rollout.bucket import is_device_id, percent_to_buckets
from policy_lang.types.decode import LARGEST_INTEGER, decode_duration, decode_timestamp, describe
from policy_lang.versions.version import Version

_CHECKSUM = re.compile(r"[0-9A-Fa-f]{64}")
_NOT_IN_URLS = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_DOWNGRADE = {"allow": True, "deny": False}


class WrongValue(ValueError):  # noqa: N818  a signal between the readers and the record, never seen outside
    """A value is not what its field needs; `remedy` says what to write instead."""

    def __init__(self, code: str, message: str, remedy: str | None = None) -> None:
        """Keep the parts of the finding; the message starts after the name of the field."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


def read_object(raw: object) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(raw, Mapping):
        raise _wrong_type("an object", raw)
    return raw


def read_list(raw: object) -> Sequence[Any]:
    """A list."""
    if not isinstance(raw, list | tuple):
        raise _wrong_type("a list", raw)
    return raw


def read_text(raw: object) -> str:
    """Any text."""
    if not isinstance(raw, str):
        raise _wrong_type("text", raw, "put it in quotes")
    return raw


def read_name(raw: object) -> str:
    """A text that can name something: an id, a product, a channel."""
    text = read_text(raw)
    if not text.strip():
        raise WrongValue("PL507", "is empty", "give it a name")
    if not is_device_id(text):
        raise WrongValue("PL507", "has half of a surrogate pair, which is not a character", "write the whole character")
    return text


def read_version(raw: object) -> Version:
    """A version, strictly by SemVer 2.0.0."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        remedy = 'put all three numbers in quotes, for example `"1.10.0"`; without quotes 1.10 is the number 1.1'
        raise _wrong_type("text", raw, remedy)
    text = read_text(raw)
    try:
        return Version.parse(text)
    except ValueError as error:
        raise WrongValue("PL507", f"is not valid: {error}", "write a version of three numbers, for example `2.3.0`") from None


def read_policy(raw: object) -> str:
    """The text of a policy; the bools of a document stand for the policies that are written so."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if not isinstance(raw, str):
        remedy = "write an expression, or `true` to mean every device"
        raise WrongValue("PL506", f"must be text, not {describe(raw)}", remedy)
    return raw


def read_url(raw: object) -> str:
    """An address of an image: https, with a host, without user information, in the characters of RFC 3986."""
    text = read_text(raw)
    if bad := _NOT_IN_URLS.search(text):
        raise WrongValue(
            "PL507", f"has the character {quote(bad[0])}", "a URL has no blanks; write other characters as `%20` and so on"
        )
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise WrongValue("PL507", f"is not a URL: {quote(text)}", "write for example `https://example.com/image.bin`") from None
    if parts.scheme != "https":
        raise WrongValue("PL507", f"is not an https URL: {quote(text)}", "write `https://` at its start")
    if not has_host:
        raise WrongValue("PL507", f"has no host: {quote(text)}", "write for example `https://example.com/image.bin`")
    if "@" in parts.netloc:
        raise WrongValue(
            "PL507", "has user information before the host", "remove what stands before `@`; every device sees the URL"
        )
    return text


def read_checksum(raw: object) -> str:
    """A SHA-256 in hex, in lower case."""
    text = read_text(raw)
    if not _CHECKSUM.fullmatch(text):
        has_prefix = text.lower().startswith("sha256:")
        remedy = "leave the prefix out" if has_prefix else f"write 64 hex digits, not {len(text)} characters"
        raise WrongValue("PL507", f"is not a SHA-256 in hex: {quote(text)}", remedy)
    return text.lower()


def read_bool(raw: object) -> bool:
    """True or false, and no text that looks so."""
    if not isinstance(raw, bool):
        raise _wrong_type("`true` or `false`", raw)
    return raw


def read_downgrade(raw: object) -> bool:
    """`allow` or `deny`."""
    remedy = "write `allow` to offer the update to newer versions too, or leave the field out"
    if not isinstance(raw, str):
        raise _wrong_type("`allow` or `deny`", raw, remedy)
    if raw not in _DOWNGRADE:
        raise WrongValue("PL507", f"must be `allow` or `deny`, not {quote(raw)}", remedy)
    return _DOWNGRADE[raw]


def read_percent(raw: object) -> int:
    """A percent of the fleet, as buckets."""
    number = _number(raw, "write the number alone, from 0 to 100, without `%` or quotes")
    try:
        return percent_to_buckets(number)
    except ValueError as error:
        raise WrongValue("PL507", f"is not valid: {error}", "write a percent, for example `5` or `0.25`") from None


def read_count(raw: object) -> int:
    """A whole number, 0 or more."""
    number = _number(raw, "write a whole number, without quotes")
    if not 0 <= number <= LARGEST_INTEGER or number % 1:
        remedy = "0 means nobody; leave the field out where there is no limit"
        raise WrongValue("PL507", f"must be a whole number, 0 or more, not {describe(raw)}", remedy)
    return int(number)


def read_moment(raw: object) -> datetime:
    """A moment in RFC 3339, in UTC; a program may give an aware `datetime`."""
    remedy = "write the date, the time and the zone, for example `2026-05-01T09:00:00Z`"
    if not isinstance(raw, str | datetime):
        raise _wrong_type("text", raw, remedy)
    moment = decode_timestamp(raw)
    if moment is None:
        raise WrongValue("PL507", f"is not a timestamp in RFC 3339: {quote(str(raw))}", remedy)
    return moment


def read_length(raw: object) -> timedelta:
    """A length of time above zero; a program may give a `timedelta`."""
    remedy = "write it in ISO 8601 or with one unit, for example `P1DT12H`, `7d`, `12h` or `30m`"
    if not isinstance(raw, str | timedelta):
        raise _wrong_type("text", raw, remedy)
    length = decode_duration(raw)
    if length is None:
        raise WrongValue("PL507", f"is not a duration: {quote(str(raw))}", remedy)
    if length <= timedelta():
        raise WrongValue("PL507", "must be longer than zero", remedy)
    return length


def _number(raw: object, remedy: str) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _wrong_type("a number", raw, remedy)
    return raw


def _wrong_type(wanted: str, raw: object, remedy: str | None = None) -> WrongValue:
    if raw is None:
        remedy = "fill it in, or leave the field out"
    return WrongValue("PL506", f"must be {wanted}, not {describe(raw)}", remedy)
