"""The results of reports: frozen, without any engine, and each as JSON values by `to_plain`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy_lang.fleet.survey import Absent
from policy_lang.rollout.bucket import BUCKETS
from policy_lang.types.times import write_timestamp


@dataclass(frozen=True, slots=True)
class Counts:
    """How many devices a policy is true, false and unknown for.

    Attributes:
        matched: true.
        unmatched: false.
        unknown: unknown, so that they do not match either.
    """

    matched: int = 0
    unmatched: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All devices."""
        return self.matched + self.unmatched + self.unknown

    def to_plain(self) -> dict[str, int]:
        """As JSON values."""
        return {"matched": self.matched, "unmatched": self.unmatched, "unknown": self.unknown, "total": self.total}


@dataclass(frozen=True, slots=True)
class Cause:
    """What keeps a policy unknown.

    Attributes:
        property: the property as policies write it.
        missing: of the devices with an unknown result, those that do not have it.
        bad: those that have a value of it that is none of its type.
        alone: those where no other property is missing or bad.
    """

    property: str
    missing: int
    bad: int
    alone: int

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"property": self.property, "missing": self.missing, "bad": self.bad, "alone": self.alone}


@dataclass(frozen=True, slots=True)
class Slice:
    """The devices with one value of a property.

    Attributes:
        value: the value as text, or why there is none; None for all values that have no slice of their own.
        counts: what the policy says of them.
        values: how many values these are.
    """

    value: str | Absent | None
    counts: Counts
    values: int = 1

    @property
    def title(self) -> str:
        """What people call it."""
        if self.value is None:
            return f"{self.values:,} others"
        return f"({self.value.value})" if isinstance(self.value, Absent) else self.value or "(empty text)"

    def to_plain(self) -> dict[str, Any]:
        """As JSON values; what has no value is null, with `absent` saying why, or `others` how many values it stands for."""
        plain = {"value": self.value if isinstance(self.value, str) else None, **self.counts.to_plain()}
        if isinstance(self.value, Absent):
            plain["absent"] = self.value.value
        return plain if self.value is not None else {**plain, "others": self.values}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The devices by one property.

    Attributes:
        property: the property as policies write it.
        slices: the values with the most devices, then all others together.
    """

    property: str
    slices: tuple[Slice, ...]

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"property": self.property, "slices": [each.to_plain() for each in self.slices]}


@dataclass(frozen=True, slots=True)
class Samples:
    """The ids of some devices of each kind; always the same ones for the same fleet.

    Attributes:
        matched: devices that match.
        unmatched: devices that do not.
        unknown: devices for which the policy is unknown.
    """

    matched: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, list[str]]:
        """As JSON values."""
        return {"matched": [*self.matched], "unmatched": [*self.unmatched], "unknown": [*self.unknown]}


@dataclass(frozen=True, slots=True)
class Step:
    """How far a rollout has come at a time.

    Attributes:
        at: the time.
        share: the share of all devices that is let in, in millionths.
        devices: the devices that match and are let in, counted, not estimated.
        is_active: whether the rollout runs at that time.
    """

    at: datetime
    share: int
    devices: int
    is_active: bool = True

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.share / BUCKETS

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"at": write_timestamp(self.at), "percent": self.percent, "devices": self.devices, "active": self.is_active}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many devices of those that match the rollout lets in.

    Attributes:
        steps: over time where there is a ramp, a start or an end; one step otherwise.
        now: at the time of the report; nobody where the rollout does not run then.
        without_id: devices that match and have no usable id, so that no share below everybody lets them in.
        limits: the limits on grants in words, which no report counts; empty where there are none.
    """

    steps: tuple[Step, ...]
    now: Step
    without_id: int
    limits: tuple[str, ...] = ()

    @property
    def line(self) -> tuple[Step, ...]:
        """What a line over time goes through: the steps, and the time of the report where the rollout runs then."""
        steps = {step.at: step for step in (*self.steps, *((self.now,) if self.now.is_active else ()))}
        return tuple(steps[at] for at in sorted(steps))

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        steps = [step.to_plain() for step in self.steps]
        return {"now": self.now.to_plain(), "steps": steps, "without_id": self.without_id, "limits": [*self.limits]}


@dataclass(frozen=True, slots=True)
class Bar:
    """The devices at one version, before and after everyone has taken what the report gives them.

    Attributes:
        version: the version, or why there is none; None for all versions without a bar of their own.
        before: devices now.
        after: devices then.
    """

    version: str | Absent | None
    before: int
    after: int

    @property
    def title(self) -> str:
        """What people call it."""
        if self.version is None:
            return "other versions"
        return f"({self.version.value})" if isinstance(self.version, Absent) else self.version or "(empty text)"

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"version": self.title, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a policy does to a fleet.

    Attributes:
        name: the policy's file, or the id of its update.
        fleet: what the fleet is called.
        now: the time of the report.
        counts: how many devices match.
        causes: what keeps the policy unknown, the most frequent first.
        computed: devices where it is unknown though every property is known: a computation has no result.
        breakdowns: by the properties that were asked for.
        samples: some devices of each kind.
        reach: what the rollout of the update makes of it; None without one.
        adoption: the versions before and after; empty where the update's version is not known.
        text: the policy.
    """

    name: str
    fleet: str
    now: datetime
    counts: Counts
    causes: tuple[Cause, ...]
    computed: int
    breakdowns: tuple[Breakdown, ...]
    samples: Samples
    reach: Reach | None
    adoption: tuple[Bar, ...]
    text: str

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": "preview",
            "name": self.name,
            "fleet": self.fleet,
            "now": write_timestamp(self.now),
            **self.counts.to_plain(),
            "causes": [cause.to_plain() for cause in self.causes],
            "computed": self.computed,
            "by": [breakdown.to_plain() for breakdown in self.breakdowns],
            "samples": self.samples.to_plain(),
            "reach": None if self.reach is None else self.reach.to_plain(),
            "adoption": [bar.to_plain() for bar in self.adoption],
        }
