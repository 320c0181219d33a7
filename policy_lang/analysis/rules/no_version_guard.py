"""PL330: an update that may downgrade has a policy without an upper bound of `device.version`."""

from collections.abc import Iterator

from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.analysis.version_bounds import bounds_version
from policy_lang.diagnostics.model import Severity


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report each update with `downgrade: allow` whose policy can be true for every later version.

    Without `downgrade: allow` selection itself keeps devices with newer versions out, and a policy needs no bound.
    """
    for index, (update, policy) in enumerate(zip(subject.catalog.updates, subject.policies, strict=True)):
        if update.allows_downgrade and not bounds_version(policy.core):
            yield FoundInCatalog(
                f"devices of every later version may go back to `{update.version}`",
                ("updates", index, "downgrade"),
                "say in the policy which versions go back, for example `satisfies(device.version, '5.1.x')`",
                ((("updates", index, "policy"), "no upper bound of `device.version`"),),
            )


RULE = CatalogRule(
    "PL330",
    "no_version_guard",
    Category.VERSIONS,
    Severity.WARNING,
    "a downgrade has no upper bound of the version",
    check=check,
)
