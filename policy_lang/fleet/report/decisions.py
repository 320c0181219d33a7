"""The results of reports about catalogs: who gets which update, and what a change of the catalog changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy_lang.fleet.report.model import Bar, Breakdown, Cause, Counts
from policy_lang.fleet.survey import Nothing
from policy_lang.types.times import write_timestamp

UNKNOWN = frozenset({Nothing.NO_PRODUCT, Nothing.NO_VERSION, Nothing.POLICY_UNKNOWN})
"""The reasons for no update that come from data that a device did not send properly."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An update and how many devices get it.

    Attributes:
        update: its id.
        product: its product.
        version: the version that it brings.
        devices: how many devices get it.
    """

    update: str
    product: str
    version: str
    devices: int

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"update": self.update, "product": self.product, "version": self.version, "devices": self.devices}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which update how many devices get.

    Attributes:
        name: the catalog's file.
        fleet: what the fleet is called.
        now: the time of the report; None for unknown.
        offers: each update of the catalog, in its order, those that nobody gets too.
        none: how many devices get nothing, by reason.
    """

    name: str
    fleet: str
    now: datetime | None
    offers: tuple[Offer, ...]
    none: tuple[tuple[Nothing, int], ...]

    @property
    def counts(self) -> Counts:
        """Devices that get an update, that get none, and that get none because of what they did not send."""
        unknown = sum(devices for reason, devices in self.none if reason in UNKNOWN)
        return Counts(sum(offer.devices for offer in self.offers), sum(devices for _, devices in self.none) - unknown, unknown)

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": "assignment",
            "name": self.name,
            "fleet": self.fleet,
            "now": None if self.now is None else write_timestamp(self.now),
            **self.counts.to_plain(),
            "updates": [offer.to_plain() for offer in self.offers],
            "none": {reason.value: devices for reason, devices in self.none},
        }


@dataclass(frozen=True, slots=True)
class Funnel:
    """How the devices of its product come to one update.

    Attributes:
        offer: the update, and how many devices get it in the end; newer updates come first.
        counts: what its policy says of the candidates: the devices of the product whose version lets them in.
        admitted: those of the matching ones that the rollout lets in at the time of the report.
        gate: what stops everybody, such as `paused`; empty where nothing does.
        causes: what keeps the policy unknown, the most frequent first; worked out for the updates with the most unknown results.
    """

    offer: Offer
    counts: Counts
    admitted: int
    gate: str
    causes: tuple[Cause, ...]

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            **self.offer.to_plain(),
            "candidates": self.counts.total,
            "matched": self.counts.matched,
            "unmatched": self.counts.unmatched,
            "unknown": self.counts.unknown,
            "admitted": self.admitted,
            "gate": self.gate or None,
            "causes": [cause.to_plain() for cause in self.causes],
        }


@dataclass(frozen=True, slots=True)
class Growth:
    """How the rollout of an update grows.

    Attributes:
        update: its id.
        points: the time, the percent of all devices, and the matching candidates that are let in, counted.
    """

    update: str
    points: tuple[tuple[datetime, float, int], ...]

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        points = [{"at": write_timestamp(at), "percent": percent, "devices": devices} for at, percent, devices in self.points]
        return {"update": self.update, "points": points}


@dataclass(frozen=True, slots=True)
class CatalogPreview:
    """What a catalog does to a fleet.

    Attributes:
        assignment: which update how many devices get.
        funnels: how they come to it, update by update.
        breakdowns: by the properties that were asked for: devices with an update, without, and without for want of data.
        samples: the ids of some devices for each update, and for each reason for none.
        growth: the rollouts that change with time.
        adoption: the versions before and after, for each product.
    """

    assignment: Assignment
    funnels: tuple[Funnel, ...]
    breakdowns: tuple[Breakdown, ...]
    samples: tuple[tuple[str, tuple[str, ...]], ...]
    growth: tuple[Growth, ...]
    adoption: tuple[tuple[str, tuple[Bar, ...]], ...]

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            **self.assignment.to_plain(),
            "kind": "catalog preview",
            "updates": [funnel.to_plain() for funnel in self.funnels],
            "by": [breakdown.to_plain() for breakdown in self.breakdowns],
            "samples": {name: [*ids] for name, ids in self.samples},
            "growth": [each.to_plain() for each in self.growth],
            "adoption": [{"product": product, "versions": [bar.to_plain() for bar in bars]} for product, bars in self.adoption],
        }


@dataclass(frozen=True, slots=True)
class Move:
    """Devices whose result goes from one thing to another.

    Attributes:
        before: what they get with the old one: an update, a reason, or the result of a policy.
        after: what they get with the new one.
        devices: how many.
        kind: `gained`, `lost`, `changed`, or `unchanged`.
    """

    before: str
    after: str
    devices: int
    kind: str

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"from": self.before, "to": self.after, "devices": self.devices, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes for a fleet when one policy or catalog takes the place of another.

    Attributes:
        old: the file of the old one.
        new: the file of the new one.
        fleet: what the fleet is called.
        now: the time of the report.
        before: what the old one says.
        after: what the new one says.
        gained: devices that had nothing and get something; for policies: that did not match and do.
        lost: devices that had something and get nothing.
        changed: devices that get another update, or the same one with another version.
        lowered: of the changed ones, those whose update is older than before.
        downgraded: devices that are sent back behind their own version, and were not before.
        moves: the from-to table, the most devices first; without what stays the same.
        samples: the ids of some devices that gain, lose, change.
    """

    old: str
    new: str
    fleet: str
    now: datetime
    before: Counts
    after: Counts
    gained: int
    lost: int
    changed: int
    lowered: int
    downgraded: int
    moves: tuple[Move, ...]
    samples: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def total(self) -> int:
        """All devices."""
        return self.after.total

    @property
    def unchanged(self) -> int:
        """Devices for which nothing changes, but perhaps the reason for nothing."""
        return self.total - self.gained - self.lost - self.changed

    def measures(self) -> dict[str, int]:
        """What gates may ask for."""
        return {
            "gained": self.gained,
            "lost": self.lost,
            "changed": self.changed,
            "lowered": self.lowered,
            "downgraded": self.downgraded,
            "matched": self.after.matched,
            "unknown": self.after.unknown,
        }

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": "comparison",
            "old": self.old,
            "new": self.new,
            "fleet": self.fleet,
            "now": write_timestamp(self.now),
            "total": self.total,
            "unchanged": self.unchanged,
            **self.measures(),
            "before": self.before.to_plain(),
            "after": self.after.to_plain(),
            "moves": [move.to_plain() for move in self.moves],
            "samples": {name: [*ids] for name, ids in self.samples},
        }
