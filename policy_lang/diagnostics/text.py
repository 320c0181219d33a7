"""Findings as text for people: header, source excerpt with carets, help.

fleet.policy:1:36: error[PL201]: cannot compare `device.memory` (int) with text
  | device.version < update.version && device.memory < "low"
  |                                    ^^^^^^^^^^^^^^^^^^^^^ declared as int in the schema
  = help: write a number, for example `256`
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple
from unicodedata import category, combining, east_asian_width

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.source import Source

_WIDEST = 160
"""How much of a long line is shown where nothing limits it."""

_NARROWEST = 20
_MARGIN = "  | "
_HANGING = "      "
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class Part(Enum):
    """What a line says, so that it can be coloured."""

    HEAD = "head"
    EXCERPT = "excerpt"
    CARETS = "carets"
    HELP = "help"


class Line(NamedTuple):
    """One line of a finding."""

    part: Part
    text: str


def render(diagnostic: Diagnostic, width: int | None = None) -> str:
    """The finding as text of several lines, without a line end.

    Args:
        diagnostic: the finding.
        width: how many columns a line may have: sentences are wrapped, excerpts are cut around the carets. Without one sentences
            are never wrapped, and excerpts are cut where they are very long.
    """
    return "\n".join(line.text for line in lines_of(diagnostic, width))


def lines_of(diagnostic: Diagnostic, width: int | None = None) -> Iterator[Line]:
    """The lines of `render`, each with what it is."""
    head = f"{_place(diagnostic)}: {mark(diagnostic)}: {visible(diagnostic.message)}"
    yield from _wrapped(Part.HEAD, head, width)
    if diagnostic.source is not None:
        for label in (diagnostic.primary, *diagnostic.related):
            if label is not None:
                yield from _excerpt(diagnostic.source, label, width)
    if diagnostic.help is not None:
        yield from _wrapped(Part.HELP, f"  = help: {visible(diagnostic.help)}", width)
    if diagnostic.fix is not None and diagnostic.rule is not None:
        title = "" if diagnostic.fix.title == diagnostic.help else f"{visible(diagnostic.fix.title)}; "
        yield from _wrapped(Part.HELP, f"  = fix: {title}`--fix` does it", width)


def mark(diagnostic: Diagnostic) -> str:
    """How bad it is, and its code: `error[PL201]`, `warning[PL322 null_comparison]`."""
    name = "" if diagnostic.rule is None else f" {diagnostic.rule}"
    return f"{diagnostic.severity}[{diagnostic.code}{name}]"


def visible(text: str) -> str:
    """Text that is safe to print: control and format characters, which could hide or move other text, become U+FFFD."""
    return "".join("\N{REPLACEMENT CHARACTER}" if category(char) in _HIDDEN else char for char in text.replace("\t", " "))


def _place(diagnostic: Diagnostic) -> str:
    name = "<document>" if diagnostic.source is None else diagnostic.source.name
    location = diagnostic.location
    place = name if location is None else f"{name}:{location.line}:{location.column}"
    return place if diagnostic.field is None else f"{place}: {diagnostic.field}"


def _excerpt(source: Source, label: Label, width: int | None) -> Iterator[Line]:
    """The line of the label, cut around it where it is too long, and carets under the label."""
    place = source.location(label.span.start)
    line = source.line(place.line)
    start = place.column - 1
    end = max(start + 1, min(start + label.span.end - label.span.start, len(line)))
    room = _WIDEST if width is None else max(_NARROWEST, width - len(_MARGIN) - 2)
    cut, stop = _window(line, start, end, room)
    before = " " * (_width(visible(line[cut:start])) + bool(cut))
    carets = "^" * max(1, _width(visible(line[start : min(end, stop)])))
    shown = f"{'…' if cut else ''}{visible(line[cut:stop])}{'…' if stop < len(line) else ''}"
    yield Line(Part.EXCERPT, f"{_MARGIN}{shown}".rstrip())
    yield from _label(f"{_MARGIN}{before}{carets}", visible(label.text), width)


def _label(carets: str, text: str, width: int | None) -> Iterator[Line]:
    """The carets and what is said at them; below them where it does not fit beside them."""
    if width is None or len(carets) + 1 + _width(text) <= width:
        yield Line(Part.CARETS, f"{carets} {text}".rstrip())
        return
    yield Line(Part.CARETS, carets)
    indent = _MARGIN + " " * max(0, min(carets.index("^"), width - _width(text)) - len(_MARGIN))
    yield from (Line(Part.CARETS, line) for line in _wrap(indent + text, width, indent))


def _window(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """From where to where a line is shown: all of it, or as much around the label as there is room for."""
    if _width(line) <= room:
        return 0, len(line)
    stop = _reach(line, start, 1, max(room // 2, min(room, _width(line[start:end]))))
    cut = _reach(line, start, -1, room - _width(line[start:stop]))
    return cut, _reach(line, stop, 1, room - _width(line[cut:stop]))


def _reach(line: str, at: int, step: int, room: int) -> int:
    """How far one gets from a place, forwards or backwards, in some columns."""
    while 0 <= (following := at + step) <= len(line):
        room -= _width(line[min(at, following)])
        if room < 0:
            break
        at = following
    return at


def _wrapped(part: Part, text: str, width: int | None) -> Iterator[Line]:
    yield from (Line(part, line) for line in ([text] if width is None else _wrap(text, width, _HANGING)))


def _wrap(text: str, width: int, indent: str) -> Iterator[str]:
    """A sentence in lines that fit, broken at blanks; a word that is longer than a line stands alone."""
    if _width(text) <= width:
        yield text
        return
    line = text[: len(text) - len(text.lstrip())]
    for word in text.split():
        if line.strip() and _width(line) + 1 + _width(word) > width:
            yield line
            line = indent
        line += f" {word}" if line.strip() else word
    yield line


def _width(text: str) -> int:
    """Columns that a terminal gives the text: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
