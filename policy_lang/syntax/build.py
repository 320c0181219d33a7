"""Lark's tree to the surface tree: one short method per rule, in the order of the grammar.

Building never raises and never judges: what the grammar lets through too widely (chains of comparisons, malformed numbers) is
reported by `mistakes.py` from Lark's tree, and built here into something harmless.
"""

from typing import Any

from lark import Token, Transformer
from lark.tree import Meta
from lark.visitors import v_args

from policy_lang.source import Span
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
from policy_lang.syntax.literals import read_number, read_text
from policy_lang.syntax.operators import BinaryOp, ComparisonOp, UnaryOp

_Operator = tuple[ComparisonOp, Span]


@v_args(meta=True)
class Build(Transformer[Token, Expr]):
    """Builds the surface tree from the leaves up."""

    def start(self, _: Meta, children: list[Expr]) -> Expr:
        """The whole policy."""
        return children[0]

    def conditional(self, meta: Meta, children: list[Expr]) -> Expr:
        """`c ? a : b`."""
        test, then, otherwise = children
        return Conditional(test, then, otherwise, span=_span(meta))

    def coalesce(self, meta: Meta, children: list[Expr]) -> Expr:
        """`a ?? b`."""
        return Coalesce(tuple(children), span=_span(meta))

    def disjunction(self, meta: Meta, children: list[Expr]) -> Expr:
        """`a || b || c`."""
        return Or(tuple(children), span=_span(meta))

    def conjunction(self, meta: Meta, children: list[Expr]) -> Expr:
        """`a && b && c`."""
        return And(tuple(children), span=_span(meta))

    def comparison(self, meta: Meta, children: list[Any]) -> Expr:
        """`a < b`; a chain, which is an error, becomes its first comparison."""
        left, (op, op_span), right = children[:3]
        return Compare(op, left, right, op_span, span=_span(meta))

    def equality_operator(self, meta: Meta, children: list[Token]) -> _Operator:
        """`==` and `!=`, with the JavaScript spellings `===` and `!==`."""
        op = ComparisonOp.EQUAL if children[0].type == "EQUAL" else ComparisonOp.NOT_EQUAL
        return op, _span(meta)

    def relational_operator(self, meta: Meta, children: list[Token]) -> _Operator:
        """The other comparisons; `not in` is two words."""
        return ComparisonOp(" ".join(children)), _span(meta)

    def binary(self, meta: Meta, children: list[Any]) -> Expr:
        """`a + b`."""
        left, op, right = children
        return Binary(BinaryOp(op), left, right, _token_span(op), span=_span(meta))

    def unary(self, meta: Meta, children: list[Any]) -> Expr:
        """`!a`."""
        op, operand = children
        return Unary(UnaryOp(op), operand, span=_span(meta))

    def member(self, meta: Meta, children: list[Any]) -> Expr:
        """`a.name`."""
        base, name = children
        return Member(base, str(name), _token_span(name), span=_span(meta))

    def method(self, meta: Meta, children: list[Any]) -> Expr:
        """`a.name(b)`."""
        base, name, args = children
        return Method(base, str(name), args, _token_span(name), span=_span(meta))

    def index(self, meta: Meta, children: list[Expr]) -> Expr:
        """`a[b]`."""
        base, key = children
        return Index(base, key, span=_span(meta))

    def name(self, meta: Meta, children: list[Token]) -> Expr:
        """A bare name."""
        return Name(str(children[0]), span=_span(meta))

    def call(self, meta: Meta, children: list[Any]) -> Expr:
        """`name(a)`."""
        name, args = children
        return Call(str(name), args, _token_span(name), span=_span(meta))

    def text(self, meta: Meta, children: list[Token]) -> Expr:
        """A quoted literal."""
        return Text(read_text(children[0])[0], span=_span(meta))

    def number(self, meta: Meta, children: list[Token]) -> Expr:
        """A number; a malformed one, which is an error, becomes 0."""
        value = read_number(children[0])
        if isinstance(value, float):
            return Float(value, span=_span(meta))
        return Integer(value or 0, children[0].type == "HEXADECIMAL", span=_span(meta))

    def true(self, meta: Meta, _: list[Token]) -> Expr:
        """`true`."""
        return Boolean(True, span=_span(meta))

    def false(self, meta: Meta, _: list[Token]) -> Expr:
        """`false`."""
        return Boolean(False, span=_span(meta))

    def null(self, meta: Meta, _: list[Token]) -> Expr:
        """`null`."""
        return Null(span=_span(meta))

    def regex(self, meta: Meta, children: list[Token]) -> Expr:
        """`/pattern/flags`."""
        pattern, _, flags = children[0][1:].rpartition("/")
        return Regex(pattern, "".join(sorted(set(flags))), span=_span(meta))

    def list_of(self, meta: Meta, children: list[tuple[Expr, ...]]) -> Expr:
        """`[a, b]`."""
        return ListOf(children[0], span=_span(meta))

    def group(self, _: Meta, children: list[Expr]) -> Expr:
        """`(a)`: parentheses leave no node."""
        return children[0]

    def items(self, _: Meta, children: list[Expr]) -> tuple[Expr, ...]:
        """What a list holds."""
        return tuple(children)

    def arguments(self, _: Meta, children: list[Expr]) -> tuple[Expr, ...]:
        """What a call is given."""
        return tuple(children)


def _span(meta: Meta) -> Span:
    return Span(meta.start_pos, meta.end_pos)


def _token_span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
