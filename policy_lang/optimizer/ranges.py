"""Sets of values: several tests of one property become one test, `x >= 1 && x >= 2` is `x >= 2`.

All tests of one property are unknown together, where the property is, so that joining the sets is exact. What remains of a
contradiction is no constant either: it is false for a known value, and unknown for an unknown one.

Versions have the algebra of `VersionRange`, where more than bounds is asked of them. Texts and times, asked for equality, are
finite sets or all but a finite set; of an enumeration, whose values are known, all but some is some. Of bounds of one direction
the one that counts stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, TypeAlias

from policy_lang.optimizer.identity import subject
from policy_lang.options import Options
from policy_lang.source import Span
from policy_lang.types.core import And, Apply, Compare, Comparison, Constant, Core, Fact, In, Not, Or, Path
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import BOOL, STRING, Kind, list_of
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import LEAST

_SETS = Kind.STRING | Kind.TIMESTAMP | Kind.DURATION
"""Kinds whose equalities are merged; code has a fast test for the equality of a number and none for a set of them."""


@dataclass(frozen=True, slots=True)
class Values:
    """A finite set of values, or all values but those of a finite set."""

    named: frozenset[Any]
    is_rest: bool = False

    def __and__(self, other: "Values") -> "Values":
        """The values of both."""
        match self.is_rest, other.is_rest:
            case False, False:
                return Values(self.named & other.named)
            case True, True:
                return Values(self.named | other.named, is_rest=True)
            case _:
                some, rest = (other, self) if self.is_rest else (self, other)
                return Values(some.named - rest.named)

    def __or__(self, other: "Values") -> "Values":
        """The values of either."""
        return ~(~self & ~other)

    def __invert__(self) -> "Values":
        """All other values."""
        return Values(self.named, not self.is_rest)


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound, for values that are ordered."""

    value: Any
    is_lower: bool
    is_strict: bool


Set: TypeAlias = Values | VersionRange | Bound


def merge(node: Core, _: Options) -> Core:
    """A connective with one test for each property, as far as sets can say it."""
    match node:
        case And() | Or():
            return _merge(node)
        case Not():
            return _enumerated(node)
        case _:
            return node


def _enumerated(node: Not) -> Core:
    """All but some values of an enumeration, as the values that they are: code has a fast test for those."""
    match _test(node):
        case fact, Values() as values if fact.type.values is not None:
            return _write(fact, values, node.span)
        case _:
            return node


def _merge(node: And | Or) -> Core:
    about: dict[Path, list[int]] = {}
    for at, item in enumerate(node.items):
        path = subject(item)
        if path is not None:
            about.setdefault(path, []).append(at)
    places: dict[int, Core | None] = {}
    for several in about.values():
        if len(several) > 1:
            places |= _join_all(node, several)
    if not places:
        return node
    kept = tuple(item for item in (places.get(at, each) for at, each in enumerate(node.items)) if item is not None)
    return kept[0] if len(kept) == 1 else type(node)(kept, span=node.span)


def _join_all(node: And | Or, several: list[int]) -> dict[int, Core | None]:
    """What replaces the tests of one property: those that can be joined, one of each group."""
    found = [(at, *test) for at in several if (test := _test(node.items[at])) is not None]
    if any(isinstance(values, VersionRange) for _, _, values in found):
        found = [(at, fact, _range(values)) for at, fact, values in found]
    groups: dict[object, list[tuple[int, Fact, Set]]] = {}
    for at, fact, values in found:
        groups.setdefault(_group(values), []).append((at, fact, values))
    places: dict[int, Core | None] = {}
    for group in groups.values():
        if len(group) > 1:
            places |= _join(node, group)
    return places


def _range(values: Set) -> Set:
    """A bound of a version as a range, to be joined with others."""
    if not isinstance(values, Bound):
        return values
    if values.is_lower:
        return (VersionRange.above if values.is_strict else VersionRange.at_least)(values.value)
    return (VersionRange.below if values.is_strict else VersionRange.at_most)(values.value)


def _group(values: Set) -> object:
    """What can be joined: bounds of one direction, and sets with sets."""
    return values.is_lower if isinstance(values, Bound) else type(values)


