"""Orders between properties: whether relations such as `a < b`, `b <= c` and `c != a` can hold together.

The relations are edges between variables. What reaches itself over "at most" is equal, and a strict edge, or a difference, within
such a class refutes all. The values of a class are those that all its variables may have. Then each class, in the order of the
edges, is given its least value: what does not fit then never fits, for every order of the language is total.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from policy_lang.analysis.sets.formulas import Related, Relation
from policy_lang.analysis.sets.orders import Bounds, after, at_least, between
from policy_lang.analysis.sets.states import States, meet, merged, without
from policy_lang.analysis.sets.variables import Variable
from policy_lang.types.model import Kind

_MOST = 48


def can_hold(relations: Sequence[Related], domains: Sequence[States], variables: Sequence[Variable]) -> bool:
    """Whether no contradiction is found between relations.

    Args:
        relations: what holds; more than 48 are not looked into.
        domains: the states that each variable is narrowed to.
        variables: the variables, by index.
    """
    if not relations:
        return True
    if len(relations) > _MOST:
        return True
    graph = _Graph(relations)
    return graph.is_consistent() and graph.has_values(domains, variables)


class _Graph:
    """The relations as edges between the variables that they mention."""

    def __init__(self, relations: Sequence[Related]) -> None:
        self._names = sorted({name for each in relations for name in (each.left, each.right)})
        numbers = {name: number for number, name in enumerate(self._names)}
        self._edges: list[tuple[int, int, bool]] = []
        self._different: list[tuple[int, int]] = []
        for relation, left, right, _ in relations:
            self._add(relation, numbers[left], numbers[right])
        self._reach = self._close()

    def _add(self, relation: Relation, left: int, right: int) -> None:
        if relation is Relation.DIFFERENT:
            self._different.append((left, right))
        else:
            self._edges.append((left, right, relation is Relation.LESS))
        if relation is Relation.EQUAL:
            self._edges.append((right, left, False))

    def _close(self) -> list[int]:
        """For each variable a bit for every variable that is at least as great, itself included."""
        reach = [1 << number for number in range(len(self._names))]
        for left, right, _ in self._edges:
            reach[left] |= 1 << right
        for middle in range(len(reach)):
            for number, mask in enumerate(reach):
                if mask >> middle & 1:
                    reach[number] = mask | reach[middle]
        return reach

    def _is_equal(self, left: int, right: int) -> bool:
        return bool(self._reach[left] >> right & 1 and self._reach[right] >> left & 1)

    def is_consistent(self) -> bool:
        """Whether no variable is less than itself, or different from itself."""
        strict = any(is_strict and self._is_equal(left, right) for left, right, is_strict in self._edges)
        return not strict and not any(self._is_equal(left, right) for left, right in self._different)

    def has_values(self, domains: Sequence[States], variables: Sequence[Variable]) -> bool:
        """Whether each class can have its least value."""
        kinds = [variables[name].kind for name in self._names]
        values = [domains[name].bounds for name in self._names]
        classes = [min(other for other in range(len(values)) if self._is_equal(number, other)) for number in range(len(values))]
        shared = self._shared(classes, kinds, values)
        if not self._without_equals(classes, shared, kinds):
            return False
        for number in sorted(shared, key=lambda each: -self._reach[each].bit_count()):
            if not shared[number]:
                return False
            self._push(number, classes, shared, kinds)
        return True

    def _shared(self, classes: list[int], kinds: list[Kind], values: list[Bounds]) -> dict[int, Bounds]:
        """The values of each class; the values of an int and a number are the ints among them."""
        shared: dict[int, Bounds] = {}
        for number, leader in enumerate(classes):
            if kinds[number] is Kind.INT and kinds[leader] is Kind.FLOAT:
                kinds[leader] = Kind.INT
            shared[leader] = meet(shared[leader], values[number]) if leader in shared else values[number]
        return {leader: integral(bounds) if kinds[leader] is Kind.INT else bounds for leader, bounds in shared.items()}

    def _without_equals(self, classes: list[int], shared: dict[int, Bounds], kinds: list[Kind]) -> bool:
        """Take the only value of a class away from those that differ from it."""
        for _ in range(len(self._different)):
            for left, right in self._different:
                for one, other in ((classes[left], classes[right]), (classes[right], classes[left])):
                    only = _only(shared[one], kinds[one])
                    if only is not None:
                        taken = between(at_least(kinds[other], only), after(kinds[other], only))
                        shared[other] = _minus(shared[other], taken)
        return all(shared.values())

    def _push(self, number: int, classes: list[int], shared: dict[int, Bounds], kinds: list[Kind]) -> None:
        """Cut what is below the least value of a class off the classes above it."""
        least = shared[number][0]
        for left, right, is_strict in self._edges:
            if classes[left] == number and classes[right] != number:
                above = classes[right]
                low = after(kinds[above], least) if is_strict else at_least(kinds[above], least)
                shared[above] = meet(shared[above], (low,)) if low is not None else ()


def integral(bounds: Bounds) -> Bounds:
    """The ints among numbers."""
    ends = iter([at_least(Kind.INT, bound) if abs(bound) != float("inf") else bound for bound in bounds])
    return merged(_pairs(ends))


def _pairs(ends: Iterable[Any]) -> Iterable[Bounds]:
    ends = iter(ends)
    for low in ends:
        yield between(low, next(ends, None))


def _only(bounds: Bounds, kind: Kind) -> Any:
    """The value of a set with one value, else None."""
    return bounds[0] if len(bounds) == len(("low", "high")) and bounds[1] == after(kind, bounds[0]) else None


def _minus(bounds: Bounds, part: Bounds) -> Bounds:
    """The values of a set that are not in a part of it."""
    if not bounds or not part:
        return bounds
    return without(bounds, meet(bounds, part))
