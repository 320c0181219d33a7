from hypothesis import given
from hypothesis import strategies as st

from policy_lang.analysis.sets.orders import Bounds
from policy_lang.analysis.sets.states import (
    BAD,
    MISSING,
    NOWHERE,
    States,
    contains,
    intersection,
    is_disjoint,
    join,
    meet,
    merged,
    union,
    without,
)

ROWS = st.frozensets(st.integers(0, 9)).map(lambda bounds: tuple(sorted(bounds)))
STATES = st.builds(States, ROWS, st.integers(0, 3))


def members(bounds: Bounds) -> set[int]:
    assert list(bounds) == sorted(set(bounds))
    return {value for value in range(-1, 12) if contains(bounds, value)}


@given(ROWS, ROWS)
def test_the_algebra_of_bounds(left: Bounds, right: Bounds) -> None:
    assert members(meet(left, right)) == members(left) & members(right)
    assert members(join(left, right)) == members(left) | members(right)


@given(st.lists(ROWS, max_size=5))
def test_the_union_of_many(rows: list[Bounds]) -> None:
    assert members(merged(rows)) == set().union(*map(members, rows))


@given(ROWS, ROWS)
def test_difference(left: Bounds, right: Bounds) -> None:
    part = meet(left, right)
    assert members(without(left, part)) == members(left) - members(right)


@given(STATES, STATES)
def test_sets_of_states(left: States, right: States) -> None:
    both = intersection(left, right)
    assert (members(both.bounds), both.flags) == (members(left.bounds) & members(right.bounds), left.flags & right.flags)
    assert (both is left) == (both == left)
    assert is_disjoint(left, right) == (both == NOWHERE)
    either = union(left, right)
    assert (members(either.bounds), either.flags) == (members(left.bounds) | members(right.bounds), left.flags | right.flags)


def test_flags_are_apart() -> None:
    assert is_disjoint(States((1, 2), MISSING), States((2, 3), BAD))
