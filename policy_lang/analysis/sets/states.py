"""Sets of the states that a property can be in, and the algebra of bounds beneath them.

A row of bounds is the set of values from the first bound on and before the second, from the third on and before the fourth, and so
forth. Each set has exactly one row, so `==` is equality of sets.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from policy_lang.analysis.sets.orders import Bounds

MISSING = 1
"""The property is missing or `null`; its value is then the schema's default, or unknown."""

BAD = 2
"""The property is there and cannot be decoded; or a function has no result. The value is unknown."""


class States(NamedTuple):
    """Some of the states of a variable.

    Attributes:
        bounds: the values.
        flags: `MISSING` and `BAD`, as far as they are among them.
    """

    bounds: Bounds
    flags: int


NOWHERE = States((), 0)


def meet(left: Bounds, right: Bounds) -> Bounds:
    """The values in both sets.

    >>> meet((1, 5, 8), (3, 9))
    (3, 5, 8, 9)
    """
    if left == right:
        return left
    met: list[Any] = []
    at = other = 0
    ends, other_ends = len(left), len(right)
    while at < ends and other < other_ends:
        here, there = left[at], right[other]
        if here < there:
            at += 1
            bound = here
        elif there < here:
            other += 1
            bound = there
        else:
            at += 1
            other += 1
            bound = here
        # INVARIANT: a bound with an odd number is where a set begins, so it is inside while an odd number has been passed.
        if (at & other & 1) != (len(met) & 1):
            met.append(bound)
    if at < ends and other & 1:
        met.extend(left[at:])
    elif other < other_ends and at & 1:
        met.extend(right[other:])
    return tuple(met)


def join(left: Bounds, right: Bounds) -> Bounds:
    """The values in at least one of the sets.

    >>> join((1, 5), (3, 9, 12))
    (1, 9, 12)
    """
    if not left or left == right:
        return right
    return merged((left, right)) if right else left


def merged(sets: Iterable[Bounds]) -> Bounds:
    """The values in at least one of many sets."""
    changes = sorted(((bound, number & 1) for each in sets for number, bound in enumerate(each)), key=_bound)
    row: list[Any] = []
    depth = 0
    for at, (bound, is_end) in enumerate(changes):
        depth += -1 if is_end else 1
        if at + 1 < len(changes) and changes[at + 1][0] == bound:
            continue
        if (depth > 0) != (len(row) & 1):
            row.append(bound)
    return tuple(row)


def _bound(change: tuple[Any, int]) -> Any:
    return change[0]


def without(everything: Bounds, part: Bounds) -> Bounds:
    """The values of the first set that are not in the second; the first bound of the first set is the first value of its type."""
    if not part:
        return everything
    return meet(everything, part[1:] if part[0] == everything[0] else (everything[0], *part))


def contains(bounds: Bounds, value: Any) -> bool:
    """Whether a value is in the set."""
    return bool(sum(not value < bound for bound in bounds) & 1)


def intersection(left: States, right: States) -> States:
    """The states in both sets; the left set itself where all of it is in the right one."""
    flags = left.flags & right.flags
    bounds = meet(left.bounds, right.bounds) if left.bounds and right.bounds else ()
    return left if flags == left.flags and bounds == left.bounds else States(bounds, flags)


def union(left: States, right: States) -> States:
    """The states in at least one of the sets."""
    return States(join(left.bounds, right.bounds), left.flags | right.flags)


def is_disjoint(left: States, right: States) -> bool:
    """Whether no state is in both sets."""
    return not left.flags & right.flags and not (left.bounds and right.bounds and meet(left.bounds, right.bounds))
