"""Checksums that are no checksum of an image."""

from hashlib import sha256

EMPTY_IMAGE = sha256(b"").hexdigest()
"""What a build writes that found no image."""

_PERIODS = (1, 2, 4, 8, 16, 32)


def is_filler(checksum: str) -> bool:
    """Whether a checksum repeats itself, or is that of an empty image; that of an image never does, for all that is known.

    >>> is_filler("00" * 32), is_filler("deadbeef" * 8), is_filler("0123456789abcdef" * 4)
    (True, True, True)
    """
    return checksum == EMPTY_IMAGE or any(checksum == checksum[:period] * (len(checksum) // period) for period in _PERIODS)
