"""Bytes on their way: counted and hashed while they pass, and compared with what they must be."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from policy_lang.service.images.model import Advance, DamagedImageError, ImageError, ImageLocation

CHUNK = 1024 * 1024
"""How many bytes are read at once."""

_CHANGED = "publish the file again when nothing writes to it any more"
_DAMAGED = "pause the updates that offer it, and publish the image again"


class Measured(NamedTuple):
    """What the bytes of a file hash to, in 64 hex digits in lower case, and how many there are."""

    checksum: str
    size: int


def measure(path: Path, advance: Advance | None = None) -> Measured:
    """Hash a file.

    Raises:
        ImageError: the file cannot be read, or is empty.
    """
    with open_image(path) as file:
        found = measure_chunks(chunks(file), advance)
    if not found.size:
        raise ImageError(f"the image `{path}` is empty", "name the file that devices install")
    return found


def open_image(path: Path) -> BinaryIO:
    """The bytes of a file.

    Raises:
        ImageError: the file cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise ImageError(
            f"the image `{path}` cannot be read: {str(error.strerror).lower()}", "check the path and its permissions"
        ) from error


def chunks(file: BinaryIO, length: int | None = None) -> Iterator[bytes]:
    """What is left of a file, or the next `length` bytes of it, in pieces."""
    while (wanted := CHUNK if length is None else min(CHUNK, length)) and (chunk := file.read(wanted)):
        length = None if length is None else length - len(chunk)
        yield chunk


def measure_chunks(pieces: Iterable[bytes], advance: Advance | None = None) -> Measured:
    """Hash what comes in pieces."""
    digest, size = sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if advance is not None:
            advance(len(piece))
    return Measured(digest.hexdigest(), size)


def check_unchanged(path: Path, found: Measured, wanted: Measured) -> None:
    """Refuse a file that is not what was hashed before.

    Raises:
        ImageError: another size, or other bytes.
    """
    if found != wanted:
        raise ImageError(f"the image `{path}` changed while it was published", _CHANGED)


def check_stored(location: ImageLocation, found: Measured) -> None:
    """Refuse an image in a store that is not what its location says.

    Raises:
        DamagedImageError: another size, or other bytes.
    """
    check_size(location, found.size)
    if found.checksum != location.checksum:
        raise DamagedImageError(f"the image `{location.key}` in `{location.store}` hashes to `{found.checksum}`", _DAMAGED)


def check_size(location: ImageLocation, size: int) -> None:
    """Refuse an image of another size, before it is read.

    Raises:
        DamagedImageError: another size.
    """
    if size != location.size:
        sizes = f"{size} bytes, not {location.size}"
        raise DamagedImageError(f"the image `{location.key}` in `{location.store}` has {sizes}", _DAMAGED)
