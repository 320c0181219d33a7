"""What a store of images is: upload, verify, presign.

The key of an image says which product it belongs to and which bytes it has: `<product>/<SHA-256>`. So two images never share a
key, a key never stands for other bytes, and a location that names another product is recognised by its text alone. What is stored
under a key was hashed while it was stored; `verify` reads it back before anything is offered.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Advance: TypeAlias = Callable[[int], None]
"""Told how many more bytes are done."""

_KEY = re.compile(r"(?P<product>[a-z0-9-]{1,40}\.[0-9a-f]{16})/(?P<checksum>[0-9a-f]{64})")
_NO_SLUG = re.compile(r"[^a-z0-9]+")


class ImageError(Exception):
    """An image is missing, is not what it should be, or its store does not answer.

    Attributes:
        message: the cause, lower case, without a final period.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both parts, for a terminal and for a problem document."""
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}; {remedy}")


class MissingImageError(ImageError):
    """There is nothing under the key."""


class DamagedImageError(ImageError):
    """Other bytes are under the key than it says."""


@dataclass(frozen=True, slots=True)
class ImageLocation:
    """Where an image lies; what a row of the database keeps of it.

    Attributes:
        store: the name of the store in the settings.
        key: `<product>/<SHA-256>`, see `image_key`.
        size: how many bytes it has.

    Raises:
        ValueError: if the key is none, or the size is negative.
    """

    store: str
    key: str
    size: int

    def __post_init__(self) -> None:
        """Refuse what no upload gives, so that no key leads out of a store."""
        if _KEY.fullmatch(self.key) is None:
            raise ValueError(f"`{self.key}` is not the key of an image")
        if self.size < 0:
            raise ValueError(f"the size of an image is 0 or more, not `{self.size}`")

    @property
    def checksum(self) -> str:
        """The SHA-256 of the image, 64 hex digits in lower case."""
        return self.key.rpartition("/")[2]

    def belongs_to(self, product: str) -> bool:
        """Whether the image is one of a product."""
        return self.key == image_key(product, self.checksum)

    def to_plain(self) -> dict[str, Any]:
        """The location as JSON values."""
        return {"store": self.store, "key": self.key, "size": self.size}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "ImageLocation":
        """The location that `to_plain` gave.

        Raises:
            ValueError: if the mapping has another shape.
        """
        match dict(plain):
            case {"store": str(store), "key": str(key), "size": int(size), **others} if not others and not isinstance(size, bool):
                return cls(store, key, size)
            case _:
                raise ValueError("the location of an image has `store`, `key` and `size`")


class ImageStore(Protocol):
    """Where images lie. Every method may block: on a disk, on the network, on credentials that are renewed."""

    @property
    def name(self) -> str:
        """The name of the store in the settings."""
        ...

    def upload(self, path: Path, key: str, sha256: str, size: int, advance: Advance | None = None) -> ImageLocation:
        """Store a file under a key, all of it or nothing; what is there under the key is there afterwards too.

        Args:
            path: the file.
            key: the key, see `image_key`.
            sha256: what the bytes must hash to, 64 hex digits; they are hashed while they are stored.
            size: how many bytes there must be.
            advance: told how many more bytes are stored.

        Raises:
            ImageError: the file is not what it was, or the store refuses it; then nothing is stored.
        """
        ...

    def verify(self, location: ImageLocation, advance: Advance | None = None) -> None:
        """Read an image back and compare its size and its SHA-256.

        Raises:
            MissingImageError: nothing is there.
            DamagedImageError: other bytes are there.
            ImageError: the store does not answer.
        """
        ...

    def address(self, location: ImageLocation) -> str:
        """The https URL of an image without a signature: what a catalog row says, and what nobody can fetch without one."""
        ...

    def presign(self, location: ImageLocation, lifetime: timedelta, now: datetime) -> str:
        """An https URL by which anybody can fetch the image until it expires, with range requests.

        Args:
            location: where the image lies.
            lifetime: how long from `now` on, in whole seconds, at most seven days.
            now: the time, with a zone.

        Raises:
            ImageError: there are no credentials.
            ValueError: the lifetime is not in those bounds.
        """
        ...


def image_key(product: str, checksum: str) -> str:
    """The key of an image: readable letters of the product, 64 bits that tell products apart, and what the bytes hash to.

    Args:
        product: the product, any text.
        checksum: the SHA-256 of the image, 64 hex digits in lower case.

    >>> image_key("Atlas Pro", "00" * 32)[:32]
    'atlas-pro.7aeb1d75bf75e981/00000'
    """
    slug = _NO_SLUG.sub("-", product.lower()).strip("-")[:40] or "product"
    return f"{slug}.{sha256(product.encode(errors='surrogatepass')).hexdigest()[:16]}/{checksum}"
