"""What happened on devices: grants, reports, and those that a limit holds back."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter
from sqlalchemy import Connection

from policy_lang.service.admin.access import Calling
from policy_lang.service.admin.documents import State, state
from policy_lang.service.admin.openapi import LARGEST, After, Limit, UpdateId, problems
from policy_lang.service.admin.paging import page_of
from policy_lang.service.store.catalogs import StoredUpdate, get_update
from policy_lang.service.store.deferred import count_deferred, list_deferred
from policy_lang.service.store.grants import count_grants, list_grants
from policy_lang.service.store.reports import count_reports, list_reports


class Grant(msgspec.Struct, frozen=True):
    """A device that was granted an update.

    Attributes:
        device: its id.
        number: 1 for the first grant of the update.
        granted_at: when, by the clock of the process that answered.
        recorded_at: when it counts for the limit per period.
    """

    device: str
    number: int
    granted_at: datetime | None
    recorded_at: datetime


class GrantPage(msgspec.Struct, frozen=True):
    """Some grants in their order.

    Attributes:
        granted: how many there are in all.
        items: these.
        next: what to send as `after` for the next page; null on the last one.
    """

    granted: int
    items: list[Grant]
    next: int | None


class Report(msgspec.Struct, frozen=True):
    """What a device said last about an update.

    Attributes:
        device: its id.
        success: whether the update went well.
        times: how often it said so.
        first_at: when it said so first.
        last_at: when it said so last.
    """

    device: str
    success: bool
    times: int
    first_at: datetime
    last_at: datetime


class ReportPage(msgspec.Struct, frozen=True):
    """Some reports by device.

    Attributes:
        successes: how many devices said last that the update went well.
        failures: how many said last that it failed.
        items: these reports.
        next: what to send as `after` for the next page; null on the last one.
    """

    successes: int
    failures: int
    items: list[Report]
    next: str | None


class Summary(msgspec.Struct, frozen=True):
    """How an update goes.

    Attributes:
        update: its id.
        version: the version that it brings.
        state: what becomes of it.
        granted: how many devices were granted it; only grants that are limited are counted.
        deferred: how many devices a limit holds back.
        successes: how many devices said last that it went well.
        failures: how many said last that it failed.
        pause_on_failures: with more failures than that it is paused; null for never.
    """

    update: str
    version: str
    state: State
    granted: int
    deferred: int
    successes: int
    failures: int
    pause_on_failures: int | None


class SummaryPage(msgspec.Struct, frozen=True):
    """Some updates, the newest version first.

    Attributes:
        items: how they go.
        next: what to send as `after` for the next page; null on the last one.
    """

    items: list[Summary]
    next: str | None


class Deferred(msgspec.Struct, frozen=True):
    """A device that waits.

    Attributes:
        device: its id.
        gate: the limit that held it back last.
        first_at: when it was first held back.
        last_at: when it was last held back.
    """

    device: str
    gate: str
    first_at: datetime
    last_at: datetime


class DeferredPage(msgspec.Struct, frozen=True):
    """Some devices by id.

    Attributes:
        deferred: how many wait in all.
        items: these.
        next: what to send as `after` for the next page; null on the last one.
    """

    deferred: int
    items: list[Deferred]
    next: str | None


AfterNumber = Annotated[int, QueryParameter(ge=0, le=LARGEST, description="What `next` of the page before said.")]
SuccessFilter = Annotated[bool | None, QueryParameter(description="Reports that said so only.")]


class DeviceController(Controller):
    """What happened on the devices of the token's product."""

    path = "/"
    tags = ("devices",)

    @get("/updates/{update_id:str}/grants", operation_id="listGrants", summary="List grants", responses=problems(404))
    async def grants(self, caller: Calling, update_id: UpdateId, after: AfterNumber = 0, limit: Limit = 100) -> GrantPage:
        """The devices that were granted an update whose number is limited, in the order of the grants."""
        return await caller.read(_grants, update_id, after, limit)

    @get("/updates/{update_id:str}/reports", operation_id="listReports", summary="List reports", responses=problems(404))
    async def reports(
        self,
        caller: Calling,
        update_id: UpdateId,
        success: SuccessFilter = None,
        after: After = None,
        limit: Limit = 100,
    ) -> ReportPage:
        """What devices said last about an update, by device."""
        return await caller.read(_reports, update_id, after, limit, is_success=success)

    @get("/updates/{update_id:str}/deferred", operation_id="listDeferred", summary="List deferred devices", responses=problems(404))
    async def deferred(self, caller: Calling, update_id: UpdateId, after: After = None, limit: Limit = 100) -> DeferredPage:
        """The devices that a limit of an update holds back, by device."""
        return await caller.read(_deferred, update_id, after, limit)

    @get("/reports", operation_id="summarizeReports", summary="Summarize all updates", responses=problems(404))
    async def summary(self, caller: Calling, after: After = None, limit: Limit = 100) -> SummaryPage:
        """How each update of the catalog goes, the newest version first."""
        return await caller.read(_summaries, after, limit)


def _grants(connection: Connection, product: str, update_id: str, after: int, limit: int) -> GrantPage:
    get_update(connection, product, update_id)
    rows = list_grants(connection, update_id, after=after, limit=limit + 1)
    items = [Grant(row.device_id, row.number, row.granted_at, row.recorded_at) for row in rows[:limit]]
    return GrantPage(count_grants(connection, update_id), items, items[-1].number if len(rows) > limit else None)


def _reports(
    connection: Connection, product: str, update_id: str, after: str | None, limit: int, *, is_success: bool | None
) -> ReportPage:
    get_update(connection, product, update_id)
    counts = count_reports(connection, update_id)
    rows = list_reports(connection, update_id, is_success=is_success, after=after or "", limit=limit + 1)
    items = [Report(row.device_id, row.is_success, row.times, row.first_at, row.last_at) for row in rows[:limit]]
    return ReportPage(counts.successes, counts.failures, items, items[-1].device if len(rows) > limit else None)


def _deferred(connection: Connection, product: str, update_id: str, after: str | None, limit: int) -> DeferredPage:
    get_update(connection, product, update_id)
    rows = list_deferred(connection, update_id, after=after or "", limit=limit + 1)
    items = [Deferred(row.device_id, row.gate, row.first_at, row.last_at) for row in rows[:limit]]
    return DeferredPage(count_deferred(connection, update_id), items, items[-1].device if len(rows) > limit else None)


def _summaries(connection: Connection, product: str, after: str | None, limit: int) -> SummaryPage:
    found = page_of(connection, product, after, limit)
    return SummaryPage([_summary(connection, each) for each in found.updates], found.next)


def _summary(connection: Connection, update: StoredUpdate) -> Summary:
    counts = count_reports(connection, update.id)
    return Summary(
        update=update.id,
        version=update.document["version"],
        state=state(update),
        granted=count_grants(connection, update.id),
        deferred=count_deferred(connection, update.id),
        successes=counts.successes,
        failures=counts.failures,
        pause_on_failures=update.pause_on_failures,
    )
