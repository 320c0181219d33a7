"""What follows for the values of properties from functions of them: few values are tried, and texts have common sense.

Where only a few values of a property are left, its functions are computed for each. Where there are many, this much is known of a
text: of two endings one is the end of the other, a text contains what its beginning, its end and its parts contain, and it is at
least as long as each of them.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from policy_lang.analysis.sets.orders import Bounds, after, after_prefix, point
from policy_lang.analysis.sets.states import NOWHERE, States, contains, merged
from policy_lang.analysis.sets.variables import Variable
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES
from policy_lang.types.model import Kind

_MOST_VALUES = 64
_IDEMPOTENT = {"toLowerCase", "toUpperCase", "trim"}
_YES, _NO = (1, 2), (0, 1)


def consequences(
    functions: Sequence[Variable], domains: Sequence[States], initial: Sequence[States]
) -> Iterator[tuple[int, States]]:
    """What the variables are narrowed to by functions of them.

    Args:
        functions: the variables that are functions of others.
        domains: the states that each variable is narrowed to.
        initial: all states of each variable.

    Yields:
        A variable, and the states that are left to it; no state is a contradiction.
    """
    texts: dict[int, _Text] = {}
    for function in functions:
        domain = domains[function.index]
        if domain is initial[function.index] or domain.flags or len(function.arguments) != 1:
            continue
        argument = function.arguments[0]
        values = domains[argument.index]
        if values.flags:
            continue
        if function.compute is not None:
            yield from _computed(function, function.compute, domain.bounds, values.bounds)
        if argument.kind is Kind.STRING:
            text = texts.setdefault(argument.index, _Text([certain_prefix(values.bounds)], [], [], [], []))
            _note(text, function, domain.bounds)
    yield from ((index, NOWHERE) for index, text in texts.items() if not text.can_be())


def few_values(kind: Kind, bounds: Bounds) -> list[Any] | None:
    """The values of a set, or None where there are more than 64, or more than one in a row of a type other than int."""
    if kind in {Kind.LIST, Kind.OBJECT} or len(bounds) % 2 or len(bounds) > 2 * _MOST_VALUES:
        return None
    values: list[Any] = []
    for low, high in zip(bounds[::2], bounds[1::2], strict=True):
        if kind in {Kind.INT, Kind.BOOL} and high - low <= _MOST_VALUES:
            values.extend(range(low, high))
        elif high == after(kind, low):
            values.append(low)
        else:
            return None
    return values


def certain_prefix(bounds: Bounds) -> str:
    """The longest text that all texts of a set start with.

    >>> certain_prefix(("us-e", "us-x")), certain_prefix(("a",))
    ('us-', '')
    """
    if len(bounds) % 2 or not bounds:
        return ""
    low, high = bounds[0], bounds[-1]
    for length in range(len(low), 0, -1):
        end = after_prefix(low[:length])
        if end is not None and high <= end:
            return str(low[:length])
    return ""


class _Text(NamedTuple):
    """What is known of a text that may have many values."""

    parts: list[str]
    ends: list[str]
    absent_parts: list[str]
    absent_ends: list[str]
    longest: list[int]

    def can_be(self) -> bool:
        """Whether nothing of it contradicts the rest."""
        ends = sorted(self.ends, key=len)
        inside = self.parts + self.ends
        if any(not longer.endswith(shorter) for shorter, longer in pairwise(ends)):
            return False
        if any(absent in part for absent in self.absent_parts for part in inside):
            return False
        if any(end.endswith(absent) for absent in self.absent_ends for end in ends):
            return False
        return all(len(part) <= longest for longest in self.longest for part in inside)


def _note(text: _Text, function: Variable, results: Bounds) -> None:
    if function.function is INCLUDES and function.constant is not None and results in {_YES, _NO}:
        (text.parts if results == _YES else text.absent_parts).append(function.constant)
    elif function.function is ENDS_WITH and function.constant is not None and results in {_YES, _NO}:
        (text.ends if results == _YES else text.absent_ends).append(function.constant)
    elif function.function is not None and function.function.name == "length" and len(results) % 2 == 0:
        text.longest.append(results[-1] - 1)


def _computed(function: Variable, compute: Callable[[Any], Any], results: Bounds, values: Bounds) -> Iterator[tuple[int, States]]:
    """Keep the values whose results are possible; of a function that changes nothing twice, the results that it leaves alone."""
    (argument,) = function.arguments
    tried = few_values(argument.kind, values)
    if tried is not None:
        kept = [value for value in tried if (result := compute(value)) is not None and contains(results, result)]
        if len(kept) < len(tried):
            yield argument.index, States(merged(point(argument.kind, value) for value in kept), 0)
    elif function.function is not None and function.function.name in _IDEMPOTENT:
        given = few_values(function.kind, results) or []
        kept = [result for result in given if compute(result) == result]
        if len(kept) < len(given):
            yield function.index, States(merged(point(function.kind, result) for result in kept), 0)
