"""Texts as YAML writes them: plain, in single or double quotes, as a literal `|` or a folded `>` block.

Each way to write a text is a tuple of splices, for a comment may stand between the header of a block and its lines. The ways come
in the order of preference, and may be optimistic: `rewrite.py` reads what they propose, and takes the first that means the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from policy_lang.documents.model import Document, Path_
from policy_lang.documents.quoted import easier_quote, escape, is_literal
from policy_lang.documents.yaml_scalars import ScalarError, resolve
from policy_lang.source import Span

_STEP = 2  # how much deeper than its key a new block stands
_LEAST = 60  # the shortest lines that a text is folded to
_LINE_END = re.compile(r"\r?\n|\Z")
_MARK = re.compile(r"[|>][-+0-9]*")
_DASHES = re.compile(r"[ ]*(?:-[ ]+)*")
_NOT_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=")
_FLOW_MARKS = frozenset("[]{},")
_JOINT = re.compile(r"(?<=\S) (?=\S)")


class Splice(NamedTuple):
    """A text in place of a span."""

    span: Span
    text: str


Choice: TypeAlias = tuple[Splice, ...]
"""One way to write a text."""


class _Place(NamedTuple):
    """Where a text stands.

    Attributes:
        document: the text of the document.
        span: the text that stands there.
        value: what it means.
        line_end: where the line of its end, or of the header of its block, ends.
        parent: the column of what it belongs to.
        is_flow: whether it stands inside braces or brackets.
    """

    document: str
    span: Span
    value: str
    line_end: int
    parent: int
    is_flow: bool

    @property
    def raw(self) -> str:
        """What stands there."""
        return self.document[self.span.start : self.span.end]

    @property
    def is_block(self) -> bool:
        """Whether it is a literal or folded block."""
        return self.raw.startswith(("|", ">"))

    @property
    def lines(self) -> list[str]:
        """Its lines below the first that are not blank."""
        return [line for line in self.raw.split("\n")[1:] if line.strip()]


def yaml_choices(document: Document, path: Path_, text: str) -> Iterator[Choice]:
    """The ways to write a text in place of another."""
    place = _place(document, path)
    if place.is_block or "\n" in text:
        yield from _blocks(place, text)
    for written in _inline(place, text):
        mark, body = _parts(place)
        yield (Splice(mark, written), Splice(body, "")) if place.is_block else (Splice(place.span, written),)


def is_in_flow(document: Document, path: Path_) -> bool:
    """Whether a value stands inside braces or brackets."""
    return any(document.source.text.startswith(("[", "{"), document.span(path[:end]).start) for end in range(len(path)))


def _place(document: Document, path: Path_) -> _Place:
    source, span = document.source.text, document.spans[path]
    value = document.value
    for step in path:
        value = value[step]
    is_block = source.startswith(("|", ">"), span.start)
    found = _LINE_END.search(source, span.start if is_block else span.end)
    return _Place(source, span, value, found.start() if found else len(source), _parent(document, path), is_in_flow(document, path))


def _parent(document: Document, path: Path_) -> int:
    """The column of the key, or of the dash of a list's item."""
    text = document.source.text
    if path in document.key_spans:
        start = document.key_spans[path].start
        return start - text.rfind("\n", 0, start) - 1
    start = document.spans[path].start
    dashes = _DASHES.match(text, text.rfind("\n", 0, start) + 1, start)
    return max(dashes[0].rfind("-") if dashes else 0, 0)


def _parts(place: _Place) -> tuple[Span, Span]:
    """The mark of a block, and its lines with the line end before them; a comment may stand between."""
    mark = _MARK.match(place.raw)
    at = place.span.start
    end = max(place.line_end, place.span.end)
    return Span(at, at + (mark.end() if mark else 0)), Span(min(place.line_end, end), end)


# --- Blocks ---------------------------------------------------------------------------------------------------------------------


