"""PL315: `!` before something that is negative itself, or before an order, which has an opposite."""

from collections.abc import Iterator

from policy_lang.analysis.edits import operand_text, replace_expr
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Unary
from policy_lang.syntax.operators import ComparisonOp, UnaryOp
from policy_lang.syntax.printer import precedence

_OPPOSITES = {
    ComparisonOp.NOT_EQUAL: ComparisonOp.EQUAL,
    ComparisonOp.NOT_IN: ComparisonOp.IN,
    ComparisonOp.NOT_STARTS_WITH: ComparisonOp.STARTS_WITH,
    ComparisonOp.NOT_ENDS_WITH: ComparisonOp.ENDS_WITH,
    ComparisonOp.NOT_CONTAINS: ComparisonOp.CONTAINS,
    ComparisonOp.LESS: ComparisonOp.GREATER_EQUAL,
    ComparisonOp.LESS_EQUAL: ComparisonOp.GREATER,
    ComparisonOp.GREATER: ComparisonOp.LESS_EQUAL,
    ComparisonOp.GREATER_EQUAL: ComparisonOp.LESS,
}
_ORDERS = {ComparisonOp.LESS, ComparisonOp.LESS_EQUAL, ComparisonOp.GREATER, ComparisonOp.GREATER_EQUAL}


def check(unary: Unary, subject: PolicySubject) -> Iterator[Found]:
    """`!!a`, `!(a != b)` and `!(a < b)`; what stands below another `!` is left to that one."""
    parent = subject.parent_of(unary)
    if isinstance(parent, Unary) and parent.op is UnaryOp.NOT:
        return
    match unary:
        case Unary(UnaryOp.NOT, Unary(UnaryOp.NOT, operand)):
            fix = replace_expr(subject, "leave both `!` out", unary, subject.text_of(operand), precedence(operand))
            yield Found(
                f"{subject.excerpt(unary)} negates twice", unary.span, "leave both `!` out: the result is the same", fix=fix
            )
        case Unary(UnaryOp.NOT, Compare() as compare) if compare.op in _OPPOSITES:
            yield _negated_comparison(unary, compare, subject)
        case _:
            pass


def _negated_comparison(unary: Unary, compare: Compare, subject: PolicySubject) -> Found:
    opposite, level = _OPPOSITES[compare.op], precedence(compare)
    sides = [operand_text(subject, side, level + 1) for side in (compare.left, compare.right)]
    return Found(
        f"{subject.excerpt(unary)} negates {'an order' if compare.op in _ORDERS else 'a negative operator'}",
        unary.span,
        f"write `{opposite}`: the result is the same, also where a side is unknown",
        fix=replace_expr(subject, f"write `{opposite}`", unary, f"{sides[0]} {opposite} {sides[1]}", level),
    )


RULE = NodeRule(
    code="PL315",
    name="double_negation",
    category=Category.LOGIC,
    severity=Severity.INFO,
    title="a negation negates a negation",
    is_fixable=True,
    nodes=(Unary,),
    check=check,
)
