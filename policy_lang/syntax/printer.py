"""The surface tree as canonical text on one line, with the fewest parentheses."""

from typing import assert_never

from policy_lang.syntax.ast import (
    And,
    Binary,
    Boolean,
    Call,
    Coalesce,
    Compare,
    Conditional,
    Expr,
    Float,
    Index,
    Integer,
    ListOf,
    Member,
    Method,
    Name,
    Null,
    Or,
    Regex,
    Text,
    Unary,
)
from policy_lang.syntax.literals import write_text
from policy_lang.syntax.operators import BINARY_PRECEDENCE, EQUALITY_OPS, ComparisonOp, Precedence


def print_policy(node: Expr) -> str:
    """Canonical text that parses to the same tree.

    Equality is written `==` and `!=`, texts take single quotes, operators one blank on each side.
    """
    match node:
        case Text(value):
            return write_text(value)
        case Integer(value, is_hexadecimal):
            return f"0x{value:X}" if is_hexadecimal else str(value)
        case Float(value):
            return repr(value)
        case Boolean(value):
            return "true" if value else "false"
        case Null():
            return "null"
        case Regex(pattern, flags):
            return f"/{pattern}/{flags}"
        case ListOf(items):
            return f"[{_commas(items)}]"
        case Name(name):
            return name
        case Member(base, name):
            return f"{_base(base)}.{name}"
        case Index(base, key):
            return f"{_base(base)}[{print_policy(key)}]"
        case Call(name, args):
            return f"{name}({_commas(args)})"
        case Method(base, name, args):
            return f"{_base(base)}.{name}({_commas(args)})"
        case Unary(op, operand):
            text = _at_least(Precedence.UNARY, operand)
            return f"{op}({text})" if op in "+-" and text.startswith(op) else op + text
        case Binary(op, left, right):
            level = BINARY_PRECEDENCE[op]
            return f"{_at_least(level, left)} {op} {_at_least(level + 1, right)}"
        case Compare(op, left, right):
            level = comparison_level(op)
            return f"{_at_least(level + 1, left)} {op} {_at_least(level + 1, right)}"
        case And(items):
            return " && ".join(_at_least(Precedence.AND + 1, item) for item in items)
        case Or(items):
            return " || ".join(_at_least(Precedence.OR + 1, item) for item in items)
        case Coalesce(items):
            return " ?? ".join(_at_least(Precedence.AND + 1, item) for item in items)
        case Conditional(test, then, otherwise):
            return f"{_at_least(Precedence.COALESCE, test)} ? {print_policy(then)} : {print_policy(otherwise)}"
        case _:
            assert_never(node)


def precedence(node: Expr) -> Precedence:
    """How tightly the outermost operator of an expression binds."""
    match node:
        case Conditional():
            return Precedence.CONDITIONAL
        case Coalesce():
            return Precedence.COALESCE
        case Or():
            return Precedence.OR
        case And():
            return Precedence.AND
        case Compare(op):
            return comparison_level(op)
        case Binary(op):
            return BINARY_PRECEDENCE[op]
        case Unary():
            return Precedence.UNARY
        case _:
            return Precedence.POSTFIX


def comparison_level(op: ComparisonOp) -> Precedence:
    """Which of the two levels of comparisons an operator is of."""
    return Precedence.EQUALITY if op in EQUALITY_OPS else Precedence.RELATION


def _at_least(level: int, node: Expr) -> str:
    text = print_policy(node)
    return text if precedence(node) >= level else f"({text})"


def _base(node: Expr) -> str:
    """What stands before a dot; a number needs parentheses, for `1.x` would be one token."""
    return f"({print_policy(node)})" if isinstance(node, Integer | Float) else _at_least(Precedence.POSTFIX, node)


def _commas(items: tuple[Expr, ...]) -> str:
    return ", ".join(map(print_policy, items))
