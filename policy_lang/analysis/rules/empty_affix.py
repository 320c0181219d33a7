"""PL344: a search for the empty text, which every text starts with, ends with and contains."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Method
from policy_lang.types.core import Apply, Constant, Fact, Not, path_text
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, STARTS_WITH

_SEARCHES = {STARTS_WITH.name: "starts with", ENDS_WITH.name: "ends with", INCLUDES.name: "contains"}
_FUNCTIONS = (STARTS_WITH, ENDS_WITH, INCLUDES)


def check(expr: Compare | Method, subject: PolicySubject) -> Iterator[Found]:
    """The operators and the methods; the empty text as an item of a list is something else."""
    node = subject.core_of(expr)
    positive = node.operand if isinstance(node, Not) else node
    match positive:
        case Apply(function, (text, Constant(""))) if function in _FUNCTIONS:
            result = "false" if isinstance(node, Not) else "true"
            asks = f"; to ask whether the property is there write `has({path_text(text.path)})`" if isinstance(text, Fact) else ""
            yield Found(
                f"every text {_SEARCHES[function.name]} the empty text",
                expr.span,
                f"write the text that is meant{asks}",
                label=f"{result} wherever it is known",
            )
        case _:
            pass


RULE = NodeRule(
    code="PL344",
    name="empty_affix",
    category=Category.OPERATORS,
    severity=Severity.WARNING,
    title="a text is searched for the empty text",
    nodes=(Compare, Method),
    check=check,
)
