"""What a device sent: one JSON object, read strictly.

Devices build JSON by hand, so a body is refused with a place and a remedy rather than guessed at. A property that stands twice is
one where both values are the same, and is refused where they differ: which of them is true, only the device knows.

Nearly every body takes the fast way: one decoder in C, and a proof by counting that no key stood twice. Each key needs a colon, so
where there are as many colons as keys, no key was lost. Everything else is read a second time, slowly and with words for what is
wrong: colons in texts, escapes, nested values, and all that is no JSON.

Source: docs/service.md, "Bodies".
"""

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final, NoReturn

import msgspec

from policy_lang.suggest import shorten

MAX_DEPTH: Final = 16
"""How many lists and objects may stand inside each other."""

_decode = msgspec.json.Decoder().decode

_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*"', re.DOTALL)
_NO_NUMBER = re.compile(r"-?Infinity|NaN")
_EXPONENT = re.compile(r"(?<![\d.])-?\d[\d.]*+[eE][-+]?\d+")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\.", re.DOTALL)
_COMMA_AT_END = re.compile(rb",(?=\s*\}\s*$)")
_WORDS = {
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a property in double quotes is missing",
    "Expecting ':' delimiter": "a colon is missing after the property",
    "Expecting ',' delimiter": 'a comma is missing; inside a text, write `"` as `\\"`',
    "Unterminated string starting at": "the text that begins here does not end",
    "Invalid control character at": "a control character stands in a text; write a line break as `\\n`",
    "Invalid \\escape": "there is no such escape; write a backslash as `\\\\`",
    "Invalid \\uXXXX escape": "the escape needs four hex digits",
    "Extra data": "there is more after the end of the object",
}


class BodyError(ValueError):
    """A body is no JSON object that the service can use; the message says why and where."""


def read_object(body: bytes) -> dict[str, Any]:
    """The properties that a client sent.

    Args:
        body: the whole body.

    Raises:
        BodyError: it is not one JSON object in UTF-8, or says two things about one property.

    >>> read_object(b'{"id": "7", "version": "1.0.0"}')
    {'id': '7', 'version': '1.0.0'}
    """
    try:
        value = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_slowly(body)
    # INVARIANT: a key that stood twice leaves more colons than keys; a backslash may hide a colon, a bracket may hide depth.
    if type(value) is dict and body.count(b":") == len(value) and b"\\" not in body and b"[" not in body:
        return value
    return _read_slowly(body)


def read_report(body: bytes) -> dict[str, Any]:
    """The same for a report, where one comma before the closing brace is passed over: old releases of the shell client write it.

    >>> read_report(b'{"success": true, "id": "7", "update": "release-7",}')["update"]
    'release-7'
    """
    return read_object(_COMMA_AT_END.sub(b"", body, count=1))


def _read_slowly(body: bytes) -> dict[str, Any]:
    """Read a body with Python's decoder, which tells each key of an object, and where a text is wrong."""
    text = _text(body)
    try:
        value = _careful.decode(text)
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip():
            _fail("the body ends before the object does", text, error.pos)
        if (comma := _comma_at_end(text, error)) is not None:
            _fail("a comma stands before the end; leave it out", text, comma)
        _fail(_WORDS.get(error.msg, shorten(error.msg.lower())), text, error.pos)
    except _NotFiniteError:
        _fail("a number is not finite", text, next(_numbers(text), 0))
    except RecursionError:
        raise BodyError(f"lists and objects are nested more than {MAX_DEPTH} levels deep") from None
    except BodyError:
        raise
    except ValueError:  # Python refuses integers of more digits for the time that they take
        raise BodyError("a number has more than 4300 digits") from None
    return _checked(value, text)


def _comma_at_end(text: str, error: json.JSONDecodeError) -> int | None:
    """Where a comma stands before a bracket that closes; Python 3.13 says so itself, older ones miss what follows it."""
    if error.msg.startswith("Illegal trailing comma"):
        return error.pos
    before = text[: error.pos].rstrip()
    return len(before) - 1 if text[error.pos] in "}]" and before.endswith(",") else None


def _checked(value: object, text: str) -> dict[str, Any]:
    """The value, if it is an object without anything that a database or a policy cannot hold."""
    if not isinstance(value, dict):
        raise BodyError('the body is not an object; write `{"id": …, "version": …}`')
    if text.count("{") + text.count("[") > MAX_DEPTH and _is_deep(value):
        raise BodyError(f"lists and objects are nested more than {MAX_DEPTH} levels deep")
    if "\\u" in text:
        _check_escapes(text)
    return value


def _text(body: bytes) -> str:
    """The body as text."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        _fail("the body is not UTF-8", before, len(before))
    if not text.strip(" \t\r\n"):
        raise BodyError('the body is empty; write `{"id": …, "version": …}`')
    return text


def _check_escapes(text: str) -> None:
    """Refuse half a character, and the one that no database keeps."""
    expected = 0  # where the second half of a pair has to begin
    for escape in _ESCAPE.finditer(text):
        unit = int(escape[1], 16) if escape[1] else -1
        is_low = 0xDC00 <= unit <= 0xDFFF  # noqa: PLR2004  the surrogates of Unicode
        if is_low != (escape.start() == expected and expected > 0):
            _fail("half a character is escaped; both halves are needed", text, escape.start())
        expected = escape.end() if 0xD800 <= unit <= 0xDBFF else 0  # noqa: PLR2004  the same
        if unit == 0:
            _fail("the character U+0000 cannot be kept", text, escape.start())
        if expected and not text.startswith("\\u", expected):
            _fail("half a character is escaped; both halves are needed", text, escape.start())


def _numbers(text: str) -> Iterator[int]:
    """Where a word stands outside of texts that is no finite number."""
    outside = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    for found in _NO_NUMBER.finditer(outside):
        yield found.start()
    for found in _EXPONENT.finditer(outside):
        if not isfinite(float(found[0])):
            yield found.start()


def _is_deep(value: object) -> bool:
    """Whether lists and objects are nested over the limit."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _parts(outer)]
    return any(isinstance(inner, (dict, list)) for inner in level)


def _parts(value: object) -> Iterator[object]:
    """What stands inside a list or an object."""
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object; one that stands twice has to say the same."""
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members and repr(members[key]) != repr(value):  # so that 1, 1.0 and true are three values
            raise BodyError(f"the property `{_shown(key)}` stands twice with different values; send it once")
        members[key] = value
    return members


def _shown(key: str) -> str:
    """A key for a message: short, and nothing that could break the line."""
    return shorten(key.encode("unicode_escape").decode() if not key.isprintable() else key)


class _NotFiniteError(ValueError):
    """A number is infinite or none."""


def _finite(digits: str) -> float:
    """A number with a fraction or an exponent."""
    number = float(digits)
    if not isfinite(number):
        raise _NotFiniteError
    return number


def _not_finite(_word: str) -> NoReturn:
    """Refuse `NaN` and the infinities, which are no JSON."""
    raise _NotFiniteError


def _fail(message: str, text: str, offset: int) -> NoReturn:
    """Refuse a body, with the place: lines and columns count from 1, columns in characters."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    raise BodyError(f"{message} (line {line}, column {column})")


_careful = json.JSONDecoder(object_pairs_hook=_members, parse_float=_finite, parse_constant=_not_finite)
