"""PL363: an update goes to every device at once."""

from collections.abc import Iterator

from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity
from policy_lang.rollout.plan import Rollout
from policy_lang.types.core import And, Constant, Core, Not, Or


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report a policy that is `true`, with a rollout that holds nobody back."""
    for index, (update, policy) in enumerate(zip(subject.catalog.updates, subject.policies, strict=True)):
        if is_constant(policy.core, value=True) and _is_unlimited(update.rollout):
            yield FoundInCatalog(
                f"`{update.id}` goes to every older device of `{update.product}` at once",
                ("updates", index, "policy"),
                "add a rollout, for example `rollout: {percent: 5}`, and raise the percent when the first devices do well",
            )


def is_constant(node: Core, *, value: bool) -> bool:
    """Whether a condition has a value that is written in it, whatever the device sends."""
    match node:
        case Constant(constant):
            return constant is value
        case Not(operand):
            return is_constant(operand, value=not value)
        case And(items) | Or(items):
            each = [is_constant(item, value=value) for item in items]
            return all(each) if isinstance(node, And) is value else any(each)
        case _:
            return False


def _is_unlimited(rollout: Rollout) -> bool:
    return not (rollout.has_percent or rollout.is_limited or rollout.start is not None or rollout.end is not None)


RULE = CatalogRule(
    "PL363",
    "unlimited_match_all",
    Category.ROLLOUT,
    Severity.INFO,
    "an update goes to every device at once",
    check=check,
)
