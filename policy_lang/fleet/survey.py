"""What can be asked of a fleet, whatever engine holds it.

A question about many devices is a row of *cells*. A cell has one value for each device: the result of a policy, the update that
it gets, a property. An engine tallies the rows: it counts how many devices have each combination of values. Everything in
`policy_lang.fleet.report` is made of tallies, so a report is the same on every engine that answers them.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple, Protocol, TypeAlias

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.columns import Names, path_of
from policy_lang.selection.model import Reason
from policy_lang.types.core import Fact
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import Version


class Absent(Enum):
    """Why a device has no value of a property; a plain enum, so that no text of a device equals it."""

    MISSING = "missing"
    BAD = "bad value"


class Nothing(Enum):
    """Why a device gets no update: the reasons of a decision, "no match" apart where an unknown policy is behind it.

    A plain enum, so that no id of an update equals it.
    """

    NO_PRODUCT = str(Reason.NO_PRODUCT)
    UNKNOWN_PRODUCT = str(Reason.UNKNOWN_PRODUCT)
    NO_VERSION = str(Reason.NO_VERSION)
    UP_TO_DATE = str(Reason.UP_TO_DATE)
    NO_MATCH = str(Reason.NO_MATCH)
    POLICY_UNKNOWN = "policy unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The result of a policy: True, False, or None for unknown.

    Attributes:
        policy: the policy.
        update: the update's metadata; a policy that is bound to an update ignores it.
        now: the evaluation time.
        roots: the values of the host's own roots.
    """

    policy: Policy
    update: Mapping[str, Any] | None = None
    now: datetime | None = None
    roots: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The update that a device gets, by its id, or a `Nothing`.

    Every device is asked as if it were the first: limits on the number of grants are the ledger's part, and are not reached, but
    that of nobody. A device without an id gets no limited update.

    Attributes:
        catalog: the updates.
        now: the evaluation time.
        roots: the values of the host's own roots.
    """

    catalog: Catalog
    now: datetime | None = None
    roots: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A property as text, as `show` has it, or an `Absent`.

    Attributes:
        path: the property, without the root.
    """

    path: Names


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Whether a property is known as a policy reads it: None, or an `Absent`.

    Attributes:
        fact: how the policy reads it.
        policy: the policy.
    """

    fact: Fact
    policy: Policy


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """When a growing share reaches a device: how many of the bounds are at or below its bucket; None without a usable id.

    Attributes:
        salt: the id of the update.
        bounds: ascending shares, in millionths.
    """

    salt: str
    bounds: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class IsCandidate:
    """Whether an update is a candidate for a device: the same product, and a version that lets it in. True or False.

    Attributes:
        update: the update.
        catalog: the catalog that it is from, for how versions are read.
    """

    update: Update
    catalog: Catalog


@dataclass(frozen=True, slots=True, eq=False)
class IsProduct:
    """Whether a device is of a product of a catalog. True or False.

    Attributes:
        product: the product, compared exactly.
        catalog: the catalog that has updates for it.
    """

    product: str
    catalog: Catalog


@dataclass(frozen=True, slots=True, eq=False)
class GoesBack:
    """Whether the update that a device gets is older than the version that it has. True or False.

    Attributes:
        chosen: the update that it gets.
    """

    chosen: Chosen


Cell: TypeAlias = Result | Chosen | Value | State | Stage | IsCandidate | IsProduct | GoesBack


class Assigned(NamedTuple):
    """One device and its update.

    Attributes:
        id: its id as text; None where it has none.
        product: its product as it was sent.
        version: its version as it was sent.
        update: the update that it gets, or why none.
    """

    id: str | None
    product: str | None
    version: str | None
    update: Update | Nothing


class Top(NamedTuple):
    """The most frequent values of a property.

    Attributes:
        counts: by the value and the value of the other cell: how many devices.
        others: all values that are not among them, by the value of the other cell.
        values: how many values these are.
    """

    counts: "Counter[tuple[str | Absent, Any]]"
    others: "Counter[Any]"
    values: int


class Survey(Protocol):
    """A fleet that answers questions."""

    @property
    def name(self) -> str:
        """What reports call the fleet."""
        ...

    def tally(self, cells: Sequence[Cell], where: Sequence[Cell] = ()) -> "Counter[tuple[Any, ...]]":
        """How many devices have each combination of values.

        Args:
            cells: what is asked of each device.
            where: counts only devices where all of these are true.

        Raises:
            UnsupportedError: the engine cannot answer exactly.
        """
        ...

    def top(self, value: Value, cell: Cell, most: int, where: Sequence[Cell] = ()) -> Top:
        """The devices by the values of a property that most of them have; a property may have as many values as there are devices.

        Args:
            value: the property.
            cell: what else is asked.
            most: how many values are counted one by one; devices without a value are counted besides.
            where: counts only devices where all of these are true.
        """
        ...

    def sample(self, cells: Sequence[Cell], size: int, where: Sequence[Cell] = ()) -> Mapping[tuple[Any, ...], tuple[str, ...]]:
        """The ids of some devices for each combination of values: those with the least MD5 of their id, so always the same ones.

        Args:
            cells: what is asked of each device.
            size: how many ids to give for each combination.
            where: takes only devices where all of these are true.
        """
        ...

    def assigned(self, chosen: Chosen) -> Iterator[Assigned]:
        """Each device with its update."""
        ...

    def write_assigned(self, chosen: Chosen, path: str, form: str) -> int | None:
        """Write each device with its update to a file, where the engine can do that itself.

        Args:
            chosen: the catalog.
            path: the file.
            form: `csv`, `json` for a line each, or `parquet`.

        Returns:
            How many devices; None where it cannot, and nothing was written.
        """
        ...


def top_of(counted: "Counter[tuple[Any, ...]]", most: int) -> Top:
    """The most frequent values of a tally of a property and another cell."""
    totals: Counter[str | Absent] = Counter()
    for (value, _), devices in counted.items():
        totals[value] += devices
    ranked = sorted((value for value in totals if isinstance(value, str)), key=lambda value: (-totals[value], value))
    kept = {*ranked[:most], *Absent}
    others: Counter[Any] = Counter()
    for (value, other), devices in counted.items():
        if value not in kept:
            others[other] += devices
    counts = Counter({(value, other): devices for (value, other), devices in counted.items() if value in kept})
    return Top(counts, others, max(len(ranked) - most, 0))


def property_path(text: str) -> Names:
    """The path of a property as people write it, with or without the root.

    >>> property_path("device.site.floor"), property_path("region")
    (('site', 'floor'), ('region',))
    """
    return path_of(text.removeprefix("device.") or text)


def show(value: Any) -> str:
    """A value of a property as text: what a device sent as a number and what it sent as text read the same.

    >>> show(True), show(5.0), show("eu"), show(["a", 1])
    ('true', '5', 'eu', '["a", 1]')
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float() | Version():
            return str(value)
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return write_duration(value)
        case _:
            return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
