"""An update server for tests of the agent, over TLS on 127.0.0.1, which misbehaves as it is told.

`server.offer` is what a check-in answers, as long as the device does not run that version yet. `server.handlers` replaces what a
path answers; the functions at the end make handlers.
"""

import hashlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import trustme

UPDATE, REPORT, IMAGE = "/tok/provision/update", "/tok/provision/updateReport", "/image.bin"
TOKEN = "device-token-0123456789"  # noqa: S105  of this server only


@cache
def authority() -> trustme.CA:
    """The authority of all servers of one run."""
    return trustme.CA()


@cache
def authority_file() -> Path:
    """Its certificate, as `tls.authority` names it."""
    path = Path(mkdtemp(prefix="policy-lang-authority-")) / "authority.pem"
    authority().cert_pem.write_to_path(path)
    return path


class Request(BaseHTTPRequestHandler):
    """One request, and what a handler may use to answer it."""

    protocol_version = "HTTP/1.1"
    server: "_Http"
    body: bytes = b""

    def do_POST(self) -> None:
        """A check-in or a report."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer()

    def do_GET(self) -> None:
        """An image."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the same
        """Say nothing."""

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, *, length: int | None = None) -> None:
        """Answer with a body, and with another length where one is given."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body) if length is None else length), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> None:
        owner = self.server.owner
        owner.requests.append((self.path, dict(self.headers)))
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):  # the agent has hung up, as it should
            owner.handler(self.path)(self)
        self.close_connection = True


Handler = Callable[[Request], None]


class _Http(ThreadingHTTPServer):
    """The HTTP server, whose requests know the server of the test."""

    daemon_threads = True
    owner: "Server"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: agents that are killed hang up at any moment."""


@dataclass
class Server:
    """What a test sees of the server.

    Attributes:
        url: where it is.
        offer: what a check-in answers, without `url`; None for nothing.
        image: the bytes at `IMAGE`.
        handlers: what paths answer in place of that.
        check_ins, reports: the bodies that came.
        requests: path and headers of every request.
    """

    url: str
    offer: dict[str, Any] | None = None
    image: bytes = b""
    handlers: dict[str, Handler] = field(default_factory=dict)
    check_ins: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def publish(self, image: bytes, version: str = "2.0.0", update: str = "release-2") -> None:
        """Offer an image."""
        self.image = image
        self.offer = {"checksum": sha256(image), "update": update, "version": version}

    def handler(self, path: str) -> Handler:
        """What answers a path."""
        defaults = {UPDATE: self._check_in, REPORT: self._report, IMAGE: serving(lambda: self.image)}
        return self.handlers.get(path) or defaults.get(path) or answering(404)

    def count(self, path: str) -> int:
        """How many requests a path had."""
        return sum(each == path for each, _ in self.requests)

    def _check_in(self, request: Request) -> None:
        device = json.loads(request.body)
        self.check_ins.append(device)
        has_news = self.offer is not None and self.offer["version"] != device["version"]
        answer = {"url": f"{self.url}{IMAGE}", **(self.offer or {})} if has_news else {}
        request.reply(200, json.dumps(answer).encode())

    def _report(self, request: Request) -> None:
        self.reports.append(json.loads(request.body))
        request.reply(200, b"{}")


@contextmanager
def agent_server(*, is_secure: bool = True, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server on a port of its own; `host` is what its certificate is for."""
    http = _Http(("127.0.0.1", 0), Request)
    if is_secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert(host).configure_cert(context)
        http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    server = Server(f"{'https' if is_secure else 'http'}://127.0.0.1:{http.server_port}")
    http.owner = server
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def sha256(data: bytes) -> str:
    """A checksum as offers have it."""
    return hashlib.sha256(data).hexdigest()


def answering(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Handler:
    """Always the same answer."""
    return lambda request: request.reply(status, body, headers)


def in_turn(*handlers: Handler) -> Handler:
    """One answer after the other, and the last one for ever."""
    rest = list(handlers)

    def answer(request: Request) -> None:
        (rest.pop(0) if len(rest) > 1 else rest[0])(request)

    return answer


def serving(data: Callable[[], bytes], *, has_ranges: bool = True) -> Handler:
    """An image, from where the client asks if the server can."""

    def answer(request: Request) -> None:
        whole = data()
        wanted = request.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        if not has_ranges or not wanted:
            request.reply(200, whole)
        elif int(wanted) >= len(whole):
            request.reply(416, headers={"Content-Range": f"bytes */{len(whole)}"})
        else:
            start = int(wanted)
            request.reply(206, whole[start:], {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"})

    return answer


def cut_at(size: int, data: Callable[[], bytes]) -> Handler:
    """The first bytes of an image, with the length of all of it."""
    return lambda request: request.reply(200, data()[:size], length=len(data()))


def dripping(pause: float, *, status: int = 200, body: bytes = b"x" * 1000) -> Handler:
    """A body that comes byte by byte."""

    def answer(request: Request) -> None:
        request.reply(status, b"", length=len(body))
        for at in range(len(body)):
            request.wfile.write(body[at : at + 1])
            time.sleep(pause)

    return answer


def dripping_headers(pause: float) -> Handler:
    """Headers that come one by one and never end."""

    def answer(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            request.wfile.write(f"X-{number}: y\r\n".encode())
            time.sleep(pause)

    return answer


def endless(request: Request) -> None:
    """A body without a length and without an end."""
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"x" * 65536)
