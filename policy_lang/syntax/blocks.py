"""The surface tree as a layout: where its lines may end, and where its comments stand.

What a policy looks like on one line is the matter of `printer.py`. Here is what takes several lines: chains of `&&`, `||` and `??`
with the operator first, lists and arguments with one item a line, conditionals with their two cases.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple, assert_never

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
from policy_lang.syntax.layout import Group, HardLine, IfBroken, Indent, Layout, Line, Note, must_break
from policy_lang.syntax.notes import Notes, Placed, Sides
from policy_lang.syntax.operators import BINARY_PRECEDENCE, Precedence
from policy_lang.syntax.printer import comparison_level, precedence, print_policy

_SOFT = Line("")
_LOOSEST = Precedence.CONDITIONAL


class _Part(NamedTuple):
    """One operand, item or argument: its layout, and the comments before and after it."""

    before: tuple[Placed, ...]
    layout: Layout
    after: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Lays out the nodes of one policy.

    Attributes:
        notes: the comments.
        is_clear: whether `&&` beside `||`, and a conditional in the first case of another, have parentheses that they do not need.
    """

    notes: Notes
    is_clear: bool = True

    def policy(self, tree: Expr) -> Layout:
        """The whole policy; a comment at its end keeps the lines apart, for it may speak of the last of them only."""
        part = self._part(tree, _LOOSEST)
        has_last_note = bool(part.after) and part.after[0].is_last and not part.after[0].is_own
        if isinstance(part.layout, Group) and has_last_note and self.notes.is_spread(tree):
            part = part._replace(layout=part.layout.inner)
        return _block(part)

    def _part(self, node: Expr, level: int, *, is_mixed: bool = False, is_indented: bool = False) -> _Part:
        """A node in a place that binds as tightly as `level`; it has parentheses where it binds less tightly."""
        has_parentheses = precedence(node) < level or (is_mixed and self.is_clear)
        outside, inside = self.notes.around(node)
        inner = _wrapped(inside, self._lines(node, is_indented=is_indented and not has_parentheses))
        layout = _brackets("(", [inner], ")") if has_parentheses else Group(inner.layout)
        return _wrapped(outside, _Part((), layout, ()) if has_parentheses else inner._replace(layout=layout))

    def _lines(self, node: Expr, *, is_indented: bool) -> _Part:
        """A node without parentheses; what is around it decides whether its lines end."""
        match node:
            case Text() | Integer() | Float() | Boolean() | Null() | Regex() | Name():
                return _leaf(print_policy(node))
            case ListOf(items):
                return _leaf(self._items("[", node, items, "]"))
            case Call(name, args):
                return _leaf((name, self._items("(", node, args, ")")))
            case Member(base, name):
                return self._access(base, f".{name}")
            case Method(base, name, args):
                return self._access(base, (f".{name}", self._items("(", node, args, ")")))
            case Index(base, key):
                return self._access(base, _brackets("[", [self._part(key, _LOOSEST)], "]", is_stiff=True))
            case Unary(op, operand):
                return self._unary(op, operand)
            case Binary(op, left, right):
                level = BINARY_PRECEDENCE[op]
                return _joined([self._part(left, level), self._part(right, level + 1)], [op], is_stiff=True)
            case Compare(op):
                return self._comparison(node)
            case And(items):
                return self._chain("&&", items, Precedence.AND + 1, is_indented=is_indented)
            case Or(items):
                return self._chain("||", items, Precedence.OR + 1, is_indented=is_indented)
            case Coalesce(items):
                return self._chain("??", items, Precedence.AND + 1, is_indented=is_indented)
            case Conditional():
                return self._conditional(node)
            case _:
                assert_never(node)

    def _items(self, opening: str, node: Expr, items: tuple[Expr, ...], closing: str) -> Layout:
        """A list, or the arguments of a call."""
        if items:
            return _brackets(opening, [self._part(item, _LOOSEST, is_indented=True) for item in items], closing, comma=",")
        return _alone(opening, self.notes.alone.get(id(node), ()), closing)

    def _access(self, base: Expr, rest: Layout) -> _Part:
        """A dot or an index; a number before it needs parentheses, for `1.x` would be one token."""
        part = self._part(base, Precedence.POSTFIX + (1 if isinstance(base, Integer | Float) else 0))
        ending = HardLine() if _ends_line(part.after) else ""
        return _Part(part.before, (part.layout, Indent((_after(part.after), ending)), rest), ())

    def _unary(self, op: str, operand: Expr) -> _Part:
        """A prefix operator; two signs in a row would read as one operator."""
        is_doubled = op in "+-" and isinstance(operand, Unary) and operand.op == op
        part = self._part(operand, Precedence.UNARY + (1 if is_doubled else 0))
        before = tuple((Note(each.text), Indent(HardLine())) if each.is_own else f"{each.text} " for each in part.before)
        return _Part((), (op, before, part.layout), part.after)

    def _comparison(self, node: Compare) -> _Part:
        """A comparison; one that compares the result of another shows it by parentheses."""
        level = comparison_level(node.op) + 1
        parts = [self._part(side, level, is_mixed=isinstance(side, Compare)) for side in (node.left, node.right)]
        return _joined(parts, [node.op], is_stiff=True)

    def _chain(self, operator: str, items: tuple[Expr, ...], level: int, *, is_indented: bool) -> _Part:
        """Operands that stand below each other, each but the first behind its operator."""
        parts = [self._part(item, level, is_mixed=operator == "||" and isinstance(item, And)) for item in items]
        return _joined(parts, [operator] * (len(items) - 1), is_indented=is_indented)

    def _conditional(self, node: Conditional) -> _Part:
        """The cases stand below the test."""
        test = self._part(node.test, Precedence.COALESCE)
        then = self._part(node.then, _LOOSEST, is_mixed=isinstance(node.then, Conditional), is_indented=True)
        otherwise = self._part(node.otherwise, _LOOSEST, is_indented=True)
        return _joined([test, then, otherwise], ["?", ":"], is_indented=True)


