"""What the generated code does: the core turned into two-valued tests, with its constants taken out.

A policy matches only when it is *true*, and "is true" needs no third value: with every negation pushed to the leaves, `a && b` is
true where both are, `a || b` where one is, and each leaf asks "known and so". `!(a < b)` becomes "both known and a >= b". That is
exactly Kleene's logic, without an unknown at run time. "Is false" is the same for the negated policy.

A plan is nested tuples of text and numbers, so that it can be a key: policies that differ in their constants only have the same
plan, and share one code object. A number in a plan is a position in the row of constants. What has no test of its own here is left
to the reference closure of its node.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, assert_never

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import ROOTS
from policy_lang.options import Options
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    Path,
    type_of,
)
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, STARTS_WITH
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import NUMBER, Kind

Plan: TypeAlias = tuple[Any, ...]
"""A test: its name, then paths, positions of constants, and plans below it."""

ALWAYS: Plan = ("always",)
NEVER: Plan = ("never",)
_ODDS: dict[str, tuple[float, float]] = {
    "always": (0, 1),
    "never": (0, 0),
    "has": (1.5, 0.9),
    "bool": (1, 0.8),
    "text_is": (1, 0.2),
    "text_in": (1.1, 0.6),
    "text_is_not": (2.5, 0.8),
    "text_not_in": (2.5, 0.8),
    "text": (3.5, 0.3),
    "number": (2.5, 0.6),
    "bounds": (1.2, 0.35),
    "version_less": (2.5, 0.5),
    "version_is": (3, 0.1),
    "version_in": (2, 0.1),
    "table": (2.5, 0.1),
    "closure": (12, 0.5),
}
"""About how dear a test is, where one look-up is 1, and how often it holds; only speed depends on it."""

_ODDS_BELOW, _ODDS_FROM = (1.7, 0.8), (1.7, 0.5)
"""The same for a version with one bound: an update is mostly greater than what devices have."""

_LEAST_CHANCE = 0.01
_FEWEST_IN_TABLE = 4
_TEXT_TESTS = ((STARTS_WITH, "startswith"), (ENDS_WITH, "endswith"), (INCLUDES, "in"))


class Planner:
    """Plans one policy, and collects its constants on the way.

    Attributes:
        constants: the values that the plan's numbers stand for.
    """

    def __init__(self, options: Options, roots: tuple[str, ...]) -> None:
        """Plan for these options and roots."""
        self.constants: list[Any] = []
        self._options = options
        self._roots = roots

    def test(self, node: Core, wanted: bool) -> Plan:  # noqa: FBT001  which of the two results is asked for
        """The plan of "the node is true" or "the node is false"."""
        match node:
            case Constant(value):
                return ALWAYS if value is wanted else NEVER
            case Not(operand):
                return self.test(operand, not wanted)
            case And(items):
                return self._join("and" if wanted else "or", items, wanted)
            case Or(items):
                return self._join("or" if wanted else "and", items, wanted)
            case Has(path) if self._is_plain(path):
                return ("has", path, wanted)
            case Fact(path, _, None) if self._is_plain(path):
                return ("bool", path, wanted)
            case Compare():
                return self._comparison(node, wanted) or self._closure(node, wanted)
            case In():
                return self._membership(node, wanted) or self._closure(node, wanted)
            case Apply():
                return self._application(node, wanted) or self._closure(node, wanted)
            case Has() | Fact() | ListOf() | Choose() | Coalesce():
                return self._closure(node, wanted)
            case _:
                assert_never(node)

    def _constant(self, value: Any) -> int:
        self.constants.append(value)
        return len(self.constants) - 1

    def _closure(self, node: Core, wanted: bool) -> Plan:  # noqa: FBT001  as above
        return ("closure", self._constant(compile_expr(node, self._options, self._roots)), wanted)

    def _join(self, name: str, items: Iterable[Core], wanted: bool) -> Plan:  # noqa: FBT001  as above
        plans = [self.test(item, wanted) for item in items]
        return self._conjunction(plans) if name == "and" else self._disjunction(plans)

    def _conjunction(self, plans: list[Plan]) -> Plan:
        flat = [plan for plan in _flatten("and", plans) if plan != ALWAYS]
        if NEVER in flat:
            return NEVER
        merged = list(self._merge_bounds(flat))
        return _joined("and", merged, ALWAYS)

    def _disjunction(self, plans: list[Plan]) -> Plan:
        flat = [plan for plan in _flatten("or", plans) if plan != NEVER]
        if ALWAYS in flat:
            return ALWAYS
        return self._table(flat) or _joined("or", list(self._merge_texts(flat)), NEVER)

    def _merge_bounds(self, plans: list[Plan]) -> Iterator[Plan]:
        """Several constant bounds of one version become one test: `low <= key < high`."""
        bounds: dict[Path, tuple[list[str], list[str]]] = {}
        for plan in plans:
            match plan:
                case ("bounds", path, low, high):
                    lows, highs = bounds.setdefault(path, ([], []))
                    lows.extend([] if low is None else [self.constants[low]])
                    highs.extend([] if high is None else [self.constants[high]])
                case _:
                    yield plan
        for path, (lows, highs) in bounds.items():
            low = self._constant(max(lows)) if lows else None
            high = self._constant(min(highs)) if highs else None
            yield ("bounds", path, low, high)

    def _merge_texts(self, plans: list[Plan]) -> Iterator[Plan]:
        """Several equalities of one text become one probe of a set."""
        texts: dict[Path, set[str]] = {}
        for plan in plans:
            match plan:
                case ("text_is", path, at):
                    texts.setdefault(path, set()).add(self.constants[at])
                case ("text_in", path, at):
                    texts.setdefault(path, set()).update(self.constants[at])
                case _:
                    yield plan
        for path, values in texts.items():
            yield self._text_in(path, values)

    def _text_in(self, path: Path, values: Iterable[str]) -> Plan:
        allowed = frozenset(values)
        if len(allowed) == 1:
            return ("text_is", path, self._constant(next(iter(allowed))))
        return ("text_in", path, self._constant(allowed))

    def _table(self, plans: list[Plan]) -> Plan | None:
        """Alternatives that each fix the same texts, and perhaps a least version, become one look-up."""
        rows = [_alternative(plan, self.constants) for plan in plans]
        first = rows[0] if len(rows) >= _FEWEST_IN_TABLE else None
        if first is None or any(row is None or row[0] != first[0] or row[2] != first[2] for row in rows):
            return None
        paths, _, version, _ = first
        table: dict[Any, Any] = {}
        for row in rows:
            if row is not None:
                _insert(table, row[1], row[3])
        return ("table", paths, version, self._constant(table))

    def _comparison(self, node: Compare, wanted: bool) -> Plan | None:  # noqa: FBT001  as above
        kind = type_of(node.left).kind
        if kind is Kind.VERSION:
            return self._versions(node, wanted)
        match node.left, node.right:
            case Fact(path, type_, None), Constant(value) if self._is_plain(path) and value is not None:
                if kind is Kind.STRING and node.op is Comparison.EQUAL:
                    return self._text_equality(path, value, wanted, type_.values)
                if kind & NUMBER:
                    op = _OPERATORS[node.op, wanted]
                    return ("number", path, kind is Kind.INT, op, self._constant(value))
            case Constant(value), Fact(path, type_, None) if self._is_plain(path) and value is not None:
                if kind is Kind.STRING and node.op is Comparison.EQUAL:
                    return self._text_equality(path, value, wanted, type_.values)
                if type_.kind & NUMBER and kind & NUMBER:
                    op = _MIRRORED[_OPERATORS[node.op, wanted]]
                    return ("number", path, type_.kind is Kind.INT, op, self._constant(value))
            case _:
                pass
        return None

    def _text_equality(self, path: Path, value: str, wanted: bool, values: tuple[str, ...] | None) -> Plan | None:  # noqa: FBT001  as above
        if values is not None and value not in values:
            return None
        if wanted:
            return ("text_is", path, self._constant(value))
        return None if values is not None else ("text_is_not", path, self._constant(value), self._options.max_text)

    def _versions(self, node: Compare, wanted: bool) -> Plan | None:  # noqa: FBT001  as above
        left, right = self._version(node.left), self._version(node.right)
        if left is None or right is None:
            return None
        if node.op is Comparison.EQUAL:
            return ("version_is", left, right, wanted)
        match left, right:
            case ("key", path), ("constant", at):
                return ("bounds", path, None, at) if wanted else ("bounds", path, at, None)
            case ("constant", at), ("key", path):
                above = self._constant(self.constants[at] + _AFTER)
                return ("bounds", path, above, None) if wanted else ("bounds", path, None, above)
            case _:
                return ("version_less", left, right, wanted)

    def _version(self, node: Core) -> Plan | None:
        match node:
            case Fact(path, _, None) if self._is_plain(path):
                return ("key", path)
            case Constant(value) if value is not None:
                return ("constant", self._constant(value.key))
            case _:
                return None

    def _membership(self, node: In, wanted: bool) -> Plan | None:  # noqa: FBT001  as above
        match node.needle, node.haystack:
            case Fact(path, type_, None), Constant(values) if self._is_plain(path) and values is not None and None not in values:
                if type_.kind is Kind.VERSION:
                    return ("version_in", path, self._constant(frozenset(value.key for value in values)), wanted)
                if type_.values is not None and not set(values) <= set(type_.values):
                    return None
                if type_.kind is Kind.STRING and wanted:
                    return self._text_in(path, values) if values else NEVER
                if type_.kind is Kind.STRING and type_.values is None:
                    return ("text_not_in", path, self._constant(frozenset(values)), self._options.max_text)
                return None
            case _:
                return None

    def _application(self, node: Apply, wanted: bool) -> Plan | None:  # noqa: FBT001  as above
        match node.function, node.args:
            case function, (Fact(path, type_, None), Constant(value)) if self._is_plain(path) and value is not None:
                name = next((name for row, name in _TEXT_TESTS if row is function), None)
                if name is not None and type_.values is None:
                    return ("text", path, name, self._constant(value), wanted, self._options.max_text)
                if function is SATISFIES:
                    intervals = (value if wanted else ~value).intervals
                    return self._disjunction([self._interval(path, low, high) for low, high in intervals])
                return None
            case _:
                return None

    def _interval(self, path: Path, low: Any, high: Any) -> Plan:
        return ("bounds", path, self._constant(low.key), None if high is None else self._constant(high.key))

    def _is_plain(self, path: Path) -> bool:
        """Whether a path is names only, below a root that the function takes as an argument of its own."""
        return len(path) > 1 and path[0] in ROOTS[:2] and all(isinstance(step, str) for step in path)


_AFTER = "\x00"
"""What makes a key one that only the key itself is below: no key of a version has such an end."""

_OPERATORS = {
    (Comparison.EQUAL, True): "==",
    (Comparison.EQUAL, False): "!=",
    (Comparison.LESS, True): "<",
    (Comparison.LESS, False): ">=",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">=": "<="}
_Alternative: TypeAlias = tuple[tuple[Path, ...], tuple[str, ...], Path | None, str]


def _flatten(name: str, plans: list[Plan]) -> Iterator[Plan]:
    for plan in plans:
        if plan[0] == name:
            yield from plan[1]
        else:
            yield plan


def _joined(name: str, plans: list[Plan], empty: Plan) -> Plan:
    """The tests, first what decides soonest for its price: they have no effects, so that their order cannot be observed."""
    ordered = tuple(sorted(plans, key=_and_rank if name == "and" else _or_rank))
    return empty if not ordered else ordered[0] if len(ordered) == 1 else (name, ordered)


def _odds(plan: Plan) -> tuple[float, float]:
    """What a test costs, and how often it holds."""
    match plan:
        case ("and" | "or", _):
            pass
        case ("bounds", _, None, _):
            return _ODDS_BELOW
        case ("bounds", _, _, None):
            return _ODDS_FROM
        case _:
            return _ODDS[plan[0]]
    total, going = 0.0, 1.0
    for part in plan[1]:
        part_cost, chance = _odds(part)
        total += going * part_cost
        going *= chance if plan[0] == "and" else 1 - chance
    return total, going if plan[0] == "and" else 1 - going


def _and_rank(plan: Plan) -> float:
    """The price of finding that a conjunction is over."""
    price, chance = _odds(plan)
    return price / max(1 - chance, _LEAST_CHANCE)


def _or_rank(plan: Plan) -> float:
    """The price of finding that a disjunction holds."""
    price, chance = _odds(plan)
    return price / max(chance, _LEAST_CHANCE)


def _alternative(plan: Plan, constants: list[Any]) -> _Alternative | None:
    """An alternative as the texts that it fixes and the least version that it asks for; None where it asks for more."""
    parts = plan[1] if plan[0] == "and" else (plan,)
    texts: dict[Path, str] = {}
    version: Path | None = None
    least = ""
    for part in parts:
        match part:
            case ("text_is", path, at) if path not in texts:
                texts[path] = constants[at]
            case ("bounds", path, int(low), None) if version is None:
                version, least = path, constants[low]
            case _:
                return None
    paths = tuple(sorted(texts))
    return (paths, tuple(texts[path] for path in paths), version, least) if paths else None


def _insert(table: dict[Any, Any], texts: tuple[str, ...], least: str) -> None:
    """Keep, for texts that stand twice, the lower of the two versions: either alternative is enough."""
    *first, last = texts
    for text in first:
        table = table.setdefault(text, {})
    table[last] = min(least, table.get(last, least))
