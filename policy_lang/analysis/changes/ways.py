"""The words of the search: results, masks, ways, and the world that is asked."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from policy_lang.analysis.changes.columns import Split
from policy_lang.types.core import Core

TRUE, FALSE, UNKNOWN = 1, 2, 4
ANYTHING = TRUE | FALSE | UNKNOWN

Results: TypeAlias = int
"""A set of results, the bits above."""

Masks: TypeAlias = dict[int, int]
"""For each place that matters, by its number, the candidates that do."""

Chosen: TypeAlias = tuple[tuple[int, int], ...]
"""Masks for some places, as a key."""


class Rank(NamedTuple):
    """What a way changes; the least is the best."""

    fixed: int
    places: int
    cost: float

    def plus(self, other: "Rank") -> "Rank":
        """Both changes."""
        return Rank(self.fixed + other.fixed, self.places + other.places, self.cost + other.cost)

    def minus(self, other: "Rank") -> "Rank":
        """The change without a part of it."""
        return Rank(self.fixed - other.fixed, self.places - other.places, self.cost - other.cost)


class Way(NamedTuple):
    """Candidates for some places, of which any may be taken.

    Attributes:
        rank: what the cheapest of them change.
        masks: the candidates.
        mark: a number that tells the way from others.
    """

    rank: Rank
    masks: Masks
    mark: int


class Row(NamedTuple):
    """A result of a part of a policy: with masks for all places but a last one, by which candidates of that it comes."""

    others: Chosen
    last: int
    mask: int
    results: Results


class ExhaustedError(Exception):
    """The search took all the steps that it may take."""


class World(Protocol):
    """What the search asks about a policy and a device."""

    def places_of(self, node: Core) -> Sequence[int]:
        """The places that a part of the policy reads."""
        ...

    def costs(self, place: int) -> Sequence[float]:
        """The cost of each candidate of a place, ascending; the first is the present value and costs nothing."""
        ...

    def is_fixed(self, place: int) -> bool:
        """Whether a place should be changed last."""
        ...

    def result(self, node: Core) -> Results:
        """The present result of a part of the policy."""
        ...

    def split(self, node: Core, chosen: Sequence[tuple[int, int]], last: int) -> Split:
        """The results of a part of the policy with some candidates chosen, for all candidates of a last place."""
        ...

    def price(self, node: Core) -> int:
        """How many steps it takes to evaluate a part for one candidate."""
        ...


NO_RANK = Rank(0, 0, 0.0)
NO_CHANGE = Way(NO_RANK, {}, 0)


def result_of(value: object) -> Results:
    """The bit of a value."""
    return TRUE if value is True else FALSE if value is False else UNKNOWN


def cheapest(mask: int) -> int:
    """The number of the cheapest candidate of a mask."""
    return (mask & -mask).bit_length() - 1