def _blocks(place: _Place, text: str) -> Iterator[Choice]:
    """A folded block where it is one and the text has one line, else a literal block."""
    content = text.rstrip("\n")
    sign = _chomping(place, text)
    if place.is_flow or sign is None or content != content.rstrip() or not content or not is_literal(text):
        return
    indent = _indent(place)
    if place.raw.startswith(">") and "\n" not in content and not content[0].isspace():
        yield _block(place, f">{sign}", _fold(content, place), indent)
    digit = str(len(indent) - place.parent) if content.lstrip("\n")[0].isspace() else ""
    yield _block(place, f"|{digit}{sign}", content, indent)


def _block(place: _Place, mark: str, content: str, indent: str) -> Choice:
    lines = "".join(f"\n{indent}{line}" if line else "\n" for line in content.split("\n"))
    before, body = _parts(place) if place.is_block else (place.span, Span(place.line_end, place.line_end))
    needs_end = not mark.endswith("-") and body.end == len(place.document)
    return Splice(before, mark), Splice(body, lines + "\n" if needs_end else lines)


def _chomping(place: _Place, text: str) -> str | None:
    """What a header says of the line ends after the last line; None where no header says it."""
    ends = len(text) - len(text.rstrip("\n"))
    if ends <= 1:
        return "" if ends else "-"
    is_kept = place.is_block and "+" in place.document[slice(*_parts(place)[0])]
    return "+" if is_kept and ends == len(place.value) - len(place.value.rstrip("\n")) else None


def _indent(place: _Place) -> str:
    """What the lines of a block start with: what they start with now, or two blanks more than what they belong to."""
    if not place.is_block or not place.lines:
        return " " * (place.parent + _STEP)
    digits = re.sub(r"\D", "", place.document[slice(*_parts(place)[0])])
    if digits:
        return " " * (place.parent + int(digits))
    return " " * (len(place.lines[0]) - len(place.lines[0].lstrip(" ")))


# --- On one line, or folded like the text before ----------------------------------------------------------------------------------


def _inline(place: _Place, text: str) -> Iterator[str]:
    """Plain where it was plain, in its quotes where it had some; in the other quotes where those need no escapes."""
    raw = place.raw
    is_quoted = raw.startswith(("'", '"'))
    if not is_quoted and _can_be_plain(text, is_flow=place.is_flow):
        yield _folded(text, place)
    quote = easier_quote(raw[0], "''" if raw[0] == "'" else '\\"', raw, text) if is_quoted else _quote(text)
    if quote == "'" and is_literal(text) and not {"\n", "\t"} & set(text):
        yield _folded("'" + text.replace("'", "''") + "'", place)
    yield _folded(escape(text, '"'), place)


def _quote(text: str) -> str:
    """The quotes with fewer escapes."""
    return "'" if text.count("'") <= text.count('"') + text.count("\\") else '"'


def _can_be_plain(text: str, *, is_flow: bool) -> bool:
    """Whether a text needs no quotes; being strict costs nothing but a pair of quotes."""
    if not text or text != text.strip() or text[0] in _NOT_FIRST or text.endswith(":") or {"\n", "\t"} & set(text):
        return False
    if ": " in text or " #" in text or not is_literal(text) or (is_flow and _FLOW_MARKS & set(text)):
        return False
    try:
        return isinstance(resolve(text), str)
    except ScalarError:
        return False


def _folded(text: str, place: _Place) -> str:
    """A text with line ends where blanks are, if the one before was written so."""
    if place.is_block or not place.lines:
        return text
    indent = place.lines[0][: len(place.lines[0]) - len(place.lines[0].lstrip())]
    return _fold(text, place).replace("\n", f"\n{indent}")


def _fold(text: str, place: _Place) -> str:
    """A text in lines hardly longer than those that it had; a line ends only at a single blank."""
    width = max([_LEAST, *(len(line.strip()) for line in place.lines)])
    lines: list[str] = []
    for piece in _JOINT.split(text):
        if lines and len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return "\n".join(lines)
