"""Literals between their written form and their value: texts with JavaScript's escapes, and numbers."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import category

from policy_lang.source import Span

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that every engine holds exactly (docs/spec.md, "Types")."""

_SIMPLE = {"n": "\n", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "r": "\r", "0": "\0", "\n": "", "\r\n": ""}
_THEMSELVES = frozenset("'\"\\/")
_WRITTEN = {"\n": "\\n", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\r": "\\r", "\\": "\\\\"}
_ESCAPE = re.compile(r"\\(\r\n|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|[\s\S])")
_INTEGER = re.compile(r"0|[1-9][0-9]*")
_NUMBER = re.compile(r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEXADECIMAL = re.compile(r"0[xX][0-9A-Fa-f]+")
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LAST_CODE_POINT = 0x10FFFF
_LAST_BYTE = 0xFF
_LAST_OF_PLANE = 0xFFFF
_SURROGATE = re.compile("[\ud800-\udfff]")


class Problem(NamedTuple):
    """What is wrong inside a literal, at offsets counted from its first character."""

    span: Span
    message: str
    help: str


def read_text(written: str) -> tuple[str, list[Problem]]:
    """The value of a quoted literal, and the escapes in it that are not valid."""
    problems = list(_bad_escapes(written))
    value = _ESCAPE.sub(_unescape, written[1:-1])
    value = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), value)
    if not problems and _SURROGATE.search(value):
        problems.append(
            Problem(
                Span(0, len(written)), "half of a surrogate pair is not a character", "write the character itself, or both halves"
            )
        )
    return value, problems


def write_text(value: str) -> str:
    """The canonical literal: single quotes unless the text has some and no double ones; invisible characters escaped."""
    quote = '"' if "'" in value and '"' not in value else "'"
    return quote + "".join("\\" + quote if char == quote else _write_char(char) for char in value) + quote


def read_number(written: str) -> int | float | None:
    """The value of a number, None where the text is not one or the value is out of range."""
    if _HEXADECIMAL.fullmatch(written):
        return _in_range(int(written, 16))
    if _INTEGER.fullmatch(written):
        return _in_range(int(written)) if len(written) <= len(str(LARGEST_INTEGER)) else None
    if not _NUMBER.fullmatch(written):
        return None
    value = float(written)
    return value if value != float("inf") else None


def is_number(written: str) -> bool:
    """Whether the text has the form of a number, in range or not."""
    return bool(_HEXADECIMAL.fullmatch(written) or _NUMBER.fullmatch(written))


def _in_range(value: int) -> int | None:
    return value if value <= LARGEST_INTEGER else None


def _unescape(match: re.Match[str]) -> str:
    body = match[1]
    if body in _SIMPLE:
        return _SIMPLE[body]
    if len(body) > 1:
        code = int(body.strip("xu{}"), 16)
        return chr(code) if code <= _LAST_CODE_POINT else ""
    return body


def _bad_escapes(written: str) -> Iterator[Problem]:
    for match in _ESCAPE.finditer(written):
        span = Span(match.start(), match.end())
        body, after = match[1], written[match.end() : match.end() + 1]
        if body == "x":
            yield Problem(span, "`\\x` needs two hexadecimal digits", "write for example `\\x41`")
        elif body == "u" or (body.startswith("u{") and int(body[2:-1], 16) > _LAST_CODE_POINT):
            yield Problem(span, "`\\u` needs four hexadecimal digits or `{…}`", "write for example `\\u0041` or `\\u{1F600}`")
        elif body in "123456789" or (body == "0" and after.isdigit()):
            yield Problem(span, "octal escapes are not allowed", "write `\\xHH`")
        elif len(body) == 1 and body not in _SIMPLE and body not in _THEMSELVES:
            yield Problem(span, f"`\\{body}` is not an escape", "write `\\\\` for a backslash")


def _write_char(char: str) -> str:
    if char in _WRITTEN:
        return _WRITTEN[char]
    if category(char) not in _UNSAFE:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code <= _LAST_BYTE else f"\\u{code:04x}" if code <= _LAST_OF_PLANE else f"\\u{{{code:x}}}"
