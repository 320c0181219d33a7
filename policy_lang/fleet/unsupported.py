"""The refusal: what an engine cannot answer exactly is named, never approximated."""

from policy_lang.compiler.policy import Policy
from policy_lang.fleet.values import Deferral
from policy_lang.source import Location

_START = Location(1, 1)


class UnsupportedError(ValueError):
    """A policy cannot be asked of an engine exactly.

    Attributes:
        operation: what the engine cannot do, in words.
        location: where that stands in the policy.
    """

    def __init__(self, message: str, operation: str = "", location: Location = _START) -> None:
        """Take a message that says it all; engines that hand an error on make it again from its message alone."""
        super().__init__(message, operation, location)
        self.operation = operation
        self.location = location

    def __str__(self) -> str:
        """The message."""
        return str(self.args[0])


def unsupported(engine: str, policy: Policy, deferral: Deferral, reason: str, remedy: str) -> UnsupportedError:
    """The error for an operation.

    Args:
        engine: the name of the engine.
        policy: the policy.
        deferral: the node that is to blame.
        reason: why its values cannot be looked up either.
        remedy: what to do about it.
    """
    location = policy.source.location(deferral.node.span.start)
    place = f"{policy.source.name}:{location.line}:{location.column}"
    blamed = f"{engine} cannot decide `{_text(policy, deferral)}` exactly ({deferral.what})"
    return UnsupportedError(f"{place}: {blamed}, {reason}; {remedy}", deferral.what, location)


_LONGEST = 60


def _text(policy: Policy, deferral: Deferral) -> str:
    span = deferral.node.span
    text = " ".join(policy.text[span.start : span.end].split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
