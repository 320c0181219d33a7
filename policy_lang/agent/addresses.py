"""Which addresses the agent talks to: https, and plain http to this very machine where that is allowed for tests."""

import re
from urllib.parse import urlsplit

from policy_lang.documents.problems import quote

MAX_LENGTH = 8192
"""The longest address, in characters; presigned ones have a few thousand at most."""

_LOOPBACK = {"127.0.0.1", "::1"}
_NOT_IN_URLS = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")


def problem_of(address: str, *, allows_loopback: bool) -> str | None:
    """Why an address is not used, or None.

    Args:
        address: the URL.
        allows_loopback: whether plain http to 127.0.0.1 and ::1 will do.

    >>> problem_of("https://example.com/image.bin", allows_loopback=False)
    >>> problem_of("http://example.com/image.bin", allows_loopback=True)
    'it is not https: `http://example.com`'
    """
    if len(address) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if bad := _NOT_IN_URLS.search(address):
        return f"it has the character {quote(bad[0])}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "it is not a URL"
    is_secure = parts.scheme == "https" or (allows_loopback and parts.scheme == "http" and host in _LOOPBACK)
    if not is_secure:
        return f"it is not https: {quote(origin(address))}"
    if not host or port == 0:
        return f"it has no host: {quote(origin(address))}"
    return "it has user information before the host" if "@" in parts.netloc else None


def origin(address: str) -> str:
    """An address without its path and query, which may hold a signature: what a log may show."""
    scheme, colon, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    return f"{scheme}{colon}{host}"
