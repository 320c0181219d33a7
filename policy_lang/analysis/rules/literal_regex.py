"""PL343: a regular expression that is only text between anchors, for which there is an operator."""

from collections.abc import Iterator

from policy_lang.analysis.edits import operand_text, replace_expr
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.searches import search_of
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Method
from policy_lang.syntax.literals import write_text
from policy_lang.syntax.operators import ComparisonOp, Precedence
from policy_lang.types.patterns import Simple, simplify

_OPERATORS = {
    Simple.EQUALS: (ComparisonOp.EQUAL, ComparisonOp.NOT_EQUAL, Precedence.EQUALITY),
    Simple.STARTS_WITH: (ComparisonOp.STARTS_WITH, ComparisonOp.NOT_STARTS_WITH, Precedence.RELATION),
    Simple.ENDS_WITH: (ComparisonOp.ENDS_WITH, ComparisonOp.NOT_ENDS_WITH, Precedence.RELATION),
}


def check(expr: Compare | Method, subject: PolicySubject) -> Iterator[Found]:
    """One text, or several that must be equal; a text anywhere is reported as unanchored."""
    search = search_of(expr)
    simple = None if search is None else simplify(search.pattern, search.flags)
    if search is None or simple is None or simple[0] is Simple.CONTAINS:
        return
    positive, negative, level = _OPERATORS[simple[0]]
    op, right = negative if search.is_negative else positive, write_text(simple[1][0])
    if len(simple[1]) > 1:
        if simple[0] is not Simple.EQUALS:
            return
        op, level = (ComparisonOp.NOT_IN if search.is_negative else ComparisonOp.IN), Precedence.RELATION
        right = f"[{', '.join(map(write_text, simple[1]))}]"
    text = f"{operand_text(subject, search.text, level + 1)} {op} {right}"
    yield Found(
        f"the regular expression {subject.excerpt(search.literal)} is plain text",
        search.literal.span,
        f"write `{op}`, which needs no escapes",
        fix=replace_expr(subject, f"write `{op}`", expr, text, level),
    )


RULE = NodeRule(
    code="PL343",
    name="literal_regex",
    category=Category.OPERATORS,
    severity=Severity.INFO,
    title="a regular expression is only text",
    is_fixable=True,
    nodes=(Compare, Method),
    check=check,
)
