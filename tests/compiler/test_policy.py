from collections import UserDict, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from strategies import EXAMPLE_DEVICE, EXAMPLE_NOW, EXAMPLE_UPDATE, SCHEMA

from policy_lang.pipeline import compile_policy


def test_only_true_matches() -> None:
    """A policy whose result is unknown does not match."""
    policy = compile_policy("device.pro")
    assert [policy.matches({"pro": pro}) for pro in (True, False, None)] == [True, False, False]


@pytest.mark.parametrize("now", ["2026-03-02T12:00:00Z", "2026-03-02t13:00:00+01:00", datetime(2026, 3, 2, 12, tzinfo=UTC)])
def test_now_is_an_aware_datetime_or_text(now: datetime | str) -> None:
    policy = compile_policy("hour(now) == 12")
    assert policy.evaluate({}, None, now) is True
    assert policy.matches({}, None, now)
    assert policy.explain({}, now=now).result is True


@pytest.mark.parametrize("now", [datetime(2026, 3, 2, 12), "2026-03-02", "2026-03-02T12:00:00", "now", ""])  # noqa: DTZ001  the mistake that is meant
def test_a_now_without_a_zone_is_the_callers_error(now: Any) -> None:
    policy = compile_policy("hour(now) == 12")
    for call in (policy.evaluate, policy.matches, policy.explain):
        with pytest.raises(ValueError, match="must be a timestamp with an offset"):
            call({}, None, now)


def test_a_now_beyond_the_calendar_is_the_callers_error() -> None:
    now = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))
    with pytest.raises(ValueError, match="must be a timestamp"):
        compile_policy("hour(now) == 12").evaluate({}, None, now)


@pytest.mark.parametrize("device", [None, [], "text", 5, b"x", object(), [("a", 1)], {1, 2}, True])
def test_what_is_no_object_has_no_properties(device: Any) -> None:
    policy = compile_policy("device.a == 1 || has(device.b.c)")
    assert policy.evaluate(device, device) is None
    assert policy.matches(device, device) is False
    assert policy.explain(device, device).result is None
    assert policy.bind(device).evaluate(device) is None


def test_any_mapping_is_a_device() -> None:
    policy = compile_policy("device.version < '2.0.0' && device.model == 'X' && device.site.floor > 1", schema=SCHEMA)
    device: UserDict[str, Any] = UserDict({"version": "1.0.0", "model": "X", "site": UserDict({"floor": 2})})
    assert policy.evaluate(device) is True
    assert policy.matches(device)
    assert policy.explain(device).result is True


@pytest.mark.parametrize("text", ["device.version < '2.0.0'", "device.version >= '1.0.0'", "device.version < update.version"])
def test_a_mapping_with_a_default_makes_nothing_up(text: str) -> None:
    policy, made_up = compile_policy(text), defaultdict[str, Any](lambda: "1.0.0")
    update = {"version": "2.0.0"}
    assert policy.matches(made_up, update) is False
    assert policy.evaluate(made_up, update) is policy.evaluate_by_reference(made_up, update) is None
    assert policy.explain(made_up, update).result is None
    assert policy.bind(update).evaluate(made_up) is None
    assert policy.matches({"version": "1.4.2"}, made_up) is (text != "device.version < update.version")
    assert not made_up


def test_evaluating_changes_nothing() -> None:
    device = dict(EXAMPLE_DEVICE)
    policy = compile_policy("device.version < update.version && device.nope == 1 && 'x' in device.tags && device.a.b.c == 2")
    for call in (policy.evaluate, policy.matches, policy.explain):
        call(device, EXAMPLE_UPDATE, EXAMPLE_NOW)
    assert device == EXAMPLE_DEVICE


def test_the_digest_ignores_layout() -> None:
    one, other = compile_policy("device.a == 'x'"), compile_policy('( device.a=="x" ) // same')
    assert one.digest == other.digest
    assert one.digest != compile_policy("device.a == 'y'").digest
    assert len(one.digest) == 64
    assert repr(one) == "Policy(\"device.a == 'x'\")"


def test_the_properties_that_a_policy_reads() -> None:
    text = (
        "device.version < update.version && has(device.site['x y']) && rollout(5)"
        " && device.tags[0] == 'a' && inWindow('01:00', '02:00')"
    )
    assert compile_policy(text).properties == (
        "device.id",
        'device.site["x y"]',
        "device.tags",
        "device.version",
        "now",
        "update.id",
        "update.version",
    )


def test_a_bound_policy_ignores_a_later_update() -> None:
    update = {"version": "1.5.0"}
    bound = compile_policy("device.version < update.version").bind(update)
    update["version"] = "0.0.1"
    assert bound.evaluate({"version": "1.4.2"}, {"version": "0.0.1"}) is True
    assert bound.matches({"version": "1.4.2"}, {"version": "0.0.1"})
    assert bound.explain({"version": "1.4.2"}, {"version": "0.0.1"}).result is True
    assert bound.properties == ("device.version", "update.version")
    assert bound.bind({"version": "1.0.0"}).evaluate({"version": "1.4.2"}) in {True, False}


@pytest.mark.parametrize(
    ("text", "update", "result"),
    [
        ("update.version > '1.0.0' && device.a == 1", {"version": "0.9.0"}, False),
        ("update.version > '1.0.0' || device.a == 1", {"version": "1.9.0"}, True),
        ("update.version > '1.0.0' && device.a == 1", {}, None),
        ("has(update.notes)", {"notes": ""}, True),
        ("update.paused ? device.a == 1 : true", {"paused": False}, True),
    ],
)
def test_what_an_update_decides_is_decided(text: str, update: dict[str, Any], result: Any) -> None:
    assert compile_policy(text).bind(update).evaluate({}) is result


def test_a_policy_is_shared_between_threads() -> None:
    policy = compile_policy("device.version < update.version && device.model == /^X[0-9]+/ && weekday(now) == 1")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: policy.matches(EXAMPLE_DEVICE, EXAMPLE_UPDATE, EXAMPLE_NOW), range(400)))
    assert all(results)


def test_a_very_deep_device_is_read() -> None:
    device: dict[str, Any] = {"b": 1}
    for _ in range(100_000):
        device = {"a": device}
    policy = compile_policy("device" + ".a" * 50 + ".b == 1 || has(device.a.a) && device.a == null")
    assert policy.evaluate(device) is None or policy.evaluate(device) is False
    while device.get("a"):
        device = device["a"]


def test_a_length_beyond_all_lengths_is_unknown() -> None:
    policy = compile_policy("-device.uptime < '0s' || hour(device.seen, 'Asia/Tokyo') == 8 && device.pro")
    assert policy.evaluate({"uptime": timedelta.max, "seen": "9999-12-31T23:00:00Z", "pro": True}) is None
    assert policy.evaluate({"uptime": timedelta(1)}) is True
