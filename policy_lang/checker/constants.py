"""Values that are known from the text alone."""

from policy_lang.syntax.ast import Boolean, Coalesce, Conditional, Expr, Float, Integer, ListOf, Text, Unary
from policy_lang.syntax.operators import UnaryOp


def literal_value(expr: Expr) -> str | int | float | bool | None:
    """The value of a literal, a signed number included; None for every other expression."""
    match expr:
        case Text(value) | Integer(value) | Float(value) | Boolean(value):
            return value
        case Unary(UnaryOp.NEGATE, Integer(number)) | Unary(UnaryOp.NEGATE, Float(number)):
            return -number
        case Unary(UnaryOp.PLUS, Integer(number)) | Unary(UnaryOp.PLUS, Float(number)):
            return number
        case _:
            return None


def literal_texts(expr: Expr) -> list[Text]:
    """The text literals that an expression may come to, through `?:`, `??` and lists."""
    match expr:
        case Text():
            return [expr]
        case Coalesce(items) | ListOf(items):
            return [node for item in items for node in literal_texts(item)]
        case Conditional(_, then, otherwise):
            return [*literal_texts(then), *literal_texts(otherwise)]
        case _:
            return []
