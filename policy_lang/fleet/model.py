"""What a fleet answers, whatever engine holds it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Now, Policy
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.report.decisions import Comparison
from policy_lang.fleet.survey import Survey


class Counts(NamedTuple):
    """How many devices a policy matches.

    Attributes:
        matched: the policy is true.
        not_matched: the policy is false.
        unknown: the policy is unknown, which does not match.
    """

    matched: int
    not_matched: int
    unknown: int

    @property
    def devices(self) -> int:
        """All of them."""
        return sum(self)


@dataclass(frozen=True, slots=True)
class Given:
    """What a question assumes besides the devices.

    Attributes:
        update: the update's metadata, for policies that are not bound to one.
        now: the time; without one everything that depends on it is unknown.
        roots: the values of the host's own roots.
    """

    update: Mapping[str, Any] | None = None
    now: Now = None
    roots: Mapping[str, Any] | None = None


NOTHING_GIVEN = Given()


class Assigned(NamedTuple):
    """What a device would get.

    Attributes:
        properties: the values that were asked for, the id first unless other properties were named.
        update: the id of the update, or None.
    """

    properties: tuple[Any, ...]
    update: str | None


class Fleet(Protocol):
    """A table of devices that answers questions about policies.

    Every method may raise `UnsupportedError`, where a policy cannot be answered exactly, and `ValueError` where a property has no
    column or `given.now` is no time. Properties are named without the root: `region`, `site.floor`.

    Attributes:
        columns: where the properties are stored.
    """

    columns: Columns

    @property
    def devices(self) -> int:
        """How many devices there are."""
        ...

    def missing(self, policy: Policy, given: Given = NOTHING_GIVEN) -> tuple[str, ...]:
        """The properties that a policy reads and the table does not have; they are unknown for every device."""
        ...

    def count(self, policy: Policy, given: Given = NOTHING_GIVEN) -> Counts:
        """How many devices a policy matches."""
        ...

    def count_by(self, policy: Policy, by: str, given: Given = NOTHING_GIVEN) -> dict[Any, Counts]:
        """The same for each value of a property; None for devices without it."""
        ...

    def matching(
        self, policy: Policy, given: Given = NOTHING_GIVEN, *, properties: Sequence[str] = ("id",), limit: int | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The devices that a policy matches, as the values of some properties."""
        ...

    def answers(
        self, policies: Sequence[Policy], given: Given = NOTHING_GIVEN, *, properties: Sequence[str] = ("id",)
    ) -> Iterator[tuple[Any, ...]]:
        """For each device the values of some properties, then true, false or None for each policy."""
        ...

    def assign(self, catalog: Catalog, given: Given = NOTHING_GIVEN, *, properties: Sequence[str] = ("id",)) -> Iterator[Assigned]:
        """For each device the update that it would get."""
        ...

    def count_assigned(self, catalog: Catalog, given: Given = NOTHING_GIVEN) -> dict[str | None, int]:
        """How many devices would get each update; None for those that get none."""
        ...

    def survey(self, name: str = "the fleet") -> Survey:
        """The fleet as reports ask it, under a name."""
        ...

    def diff(self, old: Catalog, new: Catalog, now: datetime) -> Comparison:
        """What changes for the devices when a catalog takes the place of another."""
        ...

    def close(self) -> None:
        """Let go of the engine."""
        ...

    def __enter__(self) -> Self:
        """For `with`."""
        ...

    def __exit__(self, *_: object) -> None:
        """Let go of the engine."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a fleet goes in Python.

    Attributes:
        most_distinct: how many distinct values are decided in Python at most, for operations that the engine cannot do.
        most_written: how many of them stand in the SQL itself; more become a temporary table. None is what the engine does best.
    """

    most_distinct: int = 1_000_000
    most_written: int | None = None
