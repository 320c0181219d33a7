"""PL370: a policy that takes none of the devices which selection offers its update to."""

from collections.abc import Iterator

from policy_lang.analysis.candidacy import candidacy
from policy_lang.analysis.presence import reads_nothing
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import TRUE
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.catalog.update import Update
from policy_lang.diagnostics.model import Severity
from policy_lang.types.core import And, Compare, Comparison, Constant, Core, Fact
from policy_lang.types.model import VERSION


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report each policy that can be true, but for no device of its update's product with a version that the update is for."""
    for index, (update, policy) in enumerate(zip(subject.catalog.updates, subject.policies, strict=True)):
        core, candidate = policy.core, And((candidacy(update), _is_version(update)), span=policy.core.span)
        if reads_nothing(core) or policy.solver.never((core, TRUE)):
            continue  # other rules report what is never true at all
        if Solver((core, candidate), policy.options).never((candidate, TRUE), (core, TRUE)):
            yield FoundInCatalog(
                f"the policy takes no device that the update is offered to: {_devices(update)}",
                ("updates", index, "policy"),
                "check the direction of each comparison with the version, and the product",
            )


def _is_version(update: Update) -> Core:
    """That `update.version` is what the catalog says."""
    span = update.policy.core.span
    version, here = Fact(("update", "version"), VERSION, span=span), Constant(update.version, VERSION, span=span)
    return Compare(Comparison.EQUAL, version, here, span=span)


def _devices(update: Update) -> str:
    versions = "another version than" if update.allows_downgrade else "a version before"
    return f"those of `{update.product}` with {versions} `{update.version}`"


RULE = CatalogRule(
    "PL370",
    "never_offered",
    Category.ROLLOUT,
    Severity.WARNING,
    "a policy takes no device that its update is offered to",
    check=check,
)
