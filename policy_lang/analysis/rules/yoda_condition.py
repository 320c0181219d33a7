"""PL346: a comparison with the literal before the property."""

from collections.abc import Iterator

from policy_lang.analysis.edits import fix, written_span
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.constants import literal_value
from policy_lang.diagnostics.model import Edit, Severity
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import And, Compare, Expr, Null, Regex
from policy_lang.syntax.operators import ComparisonOp

_MIRRORED = {
    ComparisonOp.EQUAL: ComparisonOp.EQUAL,
    ComparisonOp.NOT_EQUAL: ComparisonOp.NOT_EQUAL,
    ComparisonOp.LESS: ComparisonOp.GREATER,
    ComparisonOp.LESS_EQUAL: ComparisonOp.GREATER_EQUAL,
    ComparisonOp.GREATER: ComparisonOp.LESS,
    ComparisonOp.GREATER_EQUAL: ComparisonOp.LESS_EQUAL,
}
_UPWARDS = {ComparisonOp.LESS, ComparisonOp.LESS_EQUAL}


def check(compare: Compare, subject: PolicySubject) -> Iterator[Found]:
    """A range such as `1 < a && a < 3` keeps its order: it reads like the mathematics."""
    if compare.op not in _MIRRORED or not _is_literal(compare.left) or _is_literal(compare.right):
        return
    if _opens_range(compare, subject):
        return
    op, left, right = _MIRRORED[compare.op], written_span(subject, compare.left), written_span(subject, compare.right)
    before, after = subject.source.excerpt(left), subject.source.excerpt(right)
    edits = (Edit(left, after), *([Edit(compare.op_span, op)] if op is not compare.op else []), Edit(right, before))
    yield Found(
        f"the literal {subject.excerpt(compare.left)} stands before what it is compared with",
        compare.left.span,
        f"write `{shorten(after)} {op} {shorten(before)}`",
        fix=fix(subject, "put the literal last", *edits),
    )


def _is_literal(expr: Expr) -> bool:
    return isinstance(expr, Null | Regex) or literal_value(expr) is not None


def _opens_range(compare: Compare, subject: PolicySubject) -> bool:
    """Whether the comparison is the lower bound of a range whose upper bound stands in the same `&&`."""
    parent = subject.parent_of(compare)
    if not isinstance(parent, And) or compare.op not in _UPWARDS:
        return False
    others = [item for item in parent.items if isinstance(item, Compare) and item.op in _UPWARDS]
    return any(other.left == compare.right for other in others)


RULE = NodeRule(
    code="PL346",
    name="yoda_condition",
    category=Category.OPERATORS,
    severity=Severity.INFO,
    title="a literal stands before what it is compared with",
    is_fixable=True,
    nodes=(Compare,),
    check=check,
)
