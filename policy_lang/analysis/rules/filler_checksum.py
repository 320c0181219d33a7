"""PL369: a checksum is a placeholder, or that of an empty image."""

from collections.abc import Iterator

from policy_lang.analysis.checksums import EMPTY_IMAGE, is_filler
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report `checksum: 0000…`, which no image has."""
    for index, update in enumerate(subject.catalog):
        if is_filler(update.checksum):
            is_empty = update.checksum == EMPTY_IMAGE
            yield FoundInCatalog(
                f"the checksum of `{update.id}` is {'that of an empty image' if is_empty else 'a placeholder, which no image has'}",
                ("updates", index, "checksum"),
                "compute the SHA-256 of the image, for example with `sha256sum`",
            )


RULE = CatalogRule(
    "PL369",
    "filler_checksum",
    Category.ROLLOUT,
    Severity.WARNING,
    "a checksum is a placeholder",
    check=check,
)
