from datetime import UTC, datetime, timedelta

from policy_lang.fleet.simulation.observing import ObservedLedger
from policy_lang.rollout.ledger import Grant, Limits

_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_ONE = Limits(max_devices=1)
_ONE_A_DAY = Limits(max_per_period=1, period=timedelta(days=1))


def test_refusals_are_remembered_once_for_each_device() -> None:
    ledger = ObservedLedger()
    answers = [ledger.grant("u", device, _ONE, _NOW + timedelta(hours=at)) for at, device in enumerate(["a", "b", "c", "b", "a"])]
    assert answers == [Grant.NEW, Grant.MAX_DEVICES, Grant.MAX_DEVICES, Grant.MAX_DEVICES, Grant.HELD]
    refusals = ledger.refusals["u", Grant.MAX_DEVICES]
    assert (refusals.first, refusals.devices) == (_NOW + timedelta(hours=1), {"b", "c"})
    assert not ledger.may_open


def test_a_limit_per_period_may_open() -> None:
    ledger = ObservedLedger()
    ledger.grant("u", "a", _ONE_A_DAY, _NOW)
    before = ledger.may_open
    assert ledger.grant("u", "b", _ONE_A_DAY, _NOW) is Grant.MAX_PER_PERIOD
    assert (before, ledger.may_open) == (False, True)
    assert ledger.grant("u", "b", _ONE_A_DAY, _NOW + timedelta(days=1)) is Grant.NEW


def test_a_closed_ledger_grants_nothing() -> None:
    ledger = ObservedLedger()
    ledger.is_closed = True
    assert [ledger.grant("u", device, _ONE, _NOW) for device in "ab"] == [Grant.NEW, Grant.NEW]
    assert ledger.peek("u", "a", _ONE, _NOW) is Grant.NEW
