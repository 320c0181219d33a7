"""A text that a regular expression finds a match in, written from the pattern.

The pattern is one that RE2 takes. What is written is a guess: anchors and word boundaries are passed over, so whoever takes a
sample searches it first; `samples` does.
"""

import re
from collections.abc import Iterator

from policy_lang.types.patterns import Pattern

_VARIANTS = 3
_LONGEST = 1024
_ALPHABET = "a0A-_ .xX:/é\n"
_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_NOTHING = frozenset("bBAz")
_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}", re.ASCII)
_GROUP = re.compile(r"\?(?:P?<\w+>|[imsU-]*:)", re.ASCII)
_FLAGS = re.compile(r"\?[imsU-]+\)", re.ASCII)
_HEXADECIMAL = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))", re.ASCII)
_OCTAL = re.compile(r"[0-7]{1,3}", re.ASCII)
_PROPERTY = re.compile(r"[pP](?:\{\^?\w+\}|\w)", re.ASCII)
_POSIX = re.compile(r"\[:\^?\w+:\]", re.ASCII)


def samples(pattern: Pattern) -> Iterator[str]:
    """Texts that hold a match, each checked; fewer than `_VARIANTS`, or none, for patterns that are beyond guessing."""
    seen = set()
    for variant in range(_VARIANTS):
        text = _Writer(pattern.source, variant).write()
        if text not in seen and len(text) <= _LONGEST and pattern.search(text):
            seen.add(text)
            yield text


class _Writer:
    """Reads a pattern from left to right and writes what it asks for.

    A variant chooses among alternatives, and whether what is optional is there.
    """

    def __init__(self, source: str, variant: int) -> None:
        self._source = source
        self._variant = variant
        self._at = 0

    def write(self) -> str:
        """The text of the whole pattern."""
        text = self._alternatives()
        return text if self._at >= len(self._source) else text + self._source[self._at :]

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _skip(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        match = expression.match(self._source, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def _alternatives(self) -> str:
        found = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            found.append(self._sequence())
        return found[self._variant % len(found)]

    def _sequence(self) -> str:
        text = ""
        while self._peek() not in {"", "|", ")"}:
            atom = self._atom()
            text = (text + atom * self._repetitions())[: _LONGEST + 1]
        return text

    def _repetitions(self) -> int:
        """How often the last piece comes; a `?` for laziness changes nothing."""
        match = self._skip(_COUNT)
        times = 1 if match is None else int(match[1])
        while self._peek() in {"*", "+", "?"}:
            times = times if self._peek() == "+" or match is not None else min(self._variant, 1)
            self._at += 1
        return times

    def _atom(self) -> str:
        char = self._peek()
        if char == "[":
            return self._class()
        self._at += 1
        match char:
            case "(":
                return self._group()
            case "\\":
                return self._escape()
            case "^" | "$":
                return ""
            case ".":
                return "a"
            case _:
                return char

    def _group(self) -> str:
        if self._skip(_FLAGS) is not None:
            return ""
        self._skip(_GROUP)
        text = self._alternatives()
        self._at += 1
        return text

    def _escape(self) -> str:
        if self._peek() == "Q":
            return self._quoted()
        match = self._skip(_HEXADECIMAL)
        if match is not None:
            return chr(int(match[1] or match[2], 16))
        match = self._skip(_OCTAL)
        if match is not None:
            return chr(int(match[0], 8))
        if self._skip(_PROPERTY) is not None:
            return "a"
        char = self._peek()
        self._at += 1
        return "" if char in _NOTHING else _CLASSES.get(char) or _CONTROLS.get(char, char)

    def _quoted(self) -> str:
        text, end, _ = self._source[self._at + 1 :].partition("\\E")
        self._at += 1 + len(text) + len(end)
        return text

    def _class(self) -> str:
        """A character of a class: the first that it names, or one that it does not where it is negated."""
        start = self._at
        self._at += 1
        is_negated = self._peek() == "^"
        self._at += is_negated
        first = self._class_item()
        while self._peek() not in {"", "]"}:
            self._class_item()
        self._at += 1
        if not is_negated:
            return first
        source = self._source[start : self._at]
        return next((char for char in _ALPHABET if char not in source.removeprefix("[^") and _is_outside(char, source)), "%")

    def _class_item(self) -> str:
        if self._skip(_POSIX) is not None:
            return "a"
        char = self._peek()
        self._at += 1
        return self._escape() if char == "\\" else char


def _is_outside(char: str, source: str) -> bool:
    """Whether no range or named class of a negated class holds a character."""
    ranges = re.findall(r"([^\\])-([^\]\\])", source)
    if any(low <= char <= high for low, high in ranges):
        return False
    named = {"d": str.isdigit, "w": lambda each: each.isalnum() or each == "_", "s": str.isspace}
    return not any(f"\\{letter}" in source and test(char) for letter, test in named.items())
