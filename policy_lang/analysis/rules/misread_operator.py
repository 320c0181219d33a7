"""PL340: `><` and `<>`, which readers of SQL take for "not equal"."""

from collections.abc import Iterator

from policy_lang.analysis.edits import operand_text, replace_expr
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Fix, Severity
from policy_lang.syntax.ast import Compare
from policy_lang.syntax.operators import ComparisonOp, Precedence


def check(compare: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Texts and lists alike: `.includes` takes both, and means the same."""
    if compare.op is ComparisonOp.CONTAINS:
        message, help_ = "`><` means that the left side contains the right one", "write `.includes(…)`, which reads as it is meant"
        yield Found(message, compare.op_span, help_, fix=_fix(compare, "", Precedence.POSTFIX, subject))
    elif compare.op is ComparisonOp.NOT_CONTAINS:
        message = "`<>` means that the left side does not contain the right one, not that they differ"
        help_ = "write `!….includes(…)`, or `!=` where the two must differ"
        yield Found(message, compare.op_span, help_, fix=_fix(compare, "!", Precedence.UNARY, subject))


def _fix(compare: Compare, sign: str, level: Precedence, subject: PolicySubject) -> Fix | None:
    base = operand_text(subject, compare.left, Precedence.POSTFIX)
    text = f"{sign}{base}.includes({subject.text_of(compare.right)})"
    return replace_expr(subject, f"write `{sign}….includes(…)`", compare, text, level)


RULE = NodeRule(
    code="PL340",
    name="misread_operator",
    category=Category.OPERATORS,
    severity=Severity.INFO,
    title="an operator is easily misread",
    is_fixable=True,
    nodes=(Compare,),
    check=check,
)
