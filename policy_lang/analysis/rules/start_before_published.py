"""PL360: a rollout starts before its update was published."""

from collections.abc import Iterator

from policy_lang.analysis.ramps import is_complete_when_published
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.times import write_timestamp


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report `start` earlier than `published`; a ramp that is complete by then is the business of `ramp_complete_at_start`."""
    for index, update in enumerate(subject.catalog):
        start, published = update.rollout.start, update.published
        if start is None or published is None or start >= published or is_complete_when_published(update):
            continue
        yield FoundInCatalog(
            f"the rollout starts at `{write_timestamp(start)}`, before the update was published",
            ("updates", index, "rollout", "start"),
            "check the date, its year above all",
            ((("updates", index, "published"), "published here"),),
        )


RULE = CatalogRule(
    "PL360",
    "start_before_published",
    Category.ROLLOUT,
    Severity.WARNING,
    "a rollout starts before its update was published",
    check=check,
)
