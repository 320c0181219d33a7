"""What a selection answers: the decision, why, and on request each candidate with the gate that stopped it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from typing import Any, Protocol, final

from policy_lang.catalog.update import Update
from policy_lang.compiler.explain import Explanation
from policy_lang.rollout.ledger import Grant
from policy_lang.selection.checkin import CheckIn


class Reason(StrEnum):
    """Why a device gets an update, or none."""

    OFFERED = "offered"
    NO_PRODUCT = "no product"
    UNKNOWN_PRODUCT = "unknown product"
    NO_VERSION = "no version"
    UP_TO_DATE = "up to date"
    NO_MATCH = "no match"


class Gate(StrEnum):
    """What stopped a candidate, in the order in which the gates are asked; `OFFERED` where nothing did."""

    PAUSED = "paused"
    NO_TIME = "no time"
    NOT_STARTED = "not started"
    ENDED = "ended"
    POLICY_FALSE = "policy false"
    POLICY_UNKNOWN = "policy unknown"
    ROLLOUT_UNKNOWN = "rollout unknown"
    OUTSIDE_ROLLOUT = "outside rollout"
    NO_DEVICE_ID = "no device id"
    MAX_DEVICES = "max devices"
    MAX_PER_PERIOD = "max per period"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Step:
    """One candidate that was tried.

    Attributes:
        update: the candidate.
        gate: what stopped it, or `Gate.OFFERED`.
    """

    update: Update
    gate: Gate
    _checkin: CheckIn = field(repr=False)
    _sentence: Callable[[], str] = field(repr=False, compare=False)

    @property
    def detail(self) -> str:
        """What stopped it, in a sentence for people."""
        return self._sentence()

    @property
    def explanation(self) -> Explanation:
        """The value of every part of the policy for the device, also where an earlier gate stopped the candidate."""
        device, now, roots = self._checkin
        return self.update.bound.explain(device, now=now, roots=roots)

    def to_plain(self) -> dict[str, Any]:
        """The step as JSON values, the explanation included."""
        return {
            "update": self.update.id,
            "version": str(self.update.version),
            "gate": str(self.gate),
            "detail": self.detail,
            "explanation": self.explanation.to_plain(),
        }


class Account(Protocol):
    """What a decision can say about itself when it is asked; see `policy_lang.selection.trace`."""

    def detail(self, reason: Reason, offered: Update | None, given: Any) -> str:
        """The reason in a sentence."""
        ...

    def steps(self, offered: Update | None, given: Any) -> tuple[Step, ...]:
        """The candidates that were tried, ending with the one that was offered."""
        ...


@final
class Decision(tuple[Any, ...]):
    """What a device gets, and why.

    One is made for every check-in, so it is a tuple: the update, the reason, who accounts for it, and what it was made from. That
    takes less time than an object with attributes, or than a tuple in a tuple.

    Attributes:
        update: the update that is offered, or None.
        reason: why.
    """

    __slots__ = ()
    update: Update | None = property(itemgetter(0))  # type: ignore[assignment]  # a property in C
    reason: Reason = property(itemgetter(1))  # type: ignore[assignment]

    @property
    def detail(self) -> str:
        """The reason in one sentence for people."""
        account: Account = self[2]
        return account.detail(self.reason, self.update, self[3:])

    @property
    def trace(self) -> tuple[Step, ...]:
        """Each candidate in the order in which it was tried, with the gate that stopped it; the last one is the one offered.

        The trace is worked out from the device when it is asked for, so the device must not have been changed since. What the
        ledger answered was recorded with the decision; it is not asked again.
        """
        account: Account = self[2]
        return account.steps(self.update, self[3:])

    @property
    def grants(self) -> Mapping[str, Grant]:
        """What the ledger answered for this decision, by the id of the update; empty where no limit was met."""
        return self[-1] or {}

    @property
    def offer(self) -> Mapping[str, str] | None:
        """What is sent to the device: `url`, `checksum`, `update` (the id) and `version`; None where it gets nothing."""
        update = self.update
        if update is None:
            return None
        return {"url": update.url, "checksum": update.checksum, "update": update.id, "version": str(update.version)}

    def to_plain(self, *, trace: bool = False) -> dict[str, Any]:
        """The decision as JSON values: `reason`, `detail`, the fields of the offer (null where there is none), and the trace.

        Args:
            trace: whether each candidate is listed too, with the explanation of its policy.
        """
        offer = self.offer or dict.fromkeys(("url", "checksum", "update", "version"))
        plain = {"reason": str(self.reason), "detail": self.detail, **offer}
        return {**plain, "trace": [step.to_plain() for step in self.trace]} if trace else plain

    def __repr__(self) -> str:
        """The decision in a form for debugging."""
        return f"Decision({self.reason}{'' if self.update is None else f', {self.update.id}'})"
