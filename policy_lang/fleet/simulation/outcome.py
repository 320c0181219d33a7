"""What a simulation came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy_lang.types.times import write_timestamp


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that was reached.

    Attributes:
        limit: `max devices` or `max per period`.
        first: when it refused a device first.
        deferred: how many devices it refused at least once.
    """

    limit: str
    first: datetime
    deferred: int

    def to_plain(self) -> dict[str, Any]:
        """The limit as JSON values."""
        return {"limit": self.limit, "first": write_timestamp(self.first), "deferred": self.deferred}


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What became of one update.

    Attributes:
        id: the update.
        product: what it is for.
        version: the version that it brings.
        granted: how many devices it was offered to.
        installed: how often it was installed.
        failed: how often installing it failed.
        by_day: how many devices it was newly offered to on each day.
        first: when it was offered first; None if never.
        last: when it was last offered to a device that did not have the offer before.
        waiting: how many devices could still get it at the end, if time goes on and nothing else changes.
        bindings: the limits that were reached.
    """

    id: str
    product: str
    version: str
    granted: int
    installed: int
    failed: int
    by_day: tuple[int, ...]
    first: datetime | None
    last: datetime | None
    waiting: int
    bindings: tuple[Binding, ...]

    @property
    def completed(self) -> datetime | None:
        """When the last device got it; None where nobody did, or where some still can."""
        return None if self.waiting else self.last

    @property
    def state(self) -> str:
        """The day when the last device got it, for people; a word where there is none."""
        if self.completed is not None:
            return f"{self.completed:%Y-%m-%d}"
        return "open" if self.waiting else "never"

    def to_plain(self) -> dict[str, Any]:
        """The update as JSON values."""
        return {
            "update": self.id,
            "product": self.product,
            "version": self.version,
            "granted": self.granted,
            "installed": self.installed,
            "failed": self.failed,
            "by_day": list(self.by_day),
            "first": _text(self.first),
            "last": _text(self.last),
            "completed": _text(self.completed),
            "waiting": self.waiting,
            "limits": [each.to_plain() for each in self.bindings],
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """A fleet over some days.

    Attributes:
        start: the first moment.
        days: how many days of 24 hours.
        devices: how many devices there are.
        adoption: how many devices of each product have each version: at the start, then at the end of each day.
        updates: what became of each update, in the order of the catalog.
    """

    start: datetime
    days: int
    devices: int
    adoption: tuple[Mapping[str, Mapping[str, int]], ...]
    updates: tuple[UpdateOutcome, ...]

    def to_plain(self) -> dict[str, Any]:
        """The simulation as JSON values."""
        return {
            "start": write_timestamp(self.start),
            "days": self.days,
            "devices": self.devices,
            "adoption": [{product: dict(versions) for product, versions in day.items()} for day in self.adoption],
            "updates": [each.to_plain() for each in self.updates],
        }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else write_timestamp(moment)
