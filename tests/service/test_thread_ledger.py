from threading import Thread

import pytest
from stores import NOW

from policy_lang.rollout.ledger import Grant, Limits, MemoryLedger
from policy_lang.service.thread_ledger import AskedOnLoopError, ThreadLedger

ONE = Limits(max_devices=1)


def test_the_thread_of_the_loop_grants_nothing_and_all_others_do() -> None:
    ledger = ThreadLedger(MemoryLedger())
    ledger.enter_loop()
    with pytest.raises(AskedOnLoopError):
        ledger.grant("release-7", "a", ONE, NOW)
    answers: list[Grant] = []
    thread = Thread(target=lambda: answers.extend(ledger.grant("release-7", device, ONE, NOW) for device in "aab"))
    thread.start()
    thread.join()
    assert answers == [Grant.NEW, Grant.HELD, Grant.MAX_DEVICES]
    assert ledger.peek("release-7", "b", ONE, NOW) is Grant.MAX_DEVICES


def test_before_there_is_a_loop_every_thread_grants() -> None:
    assert ThreadLedger(MemoryLedger()).grant("release-7", "a", ONE, NOW) is Grant.NEW
