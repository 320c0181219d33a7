"""Errors as answers: problem documents of RFC 9457, and the two ways to send one.

No body of ours holds the words by which Ioto agents drop their registration, whatever a client sent: what clients sent is quoted in
part only, and the words are broken where they would appear. An operator who wants agents to register anew asks for it.

Source: docs/service.md, "Errors".
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.types import Send

PROBLEM_JSON: Final = "application/problem+json"
DEADLINE: Final = "policy.deadline"
"""The extension of a scope by which our server says that it answers 408 itself where a body takes too long."""

DROPPED: Final = ("Cannot find device", "Authentication failed")
"""The words that make Ioto agents drop their registration."""

_encode = msgspec.json.Encoder().encode


class Problem(Exception):  # noqa: N818  the word of RFC 9457
    """A request that gets an error as its answer.

    Attributes:
        status: the status of HTTP.
        detail: what is wrong, lower case, without a final period.
        headers: more headers of the answer, their names in lower case.
        more: more members of the document.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        """Keep what the answer says."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def to_plain(self) -> dict[str, Any]:
        """The document as JSON values."""
        return {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": self.detail, **self.more}

    def body(self) -> bytes:
        """The document as it is sent, without the words of `DROPPED`."""
        return without_dropped(_encode(self.to_plain()))


class DropRegistrationError(Problem):
    """The answer that makes an Ioto agent drop its registration; only where an operator asked for it."""

    def __init__(self) -> None:
        """The exact body that the agent looks for."""
        super().__init__(HTTPStatus.UNAUTHORIZED, DROPPED[1])

    def body(self) -> bytes:
        """The words alone, since the agent compares the whole body."""
        return self.detail.encode()


def without_dropped(body: bytes) -> bytes:
    r"""A body where the words of `DROPPED` are broken by an escape that JSON reads back as the same text.

    >>> without_dropped(b'{"detail": "Cannot find device"}')
    b'{"detail": "Cannot\\u0020find device"}'
    """
    for words in DROPPED:
        first, _, rest = words.partition(" ")
        body = body.replace(words.encode(), f"{first}\\u0020{rest}".encode())
    return body


def unavailable(detail: str, seconds: int = 5) -> Problem:
    """The answer for a device that should come back."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"retry-after": str(seconds)})


async def send_problem(send: Send, problem: Problem) -> None:
    """Answer with a problem, as a plain ASGI application does."""
    body = problem.body()
    kind = b"text/plain; charset=utf-8" if isinstance(problem, DropRegistrationError) else PROBLEM_JSON.encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
