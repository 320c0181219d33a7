"""Which comment belongs to what: each stands before or after a part of a policy, or alone between brackets.

A comment lies in a gap: between two parts, or between a part and a bracket. In a gap, the comments that follow the earlier part on
its line belong to it, and the rest to the later part. So their order never changes.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from policy_lang.source import Span
from policy_lang.syntax.ast import And, Call, Coalesce, Expr, Index, Method, Or
from policy_lang.syntax.parser import Comment, Parsed
from policy_lang.syntax.walk import children

_NOT_END = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A comment, and how it stands.

    Attributes:
        text: with its marks, without blanks at its end.
        column: where it starts in its line, from 0.
        is_own: whether it has a line of its own.
        is_last: whether nothing can follow it on its line: it is a `//` comment, or has several lines.
        has_blank_before: whether a blank line stands before it.
        has_blank_after: whether a blank line stands after it.
    """

    text: str
    column: int
    is_own: bool
    is_last: bool
    has_blank_before: bool
    has_blank_after: bool

    @property
    def ends_line(self) -> bool:
        """Whether what comes next starts a line."""
        return self.is_own or self.is_last


class Sides(NamedTuple):
    """The comments before and after a part."""

    before: tuple[Placed, ...] = ()
    after: tuple[Placed, ...] = ()


_NONE = Sides()


@dataclass(frozen=True, slots=True)
class Notes:
    """The comments of a policy, by the identity of the node that they belong to.

    Attributes:
        outside: those around a part with its parentheses.
        inside: those between a part and the parentheses around it.
        alone: those in brackets that hold nothing else.
        spread: the chains with a line end between two operands.
    """

    outside: dict[int, Sides] = field(default_factory=dict)
    inside: dict[int, Sides] = field(default_factory=dict)
    alone: dict[int, tuple[Placed, ...]] = field(default_factory=dict)
    spread: set[int] = field(default_factory=set)

    def around(self, node: Expr) -> tuple[Sides, Sides]:
        """The comments outside and inside the parentheses of a part, whether it has any or not."""
        return self.outside.get(id(node), _NONE), self.inside.get(id(node), _NONE)

    def is_spread(self, node: Expr) -> bool:
        """Whether a chain was written with a line end between two operands."""
        return id(node) in self.spread


def attach(parsed: Parsed) -> Notes:
    """Find what each comment of a policy belongs to."""
    return _Attacher(parsed).attach()


class _Gap(NamedTuple):
    """The text between two parts; None where there is a bracket, or an end of the policy, in place of one."""

    left: int | None
    right: int | None
    comments: Sequence[Comment]
    operator: int