def _join(node: And | Or, group: list[tuple[int, Fact, Set]]) -> dict[int, Core | None]:
    """The one test of several, at the place of one of them, and nothing at the places of the others."""
    places: dict[int, Core | None] = dict.fromkeys((at for at, _, _ in group), None)
    first, fact, values = group[0]
    if isinstance(values, Bound):
        bounds = {at: bound for at, _, bound in group if isinstance(bound, Bound)}
        kept = _deciding(bounds, is_all=isinstance(node, And))
        return {**places, kept: node.items[kept]}
    sets: list[Any] = [each for _, _, each in group]
    joined: Values | VersionRange = reduce(and_ if isinstance(node, And) else or_, sets)
    return {**places, first: _write(fact, joined, node.span)}


def _deciding(bounds: dict[int, Bound], *, is_all: bool) -> int:
    """The place of the bound that counts: the tightest where all hold, the loosest where one is enough."""

    def tightness(at: int) -> Any:
        bound = bounds[at]
        return (bound.value, bound.is_strict == bound.is_lower)

    wants_greatest = next(iter(bounds.values())).is_lower == is_all
    return (max if wants_greatest else min)(bounds, key=tightness)


def _test(node: Core) -> tuple[Fact, Set] | None:
    """The property that a test is about, and the values that it holds for; None for other nodes."""
    match node:
        case Not(operand):
            found = _test(operand)
            return None if found is None else (found[0], _complement(found[1]))
        case Compare(op, Fact() as fact, Constant(value)) if value is not None:
            return _compared(op, fact, value, is_left=True)
        case Compare(op, Constant(value), Fact() as fact) if value is not None:
            return _compared(op, fact, value, is_left=False)
        case In(Fact() as fact, Constant(values)) if values is not None and None not in values:
            return _among(fact, values)
        case Apply(function, (Fact() as fact, Constant(VersionRange() as range_))) if function is SATISFIES:
            return fact, range_
        case _:
            return None


def _complement(values: Set) -> Set:
    return Bound(values.value, not values.is_lower, not values.is_strict) if isinstance(values, Bound) else ~values


def _compared(op: Comparison, fact: Fact, value: Any, *, is_left: bool) -> tuple[Fact, Set] | None:
    if op is Comparison.EQUAL:
        return _among(fact, (value,))
    return fact, Bound(value, is_lower=not is_left, is_strict=True)


def _among(fact: Fact, values: Iterable[Any]) -> tuple[Fact, Set] | None:
    if fact.type.kind is Kind.VERSION:
        return fact, reduce(or_, map(VersionRange.exactly, values), VersionRange.empty())
    return (fact, Values(frozenset(values))) if fact.type.kind & _SETS else None


def _write(fact: Fact, values: Values | VersionRange, span: Span) -> Core:
    """The shortest test of a property for a set of values."""
    if isinstance(values, VersionRange):
        return _write_range(fact, values, span)
    if fact.type.values is not None and values.is_rest:
        values = Values(frozenset(fact.type.values) - values.named)
    test = _write_values(fact, sorted(values.named), span)
    return Not(test, span=span) if values.is_rest else test


def _write_values(fact: Fact, named: list[Any], span: Span) -> Core:
    if len(named) == 1:
        return Compare(Comparison.EQUAL, fact, Constant(named[0], fact.type, span=span), span=span)
    return In(fact, Constant(tuple(named), list_of(fact.type), span=span), span=span)


def _write_range(fact: Fact, values: VersionRange, span: Span) -> Core:
    """As few equalities, else as one bound, else as a range."""
    for each, is_negated in ((values, False), (~values, True)):
        points = [low for low, high in each.intervals if high == low.successor()]
        test: Core | None = None
        if points and len(points) == len(each.intervals):
            test = _write_values(fact, points, span)
        elif each.bounds[:1] == (LEAST,) and len(each.bounds) == len(("low", "high")):
            test = Compare(Comparison.LESS, fact, Constant(each.bounds[1], fact.type, span=span), span=span)
        if test is not None:
            return Not(test, span=span) if is_negated else test
    return Apply(SATISFIES, (fact, Constant(values, STRING, span=span)), BOOL, span=span)
