"""The words of JSON (RFC 8259) and of JSON5 (1.0.0): one pattern for each, and what texts and numbers mean.

A group is repeated as `(?>(?:…)*)` and never possessively: before Python 3.11.3 a possessive repeat goes on behind an
iteration that failed half way, and takes `1.` for a number (CPython gh-100061).
"""

import re
from math import isfinite
from unicodedata import category

from policy_lang.documents.problems import MAX_DIGITS

_JSON5_SPACE = r"\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_JSON5_SKIP = rf"(?>(?:[{_JSON5_SPACE}]++|//[^\n\r\u2028\u2029]*+|/\*(?s:.*?)\*/)*)"
_JSON5_LETTER = rf"[A-Za-z0-9_$]|[^\x00-\x7f{_JSON5_SPACE}]|\\u[0-9A-Fa-f]{{4}}"
_JSON5_ESCAPE = r"\\(?:\r\n|[^xu1-9\r0]|\r(?!\n)|0(?![0-9])|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})"

STRICT = re.compile(
    r"""[ \t\n\r]*+(?:
    (?P<text>"[^"\\\x00-\x1f]*+(?>(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*)")
    |(?P<mark>[][{}:,])
    |(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?(?![\w$.+-]))
    |(?P<word>[A-Za-z_$][\w$]*+)
    |(?P<end>\Z)
    )""",
    re.VERBOSE,
)
"""One word of JSON, with the white space before it."""

JSON5 = re.compile(
    rf"""(?:{_JSON5_SKIP})(?:
    (?P<text>"(?>(?:[^"\\\n\r]++|{_JSON5_ESCAPE})*)"|'(?>(?:[^'\\\n\r]++|{_JSON5_ESCAPE})*)')
    |(?P<mark>[][{{}}:,])
    |(?P<number>[-+]?+(?:0[xX][0-9A-Fa-f]++|(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?)
        (?!{_JSON5_LETTER}|[.+-]))
    |(?P<word>[-+]?+(?![0-9])(?>(?:{_JSON5_LETTER})+))
    |(?P<end>\Z)
    )""",
    re.VERBOSE,
)
"""One word of JSON5, with the white space and the comments before it."""

SKIP = {STRICT: re.compile(r"[ \t\n\r]*+"), JSON5: re.compile(_JSON5_SKIP)}
"""What may stand between two words."""

PREFIX = {
    STRICT: re.compile(r""""(?>(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)"""),
    JSON5: re.compile(rf""""(?>(?:[^"\\\n\r]++|{_JSON5_ESCAPE})*)|'(?>(?:[^'\\\n\r]++|{_JSON5_ESCAPE})*)"""),
}
"""The part of a text that is in order, from its quote on."""

ESCAPE = re.compile(
    r"""\\(?:u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})
    |u(?P<unit>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<line>\r\n|[\n\r\u2028\u2029])|(?P<char>.))""",
    re.VERBOSE,
)
"""One escape in a text of JSON or JSON5; two halves of a surrogate pair are one."""

_CHARS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_START = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl"}
_INSIDE = _START | {"Mn", "Mc", "Nd", "Pc"}


def decode_text(inside: str) -> str:
    """What a text means, given without its quotes; a lone surrogate stays as it is."""
    return ESCAPE.sub(decode_escape, inside) if "\\" in inside else inside


def decode_escape(escape: re.Match[str]) -> str:
    """What an escape means."""
    if high := escape["high"]:
        return chr(0x10000 + (int(high, 16) - 0xD800) * 0x400 + int(escape["low"], 16) - 0xDC00)
    if code := escape["unit"] or escape["byte"]:
        return chr(int(code, 16))
    return "" if escape["line"] else _CHARS.get(escape["char"], escape["char"])


def decode_number(text: str) -> int | float | None:
    """What a number means; None where it is too long or not finite."""
    if is_float(text):
        value = float(text)
        return value if isfinite(value) else None
    if len(text.lstrip("+-")) > MAX_DIGITS:
        return None
    try:
        return int(text, 16 if "x" in text or "X" in text else 10)
    except ValueError:  # the program that runs us has lowered Python's limit of digits
        return None


def is_float(text: str) -> bool:
    """Whether a number has a point or an exponent."""
    return any(char in text for char in ".eE") and "x" not in text and "X" not in text


def decode_name(text: str) -> str | None:
    """What a name without quotes means in JSON5; None where it is not a name."""
    name = decode_text(text)
    if name.isascii() and name.replace("$", "_").isidentifier():
        return name
    starts = name[0] in "$_" or category(name[0]) in _START
    return name if starts and all(char in "$_\u200c\u200d" or category(char) in _INSIDE for char in name) else None
