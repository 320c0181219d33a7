"""What operators and their machines ask: is the process alive, may it get devices, what are its numbers."""

import asyncio
from collections.abc import Iterator
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final

from litestar import Litestar, MediaType, Request, Response, get, route
from litestar.enums import HttpMethod
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from policy_lang.service.authorization import secret_of
from policy_lang.service.metrics import CONTENT_TYPE
from policy_lang.service.problems import Problem
from policy_lang.service.service import Service
from policy_lang.service.store.errors import StoreError
from policy_lang.service.store.grants import count_grants
from policy_lang.service.threads import finish

_PATIENCE: Final = 2.0
"""How long readiness waits for the database, in seconds."""

_FORWARDED: Final = frozenset({"forwarded", "via", "x-forwarded-for", "x-real-ip"})
"""What proxies add; where one stands, somebody from elsewhere looks like this machine."""

_PROBES: Final = [HttpMethod.GET, HttpMethod.HEAD]
"""Some load balancers ask with `HEAD`."""

_ASKING: Final = "readiness"
"""Where the application keeps the question that runs."""


@route("/healthz", http_method=_PROBES, include_in_schema=False, sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Whether the process answers at all; it says nothing about the database."""
    return {"status": "ok"}


@route("/readyz", http_method=_PROBES, include_in_schema=False)
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Whether devices are answered in full: catalogs are loaded, the database is there, its tables are those of this release.

    What is wrong with the database, which names hosts and users, is said to those only who may read the numbers.
    """
    service: Service = request.app.state.service
    problem = await _database_problem(request.app)
    checks = {
        "catalogs": "ok" if service.registry.is_loaded else "not loaded yet",
        "database": "ok" if problem is None else problem if _is_operator(request) else "not ok",
    }
    is_ready = set(checks.values()) == {"ok"}
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response({"status": "ready" if is_ready else "not ready", "checks": checks}, status_code=status)


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The numbers for Prometheus."""
    service: Service = request.app.state.service
    if not _is_operator(request):
        raise Problem(HTTPStatus.UNAUTHORIZED, "set `metrics_token` and send it as a bearer token", {"www-authenticate": "Bearer"})
    text = await asyncio.to_thread(service.metrics.render, (DatabaseGauges(service),))
    return Response(text, media_type=MediaType.TEXT, headers={"content-type": CONTENT_TYPE})


def _is_operator(request: Request[Any, Any, Any]) -> bool:
    """Whether somebody knows the token of the numbers; where there is none, asks from this machine and through no proxy."""
    token = request.app.state.service.settings.metrics_token
    if token is not None:
        return compare_digest(secret_of(request.scope["headers"]) or b"", token.encode())
    return _is_local(request.client.host if request.client else "") and not _FORWARDED.intersection(request.headers)


def _is_local(address: str) -> bool:
    """Whether an address is one of this machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


async def _database_problem(app: Litestar) -> str | None:
    """What is wrong with the database, or None; all who ask at once share one question, so that they are no load together."""
    asking: asyncio.Task[str | None] | None = getattr(app.state, _ASKING, None)
    if asking is None or asking.done():
        asking = asyncio.create_task(_ask_database(app.state.service))
        setattr(app.state, _ASKING, asking)
    try:
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.shield(asking)
    except TimeoutError:
        return "does not answer in time"


async def _ask_database(service: Service) -> str | None:
    """Ask the database, however long it takes."""
    try:
        await finish(service.database.check_schema)
    except StoreError as error:
        return f"{error.message}; {error.remedy}"
    return None


class DatabaseGauges(Collector):
    """What only the database knows: how many devices were granted each update that has a limit."""

    def __init__(self, service: Service) -> None:
        """Ask the database of a service, for the updates of its snapshot."""
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """The numbers of this moment; without the database, only that it does not answer."""
        snapshot = self._service.registry.snapshot
        limited = {
            update.id: update.rollout.max_devices
            for served in snapshot.products.values()
            for update in served.selector.catalog
            if update.rollout.is_limited
        }
        granted = self._granted(set(limited))
        yield GaugeMetricFamily("policy_database_up", "Whether the database answered.", float(granted is not None))
        grants = GaugeMetricFamily("policy_update_grants", "Devices that were granted an update with a limit.", labels=("update",))
        most = GaugeMetricFamily("policy_update_max_devices", "How many devices may be granted the update.", labels=("update",))
        for update_id, max_devices in limited.items():
            if granted is not None:
                grants.add_metric((update_id,), granted.get(update_id, 0))
            if max_devices is not None:
                most.add_metric((update_id,), max_devices)
        yield grants
        yield most

    def _granted(self, updates: set[str]) -> dict[str, int] | None:
        """The grants by the id of the update; None where the database does not answer."""
        try:
            with self._service.database.asking() as connection:
                return {update_id: count_grants(connection, update_id) for update_id in updates}
        except StoreError:
            return None
