"""A ledger that blocks, and never on the thread of the event loop.

A check-in is first answered on the loop itself, in microseconds. Most of them never ask a ledger: no update with a limit is left
for the device. The first question of one that does ends this attempt, and the selection runs once more in a thread, where it may
wait for the database.
"""

from datetime import datetime
from threading import get_ident

from policy_lang.rollout.ledger import Grant, Ledger, Limits


class AskedOnLoopError(RuntimeError):
    """The ledger was asked on the thread of the event loop; select again in another one."""


class ThreadLedger:
    """A ledger for selectors that are used on the loop and in threads.

    Attributes:
        inner: the ledger that is asked.
    """

    def __init__(self, inner: Ledger) -> None:
        """Wrap a ledger; `enter_loop` says later which thread is the loop's."""
        self.inner = inner
        self._loop_thread = 0

    def enter_loop(self) -> None:
        """Note that this thread is the one of the event loop."""
        self._loop_thread = get_ident()

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """Grant an update to a device, or say why not; see `Ledger.grant`.

        Raises:
            AskedOnLoopError: this is the thread of the loop.
        """
        if get_ident() == self._loop_thread:
            raise AskedOnLoopError
        return self.inner.grant(update_id, device_id, limits, now)

    def peek(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What `grant` would answer, recording nothing; see `Ledger.peek`."""
        return self.inner.peek(update_id, device_id, limits, now)
