"""PL392: a comment suppresses something that is no rule."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, SuppressionRule
from policy_lang.analysis.subject import SuppressionSubject
from policy_lang.analysis.suppression import Word, resolve
from policy_lang.diagnostics.codes import CODES
from policy_lang.diagnostics.model import Severity
from policy_lang.documents.problems import quote
from policy_lang.suggest import did_you_mean

_ABOUT_COMMENTS = frozenset({"PL390", "PL391", "PL392", "unused_suppression", "suppression_without_reason", "unknown_suppression"})


def _check(subject: SuppressionSubject) -> Iterator[Found]:
    if not subject.suppression.words:
        help_ = "write the name of a rule between the parentheses, for example `allow(null_comparison): …`"
        yield Found("the comment names no rule", subject.suppression.span, help_)
    for word in subject.suppression.words:
        if resolve(word.text, subject.known) is None:
            message, help_ = _explain(word, subject)
            yield Found(message, word.span, help_)


def _explain(word: Word, subject: SuppressionSubject) -> tuple[str, str]:
    shown = quote(word.text)
    if word.text.upper() in _ABOUT_COMMENTS or word.text.lower() in _ABOUT_COMMENTS:
        return f"{shown} is about comments like this one and cannot be suppressed", "correct or delete the comment that it reports"
    if word.text.upper() in CODES:
        return f"{shown} is an error, and errors cannot be suppressed", "correct what it reports, and delete it here"
    suggestion = did_you_mean(word.text, subject.known)
    return f"{shown} is no rule", suggestion or "`policy rule` lists all rules"


RULE = SuppressionRule(
    "PL392",
    "unknown_suppression",
    Category.SUPPRESSION,
    Severity.WARNING,
    "a comment suppresses what is no rule",
    check=_check,
)
