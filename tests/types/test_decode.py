from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.types.decode import Absence, decoder, describe, version_cache, why_not
from policy_lang.types.model import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    OPEN_OBJECT,
    STRING,
    TIMESTAMP,
    VERSION,
    Kind,
    Type,
    list_of,
)
from policy_lang.versions.version import Version

ENUM = Type(Kind.STRING, values=("a", "b"))


@pytest.mark.parametrize(
    ("expected", "raw", "value"),
    [
        (BOOL, True, True),
        (BOOL, "fAlSe", False),
        (BOOL, 1, None),
        (BOOL, "1", None),
        (INT, 5.0, 5),
        (INT, "5.0e0", 5),
        (INT, 5.5, None),
        (INT, True, None),
        (INT, 2**53, None),
        (INT, float("inf"), None),
        (FLOAT, "1e-3", 0.001),
        (FLOAT, "1e999", None),
        (FLOAT, float("nan"), None),
        (FLOAT, 2**53, None),
        (FLOAT, False, None),
        (STRING, "x", "x"),
        (STRING, 5, None),
        (STRING, b"x", None),
        (STRING, "\ud800", None),
        (STRING, "é" * 2048, "é" * 2048),
        (STRING, "é" * 2049, None),
        (ENUM, "a", "a"),
        (ENUM, "c", None),
        (VERSION, 1.4, None),
        (VERSION, "1.4", None),
        (TIMESTAMP, 0, None),
        (TIMESTAMP, datetime(2026, 1, 1), None),  # noqa: DTZ001  without a zone it is no moment
        (TIMESTAMP, datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 1, 1, tzinfo=UTC)),
        (DURATION, timedelta(1), timedelta(1)),
        (DURATION, 5, None),
        (list_of(STRING), ["a", 5, None], ("a", None, None)),
        (list_of(STRING), ("a",), ("a",)),
        (list_of(STRING), "a , b", ("a", "b")),
        (list_of(STRING), '["a,b"]', ("a,b",)),
        (list_of(STRING), " ", ()),
        (list_of(INT), "1,x", (1, None)),
        (list_of(INT), "[1, 2", None),
        (list_of(INT), "[" * 4000, None),
        (list_of(INT), {}, None),
        (list_of(INT), "1," * 3000, None),
        (OPEN_OBJECT, {"a": 1}, {"a": 1}),
        (OPEN_OBJECT, [], None),
        (OPEN_OBJECT, "{}", None),
    ],
)
def test_decoding_is_strict(expected: Type, raw: Any, value: Any) -> None:
    decoded = decoder(expected, DEFAULT_OPTIONS)(raw)
    assert decoded == value
    assert type(decoded) is type(value)


def test_versions_are_parsed_once() -> None:
    decode = decoder(VERSION, DEFAULT_OPTIONS)
    assert decode("1.4.2") is decode("1.4.2")
    assert decode(Version.parse("1.0.0")) == Version.parse("1.0.0")
    assert decode("1.0.0-" + "a" * 100) == Version.parse("1.0.0-" + "a" * 100)


def test_the_cache_of_versions_is_bounded() -> None:
    """Devices choose the texts, so they must not be able to fill the memory."""
    cache = version_cache(lenient=False)
    for number in range(5000):
        assert cache[f"1.0.{number}"] is not None
    assert len(cache) <= 4096


@pytest.mark.parametrize(
    ("expected", "raw", "reason", "detail"),
    [
        (INT, None, Absence.MISSING, "missing"),
        (INT, "x", Absence.BAD_VALUE, "the text `x` is not a whole number within ±(2^53-1)"),
        (INT, [], Absence.WRONG_TYPE, "expected int, got a list"),
        (INT, True, Absence.WRONG_TYPE, "expected int, got the bool `true`"),
        (STRING, 5, Absence.WRONG_TYPE, "expected text, got the number `5`"),
        (STRING, "x" * 5000, Absence.BAD_VALUE, "longer than 4096 bytes"),
        (STRING, "\ud800", Absence.BAD_VALUE, "not valid Unicode"),
        (ENUM, "c", Absence.BAD_VALUE, "the text `c` is not one of the declared values"),
        (VERSION, 1.1, Absence.WRONG_TYPE, "expected version, got the number `1.1`"),
        (list_of(INT), {}, Absence.WRONG_TYPE, "expected list of int, got an object"),
        (list_of(INT), "[", Absence.BAD_VALUE, "the text `[` is not a list, though it starts with `[`"),
    ],
)
def test_the_reason_is_kept(expected: Type, raw: Any, reason: Absence, detail: str) -> None:
    """The reason (missing, bad value, wrong type) is kept for `explain`."""
    assert why_not(expected, raw, DEFAULT_OPTIONS) == (reason, detail)


def test_values_are_described_in_the_languages_words() -> None:
    assert describe(None) == "null"
    assert describe(10**400) == "the number `too large`"
    assert describe("x" * 50) == f"the text `{'x' * 39}…`"
    assert describe(b"x") == "a value of the program (`bytes`)"


def test_a_moment_beyond_the_calendar_is_a_bad_value() -> None:
    assert decoder(TIMESTAMP, DEFAULT_OPTIONS)(datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))) is None


def test_a_long_number_is_a_number() -> None:
    assert decoder(FLOAT, DEFAULT_OPTIONS)("0." + "0" * 500 + "1") == 0.0


def test_nan_is_not_json() -> None:
    assert decoder(list_of(FLOAT), DEFAULT_OPTIONS)("[1, NaN]") is None
