"""Presigned URLs of S3: version 4 of the signature of AWS, in the query of a GET.

The time is an argument. The SDK signs with a clock of its own, and builds a request for each URL; a check-in needs neither.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API Reference.
"""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(days=7)


class Credentials(NamedTuple):
    """Who signs; `token` is that of temporary credentials."""

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        """Without secrets, for logs and tracebacks."""
        return f"Credentials({self.access_key!r})"


def presign(url: str, credentials: Credentials, region: str, lifetime: timedelta, now: datetime) -> str:
    """A URL by which anybody can GET an object until it expires.

    Args:
        url: the URL of the object, percent-encoded, without a query.
        credentials: who may read the object.
        region: the region of the bucket.
        lifetime: how long from `now` on; whole seconds count.
        now: the time, with a zone.

    Raises:
        ValueError: if the lifetime is not from one second to seven days.
    """
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    query = _query(credentials, scope, stamp, whole_seconds(lifetime))
    parts = urlsplit(url)
    request = f"GET\n{parts.path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.new(_signing_key(credentials.secret_key, scope), text.encode(), sha256).hexdigest()
    return f"{url}?{query}&X-Amz-Signature={signature}"


def whole_seconds(lifetime: timedelta) -> int:
    """A lifetime in seconds, as URLs have it.

    Raises:
        ValueError: if it is not from one second to seven days.
    """
    if not _SECOND <= lifetime <= _LONGEST:
        raise ValueError(f"a URL lives from one second to seven days, not {lifetime}")
    return lifetime // _SECOND


def _query(credentials: Credentials, scope: str, stamp: str, seconds: int) -> str:
    """The query that is signed: names in order, everything but unreserved characters encoded."""
    fields = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-Security-Token": credentials.token,
        "X-Amz-SignedHeaders": "host",
    }
    return "&".join(f"{name}={quote(value, safe='~')}" for name, value in fields.items() if value is not None)


def _signing_key(secret: str, scope: str) -> bytes:
    """The key of a day, a region and a service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    return key
