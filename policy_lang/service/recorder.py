"""The recorder: audits of decisions and deferred devices, written in batches, away from the request path.

Everything that waits is written in one transaction, then everything that came meanwhile. So the cost of a commit is shared by all
who wait for it, and nobody waits longer than for two. Rows that a device waits for are never dropped: it is answered when they are
committed, or told to come back. The others (a sample of decisions, who was deferred) are kept in memory for a moment, up to a
number, and lost if the process dies.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from structlog.typing import FilteringBoundLogger

from policy_lang.service.metrics import Metrics
from policy_lang.service.store.audit import AuditEntry, append
from policy_lang.service.store.database import Database
from policy_lang.service.store.deferred import Deferral, record_deferred
from policy_lang.service.store.errors import StoreError
from policy_lang.service.threads import finish

_MOST = 10_000
_BATCH = 500
_LINGER = 0.2
"""How long rows that nobody waits for are gathered, in seconds."""


class Recorder:
    """Writes for one process; its methods are called on the thread of the event loop."""

    def __init__(self, database: Database, metrics: Metrics, log: FilteringBoundLogger, most: int = _MOST) -> None:
        """Prepare; `run` writes.

        Args:
            database: where the rows go.
            metrics: what counts them.
            log: what is told about rows that are lost.
            most: how many rows may wait that nobody waits for.
        """
        self._database = database
        self._metrics = metrics
        self._log = log
        self._most = most
        self._kept: list[AuditEntry] = []
        self._awaited: list[tuple[AuditEntry, asyncio.Future[None]]] = []
        self._deferrals: dict[tuple[str, str], Deferral] = {}
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    def keep(self, entry: AuditEntry) -> None:
        """Write a row some time soon; it is dropped where too many wait."""
        if len(self._kept) >= self._most:
            self._metrics.recorded.labels("dropped").inc()
        else:
            self._kept.append(entry)

    def defer(self, deferral: Deferral) -> None:
        """Note some time soon that a limit held a device back; the last note of a device counts."""
        if len(self._deferrals) < self._most:
            self._deferrals[deferral.update_id, deferral.device_id] = deferral

    async def commit(self, entry: AuditEntry) -> None:
        """Write a row, and return when it is committed.

        Raises:
            StoreError: the row could not be written.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited.append((entry, written))
        self._wake.set()
        await written

    async def run(self) -> None:
        """Write again and again, until the task is cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER):
                    await self._wake.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write everything that waits now."""
        async with self._turn:
            self._wake.clear()
            awaited, self._awaited = self._awaited[:_BATCH], self._awaited[_BATCH:]
            kept, self._kept = self._kept, []
            deferrals, self._deferrals = self._deferrals, {}
            if self._awaited:
                self._wake.set()
            if awaited or kept or deferrals:
                await self._write(awaited, kept, list(deferrals.values()))

    async def close(self) -> None:
        """Write everything that waits, also what came while that was written."""
        while self._awaited or self._kept or self._deferrals:
            await self.flush()

    async def _write(
        self, awaited: Sequence[tuple[AuditEntry, asyncio.Future[None]]], kept: list[AuditEntry], deferrals: list[Deferral]
    ) -> None:
        """Write one batch, and tell those who wait how it went."""
        entries = [entry for entry, _ in awaited] + kept
        problem: Exception | None = None
        try:
            await finish(self._store, entries, deferrals)
        except StoreError as error:
            problem = error
            self._log.error("audit not written", rows=len(entries), deferred=len(deferrals), problem=error.message)
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the task; whoever waits for a row is told
            problem = error
            self._log.exception("internal error", kind="recorder")
        self._metrics.recorded.labels("written" if problem is None else "failed").inc(len(entries))
        for _, written in awaited:
            if written.done():  # whoever waited is gone
                continue
            if problem is None:
                written.set_result(None)
            else:
                written.set_exception(problem)

    def _store(self, entries: list[AuditEntry], deferrals: list[Deferral]) -> None:
        """Write one batch, in one transaction."""
        with self._database.changing() as connection:
            append(connection, entries)
            record_deferred(connection, deferrals)
