"""Where each character of a text was written, through quotes, escapes, indentation and folded lines.

The raw text of a value is decoded once more, this time with positions, in each style that its first characters allow. The style
whose result is exactly the value is the right one; so a style that is guessed wrong, or a feature that is not known here, gives
None and never a wrong position.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from sys import maxunicode
from typing import NamedTuple

from policy_lang.source import Span

_RUN = r"(?P<run>[^\\'\s]++|[ \t]++(?![\r\n]))"
_CODE = r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|U(?P<long>[0-9A-Fa-f]{8}))"
_PAIR = r"\\u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
_FOLD = r"(?P<fold>[ \t]*+(?:\r\n?|\n)(?:[ \t]*+(?:\r\n?|\n))*[ \t]*+)"
_ANY = r"(?P<any>.)"

_COMMON = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_YAML = _COMMON | {"a": "\a", "e": "\x1b", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}


class _Unit(NamedTuple):
    """What some raw characters mean; each character of a run stands for itself."""

    meaning: str
    at: int
    is_run: bool = False


class _Style(NamedTuple):
    """One way to write a text: how it opens, how many characters close it, what its parts are, what its escapes mean."""

    opening: re.Pattern[str]
    closing: int
    part: re.Pattern[str]
    escapes: Mapping[str, str] = {}


def _style(opening: str, closing: int, *parts: str, escapes: Mapping[str, str] = {}) -> _Style:
    return _Style(re.compile(opening), closing, re.compile("|".join((*parts, _RUN, _ANY)), re.DOTALL), escapes)


_STYLES = (
    _style(r"[\"']", 1, _PAIR, _CODE, r"\\(?P<line>\r\n|[\n\r\u2028\u2029])", r"\\(?P<char>.)", escapes=_COMMON),  # JSON, JSON5
    _style(r'"""(?:\r?\n)?', 3, _CODE, r"\\(?P<line>[ \t]*\r?\n\s*+)", r"\\(?P<char>.)", r"(?P<end>\r?\n)", escapes=_COMMON),
    _style(r"'''(?:\r?\n)?", 3, r"(?P<end>\r?\n)"),  # TOML, as the style before and the next one
    _style(r"'", 1),
    _style(r'"', 1, _CODE, r"\\(?P<line>(?:\r\n?|\n)[ \t]*+)", r"\\(?P<char>.)", _FOLD, escapes=_YAML),
    _style(r"'", 1, r"'(?P<quote>')", _FOLD),
    _style(r"(?![\"'|>])", 0, _FOLD),
)


def align(text: str, span: Span, value: str) -> tuple[int, ...] | None:
    """Find where each character of a value was written.

    Args:
        text: the whole text of the document.
        span: the value in it, with its quotes or with the header of its block.
        value: what it means.

    Returns:
        An offset into `text` for each character of the value, and one for its end; None where they cannot be found.

    >>> align("a: 'it''s'", Span(3, 10), "it's")
    (4, 5, 6, 8, 9)
    """
    if text.startswith(("|", ">"), span.start):
        return _align_block(text, span, value)
    for style in _STYLES:
        if opening := style.opening.match(text, span.start, span.end):
            end = span.end - style.closing
            parts = style.part.finditer(text, opening.end(), end)
            offsets = _offsets((_unit(part, style) for part in parts), value)
            if offsets is not None:
                return (*offsets, end)
    return None


def _offsets(units: Iterable[_Unit], value: str) -> list[int] | None:
    """The offset of each character, if the units together mean the value."""
    offsets: list[int] = []
    for meaning, at, is_run in units:
        if not value.startswith(meaning, len(offsets)):
            return None
        offsets.extend(range(at, at + len(meaning)) if is_run else [at] * len(meaning))
    return offsets if len(offsets) == len(value) else None


def _unit(part: re.Match[str], style: _Style) -> _Unit:
    at, kind = part.start(), part.lastgroup or ""
    match kind:
        case "low":
            return _Unit(chr(0x10000 + (int(part["high"], 16) - 0xD800) * 0x400 + int(part["low"], 16) - 0xDC00), at)
        case "code" | "byte" | "long":
            return _Unit(chr(min(int(part[kind], 16), maxunicode)), at)
        case "line":
            return _Unit("", at)
        case "char":
            return _Unit(style.escapes.get(part["char"], part["char"]), at)
        case "end":
            return _Unit("\n", at)
        case "quote":
            return _Unit("'", at)
        case "fold":
            breaks = len(re.findall(r"\r\n?|\n", part[0]))
            return _Unit("\n" * (breaks - 1) or " ", at)
        case _:
            return _Unit(part[0], at, is_run=True)


def _align_block(text: str, span: Span, value: str) -> tuple[int, ...] | None:
    """Find the characters of a YAML block; the line ends after its last line are those that its header keeps."""
    content = value.rstrip("\n")
    end = text.find("\n", span.end)
    end = len(text) if end < 0 else end
    lines = _block_lines(text, span.start, end)
    indent = max(0, _indent(line for _, line in lines) - _indent(content.split("\n")))
    units = _block_units([(at + indent, line[indent:]) for at, line in lines], folds=text[span.start] == ">")
    offsets = _offsets(units, content)
    return None if offsets is None else (*offsets, *[end] * (len(value) - len(content) + 1))


def _block_lines(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """The lines of a block after its header, and where each starts."""
    header = text.find("\n", start, end)
    found = re.compile(r"[^\n]*+\n?").finditer(text, header + 1, end) if header >= 0 else ()
    return [(line.start(), line[0].rstrip("\r\n")) for line in found]


def _indent(lines: Iterable[str]) -> int:
    """How many spaces all lines start with; blank lines do not count."""
    return min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), default=0)


def _block_units(lines: list[tuple[int, str]], *, folds: bool) -> Iterator[_Unit]:
    """The lines of a block, joined: a line end is a space where both lines are folded."""
    blanks = 0
    before: tuple[int, str] | None = None
    for at, line in lines:
        if not line:
            blanks += 1
            continue
        if before is None:
            yield _Unit("\n" * blanks, at)
        else:
            is_folded = folds and before[1][0] not in " \t" and line[0] not in " \t"
            joint = ("\n" * blanks or " ") if is_folded else "\n" * (blanks + 1)
            yield _Unit(joint, before[0] + len(before[1]))
        yield _Unit(line, at, is_run=True)
        before, blanks = (at, line), 0
