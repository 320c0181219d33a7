"""The surface tree: a policy as it was written.

Nodes are frozen and mute: no types, no evaluation, no parent. A span is outside equality, so `==` means "the same policy".
Parentheses and comments leave no node; `&&`, `||` and `??` hold all their operands in one tuple, so that a list of two hundred
alternatives is flat.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from policy_lang.source import Span
from policy_lang.syntax.operators import BinaryOp, ComparisonOp, UnaryOp


@dataclass(frozen=True, slots=True)
class Node:
    """Base of every node; equality ignores where the node was written."""

    span: Span = field(kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text literal: `'us-west'`, with its escapes decoded."""

    value: str


@dataclass(frozen=True, slots=True)
class Integer(Node):
    """A whole number: `256`, `0xFF`."""

    value: int
    is_hexadecimal: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Float(Node):
    """A number with a fraction or an exponent: `1.5`, `1e3`."""

    value: float


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`."""


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """A regular expression: `/^X1/i`; the pattern as written between the slashes, the flags sorted."""

    pattern: str
    flags: str


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """A list: `['us-west', 'us-east']`."""

    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A bare name: `device`."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """A property by name: `device.region`."""

    base: "Expr"
    name: str
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index(Node):
    """A property or an item by key: `device["region"]`, `device.tags[0]`."""

    base: "Expr"
    key: "Expr"


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call: `has(device.region)`."""

    name: str
    args: tuple["Expr", ...]
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Method(Node):
    """A method call: `device.model.startsWith('X')`."""

    base: "Expr"
    name: str
    args: tuple["Expr", ...]
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """A prefix operator: `!device.test`."""

    op: UnaryOp
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """An operator on two numbers, texts or times: `device.memory / 1024`."""

    op: BinaryOp
    left: "Expr"
    right: "Expr"
    op_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison: `device.version < update.version`."""

    op: ComparisonOp
    left: "Expr"
    right: "Expr"
    op_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And(Node):
    """Two or more operands joined by `&&`."""

    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Two or more operands joined by `||`."""

    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Coalesce(Node):
    """Two or more operands joined by `??`: the first that is known."""

    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`test ? then : otherwise`."""

    test: "Expr"
    then: "Expr"
    otherwise: "Expr"


Expr: TypeAlias = (
    Text
    | Integer
    | Float
    | Boolean
    | Null
    | Regex
    | ListOf
    | Name
    | Member
    | Index
    | Call
    | Method
    | Unary
    | Binary
    | Compare
    | And
    | Or
    | Coalesce
    | Conditional
)
