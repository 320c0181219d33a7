"""What linting gives: findings, and apart from them those that a comment suppresses."""

from collections.abc import Iterable
from typing import NamedTuple

from policy_lang.analysis.rulebook import Rulebook, look_at_suppression
from policy_lang.analysis.subject import SuppressionSubject
from policy_lang.analysis.suppression import Suppression, Word, resolve
from policy_lang.diagnostics.model import Diagnostic, in_order


class Suppressed(NamedTuple):
    """A finding that a comment suppresses, and why; the reason is empty where the comment gives none."""

    finding: Diagnostic
    reason: str


class Linted(NamedTuple):
    """The findings about one text, in its order."""

    findings: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...] = ()


class _Allowed(NamedTuple):
    """One word of a comment, for one line."""

    code: str
    word: Word
    reason: str


def settle(findings: Iterable[Diagnostic], suppressions: list[Suppression], ran: frozenset[str], book: Rulebook) -> Linted:
    """Take out what the comments suppress, and add what is wrong with the comments.

    Args:
        findings: what the rules found; all in the text that the comments stand in.
        suppressions: the comments.
        ran: the codes of the rules that looked at the text; a comment about any other is not unused.
        book: the rules.
    """
    if not suppressions:
        return Linted(in_order(findings))
    allowed = _by_line(suppressions, book)
    kept: list[Diagnostic] = []
    suppressed: list[Suppressed] = []
    used: set[Word] = set()
    for finding in in_order(findings):
        words = [each for each in allowed.get(_line(finding), ()) if each.code == finding.code]
        used.update(each.word for each in words)
        if words:
            suppressed.append(Suppressed(finding, words[0].reason))
        else:
            kept.append(finding)
    for each in suppressions:
        kept.extend(look_at_suppression(SuppressionSubject(each, _unused(each, used, ran, book), book.known), book))
    return Linted(in_order(kept), tuple(suppressed))


def _by_line(suppressions: Iterable[Suppression], book: Rulebook) -> dict[int, list[_Allowed]]:
    lines: dict[int, list[_Allowed]] = {}
    for each in suppressions:
        for word in each.words:
            code = resolve(word.text, book.known)
            for line in each.lines if code is not None else ():
                lines.setdefault(line, []).append(_Allowed(code or "", word, each.reason))
    return lines


def _unused(suppression: Suppression, used: set[Word], ran: frozenset[str], book: Rulebook) -> tuple[Word, ...]:
    return tuple(word for word in suppression.words if word not in used and resolve(word.text, book.known) in ran)


def _line(finding: Diagnostic) -> int:
    """The line of the first caret; 0 where the finding has no text."""
    return 0 if finding.location is None else finding.location.line
