"""Characters that look like others, or like nothing: what the rules of text safety know about Unicode.

Sources: UTS #39 "Unicode Security Mechanisms" (confusables), UAX #9 (bidirectional controls), CVE-2021-42574.
"""

# ruff: noqa: RUF001  the table holds letters that look like others on purpose

import re
from collections.abc import Iterator
from unicodedata import name

from policy_lang.analysis.subject import PolicySubject
from policy_lang.syntax.ast import Expr, Text

BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""The controls that change the order in which text is shown."""

JOINERS = frozenset("\u200c\u200d")
"""Zero-width characters that scripts other than Latin need: they shape Persian and join emoji."""

ZERO_WIDTH = JOINERS | frozenset("\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff")
"""Characters that are not shown at all."""

DASHES = frozenset("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d")
"""What editors put in place of a hyphen."""

_LOOK_ALIKES = {
    **dict(zip("аЬсԁеһіјӏоԛрѕԝхуүѵгѡ", "abcdehijloqpswxyyvrw", strict=True)),
    **dict(zip("АВЕЅІЈКМНОРСТУХԌԜѴҮӀ", "ABESIJKMHOPCTYXGWVYl", strict=True)),
    **dict(zip("αγιονρσυϲϳϱ", "ayiovpoucjp", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿϜ", "ABEZHIKMNOPTYXCJF", strict=True)),
    **dict(zip("օոռսցհզքՕՍՏ", "onnughqfOUS", strict=True)),
    **dict(zip("ɑɡ", "ag", strict=True)),
}
_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}

LOOK_ALIKES: dict[str, str] = _LOOK_ALIKES | _FULL_WIDTH
"""Letters of Cyrillic, Greek and Armenian, and full-width forms, with the ASCII character that each is taken for."""

_ESCAPE = re.compile(r"\\(?:\r\n|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|[\s\S])")


def describe(char: str) -> str:
    """A character for a message, which must not hold it: `U+202E (right-to-left override)`."""
    return f"U+{ord(char):04X} ({name(char, 'no name').lower()})"


def escape(char: str) -> str:
    """The escape of a character of the first plane in a text literal."""
    return f"\\u{ord(char):04x}"


def written_texts(subject: PolicySubject) -> Iterator[tuple[Expr, str]]:
    """Each text literal as it is written, escapes blanked out: these are plain to see."""
    for expr in subject.expressions:
        if isinstance(expr, Text):
            yield expr, _ESCAPE.sub(lambda match: " " * len(match[0]), subject.text_of(expr))
