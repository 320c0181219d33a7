"""PL391: a comment suppresses findings and does not say why."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, SuppressionRule
from policy_lang.analysis.subject import SuppressionSubject
from policy_lang.diagnostics.model import Severity


def _check(subject: SuppressionSubject) -> Iterator[Found]:
    suppression = subject.suppression
    if not suppression.reason:
        words = ", ".join(word.text for word in suppression.words)
        yield Found(
            f"nothing says why `{words}` is allowed" if words else "nothing says why this is allowed",
            suppression.span,
            f"write the reason after a colon: `allow({words}): …`",
        )


RULE = SuppressionRule(
    "PL391",
    "suppression_without_reason",
    Category.SUPPRESSION,
    Severity.WARNING,
    "a comment suppresses findings without a reason",
    check=_check,
)
