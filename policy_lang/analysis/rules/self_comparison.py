"""PL313: a comparison of a value with itself."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare
from policy_lang.syntax.operators import ComparisonOp
from policy_lang.types.core import Fact, descendants, path_text

_ALWAYS_TRUE = {
    ComparisonOp.EQUAL,
    ComparisonOp.LESS_EQUAL,
    ComparisonOp.GREATER_EQUAL,
    ComparisonOp.STARTS_WITH,
    ComparisonOp.ENDS_WITH,
    ComparisonOp.CONTAINS,
}


def check(compare: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Both sides mean the same, and read a property; without one the comparison is constant."""
    left = subject.core_of(compare.left)
    if left is None or left != subject.core_of(compare.right):
        return
    facts = [node for node in descendants(left) if isinstance(node, Fact)]
    if facts:
        yield Found(
            f"{subject.excerpt(compare.left)} is compared with itself",
            compare.span,
            f"one side was meant to be something else; to ask whether a property is there write `has({path_text(facts[0].path)})`",
            label=f"{'true' if compare.op in _ALWAYS_TRUE else 'false'} wherever it is known",
        )


RULE = NodeRule(
    code="PL313",
    name="self_comparison",
    category=Category.LOGIC,
    severity=Severity.WARNING,
    title="a value is compared with itself",
    nodes=(Compare,),
    check=check,
)
