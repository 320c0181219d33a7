"""PL368: two versions have the same checksum."""

from collections.abc import Iterator

from policy_lang.analysis.checksums import is_filler
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report a checksum that an update of another version has already: one of the two was copied."""
    first: dict[str, int] = {}
    updates = subject.catalog.updates
    for index, update in enumerate(updates):
        other = first.setdefault(update.checksum, index)
        if updates[other].version != update.version and not is_filler(update.checksum):
            yield FoundInCatalog(
                f"the checksum of `{update.id}` is that of `{updates[other].id}`, another version",
                ("updates", index, "checksum"),
                "compute the SHA-256 of each image; a device refuses an image that does not have it",
                ((("updates", other, "checksum"), "the same checksum"),),
            )


RULE = CatalogRule(
    "PL368",
    "repeated_checksum",
    Category.ROLLOUT,
    Severity.WARNING,
    "two versions have the same checksum",
    check=check,
)