def _leaf(layout: Layout) -> _Part:
    return _Part((), layout, ())


def _wrapped(sides: Sides, part: _Part) -> _Part:
    """A part with more comments around those that it has; all before one with a line of its own have lines of their own too."""
    before = sides.before + part.before
    owned = max((at for at, each in enumerate(before, start=1) if each.is_own), default=0)
    return _Part(tuple(replace(each, is_own=at < owned) for at, each in enumerate(before)), part.layout, part.after + sides.after)


def _block(part: _Part) -> tuple[Layout, ...]:
    """A part that starts a line, with its comments above it and below it."""
    return (*_above(part.before), *_beside(part.before), part.layout, _after(part.after))


def _brackets(opening: str, parts: Sequence[_Part], closing: str, *, comma: str = "", is_stiff: bool = False) -> Layout:
    """Parts between brackets, one a line where they do not fit; stiff brackets break for comments only."""
    inner: list[Layout] = []
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        separator = IfBroken(comma) if following is None else comma
        beside = tuple(takewhile(lambda each: not each.ends_line, part.after))
        inner += [*_block(part._replace(after=beside)), separator, _after(part.after[len(beside) :])]
        inner.append(_line_before(following, is_ended=_ends_line(part.after)))
    *body, end = inner
    if is_stiff and not must_break(tuple(inner)):
        return opening, tuple(body), closing
    return Group((opening, Indent((_SOFT, *body)), end, closing))


def _line_before(part: _Part | None, *, is_ended: bool) -> Layout:
    """The line end before an item, or before the closing bracket."""
    if part is not None and part.before and part.before[0].is_own:
        return HardLine(part.before[0].has_blank_before)
    return HardLine() if is_ended else _SOFT if part is None else Line()


def _alone(opening: str, comments: tuple[Placed, ...], closing: str) -> Layout:
    """Brackets that hold nothing but comments."""
    if not any(each.ends_line for each in comments):
        return opening + " ".join(each.text for each in comments) + closing
    first, *others = comments
    rest = tuple((HardLine(each.has_blank_before), Note(each.text, each.column)) for each in others)
    return opening, Indent((HardLine(), Note(first.text, first.column), rest)), HardLine(), closing


def _joined(parts: Sequence[_Part], operators: Sequence[str], *, is_stiff: bool = False, is_indented: bool = False) -> _Part:
    """Operands with an operator at the start of each line but the first; a stiff chain breaks for comments only."""
    others = tuple(_steps(parts, operators, is_stiff=is_stiff))
    return _Part(parts[0].before, (parts[0].layout, Indent(others) if is_indented else others), parts[-1].after)


def _steps(parts: Sequence[_Part], operators: Sequence[str], *, is_stiff: bool) -> Iterator[Layout]:
    """Each operator with its operand, and the comments and the line end before them."""
    for left, operator, right in zip(parts, operators, parts[1:], strict=False):
        own = [each for each in right.before if each.is_own]
        ending: Layout = HardLine() if _ends_line(left.after) else " " if is_stiff else Line()
        if own:
            ending = (HardLine(own[0].has_blank_before), *_above(right.before))
        breaks = (_after(left.after), ending)
        yield Indent(breaks) if is_stiff else breaks
        yield (f"{operator} ", *_beside(right.before), right.layout)


def _above(comments: tuple[Placed, ...]) -> Iterator[Layout]:
    """The comments that have lines of their own before a part."""
    own = [each for each in comments if each.is_own]
    for number, each in enumerate(own):
        yield Note(each.text, each.column)
        yield HardLine(own[number + 1].has_blank_before if number + 1 < len(own) else each.has_blank_after)


def _beside(comments: tuple[Placed, ...]) -> Iterator[Layout]:
    """The comments that stand on the line of a part, before it."""
    yield from (f"{each.text} " for each in comments if not each.is_own)


def _after(comments: tuple[Placed, ...]) -> Layout:
    """The comments after a part: on its line as far as that goes, then each on a line of its own."""
    layout: list[Layout] = []
    is_ended = False
    for each in comments:
        is_below = each.is_own or is_ended
        layout.append(HardLine(each.has_blank_before) if is_below else " ")
        layout.append(Note(each.text, each.column if is_below else None) if each.ends_line else each.text)
        is_ended = is_ended or each.ends_line
    return tuple(layout)


def _ends_line(comments: tuple[Placed, ...]) -> bool:
    return any(each.ends_line for each in comments)
