"""What text literals mean, once the types of their places are known: versions, timestamps, durations, members of an enumeration."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from policy_lang.checker.constants import literal_texts
from policy_lang.checker.scope import Scope
from policy_lang.suggest import did_you_mean, shorten
from policy_lang.syntax.ast import Compare, Expr, ListOf, Method, Text
from policy_lang.syntax.literals import write_text
from policy_lang.syntax.operators import ComparisonOp
from policy_lang.syntax.walk import descendants
from policy_lang.types.model import Kind
from policy_lang.types.patterns import compile_pattern
from policy_lang.types.times import read_duration, read_timestamp
from policy_lang.versions.version import Version

_READERS: dict[Kind, tuple[str, str, Callable[[str], Any], str]] = {
    Kind.TIMESTAMP: ("PL211", "a timestamp", read_timestamp, "write RFC 3339 with an offset, for example `'2026-01-31T00:00:00Z'`"),
    Kind.DURATION: ("PL212", "a duration", read_duration, "write for example `'7d'`, `'12h'`, `'30m'`, `'45s'` or `'P1DT12H'`"),
}
_EQUALITIES = {ComparisonOp.EQUAL, ComparisonOp.NOT_EQUAL}
_MEMBERSHIPS = {ComparisonOp.IN, ComparisonOp.NOT_IN}
_CONTAINMENTS = {ComparisonOp.CONTAINS, ComparisonOp.NOT_CONTAINS}
_MOST_VALUES = 10


def read_literals(tree: Expr, scope: Scope) -> None:
    """Read every text literal as the type of its place, and report those that are no value of it."""
    for expr in descendants(tree):
        match expr:
            case Text(value) if id(expr) in scope.slots and scope.slots[id(expr)].is_settled:
                _read(expr, value, Kind(scope.slots[id(expr)].kinds), scope)
            case Compare(op, left, right) if op in _EQUALITIES:
                _check_values(left, _values_of(left, scope), right, scope)
                _check_values(right, _values_of(right, scope), left, scope)
            case Compare(op, left, right) if op in _MEMBERSHIPS:
                _check_values(left, _values_of(left, scope), right, scope)
                _check_values(right, _items_of(right, scope), left, scope)
            case Compare(op, left, right) if op in _CONTAINMENTS:
                _check_values(left, _items_of(left, scope), right, scope)
            case Method(base, "includes", (item,)):
                _check_values(base, _items_of(base, scope), item, scope)
            case _:
                pass
    _compile_patterns(tree, scope)


def _read(expr: Text, value: str, kind: Kind, scope: Scope) -> None:
    if kind is Kind.VERSION:
        _read_version(expr, value, scope)
    elif kind in _READERS:
        code, name, read, help_ = _READERS[kind]
        scope.values[id(expr)] = read(value)
        if scope.values[id(expr)] is None:
            scope.report(code, f"`{shorten(value)}` is not {name}", expr.span, help_)


def _read_version(expr: Text, value: str, scope: Scope) -> None:
    try:
        scope.values[id(expr)] = Version.parse(value)
    except ValueError as error:
        scope.report("PL210", str(error), expr.span, _version_help(value))


def _version_help(value: str) -> str:
    try:
        return f"did you mean `'{Version.parse_lenient(value)}'`?"
    except ValueError:
        return "write major.minor.patch, for example `'1.2.0'` or `'2.0.0-rc.1'`"


def _values_of(expr: Expr, scope: Scope) -> tuple[str, ...] | None:
    """What an expression can be, where an enumeration says it."""
    declared = scope.slots[id(expr)].declared if id(expr) in scope.slots else None
    return None if declared is None else declared.values


def _items_of(expr: Expr, scope: Scope) -> tuple[str, ...] | None:
    """What a list can hold, where enumerations say it: that of its declaration, or those of its items."""
    if isinstance(expr, ListOf):
        each = [(item.value,) if isinstance(item, Text) else _values_of(item, scope) for item in expr.items]
        known = [values for values in each if values is not None]
        is_enum = len(known) == len(each) and not all(isinstance(item, Text) for item in expr.items)
        return tuple(dict.fromkeys(chain.from_iterable(known))) if is_enum else None
    declared = scope.slots[id(expr)].declared if id(expr) in scope.slots else None
    return None if declared is None or declared.items is None else declared.items.values


def _check_values(enum: Expr, allowed: tuple[str, ...] | None, literals: Expr, scope: Scope) -> None:
    """Report literals that an enumeration does not allow: such a comparison never holds."""
    for node in literal_texts(literals) if allowed is not None else ():
        if allowed is not None and node.value not in allowed:
            help_ = did_you_mean(node.value, allowed) or f"one of {', '.join(map(write_text, allowed[:_MOST_VALUES]))}"
            scope.report("PL214", f"`{shorten(node.value)}` is not a value of {scope.excerpt(enum)}", node.span, help_)


def _compile_patterns(tree: Expr, scope: Scope) -> None:
    """Compile each regular expression, so that RE2 refuses what it does not know."""
    for expr in descendants(tree):
        value = scope.values.get(id(expr))
        if isinstance(value, tuple):
            try:
                scope.values[id(expr)] = compile_pattern(*value)
            except ValueError as error:
                help_ = "the syntax is RE2's: no look-around and no back-references, so that matching stays linear"
                scope.report("PL219", f"the regular expression is not valid: {error}", expr.span, help_)
