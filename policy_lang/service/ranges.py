"""The header `Range` of a request: which bytes of a file are asked for.

One range is served. A request for several gets the whole file, which RFC 9110 allows and every client has to understand, and so
does a header that is none.

Source: RFC 9110, section 14.
"""

import re

_ONE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.ASCII)


class UnsatisfiableError(ValueError):
    """The range begins behind the end of the file."""


def read_range(header: str | None, size: int) -> range | None:
    """The bytes that a header asks for.

    Args:
        header: the value of `Range`; None where there is none.
        size: how many bytes the file has.

    Returns:
        The offsets from the first byte to the one behind the last; None for the whole file.

    Raises:
        UnsatisfiableError: no byte of the file is in the range.

    >>> read_range("bytes=100-", 250), read_range("bytes=-50", 250), read_range("bytes=0-0,9-9", 250)
    (range(100, 250), range(200, 250), None)
    """
    found = _ONE.fullmatch((header or "").replace(" ", "").lower())
    if found is None or not (found["first"] or found["last"]):
        return None
    asked = _suffix(int(found["last"]), size) if not found["first"] else _from(int(found["first"]), found["last"], size)
    if asked is not None and not asked:
        raise UnsatisfiableError(f"the file has {size} bytes")
    return asked


def _suffix(length: int, size: int) -> range:
    """The last bytes of a file."""
    return range(max(size - length, 0), size)


def _from(first: int, last: str, size: int) -> range | None:
    """The bytes from an offset on, the last one included; None where the order is wrong, which makes the header none."""
    if last and int(last) < first:
        return None
    return range(first, min(int(last) + 1, size) if last else size)
