"""A ledger that remembers what it answered: when a limit was reached first, and whom it kept waiting."""

from dataclasses import dataclass, field
from datetime import datetime

from policy_lang.rollout.ledger import Grant, Limits, MemoryLedger

LIMITS = frozenset({Grant.MAX_DEVICES, Grant.MAX_PER_PERIOD})
"""The answers that a limit gives."""


@dataclass(slots=True)
class Refusals:
    """The devices that one limit of an update kept waiting.

    Attributes:
        first: when the limit was reached first.
        devices: the ids of the devices, each once however often it asked.
    """

    first: datetime | None
    devices: set[str] = field(default_factory=set)


class ObservedLedger:
    """Counts as a `MemoryLedger` does.

    Attributes:
        refusals: whom the limits kept waiting, by update and limit.
        may_open: whether a limit per period refused anything since this was last set to false; such a limit has room again later.
        is_closed: whether nothing is granted any more; then a question changes nothing.
    """

    def __init__(self) -> None:
        """Start without grants."""
        self.refusals: dict[tuple[str, Grant], Refusals] = {}
        self.may_open = False
        self.is_closed = False
        self._ledger = MemoryLedger()

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """Grant an update to a device, or say why not; see `Ledger.grant`."""
        if self.is_closed:
            return self.peek(update_id, device_id, limits, now)
        answer = self._ledger.grant(update_id, device_id, limits, now)
        if answer in LIMITS:
            self.may_open = self.may_open or answer is Grant.MAX_PER_PERIOD
            self.refusals.setdefault((update_id, answer), Refusals(now)).devices.add(device_id)
        return answer

    def peek(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What `grant` would answer, recording nothing."""
        return self._ledger.peek(update_id, device_id, limits, now)
