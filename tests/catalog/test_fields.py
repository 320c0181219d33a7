from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from policy_lang.catalog.fields import (
    WrongValue,
    read_bool,
    read_checksum,
    read_count,
    read_downgrade,
    read_length,
    read_list,
    read_moment,
    read_name,
    read_object,
    read_percent,
    read_policy,
    read_text,
    read_url,
    read_version,
)
from policy_lang.versions.version import Version

Reader = Callable[[object], Any]
READERS = (
    read_bool,
    read_checksum,
    read_count,
    read_downgrade,
    read_length,
    read_list,
    read_moment,
    read_name,
    read_object,
    read_percent,
    read_policy,
    read_text,
    read_url,
    read_version,
)
CHECKSUM = "000102030405060708090A0b0c0d0e0f" * 2
MAY_DAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "raw", "expected"),
    [
        (read_object, {"a": 1}, {"a": 1}),
        (read_list, [1], [1]),
        (read_list, (1,), (1,)),
        (read_text, "", ""),
        (read_name, "release 7", "release 7"),
        (read_version, "1.10.0", Version.parse("1.10.0")),
        (read_policy, "device.pro == true", "device.pro == true"),
        (read_policy, True, "true"),
        (read_policy, False, "false"),
        (read_url, "https://example.com/a%20b.bin?x=1#y", "https://example.com/a%20b.bin?x=1#y"),
        (read_url, "HTTPS://[2001:db8::1]:8443/x@y", "HTTPS://[2001:db8::1]:8443/x@y"),
        (read_checksum, CHECKSUM, CHECKSUM.lower()),
        (read_bool, True, True),
        (read_bool, False, False),
        (read_downgrade, "allow", True),
        (read_downgrade, "deny", False),
        (read_percent, 0, 0),
        (read_percent, 0.1, 1_000),
        (read_percent, 12.3456, 123_456),
        (read_percent, 100, 1_000_000),
        (read_count, 0, 0),
        (read_count, 5.0, 5),
        (read_count, 2**53 - 1, 2**53 - 1),
        (read_moment, "2026-05-01T09:00:00Z", MAY_DAY),
        (read_moment, "2026-05-01t11:00:00+02:00", MAY_DAY),
        (read_moment, MAY_DAY.astimezone(timezone(timedelta(hours=2))), MAY_DAY),
        (read_length, "7d", timedelta(days=7)),
        (read_length, "P1DT12H", timedelta(hours=36)),
        (read_length, timedelta(seconds=1), timedelta(seconds=1)),
    ],
)
def test_a_right_value_is_read(read: Reader, raw: object, expected: object) -> None:
    assert read(raw) == expected


@pytest.mark.parametrize(
    ("read", "raw", "message"),
    [
        (read_object, [], "must be an object, not a list"),
        (read_list, {}, "must be a list, not an object"),
        (read_list, "a", "must be a list, not the text `a`"),
        (read_text, 7, "must be text, not the number `7`"),
        (read_name, 7, "must be text, not the number `7`"),
        (read_version, 1.1, "must be text, not the number `1.1`"),
        (read_version, 2, "must be text, not the number `2`"),
        (read_version, True, "must be text, not the bool `true`"),
        (read_policy, 1, "must be text, not the number `1`"),
        (read_url, ["x"], "must be text, not a list"),
        (read_checksum, 10, "must be text, not the number `10`"),
        (read_bool, "true", "must be `true` or `false`, not the text `true`"),
        (read_bool, 1, "must be `true` or `false`, not the number `1`"),
        (read_downgrade, True, "must be `allow` or `deny`, not the bool `true`"),
        (read_percent, "5", "must be a number, not the text `5`"),
        (read_percent, True, "must be a number, not the bool `true`"),
        (read_count, "5", "must be a number, not the text `5`"),
        (read_count, False, "must be a number, not the bool `false`"),
        (read_moment, 1_777_000_000, "must be text, not the number `1777000000`"),
        (read_length, 3600, "must be text, not the number `3600`"),
    ],
)
def test_a_value_of_another_type_is_refused(read: Reader, raw: object, message: str) -> None:
    with pytest.raises(WrongValue) as caught:
        read(raw)
    assert (caught.value.code, caught.value.message) == ("PL506", message)


@pytest.mark.parametrize("read", READERS)
def test_null_is_never_a_value(read: Reader) -> None:
    with pytest.raises(WrongValue, match="not null") as caught:
        read(None)
    assert caught.value.code == "PL506"
    assert caught.value.remedy is not None


