"""PL390: a comment suppresses a rule that finds nothing there."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, SuppressionRule
from policy_lang.analysis.subject import SuppressionSubject
from policy_lang.analysis.suppression import Suppression, Word
from policy_lang.diagnostics.model import Edit, Fix, Severity
from policy_lang.source import Span


def _check(subject: SuppressionSubject) -> Iterator[Found]:
    suppression, unused = subject.suppression, subject.unused
    for word in unused:
        is_whole = len(unused) == len(suppression.words)
        span = _comment(suppression) if is_whole else _word(suppression, word)
        title = "delete the comment" if is_whole else f"delete `{word.text}`"
        fix = Fix(title, (Edit(span, ""),))
        yield Found(
            f"`{word.text}` suppresses nothing here",
            word.span,
            "delete it, or move the comment to the line of the finding",
            fix=fix,
        )


def _comment(suppression: Suppression) -> Span:
    """The comment with the blanks before it, or with the line where it stands alone on one."""
    text = suppression.source.text
    start, end = suppression.span
    while start and text[start - 1] in " \t":
        start -= 1
    is_alone = (start == 0 or text[start - 1] == "\n") and text.startswith("\n", end)
    return Span(start, end + is_alone)


def _word(suppression: Suppression, word: Word) -> Span:
    """The word with the comma that parts it from the next one, or from the one before."""
    at = suppression.words.index(word)
    if at + 1 < len(suppression.words):
        return Span(word.span.start, suppression.words[at + 1].span.start)
    return Span(suppression.words[at - 1].span.end, word.span.end)


RULE = SuppressionRule(
    "PL390",
    "unused_suppression",
    Category.SUPPRESSION,
    Severity.WARNING,
    "a comment suppresses nothing",
    is_fixable=True,
    check=_check,
)
