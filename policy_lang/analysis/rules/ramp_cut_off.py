"""PL366: a rollout ends before its ramp is complete."""

from collections.abc import Iterator

from policy_lang.analysis.ramps import ramp_end
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.times import write_timestamp


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report `end` earlier than `start` plus `ramp`."""
    for index, update in enumerate(subject.catalog):
        complete, end = ramp_end(update.rollout), update.rollout.end
        if complete is not None and end is not None and end < complete:
            reached = update.rollout.share(end) or 0
            yield FoundInCatalog(
                f"the rollout ends at {_percent(reached)} %, before its ramp reaches {_percent(update.rollout.buckets)} %",
                ("updates", index, "rollout", "end"),
                f"end it after `{write_timestamp(complete)}`, or shorten the ramp",
                ((("updates", index, "rollout", "ramp"), "the ramp"),),
            )


def _percent(buckets: int) -> str:
    """Buckets as a percent, as exactly as two decimals say it."""
    return f"{buckets / 10_000:.2f}".rstrip("0").rstrip(".")


RULE = CatalogRule(
    "PL366",
    "ramp_cut_off",
    Category.ROLLOUT,
    Severity.WARNING,
    "a rollout ends before its ramp is complete",
    check=check,
)
