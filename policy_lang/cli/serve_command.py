"""`policy serve`: settle the settings and the database, say what an operator needs to know, and serve until a signal."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.output import QUIET, STRONG, UNSURE, Output, Styled, standard_error
from policy_lang.service.catalog_file import CatalogFollower
from policy_lang.service.images.model import ImageError
from policy_lang.service.images.stores import ImageStores
from policy_lang.service.logs import open_log
from policy_lang.service.server import ListenError, listen, run
from policy_lang.service.service import read_clock
from policy_lang.service.settings import Settings, SettingsError, load_settings
from policy_lang.service.store.catalogs import list_updates
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import StoreError
from policy_lang.service.store.products import list_products
from policy_lang.service.store.sync import create_first_tokens
from policy_lang.service.store.tokens import NewToken


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """What was asked; the fields are the arguments of the command."""

    catalog: Path | None
    database: str | None
    config: Path | None
    host: str | None
    port: int | None
    tls_cert: Path | None
    tls_key: Path | None
    workers: int | None


def run_serve(request: ServeRequest) -> ExitCode:
    """Prepare, announce, serve."""
    errors = standard_error()
    try:
        settings = _settings(request)
    except SettingsError as error:
        return _show_problems(errors, error.problems)
    try:
        return _serve(settings, errors)
    except (StoreError, ListenError, ImageError) as error:
        raise MisuseError(error.message, error.remedy) from error


def _serve(settings: Settings, errors: Output) -> ExitCode:
    """Serve with settled settings."""
    ImageStores(settings.images)  # so that a mistake in their settings is said before anything is made
    database = Database(settings.database)
    # INVARIANT: first tokens are shown once, so what often fails, such as a port that is taken, comes before they are made.
    with listen(settings.server) as listening:
        follower, tokens = _prepare(settings, database)
        _announce(errors, settings, database, listening, tokens)
        database.close()
        if follower is not None:
            follower.start(settings.refresh_seconds)
        try:
            has_run = run(settings, listening)
        finally:
            if follower is not None:
                follower.stop()
    return ExitCode.FINE if has_run else ExitCode.OUR_FAULT


def _settings(request: ServeRequest) -> Settings:
    """The settings from all sources; the database of a catalog lies beside it, where nothing else is said."""
    beside = {} if request.catalog is None else {"database": f"sqlite:///{request.catalog.with_suffix('.db')}"}
    flags = {
        "database": request.database,
        "catalog": _text(request.catalog),
        "server.host": request.host,
        "server.port": request.port,
        "server.tls_cert": _text(request.tls_cert),
        "server.tls_key": _text(request.tls_key),
        "server.workers": request.workers,
    }
    return load_settings(request.config, flags=flags, defaults=beside)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _prepare(settings: Settings, database: Database) -> tuple[CatalogFollower | None, list[NewToken]]:
    """Bring the database to what a catalog file says; without one, it has to be ready."""
    if settings.catalog is None:
        database.check_schema()
        return None, []
    database.migrate()
    follower = CatalogFollower(database, settings.catalog, read_clock, open_log())
    follower.sync()
    return follower, create_first_tokens(database, actor="policy serve", now=read_clock())


def _show_problems(errors: Output, problems: Iterable[str]) -> ExitCode:
    """Every problem of the settings, and where they are explained."""
    *others, last = problems
    for problem in others:
        errors.line(Styled(f"error: {problem}", STRONG))
    raise MisuseError(last, "docs/operations.md lists the settings")


def _announce(errors: Output, settings: Settings, database: Database, listening: socket.socket, tokens: list[NewToken]) -> None:
    """What an operator needs: where the service is, what it serves, how a device asks, what is missing for production."""
    address = _address(settings, listening)
    errors.line(Styled(f"Serving {address}", STRONG), f" ({_count(settings.server.workers, 'worker')}; Ctrl+C ends it)")
    errors.line(f"  check-in   POST {settings.paths.update}")
    errors.line(f"  report     POST {settings.paths.report}")
    errors.line("  operators  GET /healthz, /readyz, /metrics, /api/openapi.json")
    errors.line(f"  database   {database.name}")
    with database.reading() as connection:
        for product in list_products(connection):
            errors.line(f"  product    {product.id}: {_count(len(list_updates(connection, product.id)), 'update')}")
    for each in tokens:
        errors.line(Styled(f"Device token of {each.token.product}, shown this once: ", STRONG), each.secret)
    if tokens:
        errors.line(Styled("Try it:", QUIET))
        body = f'{{"id":"device-1","product":"{tokens[0].token.product}","version":"1.0.0"}}'
        errors.line(f"  curl -H 'Authorization: {tokens[0].secret}' -d '{body}' {address}{settings.paths.update}")
    for warning in _warnings(settings):
        errors.line(Styled(f"warning: {warning}", UNSURE))
    errors.flush()


def _address(settings: Settings, listening: socket.socket) -> str:
    """Where the service is, as a URL."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'http' if settings.server.tls_cert is None else 'https'}://{shown}:{port}"


def _warnings(settings: Settings) -> Iterable[str]:
    """What is missing for production."""
    if settings.server.tls_cert is None and not _is_local(settings.server.host):
        yield "without `--tls-cert` and `--tls-key`, tokens cross the network readable; put TLS in front, or give both"
    if settings.drop_registrations:
        yield "`drop_registrations` is on: Ioto agents with a wrong token drop their registration and start anew"


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
