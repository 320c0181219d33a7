"""A small table of figures: the first column is text, the others figures on the right, and a bar may fill the rest of the line.

Figures are never cut. Where a line is limited, the text gives way first, then the bar.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from policy_lang.cli.output import STRONG, Output, Styled, safe
from policy_lang.cli.table import cut, width

REACHED, UNSURE, NOT_REACHED = "█", "▒", "░"
"""The pieces of a bar: what matches, what is unknown, what does not match."""

Bar: TypeAlias = Sequence[tuple[float, str]]
"""Pieces as shares of the whole bar, and what each is drawn with."""

_GAP: Final = "  "
_WIDTH: Final = 100
_LONGEST_BAR: Final = 30
_SHORTEST_BAR: Final = 8
_NARROWEST: Final = 8


class _Row(NamedTuple):
    cells: tuple[str, ...]
    bar: Bar
    style: str


class Grid:
    """Holds rows until all widths are known."""

    def __init__(self, output: Output, heads: Sequence[str], indent: str = "") -> None:
        """Take the heads; one more than the cells of a row names the bar."""
        self._output = output
        self._heads = tuple(heads)
        self._indent = indent
        self._rows: list[_Row] = []

    def add(self, cells: Sequence[str], bar: Bar = (), style: str = "") -> None:
        """Add a row."""
        self._rows.append(_Row(tuple(map(safe, cells)), bar, style))

    def close(self) -> None:
        """Write all rows."""
        if not self._rows:
            return
        count = len(self._rows[0].cells)
        heads = self._heads[:count]
        widths = [max(width(row[at]) for row in (heads, *(row.cells for row in self._rows))) for at in range(count)]
        room = (self._output.columns or _WIDTH) - len(self._indent) - sum(widths[1:]) - len(_GAP) * (count - 1)
        longest = min(_LONGEST_BAR, room - min(widths[0], 2 * _NARROWEST) - len(_GAP))
        has_bars = any(row.bar for row in self._rows) and longest >= _SHORTEST_BAR
        if has_bars:
            longest = max(_SHORTEST_BAR, min(_LONGEST_BAR, room - widths[0] - len(_GAP)))
            room -= longest + len(_GAP)
        widths[0] = max(min(widths[0], room), min(widths[0], _NARROWEST))
        self._output.line(Styled(self._line(heads, widths), STRONG))
        for row in self._rows:
            bar = draw(row.bar, longest) if has_bars else ""
            self._output.line(Styled(f"{self._line(row.cells, widths)}{_GAP}{bar}".rstrip(), row.style))

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        first = cut(cells[0], widths[0])
        figures = (" " * (wide - width(cell)) + cell for cell, wide in zip(cells[1:], widths[1:], strict=True))
        return (self._indent + _GAP.join((first + " " * (widths[0] - width(first)), *figures))).rstrip()


def draw(bar: Bar, columns: int) -> str:
    """The pieces of a bar side by side, rounded so that they do not drift; what is not empty is seen.

    >>> draw([(0.5, "█"), (0.25, "░")], 8)
    '████░░'
    """
    drawn, end = "", 0.0
    for share, glyph in bar:
        end += share * columns
        drawn += glyph * max(round(end) - len(drawn), 1 if share > 0 else 0)
    return drawn[:columns]
