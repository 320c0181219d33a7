"""What a selection answers: the decision, why, and on request each candidate with the gate that stopped it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, final

from policy_lang.catalog.update import Update
from policy_lang.compiler.explain import Explanation
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
        detail: the same in a sentence for people.
    """

    update: Update
    gate: Gate
    detail: str
    _checkin: CheckIn = field(repr=False)

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

    def detail(self, reason: Reason, offered: Update | None) -> str:
        """The reason in a sentence."""
        ...

    def steps(self, offered: Update | None) -> tuple[Step, ...]:
        """The candidates that were tried, ending with the one that was offered."""
        ...


@final
class Decision:
    """What a device gets, and why.

    Attributes:
        update: the update that is offered, or None.
        reason: why.
    """

    __slots__ = ("_account", "_trace", "reason", "update")

    def __init__(self, update: Update | None, reason: Reason, account: Account) -> None:
        """Keep the decision; what it says about itself is worked out when it is asked."""
        self.update = update
        self.reason = reason
        self._account = account
        self._trace: tuple[Step, ...] | None = None

    @property
    def detail(self) -> str:
        """The reason in one sentence for people."""
        return self._account.detail(self.reason, self.update)

    @property
    def trace(self) -> tuple[Step, ...]:
        """Each candidate in the order in which it was tried, with the gate that stopped it; the last one is the one offered.

        The trace is worked out from the device when it is first asked for, so the device must not have been changed since. What
        the ledger answered was recorded with the decision; it is not asked again.
        """
        if self._trace is None:
            self._trace = self._account.steps(self.update)
        return self._trace

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
