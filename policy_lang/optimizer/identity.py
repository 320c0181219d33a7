"""What tests are about, and whether two nodes always have the same value: because they say the same, wherever they are written."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Any

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
    Path,
)
from policy_lang.types.patterns import Pattern
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import Version


def subject(node: Core) -> Path | None:
    """The property of a test that compares one property with a constant, negated or not; None for other nodes."""
    while isinstance(node, Not):
        node = node.operand
    if isinstance(node, Compare):  # by far the most; this is asked of every operand, and patterns take longer
        left, right = node.left, node.right
        one, other = (left, right) if isinstance(left, Fact) else (right, left)
        return one.path if isinstance(one, Fact) and isinstance(other, Constant) else None
    match node:
        case In(Fact(path), Constant()) | Apply(_, (Fact(path), Constant())) | Fact(path):
            return path
        case _:
            return None


def identity(node: Core) -> Hashable:
    """A key that two nodes have in common only if they always have the same value.

    Equality of nodes would not do: versions that differ in build metadata are equal, and `.build` tells them apart. A property is
    told by its path, for in one policy it has one type. What a host's function gives may differ from call to call.
    """
    return _KEYS[type(node)](node)


def _ordered(label: str, *fields: str) -> Callable[[Any], Hashable]:
    """The key of a node by its children, whose order counts."""
    return lambda node: (label, *(identity(getattr(node, field)) for field in fields))


def _items(label: str, collect: Callable[..., Hashable]) -> Callable[[Any], Hashable]:
    """The key of a node by its items."""
    return lambda node: (label, collect(map(identity, node.items)))


def _constant(node: Constant) -> Hashable:
    return ("constant", node.type.kind, _exact(node.value))


def _compare(node: Compare) -> Hashable:
    return (node.op, identity(node.left), identity(node.right))


def _apply(node: Apply) -> Hashable:
    return ("apply", id(node if node.function.is_host else node.function), *map(identity, node.args))


_KEYS: dict[type, Callable[[Any], Hashable]] = {
    Constant: _constant,
    Fact: lambda node: ("fact", node.path),
    Has: lambda node: ("has", node.path),
    Not: lambda node: ("not", identity(node.operand)),
    And: _items("and", frozenset),
    Or: _items("or", frozenset),
    Compare: _compare,
    In: _ordered("in", "needle", "haystack"),
    ListOf: _items("list", tuple),
    Choose: _ordered("choose", "test", "then", "otherwise"),
    Coalesce: _items("coalesce", tuple),
    Apply: _apply,
}


def _exact(value: Any) -> Hashable:
    """A constant with everything that a policy can tell of it."""
    kind = type(value)
    if kind in _EXACT:
        return (kind, value)
    if kind is tuple:
        return tuple(map(_exact, value))
    return (kind, value.text) if kind is Version else id(value)


_EXACT = frozenset({bool, int, float, str, datetime, timedelta, VersionRange, Pattern, IPv4Network, IPv6Network, type(None)})
"""Types whose equality says it all; of another one, a host's, only the value itself is the same."""
