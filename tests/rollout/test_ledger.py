import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from policy_lang.rollout.ledger import Grant, Ledger, Limits, MemoryLedger
from policy_lang.rollout.plan import Rollout

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
FREE = Limits()
TWO_PER_HOUR = Limits(max_per_period=2, period=HOUR)


def ask(ledger: Ledger, devices: str, limits: Limits, now: datetime | None = NOON) -> list[Grant]:
    """The answers to devices with ids of one letter, one after the other."""
    return [ledger.grant("release-7", device, limits, now) for device in devices]


@pytest.mark.parametrize(
    ("grant", "admits"),
    [
        (Grant.NEW, True),
        (Grant.HELD, True),
        (Grant.MAX_DEVICES, False),
        (Grant.MAX_PER_PERIOD, False),
        (Grant.NO_TIME, False),
        (Grant.NO_ID, False),
    ],
)
def test_only_a_grant_admits(grant: Grant, *, admits: bool) -> None:
    assert grant.admits is admits


def test_without_limits_everyone_is_granted() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "abca", FREE, None) == [Grant.NEW, Grant.NEW, Grant.NEW, Grant.HELD]
    assert ledger.granted("release-7") == 3


def test_max_devices_counts_devices_and_not_requests() -> None:
    ledger = MemoryLedger()
    answers = ask(ledger, "aabac", Limits(max_devices=2), None)
    assert answers == [Grant.NEW, Grant.HELD, Grant.NEW, Grant.HELD, Grant.MAX_DEVICES]


@pytest.mark.parametrize(
    ("limits", "answer"),
    [(Limits(max_devices=0), Grant.MAX_DEVICES), (Limits(max_per_period=0, period=HOUR), Grant.MAX_PER_PERIOD)],
)
def test_a_limit_of_0_is_nobody(limits: Limits, answer: Grant) -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "a", FREE) == [Grant.NEW]
    assert ask(ledger, "bc", limits) == [answer, answer]
    assert MemoryLedger().grant("release-7", "a", limits, NOON) is answer


def test_updates_are_counted_apart() -> None:
    ledger, one = MemoryLedger(), Limits(max_devices=1)
    assert ledger.grant("release-7", "a", one, NOON) is Grant.NEW
    assert ledger.grant("release-8", "b", one, NOON) is Grant.NEW
    assert (ledger.granted("release-7"), ledger.granted("release-8"), ledger.granted("release-9")) == (1, 1, 0)


def test_a_window_slides() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "a", TWO_PER_HOUR, NOON) == [Grant.NEW]
    assert ask(ledger, "bc", TWO_PER_HOUR, NOON + HOUR / 2) == [Grant.NEW, Grant.MAX_PER_PERIOD]
    assert ask(ledger, "c", TWO_PER_HOUR, NOON + HOUR - SECOND) == [Grant.MAX_PER_PERIOD]
    assert ask(ledger, "cd", TWO_PER_HOUR, NOON + HOUR) == [Grant.NEW, Grant.MAX_PER_PERIOD]
    assert ask(ledger, "d", TWO_PER_HOUR, NOON + HOUR * 3 / 2) == [Grant.NEW]


def test_midnight_does_not_double_a_limit() -> None:
    ledger, daily = MemoryLedger(), Limits(max_per_period=1, period=timedelta(days=1))
    assert ask(ledger, "a", daily, NOON.replace(hour=23, minute=59)) == [Grant.NEW]
    assert ask(ledger, "b", daily, NOON.replace(hour=0) + timedelta(days=1)) == [Grant.MAX_PER_PERIOD]


def test_a_clock_behind_cannot_use_a_window_that_is_past() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "ab", TWO_PER_HOUR, NOON) == [Grant.NEW, Grant.NEW]
    assert ask(ledger, "c", TWO_PER_HOUR, NOON - 24 * HOUR) == [Grant.MAX_PER_PERIOD]


