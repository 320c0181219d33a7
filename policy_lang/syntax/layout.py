"""Text that knows where its lines may end, and how to fit it into a width.

A layout is made of texts and of places where a line may end. A `Group` stands on one line if it fits, else all of its own line ends
are taken; the groups inside decide for themselves. So what is outside breaks before what is inside (after Wadler, "A prettier
printer").
"""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

STEP = 4
"""How much deeper an indented line stands."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line may end; on one line, `flat` stands there instead."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class HardLine:
    """Where a line must end; with a blank line after it where `is_double`."""

    is_double: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A comment: it takes no room, so it never breaks the code that it stands beside.

    Attributes:
        text: the comment.
        column: where it stood, if its lines below the first shall move along.
    """

    text: str
    column: int | None = None


@dataclass(frozen=True, slots=True)
class IfBroken:
    """A text that stands only where the group around it is broken."""

    text: str


@dataclass(frozen=True, slots=True)
class Indent:
    """A part whose line ends are followed by more blanks."""

    inner: "Layout"


@dataclass(frozen=True, slots=True)
class Group:
    """A part that stands on one line, or has all of its line ends."""

    inner: "Layout"


Layout: TypeAlias = str | Line | HardLine | Note | IfBroken | Indent | Group | tuple["Layout", ...]


def must_break(layout: Layout) -> bool:
    """Whether a part cannot stand on one line."""
    match layout:
        case HardLine():
            return True
        case Note(text):
            return "\n" in text
        case Indent(inner) | Group(inner):
            return must_break(inner)
        case tuple():
            return any(map(must_break, layout))
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Command:
    """A part that is yet to be written."""

    indent: int
    is_flat: bool
    part: Layout


def render(layout: Layout, width: int) -> str:
    """The text of a document in lines of a width; only what cannot be broken is longer."""
    pending = [_Command(0, False, layout)]
    written: list[str] = []
    column = 0
    while pending:
        command = pending.pop()
        text = _write(command, pending, width - column)
        written.append(text)
        column = column + len(text) if "\n" not in text else len(text) - text.rfind("\n") - 1
    return "\n".join(line.rstrip(" ") for line in "".join(written).split("\n"))


def _write(command: _Command, pending: list[_Command], room: int) -> str:
    """The text of one part; what is inside it is put off."""
    indent, is_flat, part = command.indent, command.is_flat, command.part
    match part:
        case str():
            return part
        case Note(text, column):
            return text if column is None else _moved(text, column, indent)
        case IfBroken(text):
            return "" if is_flat else text
        case Line(flat):
            return flat if is_flat else "\n" + " " * indent
        case HardLine(is_double):
            return "\n" * (1 + is_double) + " " * indent
        case Indent(inner):
            pending.append(_Command(indent + STEP, is_flat, inner))
        case Group(inner):
            can_be_flat = is_flat or (not must_break(inner) and _fits(inner, pending, room))
            pending.append(_Command(indent, can_be_flat, inner))
        case tuple():
            pending.extend(_Command(indent, is_flat, each) for each in reversed(part))
        case _:
            assert_never(part)
    return ""


def _fits(part: Layout, pending: list[_Command], room: int) -> bool:
    """Whether a part on one line, with what follows it up to the next line end, has room."""
    at = len(pending)
    open_: list[tuple[bool, Layout]] = [(True, part)]
    while room >= 0:
        if not open_:
            if at == 0:
                return True
            at -= 1
            open_.append((pending[at].is_flat, pending[at].part))
            continue
        is_flat, current = open_.pop()
        match current:
            case str():
                room -= len(current)
            case Line(flat) if is_flat:
                room -= len(flat)
            case Line() | HardLine():
                return True
            case IfBroken(text):
                room -= 0 if is_flat else len(text)
            case Indent(inner) | Group(inner):
                open_.append((is_flat, inner))
            case tuple():
                open_.extend((is_flat, each) for each in reversed(current))
            case Note():
                pass
            case _:
                assert_never(current)
    return False


def _moved(text: str, column: int, indent: int) -> str:
    """A comment of several lines whose later lines stay as far to the right of its first as they were."""
    first, *others = text.split("\n")
    moved = (line.removeprefix(line[: min(column, len(line) - len(line.lstrip()))]) for line in others)
    return "\n".join([first, *(" " * indent + line if line.strip() else "" for line in moved)])
