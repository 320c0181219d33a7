"""Rows in aligned columns, for a fleet of any size.

The first rows settle the widths and are held back for that; all later rows stream. Where the width of a line is limited, long cells
are cut in the middle with a `…`, so that both ends of an id stay readable; elsewhere nothing is cut. A sentence in the last column
that does not fit there starts earlier where the cells before it are empty; in a table of few rows it goes on below itself instead.
"""

import re
from collections.abc import Iterable, Sequence

from policy_lang.cli.output import STRONG, Output, Styled, safe

_SETTLING = 100
_GAP = 2
_NARROWEST = 8
_LAST = 10
_WIDEST = 40

EMPTY = "-"
"""What an empty cell holds."""


class Table:
    """Writes rows; the last column takes the rest of the line."""

    def __init__(self, output: Output, heads: Sequence[str], *, wraps: bool = False) -> None:
        """Wait for the first row; `wraps` says that a long last cell takes several lines."""
        self._output = output
        self._wraps = wraps
        self._heads = tuple(heads)
        self._held: list[tuple[Sequence[str], str, Iterable[Styled]]] = []
        self._widths: list[int] = []
        self._limit = output.columns

    def add(self, cells: Sequence[str], style: str = "", below: Iterable[Styled] = ()) -> None:
        """Write a row, its last cell in a style, and lines of its own below it."""
        cells = tuple(map(safe, cells))
        if self._widths:
            self._write(cells, style, below)
            return
        self._held.append((cells, style, below))
        if len(self._held) == _SETTLING:
            self.close()

    def close(self) -> None:
        """Write the rows that are held back."""
        if not self._held:
            return
        self._widths = self._settle([cells for cells, _, _ in self._held])
        self._write_cells(self._heads, STRONG, STRONG)
        for held in self._held:
            self._write(*held)
        self._held = []

    def _settle(self, rows: Sequence[Sequence[str]]) -> list[int]:
        """The widths of all columns."""
        natural = [max(width(row[column]) for row in (self._heads, *rows)) for column in range(len(self._heads))]
        widths = [min(each, _WIDEST) for each in natural[:-1]]
        if self._limit is None:
            return [*widths, 0]
        last = min(natural[-1], _LAST)
        while sum(widths) + _GAP * len(widths) + last > self._limit and max(widths) > _NARROWEST:
            widths[widths.index(max(widths))] -= 1
        return [*widths, max(self._limit - sum(widths) - _GAP * len(widths), _NARROWEST)]

    def _write(self, cells: Sequence[str], style: str, below: Iterable[Styled]) -> None:
        self._write_cells(cells, "", style)
        for line in below:
            self._output.line(line)

    def _write_cells(self, cells: Sequence[str], style: str, last_style: str) -> None:
        leading, last = list(zip(cells[:-1], self._widths, strict=False)), cells[-1]
        more: list[str] = []
        if self._limit is not None and self._wraps:
            leading = [(cut(cell, wide), wide) for cell, wide in leading]
            last, *more = wrap(last, self._widths[-1], 0)
        elif self._limit is not None:
            leading, last = self._fit(leading, last)
        padded = "".join(cell + " " * (max(0, wide - width(cell)) + _GAP) for cell, wide in leading)
        self._output.line(Styled(padded, style), Styled(last, last_style))
        for line in more:
            self._output.line(Styled(" " * width(padded)), Styled(line, last_style))

    def _fit(self, leading: list[tuple[str, int]], last: str) -> tuple[list[tuple[str, int]], str]:
        """The cells cut to their widths; empty cells make room for a long last one."""
        room = self._widths[-1]
        if width(last) > room and leading[-1][0] == EMPTY:
            while leading[-1][0] == EMPTY:
                room += leading.pop()[1] + _GAP
            leading.append((EMPTY, len(EMPTY)))
            room -= len(EMPTY) + _GAP
        return [(cut(cell, wide), wide) for cell, wide in leading], cut(last, room, tail=0)


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415  for text beyond ASCII only

    return cell_len(text)


def cut(text: str, columns: int, *, tail: int | None = None) -> str:
    """A text that fits, with a `…` where something was left out.

    Args:
        text: the text.
        columns: how many columns there are.
        tail: how many characters of the end to keep; a third of all that is kept where it is left out.

    >>> cut("thermostat-000042", 10), cut("the policy is false", 10, tail=0)
    ('thermo…042', 'the polic…')
    """
    if len(text) > 4 * columns:
        text = text[: 2 * columns] + text[-2 * columns :]
    elif width(text) <= columns:
        return text
    kept = columns - 1
    while kept and width(_without_middle(text, kept, tail)) > columns:
        kept -= 1
    return _without_middle(text, kept, tail)


def wrap(text: str, columns: int | None, hanging: int) -> list[str]:
    """A sentence in lines that fit, all but the first one indented deeper; one line where nothing limits it."""
    if columns is None or width(text) <= columns:
        return [text]
    start = len(text) - len(text.lstrip())
    first, *rest = re.split("( +(?!%))", text[start:])
    lines = [" " * start + first]
    for gap, word in zip(rest[::2], rest[1::2], strict=True):
        longer = f"{lines[-1]}{gap}{word}"
        if width(longer) <= columns:
            lines[-1] = longer
        else:
            lines.append(" " * (start + hanging) + word)
    return lines


def _without_middle(text: str, kept: int, tail: int | None) -> str:
    end = kept // 3 if tail is None else tail
    return f"{text[: kept - end]}…{text[len(text) - end :]}"
