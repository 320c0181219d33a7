"""Generic walks over the surface tree."""

from collections.abc import Iterator
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


def children(node: Expr) -> tuple[Expr, ...]:
    """The nodes directly below a node, in the order of the text."""
    match node:
        case Text() | Integer() | Float() | Boolean() | Null() | Regex() | Name():
            return ()
        case ListOf(items) | And(items) | Or(items) | Coalesce(items):
            return items
        case Member(base):
            return (base,)
        case Index(base, key):
            return (base, key)
        case Call(_, args):
            return args
        case Method(base, _, args):
            return (base, *args)
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right) | Compare(_, left, right):
            return (left, right)
        case Conditional(test, then, otherwise):
            return (test, then, otherwise)
        case _:
            assert_never(node)


def descendants(node: Expr) -> Iterator[Expr]:
    """The node and everything below it, parents first, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))
