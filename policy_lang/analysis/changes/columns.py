"""A property's candidates as a column: comparing all of them with a constant is one look-up.

Most parts of a policy compare one property with a constant. Large policies have hundreds of them and as many candidates, so these
are not evaluated one by one: equality is a look-up, and order a bisection among the values sorted.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from policy_lang.types.core import Compare, Comparison, Constant, Core, Fact, In
from policy_lang.versions.version import Version


class Column(NamedTuple):
    """The values of one property's candidates.

    Attributes:
        equal: for each value, the mask of the candidates that have it.
        unknown: the mask of the candidates that are no value.
        ascending: the values in order, versions by their keys.
        before: for each position in that order, the mask of the candidates before it.
    """

    equal: dict[Any, int]
    unknown: int
    ascending: list[Any]
    before: list[int]

    @property
    def known(self) -> int:
        """The mask of the candidates that are values."""
        return self.before[-1]


class Split(NamedTuple):
    """The masks of the candidates for which a part is true, false and unknown."""

    true: int
    false: int
    unknown: int


def column(values: Sequence[Any]) -> Column:
    """The column of some values, None for unknown; they are of one kind and can be sorted."""
    equal: dict[Any, int] = {}
    unknown = 0
    for at, value in enumerate(values):
        if value is None:
            unknown |= 1 << at
        else:
            key = _key(value)
            equal[key] = equal.get(key, 0) | 1 << at
    ascending = sorted(equal)
    before = [0]
    for key in ascending:
        before.append(before[-1] | equal[key])
    return Column(equal, unknown, ascending, before)


def property_of(node: Core) -> Fact | None:
    """The property of a part that compares one with a constant; None for every other part."""
    match node:
        case Compare(_, Fact() as fact, Constant(value)) | Compare(_, Constant(value), Fact() as fact) if value is not None:
            return fact
        case In(Fact() as fact, Constant(value)) if value is not None and None not in value:
            return fact
        case _:
            return None


def split(node: Core, values: Column) -> Split:
    """The results of a part that `property_of` knows, for all candidates of its property."""
    match node:
        case In(_, Constant(items)):
            true = reduce(or_, (values.equal.get(_key(item), 0) for item in items), 0)
        case Compare(Comparison.EQUAL, Fact(), Constant(value)) | Compare(Comparison.EQUAL, Constant(value), Fact()):
            true = values.equal.get(_key(value), 0)
        case Compare(Comparison.LESS, Fact(), Constant(value)):
            true = values.before[bisect_left(values.ascending, _key(value))]
        case Compare(Comparison.LESS, Constant(value), Fact()):
            true = values.known & ~values.before[bisect_right(values.ascending, _key(value))]
        case _:
            raise TypeError(node)  # INVARIANT: callers ask `property_of` first
    return Split(true, values.known & ~true, values.unknown)


def _key(value: Any) -> Any:
    return value.key if isinstance(value, Version) else value
