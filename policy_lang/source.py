"""Text with positions: a source, a span in it, and the way from an offset to a line and a column.

Offsets count code points from 0, lines and columns count from 1, as editors show them.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

_LINE_END = re.compile("\n")
_KEPT = r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?:(?<=[=(,])|\A)\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/"""
_FILLER = r"(?:\s|//[^\n]*|/\*.*?\*/)+"
_PIECE = re.compile(rf"({_KEPT})|{_FILLER}", re.DOTALL)


class Span(NamedTuple):
    """A half-open range of code points: `text[start:end]`."""

    start: int
    end: int

    def cover(self, other: "Span") -> "Span":
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Location(NamedTuple):
    """A line and a column, both counted from 1; the column counts code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text and what it is called: a file name, or `<policy>` for text without a file."""

    text: str
    name: str = "<policy>"
    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        r"""Find where each line starts; only `\n` ends a line, as in every editor."""
        self._starts.append(0)
        self._starts.extend(match.end() for match in _LINE_END.finditer(self.text))

    def location(self, offset: int) -> Location:
        """The line and column of an offset; the end of the text is a valid offset."""
        line = bisect_right(self._starts, offset)
        return Location(line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def excerpt(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]


def on_one_line(text: str) -> str:
    r"""Policy text for people: on one line and without comments; what stands in quotes stays as it is.

    >>> on_one_line("device.pro // paid\n  && device.region == 'a  b'")
    "device.pro && device.region == 'a  b'"
    """
    return _PIECE.sub(lambda piece: piece[1] or " ", text).strip()
