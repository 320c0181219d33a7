"""The service as a function of AWS Lambda, behind API Gateway or a function URL.

The handler is `policy_lang.service.aws_lambda.handler`.

A function has no background: it stands still between two requests. So it is opened once for many requests, it asks the database for
changes before a request whose snapshot is older than `refresh_seconds`, and it writes what waits before the answer leaves.

The settings come from the file that `POLICY_CONFIG` names, if any, and from the environment. The database has to be PostgreSQL: the
disk of a function is its own and is lost with it.
"""

import asyncio
import os
from functools import cache
from time import monotonic
from typing import Any, cast

from litestar import Litestar
from mangum import Mangum
from mangum.types import ASGI
from structlog.typing import FilteringBoundLogger

from policy_lang.service.app import create_app
from policy_lang.service.service import Service
from policy_lang.service.settings import Settings, load_settings
from policy_lang.service.store.errors import StoreError


class Function:
    """An application that is called with events."""

    def __init__(self, settings: Settings) -> None:
        """Open the application; it stays open as long as the process lives.

        Raises:
            StoreError: the database cannot be used.
        """
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._app: Litestar = create_app(settings)
        self._service: Service = self._app.state.service
        self._log: FilteringBoundLogger = self._app.state.log
        self._end = asyncio.Event()
        self._loop.run_until_complete(self._start())
        self._adapter = Mangum(cast(ASGI, self._app), lifespan="off")  # the same protocol, declared in other words
        self._fresh_until = self._next_look()

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._catch_up())
        try:
            return self._adapter(event, context)
        finally:
            self._loop.run_until_complete(self._service.recorder.close())

    def close(self) -> None:
        """Close the application, as tests do; a function never is."""
        self._end.set()
        self._loop.run_until_complete(self._life)
        self._loop.close()

    async def _start(self) -> None:
        """Open the application in a task of its own, which also closes it."""
        started = asyncio.Event()
        self._life = asyncio.create_task(self._live(started))
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait((self._life, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._life.done():
            await self._life  # it did not start, and says why

    async def _live(self, started: asyncio.Event) -> None:
        """Be open until the end."""
        async with self._app.lifespan():
            started.set()
            await self._end.wait()

    async def _catch_up(self) -> None:
        """Load what changed since the last request; without the database, the last snapshot stays."""
        if monotonic() < self._fresh_until:
            return
        try:
            await self._service.registry.refresh()
        except StoreError as error:
            self._log.error("database not reachable", problem=error.message, help=error.remedy)
        except Exception:  # noqa: BLE001  a fault of ours must not keep devices from the last snapshot
            self._log.exception("internal error", kind="refresh")
        self._fresh_until = self._next_look()

    def _next_look(self) -> float:
        """When the snapshot is too old."""
        return monotonic() + self._service.settings.refresh_seconds


@cache
def _function() -> Function:
    """The function of this process, opened by its first event."""
    return Function(load_settings(os.environ.get("POLICY_CONFIG")))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What AWS Lambda calls.

    Args:
        event: of API Gateway (both payload formats), a function URL, or a load balancer.
        context: of the call.

    Source: docs/operations.md, "AWS Lambda".
    """
    return _function()(event, context)
