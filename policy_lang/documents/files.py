"""Bytes to text: files that cannot be opened, and bytes that are not UTF-8."""

import os
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.problems import MAX_SIZE
from policy_lang.errors import PolicyError
from policy_lang.source import Source, Span

AnyPath: TypeAlias = str | os.PathLike[str]

_CAUSES: dict[type[OSError], tuple[str, str]] = {
    FileNotFoundError: ("the file does not exist", "check the path"),
    IsADirectoryError: ("this is a directory, not a file", "name a file in it"),
    PermissionError: ("the file may not be read", "check its permissions"),
}


def read_text(path: AnyPath, *, error: type[PolicyError] = PolicyError, max_size: int = MAX_SIZE) -> str:
    """The text of a UTF-8 file, without a byte order mark.

    Args:
        path: the file.
        error: what to raise.
        max_size: the limit of its size, in bytes.

    Raises:
        PolicyError: as `error`, if the file cannot be read (PL501), is too large (PL512) or is not UTF-8 (PL112).
    """
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(max_size + 1)
    except (OSError, ValueError) as cause:
        raise error([unreadable(name, cause)]) from cause
    if len(data) > max_size:
        raise error([Diagnostic("PL512", f"the file is larger than {max_size} bytes", Source("", name))])
    text = decode_utf8(data, lambda shown: Source(shown, name))
    if isinstance(text, Diagnostic):
        raise error([text])
    return text


def unreadable(name: str, cause: OSError | ValueError) -> Diagnostic:
    """Why a file cannot be read; a path with a NUL or a lone surrogate gives a `ValueError`."""
    for kind, (message, remedy) in _CAUSES.items():
        if isinstance(cause, kind):
            return Diagnostic("PL501", message, Source("", name), help=remedy)
    return Diagnostic("PL501", "the file cannot be read", Source("", name), help="check the path and the disk")


def decode_utf8(data: bytes, source: Callable[[str], Source]) -> str | Diagnostic:
    """The text of bytes without a byte order mark, or why they are not UTF-8.

    Args:
        data: the bytes.
        source: makes the source of the finding from the text, in which U+FFFD stands for what is wrong.
    """
    inside = data.removeprefix(BOM_UTF8)
    try:
        return inside.decode()
    except UnicodeDecodeError as error:
        bad = error.start
    at = len(inside[:bad].decode())
    offset = bad + len(data) - len(inside)
    is_utf16 = data.startswith((BOM_UTF16_BE, BOM_UTF16_LE))
    remedy = "the file looks like UTF-16; save it as UTF-8" if is_utf16 else "save the file as UTF-8"
    message = f"the byte 0x{inside[bad]:02x} at offset {offset} is not UTF-8"
    return Diagnostic("PL112", message, source(inside.decode(errors="replace")), Label(Span(at, at + 1)), help=remedy)
