"""Findings as text for people: header, source excerpt with carets, help.

fleet.policy:1:36: error[PL201]: cannot compare `device.memory` (int) with text
  | device.version < update.version && device.memory < "low"
  |                                    ^^^^^^^^^^^^^^^^^^^^^ declared as int in the schema
  = help: write a number, for example `256`
"""

from collections.abc import Iterator
from unicodedata import category, combining, east_asian_width

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.source import Source

_WIDEST = 160
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def render(diagnostic: Diagnostic) -> str:
    """The finding as text of several lines, without a line end."""
    return "\n".join(_lines(diagnostic))


def visible(text: str) -> str:
    """Text that is safe to print: control and format characters, which could hide or move other text, become U+FFFD."""
    return "".join("\N{REPLACEMENT CHARACTER}" if category(char) in _HIDDEN else char for char in text.replace("\t", " "))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield f"{_header(diagnostic)}: {diagnostic.severity}[{diagnostic.code}]: {visible(diagnostic.message)}"
    if diagnostic.source is not None:
        for label in (diagnostic.primary, *diagnostic.related):
            if label is not None:
                yield from _excerpt(diagnostic.source, label)
    if diagnostic.help is not None:
        yield f"  = help: {visible(diagnostic.help)}"


def _header(diagnostic: Diagnostic) -> str:
    name = "<document>" if diagnostic.source is None else diagnostic.source.name
    location = diagnostic.location
    place = name if location is None else f"{name}:{location.line}:{location.column}"
    return place if diagnostic.field is None else f"{place}: {diagnostic.field}"


def _excerpt(source: Source, label: Label) -> Iterator[str]:
    """The line of the label, cut around it when very long, and carets under the label."""
    place = source.location(label.span.start)
    line = source.line(place.line)
    start = place.column - 1
    end = max(start + 1, min(start + label.span.end - label.span.start, len(line)))
    cut = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    before, marked = visible(line[cut:start]), visible(line[start : min(end, cut + _WIDEST)])
    carets = "^" * max(1, _width(marked))
    yield f"  | {'…' if cut else ''}{visible(shown)}{'…' if cut + _WIDEST < len(line) else ''}"
    yield f"  | {' ' * (_width(before) + bool(cut))}{carets} {visible(label.text)}".rstrip()


def _width(text: str) -> int:
    """Columns that a terminal gives the text: wide characters take two, combining marks none."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
