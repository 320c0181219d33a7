"""PL301: a property is ordered against a number that is written as text."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import is_version_like, text_comparison
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare
from policy_lang.syntax.operators import ORDER_OPS
from policy_lang.types.decode import decode_number


def check(expr: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.memory > '100'`."""
    found = text_comparison(expr, subject) if expr.op in ORDER_OPS else None
    if found is None:
        return
    side, path, literal = found
    if decode_number(literal.value) is None or is_version_like(literal.value, path):
        return
    name = subject.text_of(side)
    read = name if subject.declared(path) is None else f"number({name})"
    pair = (read, literal.value) if side is expr.left else (literal.value, read)
    remedy = f"write `{pair[0]} {expr.op} {pair[1]}`"
    if read != name:
        remedy = f"{remedy}, or declare `{name}` as a number"
    message = f"{subject.excerpt(expr)} is the order of text, not of numbers"
    yield Found(message, expr.span, remedy, label="as text, `'1000'` comes before `'20'`")


RULE = NodeRule(
    "PL301",
    "numeric_text_order",
    Category.TYPES,
    Severity.WARNING,
    "a number written as text is ordered as text",
    nodes=(Compare,),
    check=check,
)
