"""PL367: the percent of `rollout(…)` is below one, as if it were a fraction."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.rules.fraction_percent import as_percent
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.rollout.bucket import percent_to_buckets
from policy_lang.syntax.ast import Call, Float
from policy_lang.types.core import Apply
from policy_lang.types.functions.rollout import ROLLOUT


def check(expr: Call, subject: PolicySubject) -> Iterator[Found]:
    """Report `rollout(0.1)`."""
    node = subject.core_of(expr)
    if not (isinstance(node, Apply) and node.function is ROLLOUT):
        return
    for percent in expr.args:
        if isinstance(percent, Float) and 0 < percent.value < 1:
            buckets = percent_to_buckets(percent.value)
            message = f"{subject.excerpt(expr)} admits {buckets} of a million devices"
            remedy = f"`rollout` counts in hundredths: write `rollout({as_percent(buckets)})` if the fraction is meant"
            yield Found(message, percent.span, remedy, label="less than one percent")


RULE = NodeRule(
    "PL367",
    "fraction_rollout",
    Category.ROLLOUT,
    Severity.WARNING,
    "the percent of `rollout` looks like a fraction",
    nodes=(Call,),
    check=check,
)
