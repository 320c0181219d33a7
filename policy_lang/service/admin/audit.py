"""`/audit`: what changed and what was decided, why, and whether it would be decided so again."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter
from sqlalchemy import Connection

from policy_lang.selection.model import Decision
from policy_lang.service.admin.access import Calling
from policy_lang.service.admin.openapi import LARGEST, Limit, Seq, problems
from policy_lang.service.replay import replay_row
from policy_lang.service.store.audit import AuditRow, Kind, list_entries, read_entry
from policy_lang.service.store.errors import NotFoundError

KindName = Literal["product", "catalog", "pause", "token", "decision", "grant", "report"]


class Entry(msgspec.Struct, frozen=True):
    """A row of the audit.

    Attributes:
        seq: its number.
        at: when it happened.
        kind: what it tells.
        actor: who did it.
        revision: the revision of the catalog, where that matters.
        device: the id of the device, where there is one.
        update: the id of the update, where there is one.
        document: the particulars.
        is_intact: whether it is still what was written.
    """

    seq: int
    at: datetime
    kind: KindName
    actor: str
    revision: int | None
    device: str | None
    update: str | None
    document: dict[str, Any]
    is_intact: bool


class EntryPage(msgspec.Struct, frozen=True):
    """Some rows, the latest first.

    Attributes:
        items: the rows.
        next: what to send as `before` for the next page; null on the last one.
    """

    items: list[Entry]
    next: int | None


class Candidate(msgspec.Struct, frozen=True):
    """An update that was tried for a device.

    Attributes:
        update: its id.
        version: the version that it brings.
        gate: what stopped it; `offered` where nothing did.
        detail: the same in a sentence.
        explanation: the value of every part of its policy.
    """

    update: str
    version: str
    gate: str
    detail: str
    explanation: dict[str, Any]


class Explanation(msgspec.Struct, frozen=True):
    """A decision, made again from the audit.

    Attributes:
        update: the id of the update that was offered; null for none.
        reason: why.
        detail: the same in a sentence.
        candidates: each update that was tried, in its order.
    """

    update: str | None
    reason: str
    detail: str
    candidates: list[Candidate]


class ExplainedEntry(msgspec.Struct, frozen=True):
    """A row of the audit; a decision with its explanation.

    Attributes:
        entry: the row.
        explanation: for a decision, why; null for other rows, and where the catalog of that time cannot be rebuilt.
    """

    entry: Entry
    explanation: Explanation | None


class Replayed(msgspec.Struct, frozen=True):
    """A decision that was made again.

    Attributes:
        agrees: whether everything is as it was recorded.
        differences: what is not, in sentences.
        update: the update that would be offered; null for none.
        reason: why; null where the catalog of that time cannot be rebuilt.
    """

    agrees: bool
    differences: list[str]
    update: str | None
    reason: str | None


KindFilter = Annotated[KindName | None, QueryParameter(description="Rows of this kind only.")]
DeviceFilter = Annotated[str | None, QueryParameter(max_length=1024, description="Rows about this device only.")]
UpdateFilter = Annotated[str | None, QueryParameter(max_length=1024, description="Rows about this update only.")]
Before = Annotated[int | None, QueryParameter(ge=0, le=LARGEST, description="What `next` of the page before said.")]


class AuditController(Controller):
    """The audit of the token's product."""

    path = "/audit"
    tags = ("audit",)

    @get(operation_id="listAudit", summary="List the audit", responses=problems())
    async def list_all(
        self,
        caller: Calling,
        kind: KindFilter = None,
        device: DeviceFilter = None,
        update: UpdateFilter = None,
        before: Before = None,
        limit: Limit = 100,
    ) -> EntryPage:
        """What happened, the latest first."""
        return await caller.read(_page, kind, device, update, before, limit)

    @get("/{seq:int}", operation_id="getAuditEntry", summary="Explain a row of the audit", responses=problems(404))
    async def get_one(self, caller: Calling, seq: Seq) -> ExplainedEntry:
        """One row; for a decision, every update that was tried and what stopped it."""
        return await caller.read(_explained, seq)

    @get("/{seq:int}/replay", operation_id="replayDecision", summary="Replay a decision", responses=problems(404, 409))
    async def replay(self, caller: Calling, seq: Seq) -> Replayed:
        """Make a decision again, from the catalog, the time and the counters of that moment."""
        return await caller.read(_replayed, seq)


def _page(
    connection: Connection,
    product: str,
    kind: KindName | None,
    device: str | None,
    update: str | None,
    before: int | None,
    limit: int,
) -> EntryPage:
    rows = list_entries(
        connection,
        product=product,
        kind=None if kind is None else Kind(kind),
        device_id=device,
        update_id=update,
        before=before,
        limit=limit + 1,
    )
    items = [_view(row) for row in rows[:limit]]
    return EntryPage(items, items[-1].seq if len(rows) > limit else None)


def _own_row(connection: Connection, product: str, seq: int) -> AuditRow:
    """A row that tells about the product.

    Raises:
        NotFoundError: there is none, or it is of another product.
    """
    row = read_entry(connection, seq)
    if row.entry.product != product:
        raise NotFoundError(f"the audit has no row {seq}", "see the list of the audit")
    return row


def _explained(connection: Connection, product: str, seq: int) -> ExplainedEntry:
    row = _own_row(connection, product, seq)
    decision = replay_row(connection, row).decision if row.entry.kind is Kind.DECISION else None
    return ExplainedEntry(_view(row), None if decision is None else _explanation(decision))


def _replayed(connection: Connection, product: str, seq: int) -> Replayed:
    found = replay_row(connection, _own_row(connection, product, seq))
    decision = found.decision
    update = None if decision is None or decision.update is None else decision.update.id
    return Replayed(found.agrees, list(found.differences), update, None if decision is None else str(decision.reason))


def _explanation(decision: Decision) -> Explanation:
    update = None if decision.update is None else decision.update.id
    candidates = [msgspec.convert(step.to_plain(), Candidate) for step in decision.trace]
    return Explanation(update, str(decision.reason), decision.detail, candidates)


def _view(row: AuditRow) -> Entry:
    entry = row.entry
    return Entry(
        seq=row.seq,
        at=entry.at,
        kind=entry.kind.value,
        actor=entry.actor,
        revision=entry.revision,
        device=entry.device_id,
        update=entry.update_id,
        document=dict(entry.document),
        is_intact=row.is_intact,
    )
