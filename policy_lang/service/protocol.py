"""HTTP on a connection: the protocol of uvicorn with deadlines, a bound on heads, and header names as devices spell them.

Four things are added.

- A request has to arrive whole within a time, its head and its body together. A client that sends a byte now and then is told 408
  and cut off; so is one that opens a connection and says nothing. A request that comes in one piece, as nearly all do, never starts
  a timer.
- The handshake of TLS has the same deadline.
- The head of a request is bounded.
- The name `Content-Length` is written so. HTTP ignores case, but the C updater looks for exactly these letters, and a lower-case
  name leaves it without any update.
"""

from asyncio import AbstractEventLoop, AbstractServer, TimerHandle, Transport, new_event_loop
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from policy_lang.service.problems import DEADLINE

_EXTENSIONS: Final[dict[str, dict[object, object]]] = {DEADLINE: {}}
_THEIRS: Final = b"\r\ncontent-length: "
_OURS: Final = b"\r\nContent-Length: "
_CONTINUE: Final = b"HTTP/1.1 100 "


class BoundedConfig(Config):
    """The settings of the server, with the bounds of a request.

    Attributes:
        request_seconds: how long a request may take to arrive.
        max_head: the most bytes before its body.
    """

    request_seconds: float = 10.0
    max_head: int = 16 * 1024

    def get_loop_factory(self) -> Callable[[], AbstractEventLoop]:
        """What makes the event loop: one whose servers wait for the handshake of TLS as long as for a request, not for a minute."""
        make = super().get_loop_factory() or new_event_loop

        def make_bounded() -> AbstractEventLoop:
            loop = make()
            create = partial(_create_server, loop.create_server, self.request_seconds)
            loop.create_server = create  # type: ignore[assignment]  # uvicorn has no setting for it
            return loop

        return make_bounded


async def _create_server(
    create: Callable[..., Awaitable[AbstractServer]], seconds: float, *args: Any, ssl: object = None, **kwargs: Any
) -> AbstractServer:
    """A server of the loop, with a deadline for the handshake where there is one."""
    bound = {} if ssl is None else {"ssl_handshake_timeout": seconds}
    return await create(*args, ssl=ssl, **bound, **kwargs)


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(
        self, config: BoundedConfig, server_state: ServerState, app_state: dict[str, Any], _loop: AbstractEventLoop | None = None
    ) -> None:
        """Prepare for a client."""
        super().__init__(config, server_state, app_state, _loop)
        self._seconds = config.request_seconds
        self._max_head = config.max_head
        self._timer: TimerHandle | None = None
        self._head = 0
        self._has_head = False
        self._is_whole = False
        self._writer: _Writer

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """A client has connected; it has to say something in time."""
        self._writer = _Writer(transport)
        super().connection_made(self._writer)  # type: ignore[arg-type]  # it does what the protocol asks of a transport
        self._timer = self.loop.call_later(self._seconds, self._cut_off)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of one request or of several."""
        if not self._has_head:
            self._head += len(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.response_complete:
            self._is_whole = False  # blank lines begin no request, and stop the timer of uvicorn all the same
        super().data_received(data)
        if self._is_whole:
            self._stop_timer()
        elif self._head > self._max_head and not self._has_head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._timer is None:
            self._timer = self.loop.call_later(self._seconds, self._cut_off)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._has_head = self._is_whole = False
        super().on_message_begin()
        self.scope["extensions"] = _EXTENSIONS

    def on_headers_complete(self) -> None:
        """The head of a request is here."""
        self._has_head = True
        self._head = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is here."""
        self._is_whole = True
        self._has_head = False
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Begin to answer; the next that is written is a head."""
        self._writer.is_at_head = True
        super()._start_asgi_task(cycle, app)

    def _stop_timer(self) -> None:
        """Stop waiting for the rest of a request."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        """End the connection: the request did not arrive in time."""
        self._timer = None
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer, unless an answer has begun, and close."""
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            self.transport.write(head.encode())
        self.transport.close()


class _Writer:
    """A transport that writes one header name in the letters that devices look for."""

    __slots__ = ("_transport", "is_at_head")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.is_at_head = True

    def write(self, data: bytes) -> None:
        """Write some bytes; of an answer, the head comes first and in one piece."""
        if self.is_at_head and not data.startswith(_CONTINUE):
            data = data.replace(_THEIRS, _OURS, 1)
            self.is_at_head = False
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._transport, name)