class _Attacher:
    """Goes down the tree; `code` is the text with blanks for comments."""

    def __init__(self, parsed: Parsed) -> None:
        self.text = parsed.source.text
        self.tree = parsed.tree
        self.comments = parsed.comments
        self.starts = [comment.span.start for comment in parsed.comments]
        self.notes = Notes()
        code = self.text
        for start, end in (comment.span for comment in parsed.comments):
            code = code[:start] + _NOT_END.sub(" ", code[start:end]) + code[end:]
        self.code = code

    def attach(self) -> Notes:
        if self.comments:
            self._part(self.tree, Span(0, len(self.text)), _Gap(None, None, (), 0), _Gap(None, None, (), 0))
            parts = children(self.tree) if isinstance(self.tree, And | Or | Coalesce) else ()
            if any("\n" in self.text[left.span.end : right.span.start] for left, right in pairwise(parts)):
                self.notes.spread.add(id(self.tree))
            pending = [self.tree]
            while pending:
                node = pending.pop()
                self._node(node)
                pending.extend(children(node))
        return self.notes

    def _node(self, node: Expr) -> None:
        """Attach the comments between the parts of a node."""
        if not self._between(*node.span):
            return
        parts = children(node)
        if not parts:
            self.notes.alone[id(node)] = tuple(self._after(self._between(*node.span), node.span.start, has_own=True))
            return
        extents = list(self._extents(node, parts))
        edges = [node.span.start, *(edge for extent in extents for edge in extent), node.span.end]
        gaps = [
            self._gap(start, end, has_left=number > 0, has_right=number < len(parts))
            for number, (start, end) in enumerate(zip(edges[::2], edges[1::2], strict=True))
        ]
        if isinstance(node, Method | Index):
            bracket = self.code.index("(", node.name_span.end) if isinstance(node, Method) else gaps[1].operator
            gaps[1:2] = _cut_at(bracket, gaps[1])
            self._part(parts[0], extents[0], gaps[0], gaps[1])
            parts, extents, gaps = parts[1:], extents[1:], gaps[2:]
            if not parts:
                self.notes.alone[id(node)] = tuple(self._after(gaps[0].comments, bracket, has_own=True))
        for number, (part, extent) in enumerate(zip(parts, extents, strict=True)):
            self._part(part, extent, gaps[number], gaps[number + 1])

    def _extents(self, node: Expr, parts: tuple[Expr, ...]) -> Iterator[Span]:
        """Each part with the parentheses around it."""
        edges = [node.span.start, *(edge for part in parts for edge in part.span), node.span.end]
        first = {Call: 0, Method: 1}.get(type(node), -1)
        for number in range(len(parts)):
            before, start, end, after = edges[2 * number : 2 * number + 4]
            opened = self._run("(", before, start)[first == number :]
            closed = self._run(")", end, after)
            is_last_argument = isinstance(node, Call | Method) and number == len(parts) - 1 >= first
            if is_last_argument and closed and not self.code[closed[-1] + 1 : after].strip():
                closed.pop()
            yield Span(min([start, *opened]), max([end, *(at + 1 for at in closed)]))

    def _run(self, bracket: str, start: int, end: int) -> list[int]:
        """Where the parentheses stand that touch a part: at the end of the gap before it, or at the start of the one after."""
        code = self.code[start:end]
        inside = (
            code[len(code.rstrip("( \t\r\n\f\v")) :] if bracket == "(" else code[: len(code) - len(code.lstrip(") \t\r\n\f\v"))]
        )
        offset = end - len(inside) if bracket == "(" else start
        return [offset + at for at, char in enumerate(inside) if char == bracket]

    def _gap(self, start: int, end: int, *, has_left: bool, has_right: bool) -> _Gap:
        return _Gap(start if has_left else None, end if has_right else None, self._between(start, end), self._code_from(start))

    def _part(self, node: Expr, extent: Span, before: _Gap, after: _Gap) -> None:
        """Attach what belongs to a part from both of its sides, and what stands inside its parentheses."""
        lead = self._before(before.comments[self._cut(before) :])
        trail = self._after(after.comments[: self._cut(after)], extent.end, has_own=after.right is None)
        self.notes.outside[id(node)] = Sides(tuple(lead), tuple(trail))
        lead = self._before(self._between(extent.start, node.span.start))
        trail = self._after(self._between(node.span.end, extent.end), node.span.end, has_own=True)
        self.notes.inside[id(node)] = Sides(tuple(lead), tuple(trail))

    def _cut(self, gap: _Gap) -> int:
        """How many of the comments in a gap belong to the part before it."""
        if gap.right is None:
            return len(gap.comments)
        if gap.left is None:
            return 0
        return next(
            (at for at, comment in enumerate(gap.comments) if self._is_ahead(comment, gap.left, gap.operator)), len(gap.comments)
        )

    def _is_ahead(self, comment: Comment, left: int, operator: int) -> bool:
        """Whether a comment belongs to what comes after it."""
        is_below = "\n" in self.text[left : comment.span.start]
        if _is_last(comment.text):
            return is_below
        is_at_end = self._is_at_end(comment)
        if comment.span.start < operator:
            return is_below and is_at_end
        return is_below or not is_at_end

    def _before(self, comments: Sequence[Comment]) -> list[Placed]:
        return [self._placed(each, is_own=_is_last(each.text) or self._is_at_end(each)) for each in comments]

    def _after(self, comments: Sequence[Comment], start: int, *, has_own: bool) -> list[Placed]:
        """Comments after a part that ends at `start`."""
        ends = [start, *(comment.span.end for comment in comments)]
        return [
            self._placed(each, is_own=has_own and "\n" in self.text[end : each.span.start])
            for end, each in zip(ends, comments, strict=False)
        ]

    def _placed(self, comment: Comment, *, is_own: bool) -> Placed:
        start, end = comment.span
        text = comment.text.rstrip()
        before = self.text[:start]
        after = self.text[end:]
        return Placed(
            text,
            column=start - before.rfind("\n") - 1,
            is_own=is_own,
            is_last=_is_last(text),
            has_blank_before=before[len(before.rstrip()) :].count("\n") > 1,
            has_blank_after=after[: len(after) - len(after.lstrip())].count("\n") > 1,
        )

    def _between(self, start: int, end: int) -> Sequence[Comment]:
        return self.comments[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def _is_at_end(self, comment: Comment) -> bool:
        """Whether no code follows on the line of a comment."""
        return "\n" in self.text[comment.span.end : self._code_from(comment.span.end)] or not self.code[comment.span.end :].strip()

    def _code_from(self, start: int) -> int:
        """Where the code goes on."""
        rest = self.code[start:]
        return start + len(rest) - len(rest.lstrip())


def _cut_at(bracket: int, gap: _Gap) -> tuple[_Gap, _Gap]:
    """The gap between a base and what is in brackets after it is two: up to the bracket, and from there on."""
    base, inside = [[each for each in gap.comments if (each.span.start < bracket) is is_base] for is_base in (True, False)]
    return gap._replace(right=None, comments=base), gap._replace(left=None, comments=inside)


def _is_last(text: str) -> bool:
    return text.startswith("//") or "\n" in text
