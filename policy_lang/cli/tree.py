"""The parts of a policy as a tree, with their values in a column beside it.

Lines are as wide as the screen at most: what is too long is cut with a `…`. `--format json` has everything in full.
"""

from collections.abc import Iterator
from typing import NamedTuple

from policy_lang.cli.output import BAD, GOOD, QUIET, UNSURE, Styled, safe
from policy_lang.cli.table import cut, width
from policy_lang.compiler.explain import Part, show_value

_WIDTH = 120
_GAP = 2
_NARROWEST = 16
_STYLES = {True: GOOD, False: BAD, None: UNSURE}


class _Row(NamedTuple):
    """One part: its branch of the tree, its text, its value."""

    branch: str
    text: str
    value: str
    style: str


def tree_lines(root: Part, columns: int | None, indent: str) -> Iterator[tuple[Styled, ...]]:
    """A line for each part, parents first.

    Args:
        root: the whole policy.
        columns: how wide a line may be; None where nothing limits it, then lines are still kept readable.
        indent: what every line starts with.
    """
    rows = list(_rows(root, "", ""))
    room = (columns or _WIDTH) - width(indent) - _GAP
    values = min(max(width(row.value) for row in rows), max(room * 2 // 5, _NARROWEST))
    texts = min(max(width(row.branch) + width(row.text) for row in rows), max(room - values, _NARROWEST))
    for row in rows:
        text = cut(row.text, max(texts - width(row.branch), 1), tail=0)
        padding = " " * (texts - width(row.branch) - width(text) + _GAP)
        value = cut(row.value, max(room - texts, _NARROWEST), tail=0)
        yield Styled(indent + row.branch, QUIET), Styled(text + padding), Styled(value, row.style)


def _rows(part: Part, branch: str, below: str) -> Iterator[_Row]:
    """The row of a part and those below it."""
    yield _Row(branch, safe(part.text), safe(_value(part)), _style(part))
    for at, child in enumerate(part.parts):
        is_last = at == len(part.parts) - 1
        yield from _rows(child, below + ("└─ " if is_last else "├─ "), below + ("   " if is_last else "│  "))


def _value(part: Part) -> str:
    """The value in words; an unknown with its cause where the part is the origin of it."""
    shown = show_value(part.value)
    return shown if part.cause is None else f"{shown}: {part.cause.detail}"


def _style(part: Part) -> str:
    return _STYLES[part.value] if isinstance(part.value, bool) or part.value is None else ""
