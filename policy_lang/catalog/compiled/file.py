"""The file of a compiled catalog: a first line with the format and a checksum, then lines of JSON.

The checksum covers everything after the first line. It finds what was cut, mixed up or damaged; it is no signature. A file that
others could have written must be signed, like the catalog that it was compiled from.
"""

import os
from collections.abc import Iterable
from hashlib import sha256
from json import JSONDecoder, JSONEncoder
from pathlib import Path
from typing import Any, NoReturn

from policy_lang.catalog.compiled.problems import refusal
from policy_lang.documents.files import unreadable
from policy_lang.errors import CatalogError

SUFFIX = ".policyc"
"""What a compiled catalog is named."""

FORMAT = 1
"""The number of the format; another format is never read."""

_MAGIC = b"policy_lang compiled catalog"
_PARTS = 2
_LARGEST = 2**30


def to_bytes(lines: Iterable[Any]) -> bytes:
    """A file of some JSON values, one a line."""
    body = "".join(f"{_encode(line)}\n" for line in lines).encode("ascii")
    return b"%s %d %s\n%s" % (_MAGIC, FORMAT, sha256(body).hexdigest().encode(), body)


def from_bytes(data: bytes, name: str) -> list[str]:
    """The lines of a file after the first one, still as text.

    Raises:
        CatalogError: the file is no compiled catalog, of another format, damaged, or not as it is written.
    """
    first, _, body = data.partition(b"\n")
    if not first.startswith(_MAGIC + b" "):
        raise refusal(name, "the file is not a compiled catalog", "name a file that `policy compile` wrote")
    parts = first.removeprefix(_MAGIC + b" ").split(b" ")
    if len(parts) != _PARTS or parts[0] != b"%d" % FORMAT:
        raise refusal(name, f"the format of the compiled catalog is not {FORMAT}, the one that is read here")
    if parts[1] != sha256(body).hexdigest().encode() or not body.endswith(b"\n"):
        raise refusal(name, "the compiled catalog is damaged: its checksum is another")
    if not body.isascii():
        raise refusal(name, "the compiled catalog is not one that `policy compile` writes: it has characters beyond ASCII")
    return body[:-1].decode("ascii").split("\n")


def read_json(line: str) -> Any:
    """The value of one line.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    return _decode(line)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file.

    Raises:
        CatalogError: it cannot be read, or is too large.
    """
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as cause:
        raise CatalogError([unreadable(name, cause)]) from cause
    if len(data) > _LARGEST:
        raise refusal(name, f"the file is larger than {_LARGEST} bytes", "split the catalog")
    return data


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Put a file in place whole: a reader sees the old one or the new one, never a part.

    Raises:
        OSError: it cannot be written.
    """
    from tempfile import NamedTemporaryFile  # noqa: PLC0415  only who writes needs it

    target = Path(path)
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        file.write(data)
    try:
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
    except OSError:
        Path(file.name).unlink()
        raise


def _refuse(name: str) -> NoReturn:
    """`NaN` and the infinities are no JSON."""
    raise ValueError(name)


_encode = JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
_decode = JSONDecoder(parse_constant=_refuse).decode
