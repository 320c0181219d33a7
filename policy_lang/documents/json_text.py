"""JSON and JSON5 with positions.

One reader serves both: only the pattern of a word differs. It takes one word after the other and knows what may follow, so it needs
no recursion. Strict JSON is first given to Python's own decoder, which is much faster; our reader runs when something is wrong,
to say what and where, or when somebody asks for a position.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from policy_lang.diagnostics.model import Label
from policy_lang.documents.json_errors import fail_expected, fail_word
from policy_lang.documents.json_tokens import JSON5, STRICT, decode_name, decode_number, decode_text, is_float
from policy_lang.documents.json_values import Refused, decode
from policy_lang.documents.model import Document, Kind, LazySpans
from policy_lang.documents.nodes import Key, Node, append, positions, put
from policy_lang.documents.problems import MAX_DEPTH, Problems, quote
from policy_lang.source import Span

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse_json(problems: Problems) -> Document:
    """Read strict JSON, or raise with what is wrong."""
    source = problems.source
    try:
        value = decode(source.text)
    except Refused:
        value = read_nodes(problems, STRICT).value
    tables = cache(lambda: positions(read_nodes(Problems(source, problems.error), STRICT)))
    return Document(value, source, LazySpans(lambda: tables()[0]), LazySpans(lambda: tables()[1]), Kind.JSON)


def parse_json5(problems: Problems) -> Document:
    """Read JSON5, or raise with what is wrong."""
    root = read_nodes(problems, JSON5)
    tables = cache(lambda: positions(root))
    return Document(root.value, problems.source, LazySpans(lambda: tables()[0]), LazySpans(lambda: tables()[1]), Kind.JSON5)


def read_nodes(problems: Problems, pattern: re.Pattern[str]) -> Node:
    """Read the words of a text as one value, with positions."""
    root = _Reader(problems, pattern).read()
    problems.check()
    return root


class _Reader:
    """Each method takes one word and answers which method takes the next."""

    def __init__(self, problems: Problems, pattern: re.Pattern[str]) -> None:
        self.problems = problems
        self.pattern = pattern
        self.root = Node(None, 0, 0)
        self.open: list[Node] = []
        self.keys: list[Key] = []
        self.kind = ""
        self.word = ""
        self.start = self.end = 0

    def read(self) -> Node:
        text, match = self.problems.source.text, self.pattern.match
        step: _Step | None = self._value
        while step is not None:
            found = match(text, self.end)
            if found is None or found.lastgroup is None:
                fail_word(self.pattern, self.end, self.problems)
            self.kind = found.lastgroup
            self.word = found[self.kind]
            self.start, self.end = found.span(self.kind)
            step = step()
        return self.root

    def _value(self) -> "_Step":
        match self.kind, self.word:
            case "text", word:
                self._place(Node(decode_text(word[1:-1]), self.start, self.end))
            case "number", word:
                self._place(Node(self._number(word), self.start, self.end))
            case "word", ("true" | "false" | "null") as word:
                self._place(Node(_WORDS[word], self.start, self.end))
            case "mark", "{":
                return self._opened({}, self._first_key)
            case "mark", "[":
                return self._opened([], self._first_item)
            case _:
                self._unexpected("a value")
        return self._after

    def _first_item(self) -> "_Step":
        return self._closed() if self.word == "]" and self.kind == "mark" else self._value()

    def _next_item(self) -> "_Step":
        return self._closed() if self._is_trailing("]") else self._value()

    def _first_key(self) -> "_Step":
        return self._closed() if self.word == "}" and self.kind == "mark" else self._key()

    def _next_key(self) -> "_Step":
        return self._closed() if self._is_trailing("}") else self._key()

    def _key(self) -> "_Step":
        key: str | None = None
        if self.kind == "text":
            key = decode_text(self.word[1:-1])
        elif self.kind == "word" and self.pattern is JSON5:
            key = decode_name(self.word)
        if key is None:
            self._unexpected("a key in double quotes" if self.pattern is STRICT else "a key")
        self.keys.append(Key(key, self.start, self.end))
        return self._colon

    def _colon(self) -> "_Step":
        if self.kind != "mark" or self.word != ":":
            self._unexpected("`:` after the key")
        return self._value

    def _after(self) -> "_Step | None":
        if not self.open:
            if self.kind == "end":
                return None
            self._unexpected("the end of the text")
        is_object = isinstance(self.open[-1].value, dict)
        if self.kind == "mark" and self.word == ",":
            return self._next_key if is_object else self._next_item
        if self.kind != "mark" or self.word != ("}" if is_object else "]"):
            self._unexpected("`,` or `}`" if is_object else "`,` or `]`")
        return self._closed()

    def _opened(self, value: dict[str, Any] | list[Any], following: "_Step") -> "_Step":
        node = Node(value, self.start, self.end)
        self._place(node)
        self.open.append(node)
        if len(self.open) > MAX_DEPTH:
            self.problems.fail_depth(Span(self.start, self.end))
        return following

    def _closed(self) -> "_Step":
        self.open.pop().end = self.end
        return self._after

    def _place(self, node: Node) -> None:
        """Put a value where it belongs: into the innermost list or object."""
        if not self.open:
            self.root = node
        elif isinstance(self.open[-1].value, dict):
            put(self.open[-1], self.keys.pop(), node, self.problems)
        else:
            append(self.open[-1], node)

    def _number(self, word: str) -> int | float | None:
        number = decode_number(word)
        if number is None:
            why = "too large" if is_float(word) else "too long"
            self.problems.add("PL502", f"the number {quote(word)} is {why}", Span(self.start, self.end))
        return number

    def _is_trailing(self, closer: str) -> bool:
        """Whether the list or object ends after a comma, as JSON5 allows."""
        if self.kind != "mark" or self.word != closer:
            return False
        if self.pattern is STRICT:
            at = self.problems.source.text.rindex(",", 0, self.start)
            remedy = "remove the comma, or name the file `.json5`"
            self.problems.fail("PL502", f"a comma stands before `{closer}`", Span(at, at + 1), remedy=remedy)
        return True

    def _unexpected(self, expected: str) -> NoReturn:
        span = Span(self.start, self.end)
        if self.kind != "end":
            fail_expected(expected, self.pattern, self.word, span, self.problems)
        at = len(self.problems.source.text.rstrip())
        related = tuple(Label(Span(node.start, node.start + 1), "opened here") for node in self.open[-1:])
        self.problems.fail("PL502", f"expected {expected}, found the end of the text", Span(at, at), related=related)


_Step = Callable[[], "_Step | None"]