def test_a_grant_by_a_clock_behind_counts_at_the_latest_time() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "a", TWO_PER_HOUR, NOON) == [Grant.NEW]
    assert ask(ledger, "b", TWO_PER_HOUR, NOON - 24 * HOUR) == [Grant.NEW]
    assert ask(ledger, "c", TWO_PER_HOUR, NOON + HOUR / 2) == [Grant.MAX_PER_PERIOD]
    assert ask(ledger, "c", TWO_PER_HOUR, NOON + HOUR) == [Grant.NEW]


def test_a_late_grant_cannot_overfill_an_old_window() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "ab", TWO_PER_HOUR, NOON) == [Grant.NEW, Grant.NEW]
    assert ask(ledger, "c", TWO_PER_HOUR, NOON + 2 * HOUR) == [Grant.NEW]
    assert ask(ledger, "d", TWO_PER_HOUR, NOON + HOUR / 2) == [Grant.MAX_PER_PERIOD]


def test_a_period_needs_a_time_for_a_new_grant_only() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "a", TWO_PER_HOUR, NOON) == [Grant.NEW]
    assert ask(ledger, "ab", TWO_PER_HOUR, None) == [Grant.HELD, Grant.NO_TIME]


def test_both_limits_hold_together() -> None:
    ledger, both = MemoryLedger(), Limits(max_devices=2, max_per_period=1, period=HOUR)
    assert ask(ledger, "ab", both, NOON) == [Grant.NEW, Grant.MAX_PER_PERIOD]
    assert ask(ledger, "bc", both, NOON + HOUR) == [Grant.NEW, Grant.MAX_DEVICES]


def test_limits_that_change_hold_for_earlier_grants() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "abc", FREE, NOON) == [Grant.NEW] * 3
    assert ask(ledger, "ad", Limits(max_devices=1), NOON) == [Grant.HELD, Grant.MAX_DEVICES]
    assert ask(ledger, "d", Limits(max_per_period=3, period=HOUR), NOON + 2 * HOUR) == [Grant.NEW]
    assert ask(ledger, "e", Limits(max_per_period=3, period=24 * HOUR), NOON + 2 * HOUR) == [Grant.MAX_PER_PERIOD]


def test_a_limit_that_shrinks_still_sees_the_latest_time() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "a", TWO_PER_HOUR, NOON) == [Grant.NEW]
    assert ask(ledger, "b", TWO_PER_HOUR, NOON - 24 * HOUR) == [Grant.NEW]
    assert ask(ledger, "c", Limits(max_per_period=1, period=HOUR), NOON - 12 * HOUR) == [Grant.MAX_PER_PERIOD]


def test_a_grant_without_a_time_is_made_with_the_latest_one() -> None:
    ledger = MemoryLedger()
    assert ask(ledger, "a", FREE, None) == [Grant.NEW]
    assert ask(ledger, "b", FREE, NOON) == [Grant.NEW]
    assert ask(ledger, "c", FREE, None) == [Grant.NEW]
    assert ask(ledger, "d", TWO_PER_HOUR, NOON + HOUR / 2) == [Grant.MAX_PER_PERIOD]
    assert ask(ledger, "d", TWO_PER_HOUR, NOON + HOUR) == [Grant.NEW]


@pytest.mark.parametrize("device_id", ["", "\ud800"])
def test_an_id_that_is_no_id_gets_nothing(device_id: str) -> None:
    ledger = MemoryLedger()
    assert ledger.grant("release-7", device_id, FREE, NOON) is Grant.NO_ID
    assert ledger.peek("release-7", device_id, FREE, NOON) is Grant.NO_ID
    assert ledger.granted("release-7") == 0


def test_peek_answers_as_grant_would_and_records_nothing() -> None:
    ledger, one = MemoryLedger(), Limits(max_devices=1)
    assert [ledger.peek("release-7", device, one, None) for device in "ab"] == [Grant.NEW, Grant.NEW]
    assert ledger.to_plain() == {"grants": {}}
    assert ask(ledger, "b", one) == [Grant.NEW]
    assert [ledger.peek("release-7", device, one, NOON) for device in "ab"] == [Grant.MAX_DEVICES, Grant.HELD]
    assert ledger.granted("release-7") == 1


