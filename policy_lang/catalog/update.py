"""One update of a catalog: validated, frozen, with its policy compiled and bound to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from policy_lang.compiler.policy import Policy
from policy_lang.rollout.plan import Rollout
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import Version

EVERYBODY = Rollout()
"""The rollout of an update that says nothing about it."""


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """An update that was read from a catalog; two updates are the same only if they are one object.

    Attributes:
        id: its name, unique in the catalog; the salt of its rollout.
        product: the product that it is for, compared exactly.
        version: the version that it brings.
        policy: which devices it may go to.
        url: where its image is, over https.
        checksum: the SHA-256 of the image, 64 hex digits in lower case.
        description: what it is, for people.
        channel: its channel, such as `beta`, for policies.
        published: when it was published, in UTC.
        is_paused: whether it is held back.
        allows_downgrade: whether devices with a newer version get it too.
        rollout: how it spreads over the fleet.
        facts: what policies see as `update`, read-only.
        bound: the policy with `facts` filled in, so that it needs a device and a time only.

    Source: docs/spec.md, "Catalogs".
    """

    id: str
    product: str
    version: Version
    policy: Policy
    url: str
    checksum: str
    description: str | None = None
    channel: str | None = None
    published: datetime | None = None
    is_paused: bool = False
    allows_downgrade: bool = False
    rollout: Rollout = EVERYBODY
    facts: Mapping[str, Any] = field(init=False, repr=False)
    bound: Policy = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Bind the policy once, for all the devices to come."""
        facts = self._facts()
        object.__setattr__(self, "facts", MappingProxyType(facts))
        object.__setattr__(self, "bound", self.policy.bind(facts, lazily=True))

    def to_plain(self) -> dict[str, Any]:
        """The update as JSON values; what it does not say is left out, times are RFC 3339 in UTC, durations ISO 8601."""
        plain = {**self._facts(), "policy": self.policy.text, "description": self.description}
        plain["paused"] = self.is_paused
        plain["downgrade"] = "allow" if self.allows_downgrade else "deny"
        plain["rollout"] = _rollout(self.rollout) or None
        return {name: value for name, value in plain.items() if value is not None}

    def _facts(self) -> dict[str, Any]:
        """What policies may read, as a device would send it; what is absent is missing."""
        facts = {
            "id": self.id,
            "product": self.product,
            "version": str(self.version),
            "url": self.url,
            "checksum": self.checksum,
            "channel": self.channel,
            "published": None if self.published is None else write_timestamp(self.published),
        }
        return {name: value for name, value in facts.items() if value is not None}


def _rollout(rollout: Rollout) -> dict[str, Any]:
    """The fields of a rollout as a catalog has them."""
    fields = {
        "percent": _percent(rollout.buckets) if rollout.has_percent else None,
        "ramp": None if rollout.ramp is None else write_duration(rollout.ramp),
        "start": None if rollout.start is None else write_timestamp(rollout.start),
        "end": None if rollout.end is None else write_timestamp(rollout.end),
        "max_devices": rollout.max_devices,
        "max_per_period": rollout.max_per_period,
        "period": None if rollout.period is None else write_duration(rollout.period),
        "pause_on_failures": rollout.pause_on_failures,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _percent(buckets: int) -> int | float:
    """Millionths as a percent, a whole number where it is one."""
    return buckets // 10_000 if buckets % 10_000 == 0 else buckets / 10_000
