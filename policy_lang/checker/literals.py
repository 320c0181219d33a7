"""What text literals mean, once the types of their places are known: versions, timestamps, durations, members of an enumeration."""

from collections.abc import Callable
from typing import Any

from policy_lang.checker.constants import literal_texts
from policy_lang.checker.scope import Scope
from policy_lang.suggest import did_you_mean, shorten
from policy_lang.syntax.ast import Compare, Expr, Text
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
_MEMBER_OPS = {ComparisonOp.EQUAL, ComparisonOp.NOT_EQUAL, ComparisonOp.IN, ComparisonOp.NOT_IN}


def read_literals(tree: Expr, scope: Scope) -> None:
    """Read every text literal as the type of its place, and report those that are no value of it."""
    for expr in descendants(tree):
        match expr:
            case Text(value) if id(expr) in scope.slots and scope.slots[id(expr)].is_settled:
                _read(expr, value, Kind(scope.slots[id(expr)].kinds), scope)
            case Compare(op, left, right) if op in _MEMBER_OPS:
                _check_values(left, right, scope)
                _check_values(right, left, scope)
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


def _check_values(enum: Expr, literals: Expr, scope: Scope) -> None:
    """Report literals that an enumeration does not allow: such a comparison never holds."""
    declared = scope.slots[id(enum)].declared if id(enum) in scope.slots else None
    if declared is None or declared.values is None:
        return
    for node in literal_texts(literals):
        if node.value not in declared.values:
            help_ = did_you_mean(node.value, declared.values) or f"one of {', '.join(map(write_text, declared.values[:10]))}"
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
