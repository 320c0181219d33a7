"""What a scalar means: the core schema of YAML 1.2, so `no` is text, `12:30` is text and `2026-01-01` is text."""

import re
from math import isfinite

from policy_lang.documents.problems import MAX_DIGITS, quote

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST = frozenset(".+-0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASES = {"0o": 8, "0x": 16}
_NAMES = {"null": "null", "bool": "true or false", "int": "a whole number", "float": "a number"}

Scalar = str | int | float | bool | None


class ScalarError(ValueError):
    """A scalar has no value; the text of the error is the message for people."""


def resolve(text: str) -> Scalar:
    """The value of a plain scalar.

    Raises:
        ScalarError: if it is a number that no value stands for.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError("infinities and NaN are not allowed")
    return text


def convert(text: str, tag: str) -> Scalar:
    """The value of a scalar with a tag of the core schema: `str`, `int`, `float`, `bool` or `null`.

    Raises:
        ScalarError: if the text is not of that type.
    """
    if tag == "str":
        return text
    value = resolve(text)
    match tag, value:
        case ("null", None) | ("bool", bool()):
            return value
        case ("int" | "float", int() | float()) if not isinstance(value, bool):
            if tag == "int" and isinstance(value, int):
                return value
            if tag == "float":
                return _float(text) if _FLOAT.fullmatch(text) else float(value)
    raise ScalarError(f"{quote(text)} is not {_NAMES[tag]}")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ScalarError(f"the number {quote(text)} is too long")
    try:
        return int(text.removeprefix(text[:2]), _BASES[text[:2]]) if text[:2] in _BASES else int(text)
    except ValueError as error:  # the program that runs us has lowered Python's limit of digits
        raise ScalarError(f"the number {quote(text)} is too long") from error


def _float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ScalarError(f"the number {quote(text)} is too large")
    return value
