"""PL361: a ramp is complete before its update was published."""

from collections.abc import Iterator

from policy_lang.analysis.ramps import is_complete_when_published, ramp_end
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.times import write_timestamp


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report a ramp that spares nobody: all of its share gets the update at once."""
    for index, update in enumerate(subject.catalog):
        end = ramp_end(update.rollout)
        if end is not None and is_complete_when_published(update):
            yield FoundInCatalog(
                f"the ramp was complete at `{write_timestamp(end)}`, before the update was published",
                ("updates", index, "rollout", "start"),
                "check the date, its year above all; as it is, the whole share gets the update at once",
                ((("updates", index, "published"), "published here"),),
            )


RULE = CatalogRule(
    "PL361",
    "ramp_complete_at_start",
    Category.ROLLOUT,
    Severity.WARNING,
    "a ramp is complete before its update was published",
    check=check,
)
