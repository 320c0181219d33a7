"""Formulas about the states of variables: conjunctions and disjunctions of memberships and relations, without negation."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeAlias

from policy_lang.analysis.sets.states import NOWHERE, States, merged


class Relation(IntEnum):
    """What two known values are to each other."""

    EQUAL = 0
    DIFFERENT = 1
    LESS = 2
    AT_MOST = 3


class Member(NamedTuple):
    """A variable is in one of some states."""

    variable: int
    states: States
    mask: int


class Related(NamedTuple):
    """Two variables are known, and related so."""

    relation: Relation
    left: int
    right: int
    mask: int


class All(NamedTuple):
    """Every one of some formulas holds."""

    items: "tuple[Formula, ...]"
    mask: int


class Some(NamedTuple):
    """At least one of some formulas holds."""

    items: "tuple[Formula, ...]"
    mask: int


Formula: TypeAlias = Member | Related | All | Some
"""A formula; `mask` has a bit for each variable that it mentions."""

HOLDS = All((), 0)
FAILS = Some((), 0)
# INVARIANT: no other formula is empty, so these two are told by `is`; as tuples they are equal.


def member(variable: int, states: States) -> Formula:
    """A variable is in one of some states."""
    return FAILS if states == NOWHERE else Member(variable, states, 1 << variable)


def related(relation: Relation, left: int, right: int) -> Formula:
    """Two variables are known, and related so."""
    return Related(relation, left, right, 1 << left | 1 << right)


def all_of(formulas: Iterable[Formula]) -> Formula:
    """Every one of the formulas holds."""
    items: list[Formula] = []
    mask = 0
    for formula in formulas:
        if formula is FAILS:
            return FAILS
        if type(formula) is All:
            items.extend(formula.items)
        else:
            items.append(formula)
        mask |= formula.mask
    return HOLDS if not items else items[0] if len(items) == 1 else All(tuple(items), mask)


def some_of(formulas: Iterable[Formula]) -> Formula:
    """At least one of the formulas holds; memberships of one variable become one."""
    members: dict[int, list[Member]] = {}
    others: list[Formula] = []
    for formula in _flat(formulas):
        if formula is HOLDS:
            return HOLDS
        if type(formula) is Member:
            members.setdefault(formula.variable, []).append(formula)
        else:
            others.append(formula)
    items = (*map(_one_of, members.values()), *others)
    return FAILS if not items else items[0] if len(items) == 1 else Some(items, reduce(or_, [item.mask for item in items]))


def _one_of(members: list[Member]) -> Member:
    first, *others = members
    if not others:
        return first
    flags = reduce(or_, [each.states.flags for each in members])
    return Member(first.variable, States(merged(each.states.bounds for each in members), flags), first.mask)


def _flat(formulas: Iterable[Formula]) -> Iterator[Formula]:
    for formula in formulas:
        if type(formula) is Some:
            yield from formula.items
        else:
            yield formula
