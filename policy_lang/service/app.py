"""The application: its parts, put together once, and what happens when it starts and stops.

    from policy_lang.service import create_app, load_settings

    app = create_app(load_settings("policy.toml"))

The result is a Litestar application, which is an ASGI application. A host that mounts it into its own enters `app.lifespan()` in
its own lifespan, since most frameworks do not start what they mount.

Source: docs/service.md and docs/operations.md.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler
from litestar.openapi import OpenAPIConfig
from structlog.typing import FilteringBoundLogger

from policy_lang.service.admin import ROUTES
from policy_lang.service.admin.documentation import DescribedJson
from policy_lang.service.admin.openapi import COMPONENTS
from policy_lang.service.checkin import CheckIn
from policy_lang.service.downloads import download
from policy_lang.service.health import healthz, metrics, readyz
from policy_lang.service.images.stores import ImageStores
from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.logs import open_log
from policy_lang.service.metrics import Metrics
from policy_lang.service.offers import Offers
from policy_lang.service.problems import PROBLEM_JSON, Problem
from policy_lang.service.rates import Rates
from policy_lang.service.recorder import Recorder
from policy_lang.service.registry import Registry
from policy_lang.service.reports import ReportEndpoint
from policy_lang.service.service import Clock, Service, read_clock
from policy_lang.service.settings import Settings
from policy_lang.service.store.database import Database
from policy_lang.service.thread_ledger import ThreadLedger
from policy_lang.service.threads import Threads

_OWN_CONNECTIONS = 4
"""Connections for what the service does for itself: following changes, writing audits, readiness, metrics."""

_ADMIN_THREADS, _ADMIN_WAITING, _ADMIN_SECONDS = 2, 64, 120.0
"""How many requests of engineers are worked on at once, how many more may wait, and how long: an image may be read back for one."""


_WORDS = {"Not Found": "there is nothing at this path", "Method Not Allowed": "the path does not take this method"}
"""What the framework says of a path, in our words."""


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = read_clock,
    database: Database | None = None,
    log: FilteringBoundLogger | None = None,
) -> Litestar:
    """The check-in service as an ASGI application; nothing is opened before it starts.

    Args:
        settings: what the operator asked for; the defaults without them.
        clock: what says the time, with a zone.
        database: the database, if the host has opened it; it stays open when the application stops.
        log: where lines go; standard error without it.

    Raises:
        StoreError: the settings name no database that the service knows.
        ImageError: the settings of a store of images are wrong.

    Source: docs/service.md.
    """
    settings = settings or Settings()
    parts = _build(settings, clock, database, open_log() if log is None else log)
    return Litestar(
        route_handlers=[
            ASGIRouteHandler(settings.paths.update, copy_scope=False)(parts.checkin.handle),
            ASGIRouteHandler(settings.paths.report, copy_scope=False)(parts.report.handle),
            healthz,
            readyz,
            metrics,
            download,
            Router("/api/v1", route_handlers=list(ROUTES)),
        ],
        lifespan=[lambda _app: _running(parts, owns_database=database is None)],
        state=State({"service": parts.service, "log": parts.log}),
        exception_handlers={Problem: _answer_problem, HTTPException: _answer_http, Exception: _answer_fault},
        openapi_config=OpenAPIConfig(
            title="policy_lang check-in service",
            version=version("policy-lang"),
            path="/api",
            components=COMPONENTS,
            use_handler_docstrings=True,
            render_plugins=[DescribedJson(path="/openapi.json")],
        ),
        logging_config=None,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What runs while the application runs."""

    service: Service
    ledger: ThreadLedger
    threads: Threads
    checkin: CheckIn
    report: ReportEndpoint
    log: FilteringBoundLogger


def _build(settings: Settings, clock: Clock, database: Database | None, log: FilteringBoundLogger) -> _Parts:
    """Make the parts, in the order in which they need each other."""
    limits = settings.limits
    if database is None:
        connections = limits.threads + _ADMIN_THREADS + _OWN_CONNECTIONS
        database = Database(settings.database, connections=connections, timeout=limits.database_seconds)
    numbers, images = Metrics(), ImageStores(settings.images)
    ledger = ThreadLedger(DatabaseLedger(database))
    registry = Registry(database, ledger, numbers, log)
    rates, failures = Rates(limits.device_per_minute), Rates(limits.failures_per_minute)
    admin = Threads(_ADMIN_THREADS, _ADMIN_WAITING, _ADMIN_SECONDS)
    service = Service(settings, database, registry, Recorder(database, numbers, log), numbers, images, admin, failures, clock)
    threads = Threads(limits.threads, limits.waiting, limits.database_seconds)
    offers = Offers(images, timedelta(seconds=settings.url_seconds), threads, log)
    checkin = CheckIn(service, rates, failures, log, threads=threads, offers=offers)
    report = ReportEndpoint(service, rates, failures, log, threads=threads)
    return _Parts(service, ledger, threads, checkin, report, log)


@asynccontextmanager
async def _running(parts: _Parts, *, owns_database: bool) -> AsyncIterator[None]:
    """Load before the first request; after the last one, write what waits and close."""
    service = parts.service
    await asyncio.to_thread(service.database.check_schema)
    parts.ledger.enter_loop()
    await service.registry.refresh()
    tasks = [
        asyncio.create_task(service.registry.follow(service.settings.refresh_seconds)),
        asyncio.create_task(service.recorder.run()),
    ]
    parts.log.info("started", products=len(service.registry.snapshot.products), database=service.database.name)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # all of them, also the one that waits for its thread
        await service.recorder.close()
        parts.threads.close()
        service.threads.close()
        if owns_database:
            service.database.close()
        parts.log.info("stopped")


def _answer_problem(_request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """A problem of ours as an answer."""
    return Response(problem.body(), status_code=problem.status, media_type=PROBLEM_JSON, headers=problem.headers)


def _answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses, as a problem."""
    more = {"errors": error.extra} if error.extra else {}
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return _answer_problem(request, Problem(error.status_code, _WORDS.get(error.detail, error.detail), headers, **more))


def _answer_fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: the log has the traceback, the client has none."""
    request.app.state.log.error("internal error", path=request.url.path, exc_info=error)
    return _answer_problem(request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is our fault; the log says more"))
