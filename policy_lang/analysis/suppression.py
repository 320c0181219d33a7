"""Comments that suppress findings: `// allow(null_comparison): why this is right here`.

A comment speaks for the findings that start on its own line. One that stands alone speaks for the next line that has anything
but comments. In a catalog the comments of the document do the same for whatever is found in the document, its policies included.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policy_lang.documents.model import Document, Kind
from policy_lang.source import Source, Span

_ALLOW = re.compile(r"(?:#|//|/\*)[\s*]*allow[ \t]*\((?P<words>[^()]*)\)(?P<rest>.*)", re.DOTALL)
_WORD = re.compile(r"[^\s,]+")
_HINT = re.compile(r"allow[ \t]*\(")
_HASH = re.compile(r"(?<!\S)#[^\n]*")
_SLASHES = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_COMMENTS = {Kind.YAML: _HASH, Kind.TOML: re.compile(r"#[^\n]*"), Kind.JSON5: _SLASHES}
_NOT_BLANK = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Word:
    """A name or a code in the parentheses."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment.

    Attributes:
        source: the text that it stands in.
        span: the whole comment.
        words: what it suppresses.
        reason: why; empty where it does not say.
        lines: the lines whose findings it suppresses.
    """

    source: Source
    span: Span
    words: tuple[Word, ...]
    reason: str
    lines: range


def resolve(word: str, known: Mapping[str, str]) -> str | None:
    """The code that a word stands for, in any case."""
    return known.get(word.upper()) or known.get(word.lower())


def find_in_policy(source: Source, comments: Iterable[Span]) -> list[Suppression]:
    """The suppressions among the comments of a policy, in the order of the text."""
    return _find(source, comments) if _HINT.search(source.text) else []


def find_in_document(document: Document | None) -> list[Suppression]:
    """The suppressions among the comments of a YAML, TOML or JSON5 document; what stands inside a text is no comment."""
    if document is None or not _HINT.search(document.source.text):
        return []
    pattern = _COMMENTS.get(document.kind)
    return [] if pattern is None else _find(document.source, _outside(document, pattern))


def _find(source: Source, comments: Iterable[Span]) -> list[Suppression]:
    spans = list(comments)
    found = ((span, _ALLOW.match(source.text, *span)) for span in spans)
    allowing = [(span, match) for span, match in found if match is not None]
    code = _code_lines(source, spans) if allowing else []
    return [_suppression(source, span, match, code) for span, match in allowing]


def _suppression(source: Source, span: Span, match: re.Match[str], code: list[int]) -> Suppression:
    words = tuple(Word(word[0], Span(*word.span())) for word in _WORD.finditer(source.text, *match.span("words")))
    before, colon, reason = match["rest"].removesuffix("*/").partition(":")
    is_given = bool(colon) and not before.strip()
    return Suppression(source, span, words, reason.strip() if is_given else "", _covered(source, span, code))


def _covered(source: Source, span: Span, code: list[int]) -> range:
    """The lines of a comment, or the next line with code where there is none on them; `code` is sorted."""
    first, last = source.location(span.start).line, source.location(span.end).line
    next_ = bisect_right(code, first - 1)
    if next_ == len(code):
        return range(0)
    return range(first, last + 1) if code[next_] <= last else range(code[next_], code[next_] + 1)


def _code_lines(source: Source, comments: Iterable[Span]) -> list[int]:
    """The lines that hold anything but comments, sorted."""
    text = source.text
    lines: dict[int, None] = {}
    start = 0
    for span in (*comments, Span(len(text), len(text))):
        lines |= {source.location(match.start()).line: None for match in _NOT_BLANK.finditer(text, start, span.start)}
        start = span.end
    return list(lines)


def _outside(document: Document, pattern: re.Pattern[str]) -> Iterator[Span]:
    """The comments of a document: what looks like one and lies outside every key and every text, number or word."""
    text, at = document.source.text, 0
    taken = sorted(_scalars(document))
    starts = [span.start for span in taken]
    while match := pattern.search(text, at):
        around = bisect_right(starts, match.start()) - 1
        if around >= 0 and match.start() < taken[around].end:
            at = taken[around].end
        else:
            at = match.end()
            yield Span(*match.span())


def _scalars(document: Document) -> Iterator[Span]:
    """The spans of keys, and of values that hold no others."""
    outer = {path[:-1] for path in document.spans if path}
    yield from document.key_spans.values()
    yield from (_content(document, span) for path, span in document.spans.items() if path not in outer)


def _content(document: Document, span: Span) -> Span:
    """The span of a value; of a YAML block, without its first line, where a comment may stand."""
    text = document.source.text
    if not text.startswith(("|", ">"), span.start):
        return span
    line_end = text.find("\n", *span)
    return span if line_end < 0 else Span(line_end, span.end)
