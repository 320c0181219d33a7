"""Connectives: negations at the leaves, no connective inside its like, nothing said twice, nothing that something else implies.

Kleene's logic is a distributive lattice with an order-reversing negation, where false < unknown < true. So De Morgan's laws,
`a && a` and `a && (a || b)` are exact. `a && !a` is not false: it is unknown where `a` is.
"""

from collections.abc import Hashable, Iterator
from typing import TypeAlias

from policy_lang.optimizer.identity import identity, subject
from policy_lang.options import Options
from policy_lang.types.core import And, Compare, Comparison, Constant, Core, Not, Or

_MOST_COMPARED = 64
"""Operands that are compared with each other; beyond, only the equal ones are dropped."""

_Parts: TypeAlias = frozenset[Hashable]


def simplify(node: Core, _: Options) -> Core:
    """The node without connectives that change nothing."""
    match node:
        case Not(Not() | And() | Or() as operand):
            return negate(operand)
        case Compare(Comparison.EQUAL, other, Constant(bool() as value)) | Compare(
            Comparison.EQUAL, Constant(bool() as value), other
        ):
            return other if value else negate(other)
        case And() | Or():
            return _connective(node)
        case _:
            return node


def negate(node: Core) -> Core:
    """The negation of a node, pushed to the leaves."""
    match node:
        case Not(operand):
            return operand
        case And(items):
            return Or(tuple(map(negate, items)), span=node.span)
        case Or(items):
            return And(tuple(map(negate, items)), span=node.span)
        case _:
            return Not(node, span=node.span)


def _connective(node: And | Or) -> Core:
    items = tuple(_flatten(node))
    about = set(map(subject, items))
    if None not in about and len(about) == len(items):  # each test is about another property: nothing implies anything
        return node if len(items) == len(node.items) else type(node)(items, span=node.span)
    kept = _without_implied(items, And if isinstance(node, Or) else Or)
    if len(kept) == 1:
        return kept[0]
    return node if len(kept) == len(items) == len(node.items) else type(node)(kept, span=node.span)


def _flatten(node: And | Or) -> Iterator[Core]:
    for item in node.items:
        if type(item) is type(node):
            yield from item.items
        else:
            yield item


def _without_implied(items: tuple[Core, ...], inner: type[And | Or]) -> tuple[Core, ...]:
    """The operands that are not implied by another: in a conjunction `a` implies `a || b`, in a disjunction `a && b` adds nothing.

    Each operand is the set of its parts, a disjunction inside a conjunction or the other way round. One whose parts contain all
    parts of another is implied by it; of two equal ones the first stays.
    """
    parts = [_parts(item, inner) for item in items]
    if len(items) > _MOST_COMPARED:
        return tuple(dict(zip(reversed(parts), reversed(items), strict=True)).values())[::-1]
    return tuple(item for at, item in enumerate(items) if not _is_implied(parts, at))


def _parts(item: Core, inner: type[And | Or]) -> _Parts:
    return (
        frozenset(map(identity, item.items))
        if isinstance(item, And | Or) and isinstance(item, inner)
        else frozenset({identity(item)})
    )


def _is_implied(parts: list[_Parts], at: int) -> bool:
    mine = parts[at]
    return any(other < mine for other in parts) or mine in parts[:at]
