"""PL322: a property is compared with `null`."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Edit, Fix, Severity
from policy_lang.syntax.ast import Compare, Expr, Null
from policy_lang.syntax.operators import ComparisonOp


def check(expr: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.region == null`."""
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(other, Null):
            written = ("!" if expr.op is ComparisonOp.EQUAL else "") + f"has({subject.text_of(one)})"
            message = f"{subject.excerpt(expr)} asks whether a property is there"
            yield Found(message, expr.span, f"write `{written}`", fix=_fix(expr, one, written, subject))


def _fix(expr: Compare, one: Expr, written: str, subject: PolicySubject) -> Fix | None:
    """The comparison as a call, unless a comment between its parts would be lost."""
    for comment in subject.comments:
        if _holds(expr, comment.span.start) and not _holds(one, comment.span.start):
            return None
    return Fix(f"write `{written}`", (Edit(expr.span, written),))


def _holds(expr: Expr, offset: int) -> bool:
    return expr.span.start <= offset < expr.span.end


RULE = NodeRule(
    "PL322",
    "null_comparison",
    Category.MISSING_DATA,
    Severity.WARNING,
    "a property is compared with `null`",
    is_fixable=True,
    nodes=(Compare,),
    check=check,
)
