"""Cut the bytes of a file into documents: lines of NDJSON, or the values of a JSON file, without reading any of them.

A document is still bytes when it leaves here. One that is longer than the limit is never held in memory as a whole: the first part
of it is kept, for people to recognise.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO, NamedTuple

from policy_lang.documents.lines import MAX_LINE

CHUNK = 2 * 1024 * 1024
"""How much is read at once, in bytes."""

_SPACE = b" \t\r\n"
_KEPT = 4096
_TEXT = rb'"(?>(?:[^"\\]++|\\.)*)"'
_BETWEEN = re.compile(rb'(?>(?:[^"{}\[\],]++|' + _TEXT + rb")*)", re.DOTALL)
_INSIDE = re.compile(rb'(?>(?:[^"{}\[\]]++|' + _TEXT + rb")*)", re.DOTALL)


class Record(NamedTuple):
    """One document, not read yet.

    Attributes:
        line: the line where it starts, counted from 1.
        raw: its bytes; only their beginning where it is too long.
        problem: why it cannot be read, where that is known already.
        is_cut: whether `raw` is only the beginning.
    """

    line: int
    raw: bytes
    problem: str | None = None
    is_cut: bool = False


def split_lines(stream: IO[bytes]) -> Iterator[list[Record]]:
    """The lines of NDJSON that are not blank, a batch for each chunk that is read."""
    number, rest = 1, b""
    for chunk in _chunks(stream):
        *lines, rest = (rest + chunk).split(b"\n")
        yield [_record(at, line.rstrip(b"\r")) for at, line in enumerate(lines, start=number) if line.strip(_SPACE)]
        number += len(lines)
        rest = rest[: MAX_LINE + 2]  # longer is too long already, whatever follows before the line ends
    if rest.strip(_SPACE):
        yield [_record(number, rest.rstrip(b"\r"))]


def split_values(stream: IO[bytes]) -> Iterator[list[Record]]:
    """The values of a JSON file one after the other, and the elements in place of a list.

    Only brackets and texts are looked at, so a value that is malformed inside is cut out all the same, and refused later alone.
    """
    cutter = _Cutter()
    for chunk in _chunks(stream):
        yield cutter.feed(chunk)
        if cutter.is_lost:
            return
    yield cutter.finish()


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a stream, without a byte order mark."""
    chunk = stream.read(CHUNK).removeprefix(BOM_UTF8)
    while chunk:
        yield chunk
        chunk = stream.read(CHUNK)


def _record(line: int, raw: bytes) -> Record:
    return Record(line, raw) if len(raw) <= MAX_LINE else _too_long(line, raw)


def _too_long(line: int, raw: bytes) -> Record:
    return Record(line, raw[:_KEPT], f"the device is longer than {MAX_LINE} bytes", is_cut=True)


class _Cutter:
    """Follows the brackets of a JSON file.

    Attributes:
        is_lost: whether a text without an end was met, after which nothing can be told apart.
    """

    def __init__(self) -> None:
        self.is_lost = False
        self._data = b""
        self._start = 0  # where the open document starts in `_data`
        self._at = 0  # how far `_data` was looked at
        self._line = 1  # the line of `_start`
        self._base = 0  # 1 inside of an outer list
        self._depth = 0
        self._is_cut = False  # the open document is too long and was reported
        self._follows_comma = False
        self._found: list[Record] = []

    def feed(self, chunk: bytes) -> list[Record]:
        """The documents that end in a chunk."""
        self._data = self._data[self._start :] + chunk
        self._at -= self._start
        self._start = 0
        while (mark := self._next_mark()) is not None:
            self._follow(mark)
        if len(self._data) - self._start > MAX_LINE:
            self._cut()
        found, self._found = self._found, []
        return found

    def finish(self) -> list[Record]:
        """What is left at the end of the file."""
        self._at = len(self._data)
        self._end(self._at)
        if self._base:
            self._found.append(Record(self._line, b"", "the list of devices has no end, the file may be cut"))
        return self._found

    def _next_mark(self) -> bytes | None:
        """The next bracket, or comma between documents; None where more bytes are needed."""
        pattern = _BETWEEN if self._depth == self._base else _INSIDE
        skipped = pattern.match(self._data, self._at)
        self._at = self._at if skipped is None else skipped.end()
        mark = self._data[self._at : self._at + 1]
        return None if mark in {b"", b'"'} else mark

    def _follow(self, mark: bytes) -> None:
        """Take one bracket or comma."""
        self._at += 1
        if mark in {b"{", b"["}:
            self._open(mark)
        elif mark == b",":
            self._separate()
        elif self._depth > self._base:
            self._depth -= 1
            if not self._depth:
                self._end(self._at)
        else:
            self._close()

    def _open(self, mark: bytes) -> None:
        if mark == b"[" and not self._depth and not self._data[self._start : self._at - 1].strip(_SPACE):
            self._go_on()
            self._base = self._depth = 1
        else:
            self._depth += 1

    def _separate(self) -> None:
        """End an element of the list; elsewhere a comma makes the document malformed."""
        if self._base:
            self._end(self._at - 1)
            self._go_on()
            self._follows_comma = True

    def _close(self) -> None:
        """Close the outer list, or take a bracket that closes nothing as a part of the document before it."""
        self._end(self._at - 1 if self._base else self._at)
        self._go_on()
        self._base = self._depth = 0

    def _end(self, end: int) -> None:
        """End the open document; nothing between two commas is a document too, which is refused."""
        raw = self._data[self._start : end]
        inside = raw.lstrip(_SPACE)
        if not self._is_cut and (inside or self._follows_comma):
            line = self._line + raw.count(b"\n", 0, len(raw) - len(inside))
            self._found.append(_record(line, inside.rstrip(_SPACE)))
        self._is_cut = self._follows_comma = False
        self._go_on()

    def _cut(self) -> None:
        """Report that the open document is too long, and forget what was read of it; a text without an end loses the rest."""
        self.is_lost = len(self._data) - self._at > MAX_LINE
        if not self._is_cut:
            self._found.append(_too_long(self._line, self._data[self._start :]))
        self._is_cut = True
        self._go_on()

    def _go_on(self) -> None:
        """Start a document where the last one ended."""
        self._line += self._data.count(b"\n", self._start, self._at)
        self._start = self._at
