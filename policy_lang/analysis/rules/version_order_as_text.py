"""PL334: versions are ordered as text."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import is_version_like, names_version, operand_of, version_of
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Text
from policy_lang.syntax.operators import ORDER_OPS


def check(expr: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.firmware < '1.10'`, and two texts whose names say that they are versions."""
    if expr.op not in ORDER_OPS:
        return
    remedy = _with_literal(expr, subject) or _with_two_properties(expr, subject)
    if remedy is not None:
        message = f"{subject.excerpt(expr)} is the order of text, not of versions"
        yield Found(message, expr.span, remedy, label="as text, `1.10.0` comes before `1.9.0`")


def _with_literal(expr: Compare, subject: PolicySubject) -> str | None:
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        operand = operand_of(one, subject)
        if operand is None or not isinstance(other, Text) or not is_version_like(other.value, operand.path):
            continue
        version = version_of(other.value)
        pair = (operand.reading, f"'{version or '2.0.0'}'")
        left, right = pair if one is expr.left else pair[::-1]
        return f"{'compare versions, for example' if version is None else 'write'} `{left} {expr.op} {right}`"
    return None


def _with_two_properties(expr: Compare, subject: PolicySubject) -> str | None:
    left, right = operand_of(expr.left, subject), operand_of(expr.right, subject)
    if left is None or right is None or not (names_version(left.path) and names_version(right.path)):
        return None
    return f"write `{left.reading} {expr.op} {right.reading}`"


RULE = NodeRule(
    "PL334",
    "version_order_as_text",
    Category.VERSIONS,
    Severity.WARNING,
    "versions are ordered as text",
    nodes=(Compare,),
    check=check,
)
