"""The parts of a policy that share no property with any other part: they can have any result, whatever the others have.

A comparison of a property with a literal can be true, false and unknown. Where that property occurs nowhere else, it can be so
beside anything else, and so can an `&&` or `||` of such parts. What is not plainly of this kind is left to the search.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from policy_lang.analysis.sets.truth import ANY, FALSE, KNOWN, TRUE, UNKNOWN, Truths, negated, truth_of
from policy_lang.types.core import (
    And,
    Apply,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    In,
    Not,
    Or,
    Path,
    descendants,
)
from policy_lang.types.decode import LARGEST_INTEGER
from policy_lang.types.functions.lists import HAS_KEY
from policy_lang.types.functions.network import IN_CIDR
from policy_lang.types.functions.rollout import ROLLOUT
from policy_lang.types.functions.row import Function
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, MATCHES, STARTS_WITH
from policy_lang.types.functions.time import IN_WINDOW
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import Kind
from policy_lang.versions.version import LEAST

_AFFIXES = (STARTS_WITH, ENDS_WITH, INCLUDES)
_ALL = 100
_LARGE = 1e300
_LAST_YEAR, _MANY_DAYS = 9999, 10**6


def find_free(policies: Iterable[Core]) -> dict[int, Truths]:
    """The results that each free part can have, by the identity of the part.

    Args:
        policies: all conditions that questions will be about.

    >>> from policy_lang.pipeline import compile_policy
    >>> core = compile_policy("device.a < 5 && device.b == 'x' && (device.c || !device.c)").core
    >>> [find_free([core]).get(id(item)) for item in core.items]
    [7, 7, None]
    """
    policies = tuple(policies)
    finder = _Finder(_shared(policies))
    for policy in policies:
        finder.find(policy)
    return finder.free


def _shared(policies: tuple[Core, ...]) -> set[Path]:
    """The properties that occur more than once, or inside one another."""
    counts = Counter(path for policy in policies for path in _paths(policy))
    shared = {path for path, count in counts.items() if count > 1}
    for path in counts:
        if len(path) > len(("device", "property")):
            inside = [path[:length] for length in range(2, len(path)) if path[:length] in counts]
            if inside:
                shared.update((path, *inside))
    return shared


def _paths(policy: Core) -> Iterator[Path]:
    """Each place where a property is read or asked for."""
    for node in descendants(policy):
        if type(node) is Fact or type(node) is Has:
            yield node.path
        elif type(node) is Apply and node.function is HAS_KEY:
            key, holder = node.args
            if isinstance(key, Constant) and isinstance(holder, Fact):
                yield (*holder.path, key.value)


class _Finder:
    """Finds the free parts, the smallest ones first."""

    def __init__(self, shared: set[Path]) -> None:
        self.free: dict[int, Truths] = {}
        self._shared = shared

    def find(self, node: Core) -> Truths | None:
        """The results of a free part, or None where it is not free."""
        results = self._results(node)
        if results is not None:
            self.free[id(node)] = results
        return results

    def _results(self, node: Core) -> Truths | None:
        match node:
            case Not(operand):
                results = self.find(operand)
                return None if results is None else negated(results)
            case And(items):
                return self._connected(items, TRUE)
            case Or(items):
                return self._connected(items, FALSE)
            case Constant(value) if value is None or isinstance(value, bool):
                return truth_of(value)
            case Has(path):
                return KNOWN if len(path) > 1 and path not in self._shared else None
            case _:
                return ANY if self._is_open(node) else None

    def _connected(self, items: tuple[Core, ...], whole: Truths) -> Truths | None:
        """The results of a conjunction (`whole` is true) or a disjunction (false) of free parts that share nothing."""
        found = [self.find(item) for item in items]
        each = [results for results in found if results is not None]
        if len(each) < len(found):
            return None
        part = negated(whole)
        results = 0
        for one in each:
            results |= one & part
        if all(one & whole for one in each):
            results |= whole
        if any(one & UNKNOWN for one in each) and all(one & (whole | UNKNOWN) for one in each):
            results |= UNKNOWN
        return results

    def _is_open(self, node: Core) -> bool:
        """Whether a condition can have every result."""
        match node:
            case Fact():
                return self._is_alone(node)
            case Compare(op, left, right):
                return self._is_open_comparison(op, left, right)
            case In(Fact() as needle, Constant(values)):
                return bool(values) and None not in values and needle.type.values is None and self._is_plain_text(needle)
            case In(Constant(value), Fact() as items):
                return value is not None and self._is_alone(items)
            case Apply(function, (Fact() as fact, Constant(value))):
                return self._is_alone(fact) and fact.type.values is None and _is_test(function, value)
            case Apply(function, (Fact() as id_, Fact() as salt, Constant(percent))) if function is ROLLOUT:
                return self._is_alone(id_) and self._is_alone(salt) and 0 < percent < _ALL
            case Apply(function, (Fact() as now, _, _, Constant())) if function is IN_WINDOW:
                return self._is_alone(now)
            case _:
                return False

    def _is_open_comparison(self, op: Comparison, left: Core, right: Core) -> bool:
        match left, right:
            case (Fact() as fact, Constant(value)) | (Constant(value), Fact() as fact):
                return self._is_alone(fact) and fact.type.values is None and _divides(op, fact.type.kind, value)
            case Fact() as fact, Fact() as other:
                return self._is_alone(fact) and self._is_alone(other) and fact.type.values is None and other.type.values is None
            case _:
                return False

    def _is_plain_text(self, fact: Fact) -> bool:
        return self._is_alone(fact) and fact.type.kind in {Kind.STRING, Kind.VERSION, Kind.FLOAT}

    def _is_alone(self, fact: Fact) -> bool:
        return fact.path not in self._shared and fact.type.kind is not Kind.OBJECT


def _is_test(function: Function, constant: Any) -> bool:
    """Whether a function of a text or a version and a constant can give both results."""
    if any(function is affix for affix in _AFFIXES):
        return bool(constant)
    if function is SATISFIES:
        return not constant.is_empty and not constant.is_everything
    return function is MATCHES or function is IN_CIDR


def _divides(op: Comparison, kind: Kind, value: Any) -> bool:
    """Whether some values of a type are on one side of a constant and some on the other."""
    if value is None:
        return False
    match kind:
        case Kind.INT:
            return bool(abs(value) < LARGEST_INTEGER and (value == int(value) or op is Comparison.LESS))
        case Kind.FLOAT:
            return bool(abs(value) < _LARGE)
        case Kind.STRING:
            return op is Comparison.EQUAL or value != ""
        case Kind.VERSION:
            return op is Comparison.EQUAL or value != LEAST
        case Kind.TIMESTAMP:
            return bool(1 < value.year < _LAST_YEAR)
        case Kind.DURATION:
            return bool(abs(value.days) < _MANY_DAYS)
        case Kind.BOOL | Kind.LIST | Kind.OBJECT:
            return True
        case _:
            assert_never(kind)
