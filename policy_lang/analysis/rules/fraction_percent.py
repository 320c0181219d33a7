"""PL362: the percent of a rollout is below one, as if it were a fraction."""

from collections.abc import Iterator

from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity

_ONE_PERCENT = 10_000


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report `percent: 0.1`."""
    for index, update in enumerate(subject.catalog):
        buckets = update.rollout.buckets
        if 0 < buckets < _ONE_PERCENT:
            yield FoundInCatalog(
                f"`percent` is below one: {buckets} of a million devices",
                ("updates", index, "rollout", "percent"),
                f"`percent` counts in hundredths: write `{as_percent(buckets)}` if the fraction is meant",
            )


def as_percent(buckets: int) -> str:
    """What a percent would be if it were the fraction: the percent times 100."""
    return f"{buckets / 100:g}"


RULE = CatalogRule(
    "PL362",
    "fraction_percent",
    Category.ROLLOUT,
    Severity.WARNING,
    "a percent looks like a fraction",
    check=check,
)
