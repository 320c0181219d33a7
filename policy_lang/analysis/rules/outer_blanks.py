"""PL352: a text literal that starts or ends with a blank and is compared as a whole."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Expr, Index, ListOf, Method, Text
from policy_lang.syntax.operators import ComparisonOp
from policy_lang.types.functions.strings import WHITE_SPACE

_STARTS = {ComparisonOp.STARTS_WITH, ComparisonOp.NOT_STARTS_WITH}
_ENDS = {ComparisonOp.ENDS_WITH, ComparisonOp.NOT_ENDS_WITH}
_CONTAINS = {ComparisonOp.CONTAINS, ComparisonOp.NOT_CONTAINS}
_BOTH, _START, _END, _NEITHER = (True, True), (True, False), (False, True), (False, False)


def check(text: Text, subject: PolicySubject) -> Iterator[Found]:
    """Separators, parts of a longer text and what is searched inside a text may have blanks."""
    at_start, at_end = _ends_that_count(subject.parent_of(text))
    starts, ends = text.value != text.value.lstrip(WHITE_SPACE), text.value != text.value.rstrip(WHITE_SPACE)
    where = [word for word, is_blank in (("starts", at_start and starts), ("ends", at_end and ends)) if is_blank]
    if where:
        yield Found(
            f"the text {subject.excerpt(text)} {' and '.join(where)} with a blank",
            text.span,
            "leave the blank out; where devices send blanks, compare `….trim()`",
        )


def _ends_that_count(parent: Expr | None) -> tuple[bool, bool]:
    """At which of its two ends a blank is suspicious in this place."""
    match parent:
        case Compare(op):
            return _START if op in _STARTS else _END if op in _ENDS else _NEITHER if op in _CONTAINS else _BOTH
        case Method(_, "startsWith"):
            return _START
        case Method(_, "endsWith"):
            return _END
        case ListOf() | Index():
            return _BOTH
        case _:
            return _NEITHER


RULE = NodeRule(
    code="PL352",
    name="outer_blanks",
    category=Category.TEXT_SAFETY,
    severity=Severity.WARNING,
    title="a text literal starts or ends with a blank",
    nodes=(Text,),
    check=check,
)
