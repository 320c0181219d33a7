"""A service for tests: two products with tokens, in this process or as a real server in another one."""

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
from litestar import Litestar
from stores import NOW, document, migrated_url, opened, stock

from policy_lang.service.app import create_app
from policy_lang.service.logs import open_log
from policy_lang.service.settings import Settings
from policy_lang.service.store.database import Database
from policy_lang.service.store.tokens import Scope, create_token

T = TypeVar("T")

UPDATE, REPORT = "/tok/provision/update", "/tok/provision/updateReport"
WORDS = ("Cannot find device", "Authentication failed")
"""What makes Ioto agents drop their registration."""


@dataclass
class World:
    """A database with two products, and what a test changes about the service over it.

    Attributes:
        url: the database.
        tokens: the secrets, by product and scope: `tokens["atlas"]` of devices, `tokens["atlas admin"]` of engineers.
        settings: those of the service.
        now: what its clock says.
        log: what it wrote.
    """

    url: str
    tokens: dict[str, str]
    settings: Settings
    now: datetime = NOW
    log: BytesIO = field(default_factory=BytesIO)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log, line by line."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def app(self, database: Database | None = None) -> Litestar:
        """The application."""
        return create_app(self.settings, clock=lambda: self.now, database=database, log=open_log(self.log))

    def run(self, story: Callable[["Visit"], Awaitable[T]]) -> T:
        """Tell a story while the application runs."""

        async def play() -> T:
            app = self.app()
            transport = httpx.ASGITransport(cast(Any, app), client=("192.0.2.7", 4711))
            async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await story(Visit(self, app, client))

        return asyncio.run(play())


@dataclass
class Visit:
    """The running application, as clients see it."""

    world: World
    app: Litestar
    client: httpx.AsyncClient

    async def post(self, path: str, body: Any, who: str | None = "atlas", **headers: str) -> httpx.Response:
        """Send a body: bytes as they are, everything else as JSON; `who` is a name of `World.tokens`, or a secret."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {} if who is None else {"Authorization": self.world.tokens.get(who, who)}
        return await self.client.post(path, content=content, headers={**given, **headers})

    async def check_in(self, who: str | None = "atlas", **device: Any) -> httpx.Response:
        """Check in with some properties."""
        return await self.post(UPDATE, {"id": "device-1", "version": "1.0.0", **device}, who)


def world(folder: Path, *documents: dict[str, Any], engine: str = "sqlite", **settings: Any) -> World:
    """A world whose product `atlas` has some updates, one for everybody where none is given; `beacon` has its own."""
    url = migrated_url(engine, folder)
    with opened(url) as database:
        stock(database, *(documents or (document("atlas-2"),)), product="atlas")
        stock(database, document("beacon-2"), product="beacon")
        with database.changing() as connection:
            made = {
                (product, scope): create_token(connection, product, scope, actor="tests", now=NOW).secret
                for product in ("atlas", "beacon")
                for scope in Scope
            }
    names = {product if scope is Scope.DEVICE else f"{product} {scope}": secret for (product, scope), secret in made.items()}
    return World(url, names, Settings(database=url, **settings))


@dataclass
class RealServer:
    """`policy serve` in a process of its own.

    Attributes:
        port: where it listens.
        process: the process, the parent of all workers.
        log: the file of its standard error.
    """

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def text(self) -> str:
        """What it wrote so far."""
        return self.log.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of its log that are data."""
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def connect(self, seconds: float = 30) -> socket.socket:
        """A plain connection."""
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def exchange(self, data: bytes, *, tls: ssl.SSLContext | None = None) -> bytes:
        """Send bytes on a connection of their own, and take everything until the server closes it."""
        with closing(self.connect()) as plain:
            connection = plain if tls is None else tls.wrap_socket(plain, server_hostname="localhost")
            connection.sendall(data)
            return read_all(connection)

    def stop(self, sent: int = signal.SIGTERM) -> int:
        """End it, and say how it ended."""
        self.process.send_signal(sent)
        return self.process.wait(30)


@contextmanager
def served(
    folder: Path, *arguments: str, wait: str = "started", count: int = 1, environment: Mapping[str, str] | None = None
) -> Iterator[RealServer]:
    """`policy serve` on a free port, as long as the block runs; it waits until `count` lines of the log have an event."""
    log = folder / "serve.log"
    command = [sys.executable, "-m", "policy_lang", "serve", "--port", "0", *arguments]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stderr=stream, cwd=folder, env={**os.environ, **(environment or {})})
    try:
        until(lambda: process.poll() is not None or log.read_text().count(f'"event":"{wait}"') >= count)
        found = re.search(r"Serving https?://\S+:(\d+)", log.read_text())
        assert found is not None, log.read_text()
        yield RealServer(int(found[1]), process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def until(happens: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def http(path: str, body: bytes, token: str, *headers: str) -> bytes:
    """The bytes of a request that ends its connection."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: {token}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def workers_of(server: RealServer) -> set[int]:
    """The processes of the workers."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()}