@pytest.mark.parametrize(
    ("read", "raw", "message"),
    [
        (read_name, "", "is empty"),
        (read_name, " \t", "is empty"),
        (read_name, "\ud800", "has half of a surrogate pair, which is not a character"),
        (read_version, "1.2", "is not valid: `1.2` is not a semantic version: it has two parts, not three"),
        (read_version, "v1.2.3", "is not valid: `v1.2.3` is not a semantic version: it starts with `v`"),
        (read_version, "", "is not valid: `` is not a semantic version: it is empty"),
        (read_url, "http://example.com/x", "is not an https URL: `http://example.com/x`"),
        (read_url, "example.com/x", "is not an https URL: `example.com/x`"),
        (read_url, "", "is not an https URL: ``"),
        (read_url, "https:///x", "has no host: `https:///x`"),
        (read_url, "https://:443/x", "has no host: `https://:443/x`"),
        (read_url, "https://example.com:0/x", "has no host: `https://example.com:0/x`"),
        (read_url, "https://me:secret@example.com/x", "has user information before the host"),
        (read_url, "https://example.com:port/x", "is not a URL: `https://example.com:port/x`"),
        (read_url, "https://[::1/x", "is not a URL: `https://[::1/x`"),
        (read_url, "https://example.com/a b", "has the character ` `"),
        (read_url, " https://example.com/", "has the character ` `"),
        (read_url, "https://example.com/\n", "has the character `\\n`"),
        (read_url, "https://example.com\\@x/", "has the character `\\`"),
        (read_url, "https://exämple.com/", "has the character `ä`"),
        (read_checksum, "abc", "is not a SHA-256 in hex: `abc`"),
        (read_checksum, "g" * 64, f"is not a SHA-256 in hex: `{'g' * 40}…`"),
        (read_checksum, "0" * 63 + "\uff10", f"is not a SHA-256 in hex: `{'0' * 40}…`"),
        (read_checksum, "0" * 64 + "\n", f"is not a SHA-256 in hex: `{'0' * 40}…`"),
        (read_downgrade, "yes", "must be `allow` or `deny`, not `yes`"),
        (read_downgrade, "Allow", "must be `allow` or `deny`, not `Allow`"),
        (read_percent, -1, "is not valid: a percent must be from 0 to 100, not `-1`"),
        (read_percent, 100.0001, "is not valid: a percent must be from 0 to 100, not `100.0001`"),
        (read_percent, 0.00001, "is not valid: a percent has at most four decimals, not `0.00001`"),
        (read_percent, float("nan"), "is not valid: a percent must be from 0 to 100, not `NaN`"),
        (read_count, -1, "must be a whole number, 0 or more, not the number `-1`"),
        (read_count, 2.5, "must be a whole number, 0 or more, not the number `2.5`"),
        (read_count, 2**53, "must be a whole number, 0 or more, not the number `9007199254740992`"),
        (read_count, float("inf"), "must be a whole number, 0 or more, not the number `too large`"),
        (read_moment, "2026-05-01", "is not a timestamp in RFC 3339: `2026-05-01`"),
        (read_moment, "2026-05-01T09:00:00", "is not a timestamp in RFC 3339: `2026-05-01T09:00:00`"),
        (read_moment, "2026-02-30T09:00:00Z", "is not a timestamp in RFC 3339: `2026-02-30T09:00:00Z`"),
        (read_moment, MAY_DAY.replace(tzinfo=None), "is not a timestamp in RFC 3339: `2026-05-01 09:00:00`"),
        (read_length, "a week", "is not a duration: `a week`"),
        (read_length, "P1M", "is not a duration: `P1M`"),
        (read_length, "0d", "must be longer than zero"),
        (read_length, timedelta(days=-1), "must be longer than zero"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused(read: Reader, raw: object, message: str) -> None:
    with pytest.raises(WrongValue) as caught:
        read(raw)
    assert (caught.value.code, caught.value.message) == ("PL507", message)
    assert caught.value.remedy is not None


def test_the_help_for_a_version_that_is_a_number_shows_the_quotes() -> None:
    with pytest.raises(WrongValue) as caught:
        read_version(1.1)
    assert caught.value.remedy == ('put all three numbers in quotes, for example `"1.10.0"`; without quotes 1.10 is the number 1.1')
