"""What a policy asks of single attributes, read off its plan: what the slots of the index are built from."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from policy_lang.compiler.plan import ALWAYS, NEVER, Plan
from policy_lang.types.core import Path

Place: TypeAlias = tuple[str, Path]
"""A slot of the index: the family of what it is asked, and the attribute."""


class Texts(NamedTuple):
    """A demand on a text: one of some, or any but some.

    Attributes:
        allowed: the texts that meet it; None for every text that is not excluded.
        excluded: the texts that do not.
    """

    allowed: frozenset[str] | None
    excluded: frozenset[str] = frozenset()

    def __and__(self, other: "Texts") -> "Texts":
        """Both demands."""
        excluded = self.excluded | other.excluded
        if self.allowed is None or other.allowed is None:
            return Texts(other.allowed if self.allowed is None else self.allowed, excluded)
        return Texts(self.allowed & other.allowed, excluded)

    def allows(self, text: str) -> bool:
        """Whether a text is one of those that are allowed by name."""
        return self.allowed is not None and text in self.allowed and text not in self.excluded


class Prefixes(NamedTuple):
    """A demand on the beginning of a text: all of these."""

    prefixes: tuple[str, ...]

    def __and__(self, other: "Prefixes") -> "Prefixes":
        """Both demands."""
        return Prefixes(self.prefixes + other.prefixes)


class Bools(NamedTuple):
    """A demand on a bool: one of these, of which there may be none."""

    allowed: frozenset[bool]

    def __and__(self, other: "Bools") -> "Bools":
        """Both demands."""
        return Bools(self.allowed & other.allowed)


class Interval(NamedTuple):
    """A demand on a number or on the key of a version: between two bounds; None is no bound.

    Attributes:
        low: the least value.
        is_low_open: whether the least value itself is outside.
        high: the greatest value.
        is_high_open: whether the greatest value itself is outside.
    """

    low: Any = None
    is_low_open: bool = False
    high: Any = None
    is_high_open: bool = False

    def __and__(self, other: "Interval") -> "Interval":
        """Both demands."""
        low, is_low_open = max(_lows(self, other), default=(None, False))
        high, is_high_open = min(_highs(self, other), key=_high_order, default=(None, False))
        return Interval(low, is_low_open, high, is_high_open)


def _lows(*intervals: Interval) -> list[tuple[Any, bool]]:
    return [(each.low, each.is_low_open) for each in intervals if each.low is not None]


def _highs(*intervals: Interval) -> list[tuple[Any, bool]]:
    return [(each.high, each.is_high_open) for each in intervals if each.high is not None]


def _high_order(bound: tuple[Any, bool]) -> tuple[Any, bool]:
    value, is_open = bound
    return value, not is_open


class Demand(NamedTuple):
    """What a test asks of one attribute.

    Attributes:
        place: the slot that takes it.
        value: the demand, of the class that the family of the slot has.
    """

    place: Place
    value: Any


class Demands(NamedTuple):
    """What a policy asks.

    Attributes:
        singles: of single attributes; all of them must be met.
        clauses: of several attributes; of each clause one must be met.
        is_exact: whether the policy asks nothing else.
        is_never: whether nothing meets it.
        is_by_name: whether it asks for its update's product by name, as every device of the product has it that sends `product`.
    """

    singles: tuple[Demand, ...] = ()
    clauses: tuple[tuple[Demand, ...], ...] = ()
    is_exact: bool = True
    is_never: bool = False
    is_by_name: bool = False


def demands_of(plan: Plan, constants: list[Any]) -> Demands:
    """The demands of a plan; what no slot can say is left out, and then they are not exact."""
    if plan == NEVER:
        return Demands(is_never=True)
    singles: list[Demand] = []
    clauses: list[tuple[Demand, ...]] = []
    is_exact = True
    for test in plan[1] if plan[0] == "and" else () if plan == ALWAYS else (plan,):
        parts = [demand_of(part, constants) for part in (test[1] if test[0] == "or" else (test,))]
        demands = tuple(part for part in parts if part is not None)
        if len(demands) < len(parts):
            is_exact = False
            singles.extend(_hints(test, constants))
        elif len(demands) == 1:
            singles.append(demands[0])
        else:
            clauses.append(demands)
    return Demands(tuple(singles), tuple(clauses), is_exact)


def demand_of(test: Plan, constants: list[Any]) -> Demand | None:
    """What a test asks of one attribute of the device; None where a slot cannot say it."""
    match test:
        case ("text_is", path, at):
            return Demand(("text", path), Texts(frozenset({constants[at]})))
        case ("text_in", path, at):
            return Demand(("text", path), Texts(constants[at]))
        case ("text_is_not", path, at, _):
            return Demand(("text", path), Texts(None, frozenset({constants[at]})))
        case ("text_not_in", path, at, _):
            return Demand(("text", path), Texts(None, constants[at]))
        case ("text", path, "startswith", at, True, _):
            return Demand(("prefix", path), Prefixes((constants[at],)))
        case ("bool", path, wanted):
            return Demand(("bool", path), Bools(frozenset({wanted})))
        case ("number", path, is_int, op, at) if op != "!=":
            return Demand(("int" if is_int else "number", path), _INTERVALS[op](constants[at]))
        case ("bounds", path, low, high):
            limits = Interval(None if low is None else constants[low], False, None if high is None else constants[high], True)
            return Demand(("version", path), limits)
        case _:
            return None


def _hints(test: Plan, constants: list[Any]) -> Iterable[Demand]:
    """A table of alternatives is no conjunction, yet its first text must be one of the table's."""
    match test:
        case ("table", (path, *_), _, table):
            yield Demand(("text", path), Texts(frozenset(constants[table])))
        case _:
            return


_INTERVALS: dict[str, Callable[[Any], Interval]] = {
    "==": lambda value: Interval(value, False, value, False),
    "<": lambda value: Interval(None, False, value, True),
    "<=": lambda value: Interval(None, False, value, False),
    ">": lambda value: Interval(value, True, None, False),
    ">=": lambda value: Interval(value, False, None, False),
}
