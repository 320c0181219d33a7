"""Deferred devices: those that a limit holds back, so that people see how many wait, and for what.

They are written in batches, away from the check-in, so a row may be late; a device that was granted the update meanwhile is not
listed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, select

from policy_lang.service.store.tables import deferred, grants
from policy_lang.service.store.times import from_micros, to_micros
from policy_lang.service.store.upserts import insert_for


@dataclass(frozen=True, slots=True)
class Deferral:
    """A limit held a device back.

    Attributes:
        update_id: the update.
        device_id: the device.
        gate: the limit: `max devices` or `max per period`.
        at: when, in UTC.
    """

    update_id: str
    device_id: str
    gate: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeferredDevice:
    """A device that waits.

    Attributes:
        update_id: the update.
        device_id: the device.
        gate: the limit that held it back last.
        first_at: when that happened first, in UTC.
        last_at: when it happened last, in UTC.
    """

    update_id: str
    device_id: str
    gate: str
    first_at: datetime
    last_at: datetime


def record_deferred(connection: Connection, deferrals: Iterable[Deferral]) -> None:
    """Write a batch.

    Args:
        connection: inside a change.
        deferrals: in the order in which they happened; the last one of a device counts.
    """
    # INVARIANT: rows are written in one order, so that two batches never wait for each other in a circle.
    batch = sorted({(each.update_id, each.device_id): each for each in deferrals}.items())
    if not batch:
        return
    insert = insert_for(connection, deferred)
    changed = {"gate": insert.excluded.gate, "last_at": insert.excluded.last_at}
    upsert = insert.on_conflict_do_update(index_elements=["update_id", "device_id"], set_=changed)
    connection.execute(upsert, [_row(each) for _, each in batch])
    written = deferred.c.update_id.in_({each for (each, _), _ in batch}) & deferred.c.device_id.in_(
        {each for (_, each), _ in batch}
    )
    connection.execute(delete(deferred).where(written, _is_granted()))


def count_deferred(connection: Connection, update_id: str) -> int:
    """How many devices wait for an update."""
    return connection.execute(select(func.count()).where(deferred.c.update_id == update_id, ~_is_granted())).scalar_one()


def list_deferred(connection: Connection, update_id: str, *, after: str = "", limit: int = 100) -> list[DeferredDevice]:
    """The devices that wait for an update, by id.

    Args:
        connection: for reading.
        update_id: the update.
        after: ids that sort later only; the last id of a page gives the next one.
        limit: how many at most.
    """
    query = select(deferred).where(deferred.c.update_id == update_id, ~_is_granted())
    if after:
        query = query.where(deferred.c.device_id > after)
    return [_deferred(row) for row in connection.execute(query.order_by(deferred.c.device_id).limit(limit))]


def _is_granted() -> ColumnElement[bool]:
    return exists().where(grants.c.update_id == deferred.c.update_id, grants.c.device_id == deferred.c.device_id)


def _row(each: Deferral) -> dict[str, Any]:
    at = to_micros(each.at)
    return {"update_id": each.update_id, "device_id": each.device_id, "gate": each.gate, "first_at": at, "last_at": at}


def _deferred(row: Row[Any]) -> DeferredDevice:
    return DeferredDevice(row.update_id, row.device_id, row.gate, from_micros(row.first_at), from_micros(row.last_at))
