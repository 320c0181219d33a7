"""What depends on constants only is computed once; a constant that decides a connective replaces it."""

from typing import Any, assert_never

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
    children,
    type_of,
)
from policy_lang.types.model import Kind
from policy_lang.types.operations import fits, implementation


def fold(node: Core, options: Options) -> Core:
    """The node with what its constants decide.

    Args:
        node: a node whose children are folded.
        options: the host's options: how texts are decoded, and how long they may become.
    """
    match node:
        case Compare(_, Constant(), Constant()) | Not(Constant()) | In(Constant(), Constant()):
            return _constant(node, _value(node, options))
        case Compare() | Not() | In() | Constant() | Fact() | Has():
            return node
        case And(items):
            return _connective(node, items, decides=False)
        case Or(items):
            return _connective(node, items, decides=True)
        case Choose(Constant(test), then, otherwise):
            return _constant(node, None) if test is None else then if test else otherwise
        case Coalesce(items):
            return _coalesce(node, items)
        case Apply(function) if function.is_host:
            return node  # what it gives may change from call to call
        case Apply(_, items) | ListOf(items) if all(isinstance(item, Constant) for item in items):
            return _constant(node, _value(node, options))
        case Apply() | ListOf() | Choose():
            return node
        case _:
            assert_never(node)


def _constant(node: Core, value: Any) -> Core:
    return Constant(value, type_of(node), span=node.span)


def _connective(node: And | Or, items: tuple[Core, ...], *, decides: bool) -> Core:
    """Without the operands that change nothing; the deciding one alone where there is one."""
    kept = []
    for item in items:
        if isinstance(item, Constant) and item.value is decides:
            return _constant(node, decides)
        if not (isinstance(item, Constant) and item.value is not None):
            kept.append(item)
    if len(kept) == len(items):
        return _constant(node, None) if all(isinstance(item, Constant) for item in items) else node
    if len(kept) > 1:
        return type(node)(tuple(kept), span=node.span)
    return kept[0] if kept else _constant(node, not decides)


def _coalesce(node: Coalesce, items: tuple[Core, ...]) -> Core:
    """Up to the first item that is certainly known."""
    kept: list[Core] = []
    for item in items:
        if not isinstance(item, Constant):
            kept.append(item)
        elif item.value is not None:
            kept.append(item)
            break
    if len(kept) == len(items):
        return node
    if len(kept) > 1:
        return Coalesce(tuple(kept), span=node.span)
    return kept[0] if kept else _constant(node, None)


def _value(node: Core, options: Options) -> Any:
    """The value of a node whose children are constants; None for unknown."""
    values = tuple(child.value for child in children(node) if isinstance(child, Constant))
    if isinstance(node, ListOf):
        return values
    if None in values:
        return None
    match node:
        case Not():
            return not values[0]
        case Compare(op):
            return values[0] == values[1] if op is Comparison.EQUAL else values[0] < values[1]
        case In():
            return True if values[0] in values[1] else None if None in values[1] else False
        case Apply(function):
            result = implementation(function, options)(*values)
            is_text = function.result is Kind.STRING and not function.is_element
            return result if not is_text or fits(result, function, options) else None
        case _:
            raise TypeError(node)  # INVARIANT: `fold` has arms for all others
