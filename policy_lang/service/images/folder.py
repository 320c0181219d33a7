"""Images in a folder that the service itself serves, for one machine or a shared disk.

A file takes its place whole: it is written beside it, hashed on the way, brought to the disk, and renamed. URLs are signed with a
key that lies in the folder too, so every process that serves the folder knows it, and nobody else may read it.
"""

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from policy_lang.service.images.model import Advance, ImageError, ImageLocation, MissingImageError
from policy_lang.service.images.reading import (
    Measured,
    check_size,
    check_stored,
    check_unchanged,
    chunks,
    measure_chunks,
    open_image,
)
from policy_lang.service.images.settings import FolderImages
from policy_lang.service.images.signature import whole_seconds

ROUTE = "/images"
"""Where the service serves its folders."""

_KEY_FILE = ".signing-key"
_KEY_LENGTH = 32
_READABLE = 0o644


class FolderStore:
    """A folder; safe to share between threads and processes."""

    def __init__(self, name: str, settings: FolderImages) -> None:
        """Take note of the folder; it is made when it is first written to.

        Raises:
            ImageError: the URL is not https.
        """
        if urlsplit(settings.url).scheme != "https" or not urlsplit(settings.url).netloc:
            raise ImageError(f"the `url` of the images of `{name}` is not https", "write where devices reach this service")
        self.name = name
        self._root = Path(settings.path)
        self._base = f"{settings.url.rstrip('/')}{ROUTE}/{name}/"

    def upload(self, path: Path, key: str, sha256: str, size: int, advance: Advance | None = None) -> ImageLocation:
        """Store a file under a key; see `ImageStore.upload`."""
        location = ImageLocation(self.name, key, size)
        target = self._root / key
        with open_image(path) as file, self._translating(key), _replacing(target) as copy:
            found = measure_chunks(_copied(file, copy), advance)
            check_unchanged(path, found, Measured(sha256, size))
        return location

    def verify(self, location: ImageLocation, advance: Advance | None = None) -> None:
        """Read an image back; see `ImageStore.verify`."""
        with self.open(location.key) as file, self._translating(location.key):
            check_size(location, os.fstat(file.fileno()).st_size)
            check_stored(location, measure_chunks(chunks(file), advance))

    def open(self, key: str) -> BinaryIO:
        """The bytes of an image, for the route that serves them.

        Raises:
            MissingImageError: nothing is there, or the key is none.
            ImageError: the disk does not answer.
        """
        try:
            location = ImageLocation(self.name, key, 0)
            return (self._root / location.key).open("rb")
        except (FileNotFoundError, ValueError):
            raise MissingImageError(f"the image `{key}` is not in `{self.name}`", "publish the image again") from None
        except OSError as error:
            raise self._trouble(key, error) from error

    def address(self, location: ImageLocation) -> str:
        """The URL of an image without a signature."""
        return self._base + location.key

    def presign(self, location: ImageLocation, lifetime: timedelta, now: datetime) -> str:
        """A URL for everybody who has it; see `ImageStore.presign`."""
        expires = int(now.timestamp()) + whole_seconds(lifetime)
        return f"{self.address(location)}?expires={expires}&signature={self._sign(location.key, expires)}"

    def admits(self, key: str, expires: int, signature: str, now: datetime) -> bool:
        """Whether a URL was signed by this store and has not expired."""
        is_ours = hmac.compare_digest(self._sign(key, expires).encode(), signature.encode(errors="replace"))
        return is_ours and now.timestamp() < expires

    def _sign(self, key: str, expires: int) -> str:
        """The signature of a URL: the key of an image and the time when it expires, nothing else is in it."""
        return hmac.new(self._signing_key, f"{key}\n{expires}".encode(), sha256).hexdigest()

    @cached_property
    def _signing_key(self) -> bytes:
        """The key of the folder; who asks first makes it, and it is the same for everybody."""
        with self._translating(_KEY_FILE):
            key = _shared_secret(self._root / _KEY_FILE)
        if len(key) < _KEY_LENGTH:  # anybody could sign with an empty one
            remedy = "take the file away and start the service anew; URLs that were given out end with it"
            raise ImageError(f"`{_KEY_FILE}` in the folder of `{self.name}` is no key", remedy)
        return key

    @contextmanager
    def _translating(self, key: str) -> Iterator[None]:
        """Say in our words what the disk refuses."""
        try:
            yield
        except OSError as error:
            raise self._trouble(key, error) from error

    def _trouble(self, key: str, error: OSError) -> ImageError:
        """What an error of the disk means."""
        return ImageError(
            f"`{key}` in the folder of `{self.name}`: {str(error.strerror).lower()}",
            "check the folder, its permissions and the disk",
        )


def _copied(file: BinaryIO, copy: BinaryIO) -> Iterator[bytes]:
    """The pieces of a file, each written before the next is read."""
    for chunk in chunks(file):
        copy.write(chunk)
        yield chunk


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """A new file that takes its place when it is complete and on the disk, or leaves nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".part", delete=False) as copy:
        new = Path(copy.name)
        try:
            yield cast("BinaryIO", copy)
            copy.flush()
            os.fchmod(copy.fileno(), _READABLE)
            os.fsync(copy.fileno())
            new.replace(target)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Bring a new name to the disk, so that it is still there after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _shared_secret(path: Path) -> bytes:
    """The secret in a file; where there is none, one process of all that ask at once makes it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part") as new:
            new.write(secrets.token_bytes(_KEY_LENGTH))
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):  # another process was faster, and its secret holds
                os.link(new.name, path)
    return path.read_bytes()
