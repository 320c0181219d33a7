"""NDJSON: one device per line, a whole fleet in bounded memory.

A line that is wrong becomes a finding and the rest goes on. The good way is one call of Python's own decoder; the reader with
positions runs only for a line that it refused.
"""

import os
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.files import AnyPath, decode_utf8, unreadable
from policy_lang.documents.json_text import read_nodes
from policy_lang.documents.json_tokens import STRICT
from policy_lang.documents.json_values import decode
from policy_lang.documents.problems import Problems
from policy_lang.errors import PolicyError
from policy_lang.source import Location, Source, Span

MAX_LINE = 1024 * 1024
"""The longest line, in bytes."""

_SHOWN = 160


class Line(NamedTuple):
    """One line that is not blank: its object, or what is wrong with it.

    Attributes:
        number: the line, counted from 1, blank lines included.
        value: the object of the line; None where there is an error.
        error: what is wrong; None where there is a value.
    """

    number: int
    value: dict[str, Any] | None
    error: Diagnostic | None


@dataclass(frozen=True, slots=True)
class _LineSource(Source):
    """One line of a file, which knows its number."""

    number: int = 1

    def location(self, offset: int) -> Location:
        """The line in the file, and the column."""
        return Location(self.number, offset + 1)

    def line(self, number: int) -> str:  # noqa: ARG002  there is only one
        """The line without its end."""
        return self.text


def read_lines(
    stream: IO[bytes] | AnyPath, name: str | None = None, *, max_line: int = MAX_LINE, error: type[PolicyError] = PolicyError
) -> Iterator[Line]:
    """Read NDJSON line by line; blank lines are passed over.

    Args:
        stream: a binary stream, or the path of a file.
        name: what findings call it; without one, the path or the stream's own name.
        max_line: the longest line, in bytes; a longer one is an error and is never held in memory as a whole.
        error: what to raise where reading itself fails.

    Yields:
        A `Line` for each line that is not blank, whatever its content.

    Raises:
        PolicyError: as `error`, if the file cannot be opened or read (PL501).
    """
    if not isinstance(stream, (str, os.PathLike)):
        own = getattr(stream, "name", None)
        yield from _lines(stream, name or (own if isinstance(own, str) else "<stream>"), max_line, error)
        return
    name = name or os.fspath(stream)
    try:
        file = Path(stream).open("rb")  # noqa: SIM115  the errors of opening, apart from those of the caller's loop
    except (OSError, ValueError) as cause:
        raise error([unreadable(name, cause)]) from cause
    with file:
        yield from _lines(file, name, max_line, error)


def _lines(stream: IO[bytes], name: str, max_line: int, error: type[PolicyError]) -> Iterator[Line]:
    try:
        number = 0
        while True:
            number += 1
            raw = stream.readline(max_line + 2)  # with room for the line end
            if not raw:
                return
            if number == 1:
                raw = raw.removeprefix(BOM_UTF8)
            if len(raw) > max_line and len(raw.rstrip(b"\r\n")) > max_line:
                yield Line(number, None, _too_long(raw, number, name, max_line))
                _skip_rest(stream, raw)
                continue
            try:
                value = decode(raw.decode())
            except ValueError:
                if raw.strip(b" \t\r\n"):
                    yield _slowly(raw, number, name)
                continue
            yield Line(number, value, None) if isinstance(value, dict) else _not_an_object(raw, value, number, name)
    except OSError as cause:
        raise error([unreadable(name, cause)]) from cause


def _skip_rest(stream: IO[bytes], raw: bytes) -> None:
    """Pass over the rest of a line of which `raw` was read, a piece at a time."""
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(65536)


def _slowly(raw: bytes, number: int, name: str) -> Line:
    """Read a line that the fast decoder refused, to say what is wrong with it."""
    text = decode_utf8(raw.rstrip(b"\r\n"), lambda shown: _LineSource(shown, name, number=number))
    if isinstance(text, Diagnostic):
        return Line(number, None, text)
    try:
        value = read_nodes(Problems(_LineSource(text, name, number=number), PolicyError), STRICT).value
    except PolicyError as error:
        return Line(number, None, error.diagnostics[0])
    return Line(number, value, None) if isinstance(value, dict) else _not_an_object(raw, value, number, name)


def _too_long(raw: bytes, number: int, name: str, max_line: int) -> Diagnostic:
    source = _LineSource(raw[:_SHOWN].decode(errors="replace"), name, number=number)
    return Diagnostic("PL512", f"the line is longer than {max_line} bytes", source, Label(Span(0, 1)))


def _not_an_object(raw: bytes, value: object, number: int, name: str) -> Line:
    text = raw.decode().rstrip("\r\n")
    start = len(text) - len(text.lstrip())
    message = f"a device is an object, not {_word(value)}"
    source = _LineSource(text, name, number=number)
    remedy = "write one object per line"
    return Line(number, None, Diagnostic("PL511", message, source, Label(Span(start, len(text.rstrip()))), help=remedy))


def _word(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a bool"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a number"
