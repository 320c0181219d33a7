"""HTTP for the agent: bounded in time and size, verified, and without any surprise from the environment.

Redirects are not followed here, because each step decides what it trusts. Variables of the environment (proxies, certificates) do
not count. A limit of time in all holds for every request: a watchdog cuts the connection, so that a server that sends a byte a
minute does not hold the agent.
"""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, Self

import httpx

from policy_lang.agent.failures import TransientError
from policy_lang.agent.settings import Settings

LARGEST_ANSWER = 64 * 1024
"""The largest answer to a check-in or a report, in bytes."""

_LONGEST_RETRY = timedelta(hours=24)
_AGENT = "policy-agent"
_NUMBER = re.compile(r"^\[Errno -?\d+\] ")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent, before or with its body.

    Attributes:
        status: the status code.
        headers: by name in lower case.
        body: the bytes, for a request that was posted.
        chunks: the bytes as they come, for one that is streamed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))


class Transport(Protocol):
    """What the agent needs of HTTP."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, limit: timedelta) -> Reply:
        """Post a body and read the whole answer.

        Raises:
            TransientError: there is no whole answer within the limit.
        """
        ...

    def stream(self, url: str, headers: Mapping[str, str], *, limit: timedelta) -> AbstractContextManager[Reply]:
        """Get a body piece by piece; the limit holds until the block is left.

        Raises:
            TransientError: there is no answer, or it ends early.
        """
        ...

    def interrupt(self) -> None:
        """Cut the connection of the request that runs; may be called from a signal handler and from any thread."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class HttpTransport:
    """HTTP/1.1 over TLS 1.2 or later; certificates are verified."""

    def __init__(self, settings: Settings) -> None:
        """Prepare TLS; nothing is sent yet.

        Raises:
            OSError: the certificates of `tls.authority` cannot be read.
        """
        authority = None if settings.authority is None else str(settings.authority)
        context = ssl.create_default_context(cafile=authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        silence = httpx.Timeout(settings.read_timeout.total_seconds(), connect=settings.connect_timeout.total_seconds())
        self._client = httpx.Client(verify=context, timeout=silence, trust_env=False, follow_redirects=False)
        self._guard: _Watchdog | None = None
        self._is_interrupted = False

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def interrupt(self) -> None:
        """Cut the connection of the request that runs; may be called from a signal handler and from any thread."""
        self._is_interrupted = True
        if (guard := self._guard) is not None:
            guard.bite()

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, limit: timedelta) -> Reply:
        """Post a body and read the whole answer."""
        with self._request("POST", url, headers, limit, body) as reply:
            return Reply(reply.status, reply.headers, _read_all(reply.chunks))

    def stream(self, url: str, headers: Mapping[str, str], *, limit: timedelta) -> AbstractContextManager[Reply]:
        """Get a body piece by piece."""
        return self._request("GET", url, headers, limit, b"")

    @contextmanager
    def _request(self, method: str, url: str, headers: Mapping[str, str], limit: timedelta, body: bytes) -> Iterator[Reply]:
        # No compression: the checksum is that of the bytes on the wire, and a small answer must not become a large one.
        sent = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
        with _Watchdog(limit) as guard:
            self._guard = guard
            if self._is_interrupted:  # after the guard is known, so that no interruption falls between
                raise TransientError("the agent is asked to end")
            extensions = {"trace": guard.follow}
            try:
                with self._client.stream(method, url, headers=sent, content=body or None, extensions=extensions) as response:
                    yield Reply(response.status_code, dict(response.headers), chunks=response.iter_raw())
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
                raise TransientError(_reason(error, guard)) from None
            finally:
                self._guard = None


class _Watchdog:
    """Cuts a connection when its time is over."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit
        self._timer = threading.Timer(limit.total_seconds(), self.bite)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self.has_bitten = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def __str__(self) -> str:
        return f"it took longer than {self._limit.total_seconds():g} s, or was interrupted"

    def follow(self, name: str, details: dict[str, Any]) -> None:
        """Learn the socket of the connection while it is opened; plain first, then with TLS around it.

        Raises:
            TransientError: the time is over already; TLS would not even begin in order on a connection that was cut.
        """
        if name in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            stream = details["return_value"]
            self._socket = stream.get_extra_info("socket")
            if self.has_bitten:
                stream.close()
                raise TransientError(str(self))

    def bite(self) -> None:
        """Cut the connection under TLS, so that whoever reads it sees its end."""
        self.has_bitten = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is closed already
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _reason(error: Exception, guard: _Watchdog) -> str:
    """What went wrong, without the address, which may hold a signature."""
    if guard.has_bitten:
        return str(guard)
    if isinstance(error, httpx.TimeoutException):
        return f"the server is silent ({type(error).__name__})"
    text = _NUMBER.sub("", " ".join(str(error).split())) or type(error).__name__
    return f"the server cannot be reached: {text}" if isinstance(error, httpx.ConnectError) else text


def _read_all(chunks: Iterator[bytes]) -> bytes:
    """A whole answer, as long as it is short."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise TransientError(f"the answer is larger than {LARGEST_ANSWER} bytes")
    return bytes(body)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long a server asks to wait: seconds or a date, a day at most. None where it says nothing that can be read.

    Source: RFC 9110, section 10.2.3.

    >>> retry_after({"retry-after": "120"}, datetime(2026, 5, 1, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_RETRY)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(timedelta(), min(aware - now, _LONGEST_RETRY))
