"""PL316: `&&` and `||` side by side without parentheses."""

from collections.abc import Iterator

from policy_lang.analysis.edits import fix, is_parenthesized
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Edit, Severity
from policy_lang.source import Span
from policy_lang.syntax.ast import And, Or


def check(disjunction: Or, subject: PolicySubject) -> Iterator[Found]:
    """One finding for each `||`, at its first `&&`; the fix writes the parentheses that the grammar sees anyway."""
    bare = [item for item in disjunction.items if isinstance(item, And) and not is_parenthesized(subject, item)]
    if bare:
        edits = [edit for item in bare for edit in _parentheses(item.span)]
        yield Found(
            f"`&&` and `||` stand side by side: {subject.excerpt(bare[0])} is one operand of the `||`",
            bare[0].span,
            "put parentheses around what belongs together",
            fix=fix(subject, "add the parentheses that are meant by precedence", *edits),
        )


def _parentheses(span: Span) -> tuple[Edit, Edit]:
    return Edit(Span(span.start, span.start), "("), Edit(Span(span.end, span.end), ")")


RULE = NodeRule(
    code="PL316",
    name="mixed_logic",
    category=Category.LOGIC,
    severity=Severity.WARNING,
    title="`&&` and `||` are mixed without parentheses",
    is_fixable=True,
    nodes=(Or,),
    check=check,
)
