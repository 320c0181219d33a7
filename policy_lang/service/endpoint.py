"""What the two addresses of devices have in common: who asks, how much they send, what they are told, and what is noted.

An endpoint is a plain ASGI application inside of Litestar: its router finds it, and nothing else of a framework runs for a device.
The order of the questions is that of their cost: the method, the token, the size, the body.

Source: docs/service.md.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from time import perf_counter
from typing import Any, ClassVar, Final

from litestar.types import Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from policy_lang.service.authorization import Identity, identify, refusal, secret_of
from policy_lang.service.bodies import BodyError
from policy_lang.service.logs import shown
from policy_lang.service.problems import DEADLINE, Problem, send_problem, unavailable
from policy_lang.service.rates import Rates
from policy_lang.service.registry import Snapshot
from policy_lang.service.service import Service
from policy_lang.service.store.errors import StoreError

_DIGITS: Final = 18
"""More digits than the length of any body has."""

_LONGEST_KEPT: Final = 128
"""An id that is longer is remembered by its digest."""

_JSON: Final = (b"content-type", b"application/json")


@dataclass(slots=True)
class Request:
    """One request of a device, as far as it is known; it is logged in the end.

    Attributes:
        snapshot: the state that it is answered from.
        now: the time at which it came.
        secret: what the device sent.
        address: where it came from.
        identity: whose token it is.
        device: the id of the device.
        update: the id of the update that it is about.
        reason: why the device got that.
    """

    snapshot: Snapshot
    now: datetime
    secret: bytes | None
    address: str
    identity: Identity | None = None
    device: object = None
    update: str | None = None
    reason: str | None = None


class Endpoint:
    """One address of devices."""

    kind: ClassVar[str]

    def __init__(self, service: Service, rates: Rates, failures: Rates, log: FilteringBoundLogger) -> None:
        """Prepare.

        Args:
            service: the parts that it works with.
            rates: how often a device may ask, at all addresses together.
            failures: how often a wrong token may be sent.
            log: where each request becomes a line.
        """
        self._service = service
        self._settings = service.settings
        self._limits = service.settings.limits
        self._rates = rates
        self._failures = failures
        self._log = log

    async def answer(self, request: Request, identity: Identity, body: bytes) -> bytes:
        """The body of the answer.

        Raises:
            Problem: the request gets an error.
            BodyError: the body is not usable.
            StoreError: the database does not answer.
        """
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever it is."""
        started = perf_counter()
        client = scope.get("client")
        address = client[0] if client else ""
        headers: Any = scope["headers"]
        request = Request(self._service.registry.snapshot, self._service.clock(), secret_of(headers), address)
        problem: Problem | None = None
        try:
            body = await self._respond(request, scope, headers, receive, started)
            length = str(len(body)).encode()
            await send({"type": "http.response.start", "status": 200, "headers": [_JSON, (b"content-length", length)]})
            await send({"type": "http.response.body", "body": body, "more_body": False})
        except Problem as error:
            problem = error
            await send_problem(send, problem)
        self._note(request, 200 if problem is None else problem, perf_counter() - started)

    async def _respond(self, request: Request, scope: Scope, headers: Any, receive: Receive, started: float) -> bytes:
        """The body of the answer; everything that goes wrong is a problem."""
        try:
            _check_method(scope)
            identity = self._identify(request, started)
            _check_length(headers, self._limits.max_body)
            if DEADLINE in (scope.get("extensions") or ()):
                body = await _gather(receive, self._limits.max_body)
            else:
                body = await _gather_in_time(receive, self._limits.max_body, self._limits.body_seconds)
            return await self.answer(request, identity, body)
        except BodyError as error:
            raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from error
        except StoreError as error:
            self._service.metrics.database_errors.labels(self.kind).inc()
            self._log.error("database failed", kind=self.kind, problem=error.message, help=error.remedy)
            raise unavailable("the database does not answer") from error
        except Problem:
            raise
        except Exception as error:
            self._log.exception("internal error", kind=self.kind)
            raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is our fault; the log says more") from error

    def _identify(self, request: Request, started: float) -> Identity:
        """Who asks; a token that is not good for devices is refused."""
        identity = identify(request.secret, request.snapshot.tokens, request.now)
        if identity is None or identity.scope != "device":
            wait = self._failures.wait(request.address, started)
            if wait:
                raise _too_many(wait)
            raise refusal(drops_registrations=self._settings.drop_registrations)
        request.identity = identity
        return identity

    def _slow_down(self, request: Request, identity: Identity, device: object) -> None:
        """Refuse a device that asks too often; one without an id is known by its address."""
        request.device = device
        client = _known_as(device) if isinstance(device, str) else request.address
        wait = self._rates.wait((identity.token_id, client), perf_counter())
        if wait:
            raise _too_many(wait)

    def _note(self, request: Request, outcome: int | Problem, seconds: float) -> None:
        """Count the request, and write its line."""
        status = outcome if isinstance(outcome, int) else int(outcome.status)
        self._service.metrics.answered(self.kind, status, seconds)
        if not self._settings.log_checkins:
            return
        identity = request.identity
        fields = {
            "status": status,
            "product": None if identity is None else identity.product,
            "token": None if identity is None else identity.token_id,
            "device": shown(request.device),
            "update": request.update,
            "reason": request.reason if isinstance(outcome, int) else outcome.detail,
            "address": request.address,
            "ms": round(seconds * 1000, 2),
        }
        self._log.info(self.kind, **fields)


def _known_as(device: str) -> str:
    """What a device is remembered by: its id, or a digest of a long one, so that memory is bounded by the number of devices."""
    return device if len(device) <= _LONGEST_KEPT else sha256(device.encode(errors="surrogatepass")).hexdigest()


def _check_method(scope: Any) -> None:
    """Refuse everything but `POST`."""
    if scope["method"] != "POST":
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "devices send POST here", {"allow": "POST"})


def _check_length(headers: Any, most: int) -> None:
    """Refuse a body that says itself that it is too large, or compressed."""
    for name, value in headers:
        if name == b"content-length" and (not value.isdigit() or len(value) > _DIGITS or int(value) > most):
            raise _too_large(most)
        if name == b"content-encoding" and value.lower() != b"identity":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is compressed; send it as it is")


async def _gather_in_time(receive: Receive, most: int, seconds: float) -> bytes:
    """The same as `_gather`, for servers that do not watch how long a body takes."""
    try:
        async with asyncio.timeout(seconds):
            return await _gather(receive, most)
    except TimeoutError:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time", {"connection": "close"}) from None


async def _gather(receive: Receive, most: int) -> bytes:
    """The parts of a body as one."""
    message: Any = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise Problem(HTTPStatus.BAD_REQUEST, "the connection ended inside of the body")
    if len(body) > most:
        raise _too_large(most)
    return body


def _too_large(most: int) -> Problem:
    """The answer to a body over the limit; what is left of it is not read."""
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {most} bytes", {"connection": "close"})


def _too_many(seconds: int) -> Problem:
    """The answer to somebody who asks too often."""
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, f"too many requests; ask again in {seconds} s", {"retry-after": str(seconds)})