def test_a_refusal_records_nothing() -> None:
    ledger = MemoryLedger()
    ask(ledger, "a", Limits(max_devices=0))
    assert ledger.to_plain() == {"grants": {}}


def test_a_time_without_a_zone_is_the_callers_error() -> None:
    ledger, naive = MemoryLedger(), NOON.replace(tzinfo=None)
    for call in (ledger.grant, ledger.peek):
        with pytest.raises(ValueError, match=r"^`now` needs a time zone$"):
            call("release-7", "a", FREE, naive)


def test_the_longest_period_and_the_first_moment_do_not_overflow() -> None:
    ledger, ever = MemoryLedger(), Limits(max_per_period=1, period=timedelta.max)
    assert ask(ledger, "ab", ever, datetime.min.replace(tzinfo=UTC)) == [Grant.NEW, Grant.MAX_PER_PERIOD]
    assert ask(ledger, "b", ever, datetime.max.replace(tzinfo=UTC)) == [Grant.MAX_PER_PERIOD]


def test_limits_of_a_rollout() -> None:
    plan = Rollout(buckets=5, max_devices=3, max_per_period=2, period=HOUR)
    assert Limits.of(plan) == Limits(max_devices=3, max_per_period=2, period=HOUR)


def test_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^`max_per_period` and `period` need each other$"):
        Limits(max_per_period=2)


def test_plain_data() -> None:
    ledger = MemoryLedger()
    ledger.grant("release-7", "b", FREE, NOON.astimezone(timezone(2 * HOUR)))
    ledger.grant("release-7", "a", FREE, NOON + timedelta(milliseconds=1500))
    ledger.grant("release-8", "a", FREE, None)
    assert ledger.to_plain() == {
        "grants": {
            "release-7": {"b": "2026-05-01T12:00:00Z", "a": "2026-05-01T12:00:01.500000Z"},
            "release-8": {"a": "0001-01-01T00:00:00Z"},
        },
    }


def test_plain_data_comes_back_in_any_order_of_fields() -> None:
    ledger = MemoryLedger()
    ask(ledger, "b", FREE, NOON)
    ask(ledger, "a", FREE, NOON + HOUR)
    again = MemoryLedger.from_plain(json.loads(json.dumps(ledger.to_plain(), sort_keys=True)))
    assert again.to_plain() == ledger.to_plain()
    assert ask(again, "ab", TWO_PER_HOUR, NOON + HOUR) == [Grant.HELD, Grant.HELD]
    assert ask(again, "cd", TWO_PER_HOUR, NOON + HOUR) == [Grant.NEW, Grant.MAX_PER_PERIOD]


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ([], "a ledger must be an object"),
        (["grants"], "a ledger must be an object"),
        ({}, "a ledger has the field `grants` and no other"),
        ({"grants": {}, "more": 1}, "a ledger has the field `grants` and no other"),
        ({"grants": []}, "`grants` must be an object"),
        ({"grants": {"": {}}}, "`grants` must have an id for each entry"),
        ({"grants": {"release-7": None}}, "the grants of `release-7` must be an object"),
        ({"grants": {"release-7": {7: "2026-05-01T12:00:00Z"}}}, "the grants of `release-7` must have an id for each entry"),
        ({"grants": {"release-7": {"a": 7}}}, "the grant of `a` needs an RFC 3339 time with a zone"),
        ({"grants": {"release-7": {"a": "noon"}}}, "the grant of `a` needs an RFC 3339 time with a zone"),
        ({"grants": {"release-7": {"a": "2026-05-01T12:00:00"}}}, "the grant of `a` needs an RFC 3339 time with a zone"),
    ],
)
def test_plain_data_of_another_shape_is_refused(plain: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"grant|ledger") as error:
        MemoryLedger.from_plain(plain)
    assert str(error.value) == message
