"""The core tree: a policy typed, with its sugar removed; what every back end reads.

Two comparisons are enough (`a > b` is `b < a`, `a <= b` is `!(b < a)`, `a != b` is `!(a == b)`), `x == null` is `!has(x)`, methods
and arithmetic apply rows. Spans point into the policy text and are outside equality.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from json import dumps
from operator import is_
from typing import Any, TypeAlias, assert_never

from policy_lang.source import Span
from policy_lang.types.functions.row import Function
from policy_lang.types.model import BOOL, FLOAT, Kind, Type, list_of

Path: TypeAlias = tuple[str | int, ...]
"""From a root to a property: `("device", "tags", 0)`; a text is a name, a number a position in a list."""


class Comparison(StrEnum):
    """The two comparisons of the core."""

    EQUAL = "=="
    LESS = "<"


@dataclass(frozen=True, slots=True)
class CoreNode:
    """Base of every core node; equality ignores where it was written."""

    span: Span = field(kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Constant(CoreNode):
    """A value known while compiling; the value None is an unknown, which only binding can make."""

    value: Any
    type: Type


@dataclass(frozen=True, slots=True)
class Fact(CoreNode):
    """A property, decoded to its type; `default` is what the schema gives where it is absent."""

    path: Path
    type: Type
    default: Any = None


@dataclass(frozen=True, slots=True)
class Has(CoreNode):
    """Whether a property is present and not `null`; never unknown."""

    path: Path


@dataclass(frozen=True, slots=True)
class Not(CoreNode):
    """Kleene's negation."""

    operand: "Core"


@dataclass(frozen=True, slots=True)
class And(CoreNode):
    """Kleene's conjunction of two or more operands."""

    items: tuple["Core", ...]


@dataclass(frozen=True, slots=True)
class Or(CoreNode):
    """Kleene's disjunction of two or more operands."""

    items: tuple["Core", ...]


@dataclass(frozen=True, slots=True)
class Compare(CoreNode):
    """Equality or order of two values of one type, ints and floats mixed."""

    op: Comparison
    left: "Core"
    right: "Core"


@dataclass(frozen=True, slots=True)
class In(CoreNode):
    """Membership in a list; unknown where an item is unknown and no other is the needle."""

    needle: "Core"
    haystack: "Core"


@dataclass(frozen=True, slots=True)
class ListOf(CoreNode):
    """A list whose items are not all constant; an item may be unknown, the list is not."""

    items: tuple["Core", ...]


@dataclass(frozen=True, slots=True)
class Choose(CoreNode):
    """`test ? then : otherwise`; unknown where the test is."""

    test: "Core"
    then: "Core"
    otherwise: "Core"


@dataclass(frozen=True, slots=True)
class Coalesce(CoreNode):
    """The first item that is known."""

    items: tuple["Core", ...]


@dataclass(frozen=True, slots=True)
class Apply(CoreNode):
    """A row applied to its arguments, the implicit ones first; unknown where an argument is."""

    function: Function
    args: tuple["Core", ...]
    type: Type


Core: TypeAlias = Constant | Fact | Has | Not | And | Or | Compare | In | ListOf | Choose | Coalesce | Apply


def children(node: Core) -> tuple[Core, ...]:
    """The nodes directly below a node."""
    match node:
        case Constant() | Fact() | Has():
            return ()
        case Not(operand):
            return (operand,)
        case And(items) | Or(items) | ListOf(items) | Coalesce(items) | Apply(_, items):
            return items
        case Compare(_, left, right) | In(left, right):
            return (left, right)
        case Choose(test, then, otherwise):
            return (test, then, otherwise)
        case _:
            assert_never(node)


def descendants(node: Core) -> Iterator[Core]:
    """The node and everything below it, parents first."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def map_children(node: Core, change: Callable[[Core], Core]) -> Core:
    """The node with each child changed; the node itself where none is."""
    old = children(node)
    new = tuple([change(child) for child in old])
    if all(map(is_, new, old)):
        return node
    match node:
        case Constant() | Fact() | Has():
            return node
        case Not():
            return Not(*new, span=node.span)
        case And():
            return And(new, span=node.span)
        case Or():
            return Or(new, span=node.span)
        case ListOf():
            return ListOf(new, span=node.span)
        case Coalesce():
            return Coalesce(new, span=node.span)
        case Apply(function, _, type_):
            return Apply(function, new, type_, span=node.span)
        case Compare(op):
            return Compare(op, *new, span=node.span)
        case In():
            return In(*new, span=node.span)
        case Choose():
            return Choose(*new, span=node.span)
        case _:
            assert_never(node)


def path_text(path: Path) -> str:
    """A path as policies write it: `device.tags[0]`, `device["a b"]`."""
    root, *steps = path
    return str(root) + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() and step.isascii() else f"[{dumps(step, ensure_ascii=False)}]"


def type_of(node: Core) -> Type:
    """The type of a node's value."""
    match node:
        case Constant(_, type_) | Fact(_, type_) | Apply(_, _, type_):
            return type_
        case Has() | Not() | And() | Or() | Compare() | In():
            return BOOL
        case ListOf(items):
            return list_of(type_of(items[0]))
        case Choose(_, then, otherwise):
            return join(type_of(then), type_of(otherwise))
        case Coalesce(items):
            return reduce(join, map(type_of, items))
        case _:
            assert_never(node)


def join(left: Type, right: Type) -> Type:
    """The type of a value that is one or the other: a number where ints and numbers meet."""
    return FLOAT if {left.kind, right.kind} == {Kind.INT, Kind.FLOAT} else left
