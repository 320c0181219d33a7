"""The server of `policy serve`: uvicorn with our protocol, one process or several.

With several workers, a parent holds the listening socket, starts a worker again when it dies, and passes signals on: SIGTERM ends
all of them after the requests that they have, SIGHUP replaces one after the other, which also loads a renewed certificate. With one
worker, SIGHUP loads the certificate and nothing else.
"""

import gc
import os
import shutil
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil
from pathlib import Path
from tempfile import mkdtemp
from types import FrameType
from typing import Final

from litestar import Litestar
from uvicorn.config import STARTUP_FAILURE
from uvicorn.server import Server as UvicornServer
from uvicorn.supervisors import Multiprocess

from policy_lang.service.logs import open_log, server_logging
from policy_lang.service.protocol import BoundedConfig, BoundedProtocol
from policy_lang.service.settings import Server, Settings

_BACKLOG: Final = 2048
_PATIENCE: Final = 30
"""After how many seconds of silence a worker counts as hung; loading a large catalog on a busy machine is none."""

_SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


class ListenError(Exception):
    """The server cannot listen as it was told to.

    Attributes:
        message: the cause, lower case, without a final period.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both parts."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def listen(server: Server) -> socket.socket:
    """A socket that listens; the port of it is the one that was free, where any was asked for.

    Raises:
        ListenError: the address cannot be used, or the certificate.
    """
    _check_certificate(server)
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        return socket.create_server((server.host, server.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        number = error.errno or 0  # a name without an address has one below 0, which is none of the system
        reason = (os.strerror(number) if number > 0 else str(error.strerror or error).partition(" (")[0]).lower()
        message = f"cannot listen on {server.host}, port {server.port}: {reason}"
        raise ListenError(message, "choose another port with `--port`, or another address with `--host`") from error


def run(settings: Settings, listening: socket.socket, factory: Callable[[Settings], Litestar] | None = None) -> bool:
    """Serve until a signal ends it, then let the requests finish that have begun.

    Args:
        settings: of the service and of the server.
        listening: what `listen` gave.
        factory: makes the application in each worker, from these settings; `create_app` without it. It has to be importable.

    Returns:
        Whether the service ran at all.
    """
    config = _config(settings, factory or _make)
    if settings.server.workers == 1:
        server = _Server(config)
        with _reloading(config, settings.server):
            server.run([listening])
        return server.started
    return _run_workers(config, listening)


def _make(settings: Settings) -> Litestar:
    """The application of one worker."""
    from policy_lang.service.app import create_app  # noqa: PLC0415  the metrics look for the shared folder when they are imported

    app = create_app(settings)
    app.on_startup.append(_settle_memory)
    return app


def _settle_memory() -> None:
    """Take what is loaded out of the garbage collector's rounds: catalogs stay for long, and a large one is slow to walk."""
    gc.collect()
    gc.freeze()


def _run_workers(config: BoundedConfig, listening: socket.socket) -> bool:
    """Serve with several processes, whose numbers meet in a folder."""
    folder = mkdtemp(prefix="policy-metrics-")
    os.environ[_SHARED_FOLDER] = folder
    try:
        supervisor = Multiprocess(config, [listening])
        supervisor.run()
        return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
    finally:
        del os.environ[_SHARED_FOLDER]
        shutil.rmtree(folder, ignore_errors=True)


def _config(settings: Settings, factory: Callable[[Settings], Litestar]) -> BoundedConfig:
    """The settings in uvicorn's words."""
    server = settings.server
    config = BoundedConfig(
        partial(factory, settings),
        factory=True,
        host=server.host,
        port=server.port,
        workers=server.workers,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=server_logging("WARNING"),
        access_log=False,
        server_header=False,
        proxy_headers=bool(server.proxies),
        forwarded_allow_ips=list(server.proxies),
        ssl_certfile=server.tls_cert,
        ssl_keyfile=server.tls_key,
        limit_concurrency=server.max_connections,
        timeout_keep_alive=ceil(server.idle_seconds),
        timeout_graceful_shutdown=ceil(server.shutdown_seconds),
        timeout_worker_healthcheck=_PATIENCE,
    )
    config.request_seconds = server.request_seconds
    config.max_head = server.max_head
    return config


def _check_certificate(server: Server) -> None:
    """Find out now whether the certificate and the key can be used."""
    if server.tls_cert is None or server.tls_key is None:
        return
    for path in (server.tls_cert, server.tls_key):
        if problem := _reading_problem(path):
            raise ListenError(f"`{path}` cannot be read: {problem}", "check the path, and that this user may read it")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server.tls_cert, server.tls_key, password=lambda: "")
    except ssl.SSLError as error:
        reason = (error.reason or "no reason is given").replace("_", " ").lower()
        message = f"`{server.tls_cert}` and `{server.tls_key}` are no certificate with its key: {reason}"
        raise ListenError(message, "give the chain and its key in PEM, without a password") from error


def _reading_problem(path: str) -> str | None:
    """Why a file cannot be read, or None."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None


@contextmanager
def _reloading(config: BoundedConfig, server: Server) -> Iterator[None]:
    """Let SIGHUP load a renewed certificate; without this, it would end a service that has one worker."""

    def reload(_signal: int, _frame: FrameType | None) -> None:
        log = open_log()
        try:
            _check_certificate(server)
        except ListenError as error:
            log.error("certificate not loaded", problem=error.message, help=error.remedy)  # noqa: TRY400  it says all
            return
        context: ssl.SSLContext | None = config.ssl
        if context is not None and server.tls_cert is not None:
            context.load_cert_chain(server.tls_cert, server.tls_key)
        log.info("reloaded", certificate=server.tls_cert)

    before = signal.signal(signal.SIGHUP, reload)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


class _Server(UvicornServer):
    """A server that ends as a program that was asked to end, not as one that a signal killed."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  uvicorn calls it so
        """End; the second time, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
