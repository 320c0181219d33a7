"""Where each field of a TOML document was written.

Python's own parser gives the values and the errors, but no positions. This pass reads the text once more, for its shape only: keys,
headers and where each value ends. Where it meets what it does not know, it stops, and the fields after that have the position of
what is around them.
"""

import re
from contextlib import suppress
from tomllib import loads
from typing import NamedTuple

from policy_lang.documents.model import Path_
from policy_lang.documents.problems import MAX_DEPTH, MAX_DIGITS, Problems, quote
from policy_lang.source import Span

_SKIP = re.compile(r"(?>(?:[ \t\r\n]++|#[^\n]*+)*)")
_KEY = re.compile(r"""[ \t]*+(?P<key>[A-Za-z0-9_-]++|"(?>(?:[^"\\\n]++|\\.)*)"|'[^'\n]*+')[ \t]*+(?P<dot>\.?)""")
_EQUALS = re.compile(r"[ \t]*+=[ \t]*+")
_VALUE = re.compile(
    r'''"""(?>(?:[^"\\]++|\\.|"{1,2}(?!"))*)"{3,5}
    |\'\'\'(?>(?:[^']++|'{1,2}(?!'))*)\'{3,5}
    |"(?>(?:[^"\\\n]++|\\.)*)"
    |'[^'\n]*+'
    |[0-9]{4}-[0-9]{2}-[0-9]{2}[ ][0-9][^\s,\]}#]*+
    |[^\s,\[\]{}#"']++''',
    re.VERBOSE | re.DOTALL,
)
_INTEGER = re.compile(r"[-+]?[0-9_]+|0x[0-9A-Fa-f_]+|0[ob][0-7_]+")


class Duplicate(NamedTuple):
    """A key that stands twice: its text, and both places."""

    key: str
    first: Span
    second: Span


class _Lost(Exception):  # noqa: N818  the end of the pass, not an error
    """The text is not what this pass knows."""


class Positions:
    """Reads a text when made.

    Attributes:
        spans: the span of each value; a table reaches from its first line to its last.
        keys: the span of each key, where it was first written.
        duplicates: the keys that stand twice.
    """

    def __init__(self, problems: Problems) -> None:
        """Read the text; over a limit it raises, anything else it passes over."""
        self.problems = problems
        self.text = problems.source.text
        self.at = 0
        self.spans: dict[Path_, Span] = {(): Span(0, len(self.text))}
        self.keys: dict[Path_, Span] = {}
        self.duplicates: list[Duplicate] = []
        self._lengths: dict[Path_, int] = {}
        self._taken: set[Path_] = set()
        with suppress(_Lost):
            self._document()

    def _document(self) -> None:
        table: Path_ = ()
        self._skip()
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> Path_:
        """Read `[table]` or `[[table]]`; the path ends with a number for one of a list of tables."""
        start = self.at
        closer = "]]" if self.text.startswith("[[", start) else "]"
        self.at += len(closer)
        names = self._names()
        self._expect(closer)
        path: Path_ = ()
        for number, (name, span) in enumerate(names, start=1):
            path = (*path, name)
            self.keys.setdefault(path, span)
            if number == len(names):
                path = self._open_table(path, span, is_list=closer == "]]")
            elif path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        self._cover(path, Span(start, self.at))
        return path

    def _open_table(self, path: Path_, span: Span, *, is_list: bool) -> Path_:
        """Begin the table that the last name of a header stands for."""
        if path in self._taken:
            self._duplicate(path, span)
        if not is_list:
            self._taken.add(path)
            return path
        self._lengths[path] = self._lengths.get(path, 0) + 1
        return (*path, self._lengths[path] - 1)

    def _pair(self, table: Path_) -> None:
        """Read `key = value`, in a table or between braces."""
        start = self.at
        path = table
        names = self._names()
        for number, (name, span) in enumerate(names, start=1):
            path = (*path, name)
            if number == len(names) and path in self.keys:
                self._duplicate(path, span)
            self.keys.setdefault(path, span)
        self._taken.add(path)
        self._take(_EQUALS)
        self._value(path)
        self._cover(path[:-1], Span(start, self.at))

    def _value(self, path: Path_) -> None:
        """Read a value; the depth of the path bounds the recursion."""
        if len(path) > MAX_DEPTH:
            self.problems.fail_depth(Span(self.at, self.at + 1))
        start = self.at
        match self.text[start : start + 1]:
            case "[":
                self._list(path)
            case "{":
                self._table(path)
            case _:
                self._check_digits(self._take(_VALUE))
        self.spans[path] = Span(start, self.at)

    def _list(self, path: Path_) -> None:
        number = 0
        self._open()
        while not self._closes("]"):
            self._value((*path, number))
            number += 1
            self._separate("]")

    def _table(self, path: Path_) -> None:
        self._open()
        while not self._closes("}"):
            self._pair(path)
            self._separate("}")

    def _open(self) -> None:
        self.at += 1
        self._skip()

    def _closes(self, closer: str) -> bool:
        """Whether a list or table ends here; if so, step over its end."""
        if self.text.startswith(closer, self.at):
            self.at += 1
            return True
        return False

    def _separate(self, closer: str) -> None:
        """Step over the comma between two values."""
        self._skip()
        if not self.text.startswith(closer, self.at):
            self._expect(",")
            self._skip()

    def _names(self) -> list[tuple[str, Span]]:
        """Read a key: names with dots between them."""
        names = []
        dot = "."
        while dot:
            found = self._take(_KEY)
            span = Span(*found.span("key"))
            names.append((_name(found["key"]), span))
            dot = found["dot"]
            if len(names) > MAX_DEPTH:
                self.problems.fail_depth(span)
        return names

    def _check_digits(self, value: re.Match[str]) -> None:
        if len(value[0]) > MAX_DIGITS and _INTEGER.fullmatch(value[0]):
            self.problems.add("PL502", f"the number {quote(value[0])} is too long", Span(*value.span()))

    def _cover(self, path: Path_, span: Span) -> None:
        """Stretch the tables on a path over what stands in them."""
        for end in range(1, len(path) + 1):
            known = self.spans.get(path[:end], span)
            self.spans[path[:end]] = known.cover(span)

    def _duplicate(self, path: Path_, span: Span) -> None:
        self.duplicates.append(Duplicate(str(path[-1]), self.keys[path], span))

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _Lost
        self.at = found.end()
        return found

    def _expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise _Lost
        self.at += len(mark)

    def _skip(self) -> None:
        self._take(_SKIP)


def _name(raw: str) -> str:
    """What a key means."""
    if raw[0] == '"' and "\\" in raw:
        try:
            return str(loads(f"key = {raw}")["key"])
        except ValueError as error:
            raise _Lost from error
    return raw[1:-1] if raw[0] in "\"'" else raw
