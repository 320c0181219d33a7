"""One document to one device, as strictly as every other reader of devices, and fast where nothing is wrong.

`msgspec` reads JSON several times as fast as Python's decoder and gives the same values: whole numbers of any size, no `NaN`.
What it does not refuse are objects with a key twice and deep nesting, so these are looked for here. Whatever it refuses, and
whatever looks odd, goes to the reader of `policy_lang.documents`, which alone decides and has the words for what is wrong.
"""

import re
from collections.abc import Callable
from typing import Any

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.files import decode_utf8
from policy_lang.documents.json_values import decode
from policy_lang.documents.model import Kind
from policy_lang.documents.problems import MAX_DEPTH
from policy_lang.documents.read import parse_document
from policy_lang.errors import DeviceFileError
from policy_lang.source import Source
from policy_lang.types.decode import describe

_COLON = re.compile(rb'"[ \t\r\n]*:')


def fast_decoder() -> Callable[[bytes], Any]:
    """A decoder of strict JSON; it raises `ValueError` where the slow reader is to be asked."""
    try:
        import msgspec  # noqa: PLC0415  an extra; without it Python's own decoder does the same
    except ImportError:
        return _decode
    read = msgspec.json.Decoder().decode

    def decode_fast(raw: bytes) -> Any:
        try:
            value = read(raw)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError from error
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH or not _has_distinct_keys(raw, value):
            raise ValueError
        return value

    return decode_fast


def read_values(raw: bytes, kind: Kind, decode_fast: Callable[[bytes], Any]) -> list[dict[str, Any] | str]:
    """The devices of a document, or in place of one the reason why it is none.

    Args:
        raw: the document; strict JSON holds one device, other formats one or a list of them.
        kind: its format.
        decode_fast: what `fast_decoder` gave.
    """
    try:
        value = decode_fast(raw)
    except ValueError:
        value = _read_slowly(raw, kind)
        if isinstance(value, _Reason):
            return [value.text]
    values = value if type(value) is list and kind is not Kind.JSON else [value]
    return [each if type(each) is dict else f"a device is an object, not {describe(each)}" for each in values]


class _Reason:
    """Why a document is refused; a class of its own, for a document may be a text."""

    def __init__(self, text: str) -> None:
        self.text = text


def _decode(raw: bytes) -> Any:
    return decode(raw.decode())


def _has_distinct_keys(raw: bytes, value: object) -> bool:
    """Whether no object has a key twice: it has as many keys as its text has quotes before a colon.

    A text that holds such a quote itself, or blanks before a colon, may give a wrong no, never a wrong yes.
    """
    if b'" ' in raw or b'"\t' in raw or b'"\n' in raw or b'"\r' in raw:
        return len(_COLON.findall(raw)) == _count_keys(raw, value)
    return raw.count(b'":') == _count_keys(raw, value)


def _count_keys(raw: bytes, value: object) -> int:
    """How many keys all objects have; most devices are flat, or have objects of scalars only."""
    if type(value) is dict:
        objects = raw.count(b"{")
        if objects == 1:
            return len(value)
        inner = [each for each in value.values() if type(each) is dict]
        if len(inner) + 1 == objects:
            return len(value) + sum(map(len, inner))
    return _count_all_keys(value)


def _count_all_keys(value: object) -> int:
    if type(value) is dict:
        count = len(value)
        for inner in value.values():
            if type(inner) is dict or type(inner) is list:
                count += _count_all_keys(inner)
        return count
    return sum(map(_count_all_keys, value)) if type(value) is list else 0


def _read_slowly(raw: bytes, kind: Kind) -> Any:
    """The value by the reader that has the words for what is wrong."""
    text = decode_utf8(raw, Source)
    if isinstance(text, Diagnostic):
        return _Reason(text.message)
    try:
        return parse_document(text, "", kind, error=DeviceFileError).value
    except DeviceFileError as error:
        return _Reason(_sentence(error.diagnostics[0]))


def _sentence(finding: Diagnostic) -> str:
    """What is wrong, and where in the document."""
    place = finding.location
    if place is None:
        return finding.message
    line = f"line {place.line}, " if place.line > 1 else ""
    return f"{finding.message} ({line}column {place.column})"
