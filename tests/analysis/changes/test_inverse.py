"""A guess is a guess; for each computation one of them gives what was wanted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy_lang.analysis.changes.inverse import guesses, text_of
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.pipeline import check_policy
from policy_lang.source import Source
from policy_lang.types.core import Apply, descendants
from policy_lang.types.schema import Schema
from policy_lang.versions.version import Version

SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            **{name: {"type": "integer"} for name in ("m", "n")},
            **{name: {"type": "number"} for name in ("x", "y")},
            **{name: {"type": "string"} for name in ("s", "t")},
            "v": {"type": "string", "format": "semver"},
            "at": {"type": "string", "format": "date-time"},
            "for": {"type": "string", "format": "duration"},
        },
    }
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def computation(text: str) -> Apply:
    """The first computation of an expression that is compared with itself."""
    core = check_policy(Source(f"({text}) == ({text})"), SCHEMA, DEFAULT_OPTIONS).core
    return next(node for node in descendants(core) if isinstance(node, Apply))


def results(text: str, values: tuple[Any, ...], wanted: Any) -> list[Any]:
    """What a computation gives with each guess in place of the present value."""
    node = computation(text)
    found = []
    for at, guess in guesses(node, values, wanted, DEFAULT_OPTIONS):
        arguments = [guess if position == at else value for position, value in enumerate(values)]
        found.append(None if None in arguments else node.function.python(*arguments))
    return found


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("device.x + device.y", (1, 2), 7),
        ("device.x + device.y", (None, 2), 7),
        ("device.s + device.t", ("a", "b"), "xb"),
        ("device.s + device.t", ("a", "b"), "az"),
        ("device.s + device.t", (None, "b"), "xb"),
        ("device.at + device.for", (NOON, timedelta(hours=1)), NOON),
        ("device.x - device.y", (1, 2), 7),
        ("device.x - device.y", (None, 2), 7),
        ("device.x - device.y", (9, None), 7),
        ("device.at - device.at", (NOON, NOON), timedelta(days=1)),
        ("device.x * device.y", (1, 2), 7),
        ("device.x * device.y", (3, None), 6),
        ("device.x / device.y", (1, 2), 7),
        ("device.x / device.y", (21, None), 7),
        ("device.x % device.y", (9, 4), 3),
        ("device.x % device.y", (9, None), 2),
        ("device.m & device.n", (1, 6), 4),
        ("device.m & device.n", (None, 6), 2),
        ("device.m | device.n", (1, 2), 6),
        ("device.m ^ device.n", (1, 2), 7),
        ("device.m << device.n", (1, 2), 12),
        ("device.m << device.n", (3, None), 12),
        ("device.m >> device.n", (1, 2), 3),
        ("device.m >> device.n", (12, None), 3),
        ("-device.x", (1,), 7),
        ("~device.m", (1,), 6),
        ("device.s.toLowerCase()", ("A",), "b"),
        ("device.s.toUpperCase()", ("a",), "B"),
        ("device.s.trim()", (" a",), "b"),
        ("device.s.length", ("abc",), 5),
        ("device.s.length", ("abc",), 2),
        ("device.s.length", (None,), 2),
        ("device.v.major", (Version.parse("1.2.3"),), 4),
        ("device.v.major", (None,), 4),
        ("device.v.minor", (Version.parse("1.2.3"),), 4),
        ("device.v.minor", (None,), 4),
        ("device.v.patch", (Version.parse("1.2.3"),), 4),
        ("device.v.patch", (None,), 4),
        ("device.v.prerelease", (Version.parse("1.2.3"),), "rc.1"),
        ("device.v.prerelease", (None,), ""),
        ("device.v.build", (Version.parse("1.2.3+7"),), "8"),
        ("device.v.build", (None,), ""),
        ("device.v.isPrerelease", (Version.parse("1.2.3"),), True),
        ("device.v.isPrerelease", (None,), False),
        ("hour(device.at, device.s)", (NOON, "UTC"), 3),
        ("hour(device.at, device.s)", (None, "UTC"), 3),
        ("weekday(device.at, device.s)", (NOON, "UTC"), 7),
        ("int(device.s)", ("x",), 7),
        ("number(device.s)", ("x",), 0.5),
        ("bool(device.s)", ("x",), True),
        ("version(device.s)", ("x",), Version.parse("1.2.3")),
        ("timestamp(device.s)", ("x",), NOON),
        ("duration(device.s)", ("x",), timedelta(days=7)),
        ("string(device.m)", (1,), "7"),
        ("string(device.v)", (None,), "1.2.3"),
        ("int(device.x)", (0.5,), 7),
    ],
)
def test_a_guess_gives_what_was_wanted(text: str, values: tuple[Any, ...], wanted: Any) -> None:
    assert wanted in results(text, values, wanted)


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("device.x / device.y", (0, None), 7),
        ("device.x * device.y", (0, 0), 7),
        ("device.m << device.n", (None, 60), 7),
        ("device.m >> device.n", (None, -1), 7),
        ("device.s.length", ("a",), -1),
        ("device.s.length", ("a",), 1_000_000),
        ("device.v.prerelease", (None,), "not allowed"),
        ("device.at + device.for", (datetime.max.replace(tzinfo=UTC), timedelta.max), NOON),
        ("device.x % device.y", (1, 0), 1e400),
    ],
)
def test_what_cannot_be_is_not_reached_and_raises_nothing(text: str, values: tuple[Any, ...], wanted: Any) -> None:
    assert wanted not in results(text, values, wanted)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (7, "7"),
        (0.5, "0.5"),
        (NOON, "2026-03-02T12:00:00Z"),
        (timedelta(days=7), "7d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=61), "PT61S"),
        (timedelta(), "PT0S"),
        (Version.parse("1.2.3"), "1.2.3"),
    ],
)
def test_values_as_simple_clients_send_them(value: Any, text: str) -> None:
    assert text_of(value) == text
