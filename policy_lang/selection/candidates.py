"""Which updates a device could get, in the order in which they are tried: the interface, and the plain scan that defines it.

The updates of one product are a group, sorted by ascending precedence; the position of an update is its bit in a mask, so that the
highest bit is the one to try first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Protocol, TypeAlias

from policy_lang.catalog.update import Update

Row: TypeAlias = list[Any]
"""An update of a small group: its key, what `Tests` says of it, and itself; a plain list, which unpacks fast."""

Tests: TypeAlias = list[Any]
"""Two entries for each update, what `Policy.share` gives; the first is None until the policy is first asked. Of what a catalog of
thousands holds, these are the objects that most check-ins touch, so the policy and the update behind them are left alone."""


class Group(Protocol):
    """The updates of one product; every implementation leaves the same candidates as `Scan`."""

    @property
    def updates(self) -> tuple[Update, ...]:
        """In ascending precedence."""
        ...

    @property
    def tests(self) -> Tests:
        """What the policies ask."""
        ...

    @property
    def newest(self) -> str:
        """The greatest key of the updates; empty where there are none."""
        ...

    @property
    def exact(self) -> int:
        """The updates whose policy is certainly true for a device that `likely` leaves them for, after all slots were asked."""
        ...

    @property
    def by_name(self) -> int:
        """The updates that ask for the product by its name, which `likely` takes as answered.

        None of them matches a device that sends a `productToken` in its place.
        """
        ...

    @property
    def rows(self) -> tuple[Row, ...] | None:
        """Where each update above the device's version is simply to be asked: these, newest first, without the paused ones.

        None where there are many, or where there are rollbacks.
        """
        ...

    def of(self, key: str) -> Iterator[Update]:
        """The candidates in descending precedence: greater versions, and those with `downgrade: allow` at any but that one.

        Args:
            key: the key of the device's version.
        """
        ...

    def likely(self, device: Mapping[str, Any], key: str) -> int:
        """The mask of the candidates that are not paused and whose policy may be true; none is left out whose policy is true.

        Args:
            device: what the device sent; its `product` is that of the group, or is missing.
            key: the key of its version.

        Returns:
            The mask; its complement, which is negative, where every policy is still to be asked, the exact ones too.
        """
        ...


class Candidates(Protocol):
    """Finds the updates of a product."""

    @property
    def groups(self) -> Mapping[str, Group]:
        """The updates by their product."""
        ...


class ScannedGroup:
    """Looks at every update.

    Attributes:
        updates: in ascending precedence.
        tests: what their policies ask.
    """

    exact = 0
    by_name = 0
    rows = None

    def __init__(self, updates: Iterable[Update]) -> None:
        """Sort the updates of one product."""
        self.updates = tuple(sorted(updates, key=attrgetter("version")))
        self.tests: Tests = [None, None] * len(self.updates)
        self.newest = self.updates[-1].version.key if self.updates else ""

    def of(self, key: str) -> Iterator[Update]:
        """The candidates, one after the other."""
        return (update for update in reversed(self.updates) if _is_candidate(update, key))

    def likely(self, device: Mapping[str, Any], key: str) -> int:  # noqa: ARG002  of their policies nothing is known
        """The candidates that are not paused."""
        found = (at for at, update in enumerate(self.updates) if not update.is_paused and _is_candidate(update, key))
        return ~sum(1 << at for at in found)


class Scan:
    """Groups without any index.

    Attributes:
        groups: by product.
    """

    def __init__(self, updates: Iterable[Update]) -> None:
        """Take the updates of a catalog."""
        self.groups = {product: ScannedGroup(group) for product, group in by_product(updates).items()}


def prepare(group: Group, at: int) -> Callable[..., bool]:
    """Make the test of an update ready; two threads that do so at once make the same."""
    made = group.updates[at].bound.share()
    group.tests[2 * at : 2 * at + 2] = made
    return made[0]


def prepare_row(row: Row) -> tuple[Callable[..., bool], tuple[Any, ...]]:
    """The same for an update of a small group: what it is called with, too."""
    update: Update = row[3]
    made = update.bound.share()
    row[1:3] = made
    return made


def by_product(updates: Iterable[Update]) -> dict[str, list[Update]]:
    """The updates of each product, in the order given."""
    products: dict[str, list[Update]] = {}
    for update in updates:
        products.setdefault(update.product, []).append(update)
    return products


def descending(mask: int) -> Iterator[int]:
    """The positions of the bits of a mask, highest first.

    >>> list(descending(0b1010))
    [3, 1]
    """
    while mask:
        at = mask.bit_length() - 1
        mask ^= 1 << at
        yield at


def _is_candidate(update: Update, key: str) -> bool:
    own = update.version.key
    return own > key or (update.allows_downgrade and own != key)
