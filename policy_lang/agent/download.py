"""Fetch an image: into a file beside its target, on from where an earlier try ended.

A file that is complete and right gets its final name in one step, after its bytes have reached the disk. Nothing else ever has that
name.
"""

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urljoin

from policy_lang.agent.addresses import problem_of
from policy_lang.agent.failures import ImageError, TransientError
from policy_lang.agent.files import Files
from policy_lang.agent.offer import Offer
from policy_lang.agent.settings import Settings
from policy_lang.agent.transport import Reply, Transport, retry_after

_log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_MOST_REDIRECTS = 5
_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416
_REDIRECTS = {301, 302, 303, 307, 308}
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)")


def partial_path(image: Path) -> Path:
    """Where the bytes of an image are until it is complete."""
    return image.with_name(f"{image.name}.part")


def is_right(image: Path, checksum: str) -> bool:
    """Whether a file is the image with a checksum; a missing one is not."""
    try:
        with image.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == checksum
    except FileNotFoundError:
        return False


def fetch(offer: Offer, settings: Settings, transport: Transport, files: Files, now: datetime) -> None:
    """Bring the image of an offer to its place, verified.

    Raises:
        ImageError: the image is complete and not the one that was offered, or is too large.
        TransientError: it is not complete. What is there is kept for the next time.
    """
    image = settings.image_path
    if is_right(image, offer.checksum):
        return
    part = partial_path(image)
    descriptor = files.open(part)
    try:
        was_resumed = _fill(descriptor, offer, settings, transport, files, now)
        found = _digest(descriptor)
        if found != offer.checksum:
            files.truncate(descriptor, 0)
            _refuse(found, offer, was_resumed=was_resumed)
        files.sync(descriptor)
    finally:
        os.close(descriptor)
    files.replace(part, image)


def _refuse(found: str, offer: Offer, *, was_resumed: bool) -> NoReturn:
    """A wrong image: the server's fault, unless some of it was there before and may have been of another one."""
    if was_resumed:
        raise TransientError("the image is not right after it was continued; it is fetched anew")
    raise ImageError(f"the checksum of the image is {found}, not {offer.checksum}")


def _fill(descriptor: int, offer: Offer, settings: Settings, transport: Transport, files: Files, now: datetime) -> bool:
    """Write the rest of the image, or all of it; says whether some of it was there before."""
    start = os.fstat(descriptor).st_size
    if start and _digest(descriptor) == offer.checksum:
        return True
    if start > settings.max_image:
        start = 0
    with _open(offer.url, start, settings, transport, now) as reply:
        begins_at = _beginning(reply, start)
        if begins_at is None:
            files.truncate(descriptor, 0)
            raise TransientError("the server has no such part of the image; it is fetched anew")
        files.truncate(descriptor, begins_at)
        _copy(reply, descriptor, begins_at, settings.max_image, files)
    return begins_at > 0


def _beginning(reply: Reply, start: int) -> int | None:
    """Where the bytes of an answer belong; None where they do not go on from what is there."""
    if reply.status == _OK:
        return 0
    found = _RANGE.fullmatch(reply.headers.get("content-range", ""))
    return start if reply.status == _PARTIAL and found is not None and int(found[1]) == start else None


def _copy(reply: Reply, descriptor: int, start: int, largest: int, files: Files) -> None:
    """Write an answer to a file, as long as it is not too large; what it announces is enough to refuse it."""
    length = reply.headers.get("content-length", "")
    announced = int(length[:18]) if length.isascii() and length.isdecimal() else 0
    size = start
    is_small = size + announced <= largest
    for chunk in reply.chunks if is_small else ():
        size += len(chunk)
        is_small = size <= largest
        if not is_small:
            break
        files.write(descriptor, chunk)
    if not is_small:
        files.truncate(descriptor, 0)
        raise ImageError(f"the image is larger than {largest} bytes")
    if announced and size != start + announced:
        raise TransientError("the image ends early")


@contextmanager
def _open(url: str, start: int, settings: Settings, transport: Transport, now: datetime) -> Iterator[Reply]:
    """The answer with the image, through a few redirects, each to https again. No token is sent: the address is all it takes."""
    headers = {"Range": f"bytes={start}-"} if start else {}
    for _ in range(_MOST_REDIRECTS + 1):
        with transport.stream(url, headers, limit=settings.download_timeout) as reply:
            if reply.status not in _REDIRECTS:
                _check_status(reply, now)
                yield reply
                return
            url = _target(url, reply, settings)
    raise TransientError(f"the image is behind more than {_MOST_REDIRECTS} redirects")


def _target(url: str, reply: Reply, settings: Settings) -> str:
    target = urljoin(url, reply.headers.get("location", ""))
    if problem := problem_of(target, allows_loopback=settings.allows_loopback):
        raise TransientError(f"the image is redirected to an address that cannot be used: {problem}")
    _log.info("the image is redirected")
    return target


def _check_status(reply: Reply, now: datetime) -> None:
    if reply.status not in {_OK, _PARTIAL, _UNSATISFIABLE}:
        raise TransientError(f"the image is answered with status {reply.status}", retry_after(reply.headers, now))


def _digest(descriptor: int) -> str:
    """The SHA-256 of an open file, from its beginning."""
    digest = hashlib.sha256()
    offset = 0
    while chunk := os.pread(descriptor, _CHUNK, offset):
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()
