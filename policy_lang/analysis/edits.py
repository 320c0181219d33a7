"""Fixes as edits of the text: which parentheses they need, and when there is no fix.

A fix never loses a comment: `fix` gives None where it would. What a rule proves is only that the new part has the value of the
old one; that the whole policy still compiles and has its types is proven afterwards, for all fixes at once (`proof`).
"""

from typing import assert_never

from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Edit, Fix
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
from policy_lang.syntax.operators import BINARY_PRECEDENCE, Precedence
from policy_lang.syntax.printer import precedence

_BLANKS = " \t\r\n\f\v"


def fix(subject: PolicySubject, title: str, *edits: Edit) -> Fix | None:
    """Edits as a fix, or None where they would lose a comment."""
    if any(_overlap(edit.span, comment.span) for edit in edits for comment in subject.comments):
        return None
    return Fix(title, edits)


def replace(subject: PolicySubject, title: str, span: Span, text: str) -> Fix | None:
    """A fix that writes `text` in place of a span."""
    return fix(subject, title, Edit(span, text))


def replace_expr(subject: PolicySubject, title: str, expr: Expr, text: str, level: int) -> Fix | None:
    """A fix that writes `text`, whose outermost operator has the precedence `level`, in place of an expression.

    The parentheses of the expression go, and others come where its place needs them.
    """
    parent = subject.parent_of(expr)
    wanted = f"({text})" if parent is not None and level < place_level(parent, expr) else text
    return replace(subject, title, written_span(subject, expr), wanted)


def leave_out(subject: PolicySubject, expr: Expr, parent: And | Or) -> Fix | None:
    """A fix that leaves an operand of `&&` or `||` out, and the operator beside it."""
    title, items = f"leave {subject.excerpt(expr)} out", parent.items
    at = next(number for number, item in enumerate(items) if item is expr)
    if len(items) == len(("this", "other")):
        other = items[1 - at]
        return replace_expr(subject, title, parent, subject.text_of(other), precedence(other))
    gone, first = written_span(subject, expr), at == 0
    neighbour = written_span(subject, items[1 if first else at - 1])
    return replace(subject, title, Span(gone.start, neighbour.start) if first else Span(neighbour.end, gone.end), "")


def operand_text(subject: PolicySubject, expr: Expr, level: int) -> str:
    """An expression as it is written, in parentheses where it binds less tightly than `level`."""
    text = subject.text_of(expr)
    return text if precedence(expr) >= level else f"({text})"


def apply_edits(text: str, edits: tuple[Edit, ...]) -> str:
    """The text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def written_span(subject: PolicySubject, expr: Expr) -> Span:
    """The span of an expression with its own parentheses, but not those of a call around it."""
    spans = _spans_with_parentheses(subject, expr.span)
    parent = subject.parent_of(expr)
    is_lone_argument = isinstance(parent, Call | Method) and parent.args == (expr,) and parent.args[0] is expr
    return spans[-2] if is_lone_argument and len(spans) > 1 else spans[-1]


def is_parenthesized(subject: PolicySubject, expr: Expr) -> bool:
    """Whether an expression stands in parentheses of its own."""
    return written_span(subject, expr) != expr.span


def place_level(parent: Expr, child: Expr) -> int:
    """How tightly an operand must bind to stand in its place without parentheses.

    An `&&` inside a `||` could, by the grammar; it gets parentheses all the same, for readers (`mixed_logic`).
    """
    match parent:
        case Member(base) | Method(base) | Index(base) if base is child:
            return Precedence.POSTFIX
        case Unary():
            return Precedence.UNARY
        case Binary(op, left):
            return BINARY_PRECEDENCE[op] + (left is not child)
        case Compare():
            return precedence(parent) + 1
        case And() | Or() | Coalesce():
            return Precedence.AND + 1
        case Conditional(test) if test is child:
            return Precedence.COALESCE
        case Text() | Integer() | Float() | Boolean() | Null() | Regex() | Name() | ListOf() | Call():
            return Precedence.CONDITIONAL
        case Member() | Method() | Index() | Conditional():
            return Precedence.CONDITIONAL
        case _:
            assert_never(parent)


def _spans_with_parentheses(subject: PolicySubject, span: Span) -> list[Span]:
    """A span, and what it is with each pair of parentheses around it."""
    spans, text = [span], subject.source.text
    while True:
        start, end = _back(subject, spans[-1].start), _forward(subject, spans[-1].end)
        if start == 0 or text[start - 1] != "(" or text[end : end + 1] != ")":
            return spans
        spans.append(Span(start - 1, end + 1))


def _back(subject: PolicySubject, at: int) -> int:
    """Where the blanks and comments before an offset start."""
    ends = {comment.span.end: comment.span.start for comment in subject.comments}
    while at > 0 and (at in ends or subject.source.text[at - 1] in _BLANKS):
        at = ends.get(at, at - 1)
    return at


def _forward(subject: PolicySubject, at: int) -> int:
    """Where the blanks and comments after an offset end."""
    starts, text = {comment.span.start: comment.span.end for comment in subject.comments}, subject.source.text
    while at < len(text) and (at in starts or text[at] in _BLANKS):
        at = starts.get(at, at + 1)
    return at


def _overlap(edit: Span, comment: Span) -> bool:
    return edit.start < comment.end and comment.start < edit.end
