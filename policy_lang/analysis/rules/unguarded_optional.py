"""PL320: a policy reads a property that the schema does not require, and does not say what happens without it."""

from collections.abc import Iterator

from policy_lang.analysis.presence import distinguishes_optional
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.core import Path, path_text


def check(subject: PolicySubject) -> Iterator[Found]:
    """Report the first use of each declared property that a device may lack."""
    if not distinguishes_optional(subject.schema):
        return
    seen: set[Path] = set()
    for fact in subject.exposed:
        if fact.path in seen or subject.declared(fact.path) is None:
            continue
        seen.add(fact.path)
        name = path_text(fact.path)
        message = f"a device may lack `{name}`, and what compares it is then unknown"
        remedy = (
            f"unknown never matches; to say so write `has({name}) && …`, for such devices too `({name} ?? …)`, "
            "or require it in the schema"
        )
        yield Found(message, fact.span, remedy, label="not required in the schema")


RULE = PolicyRule(
    "PL320",
    "unguarded_optional",
    Category.MISSING_DATA,
    Severity.INFO,
    "a property that devices may lack is read without a guard",
    check=check,
)
