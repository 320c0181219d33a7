"""From a core tree to JSON values: a node is a list of its letter, where it was written, and its parts."""

from typing import Any, assert_never

from policy_lang.catalog.compiled.tables import WriteTables
from policy_lang.catalog.compiled.values import write_read, write_value
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
)


def encode(node: Core, tables: WriteTables) -> list[Any]:
    """A core tree as JSON values.

    Args:
        node: what the checker made; a tree that was bound to an update is not written.
        tables: takes what the trees of a catalog share.

    Raises:
        WrongFormError: a host's function reads its literals itself, and only it knows how to write them.
    """
    letter, parts = _parts(node, tables)
    return [letter, *node.span, *parts]


def _parts(node: Core, tables: WriteTables) -> tuple[str, list[Any]]:
    match node:
        case Constant(value, type_):
            return "c", [tables.type(type_), write_value(value, type_)]
        case Fact():
            return "f", [tables.fact(node)]
        case Has(path):
            return "h", [tables.path(path)]
        case Not(operand):
            return "!", [encode(operand, tables)]
        case And(items):
            return "&", [encode(item, tables) for item in items]
        case Or(items):
            return "|", [encode(item, tables) for item in items]
        case ListOf(items):
            return "l", [encode(item, tables) for item in items]
        case Coalesce(items):
            return "d", [encode(item, tables) for item in items]
        case Compare(op, left, right):
            return str(op), [encode(left, tables), encode(right, tables)]
        case In(needle, haystack):
            return "in", [encode(needle, tables), encode(haystack, tables)]
        case Choose(test, then, otherwise):
            return "?", [encode(test, tables), encode(then, tables), encode(otherwise, tables)]
        case Apply(function, _, type_):
            return "a", [tables.function(function), tables.type(type_), *_arguments(node, tables)]
        case _:
            assert_never(node)


def _arguments(node: Apply, tables: WriteTables) -> list[Any]:
    implicit = len(node.function.implicit)
    reads = [False] * implicit + [parameter.read is not None for parameter in node.function.parameters]
    return [_argument(arg, node) if is_read else encode(arg, tables) for arg, is_read in zip(node.args, reads, strict=True)]


def _argument(arg: Core, node: Apply) -> Any:
    """A literal that the row read: its type says nothing, so that the row has to be known."""
    if not isinstance(arg, Constant):
        raise TypeError(arg)  # INVARIANT: the checker takes literals only
    return ["r", *arg.span, write_read(arg.value, node.function)]
