"""Reports: how an update went on a device. A device may report again and again; it counts once, with what it said last.

When more devices than `pause_on_failures` say that an update failed, the update is held, in the transaction of the report that made
it so many. The account of the update is locked for that, so the count is exact however many report at once. Resuming an update
starts a new round, in which only failures count that are reported from then on.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from policy_lang.documents.problems import quote
from policy_lang.rollout.bucket import is_device_id
from policy_lang.service.store.accounts import lock_account
from policy_lang.service.store.audit import AuditEntry, Kind, append
from policy_lang.service.store.catalogs import StoredUpdate, get_update
from policy_lang.service.store.changes import Change, write
from policy_lang.service.store.products import get_product
from policy_lang.service.store.tables import reports
from policy_lang.service.store.times import from_micros, to_micros
from policy_lang.service.store.upserts import insert_for

HOLDER = "pause_on_failures"
"""Who the audit says holds an update with too many failures."""


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What a report did.

    Attributes:
        is_news: whether the device said so for the first time since it last said otherwise.
        has_paused: whether this very report paused the update.
    """

    is_news: bool
    has_paused: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a device reported; a device that said both has two.

    Attributes:
        update_id: the update.
        device_id: the device.
        is_success: what it said.
        is_latest: whether that is what it said last.
        times: how often it said so.
        first_at: when it said so first, in UTC.
        last_at: when it said so last, in UTC.
    """

    update_id: str
    device_id: str
    is_success: bool
    is_latest: bool
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """How many devices said last that an update succeeded, and that it failed."""

    successes: int
    failures: int


def record_report(
    connection: Connection,
    product_id: str,
    update_id: str,
    device_id: str,
    *,
    is_success: bool,
    now: datetime,
    actor: str = "device",
) -> ReportOutcome:
    """Keep a report, and pause the update if too many failed.

    Args:
        connection: inside a change; the report is kept when that is committed, so it is acknowledged after that only.
        product_id: the product of the device's token.
        update_id: the update; it may have been removed since.
        device_id: the device.
        is_success: whether the update went well.
        now: the time.
        actor: who reports, for the audit.

    Raises:
        NotFoundError: the product has no such update, whether or not another product has.
        ValueError: the id is none.
    """
    if not is_device_id(device_id):
        raise ValueError(f"{quote(device_id)} is no device id")
    get_update(connection, product_id, update_id)
    lock_account(connection, update_id)
    known = get_update(connection, product_id, update_id)
    is_news = _keep(connection, known, device_id, is_success=is_success, at=to_micros(now))
    if is_news:
        document = {"success": is_success}
        append(connection, [AuditEntry(Kind.REPORT, actor, now, document, product_id, device_id=device_id, update_id=update_id)])
    return ReportOutcome(is_news, has_paused=not is_success and _pause(connection, known, now))


def count_reports(connection: Connection, update_id: str) -> ReportCounts:
    """How many devices said last that an update succeeded, and how many that it failed."""
    query = select(reports.c.is_success, func.count()).where(reports.c.update_id == update_id, reports.c.is_latest)
    counts = {row[0]: row[1] for row in connection.execute(query.group_by(reports.c.is_success))}
    return ReportCounts(counts.get(True, 0), counts.get(False, 0))


def list_reports(
    connection: Connection, update_id: str, *, is_success: bool | None = None, after: str = "", limit: int = 100
) -> list[Report]:
    """What devices said last about an update, by device id.

    Args:
        connection: for reading.
        update_id: the update.
        is_success: those that said so only.
        after: ids that sort later only; the last id of a page gives the next one.
        limit: how many at most.
    """
    query = select(reports).where(reports.c.update_id == update_id, reports.c.is_latest)
    if is_success is not None:
        query = query.where(reports.c.is_success == is_success)
    if after:
        query = query.where(reports.c.device_id > after)
    return [_report(row) for row in connection.execute(query.order_by(reports.c.device_id).limit(limit))]


def _keep(connection: Connection, known: StoredUpdate, device_id: str, *, is_success: bool, at: int) -> bool:
    """Write a report; whether it is another one than the device's last."""
    of_device = (reports.c.update_id == known.id, reports.c.device_id == device_id)
    last = connection.execute(select(reports.c.is_success).where(*of_device, reports.c.is_latest)).scalar_one_or_none()
    if last is not None and last != is_success:
        connection.execute(update(reports).where(*of_device, reports.c.is_success == last).values(is_latest=False))
    row = {"update_id": known.id, "device_id": device_id, "is_success": is_success, "is_latest": True, "round": known.round}
    insert = insert_for(connection, reports).values(**row, times=1, first_at=at, last_at=at)
    again = {"is_latest": True, "round": known.round, "times": reports.c.times + 1, "last_at": insert.excluded.last_at}
    connection.execute(insert.on_conflict_do_update(index_elements=["update_id", "device_id", "is_success"], set_=again))
    return last != is_success


def _pause(connection: Connection, known: StoredUpdate, now: datetime) -> bool:
    """Hold an update that fails on too many devices; whether that was done now."""
    if not _has_too_many_failures(connection, known):
        return False
    product = get_product(connection, known.product, locked=True)
    known = get_update(connection, known.product, known.id)  # as it is under the lock
    failures = _has_too_many_failures(connection, known)
    if failures:
        details = {"failures": failures, "pause_on_failures": known.pause_on_failures}
        write(connection, product, [replace(known, is_held=True)], Change("hold", HOLDER, now, Kind.PAUSE, details))
    return failures > 0


def _has_too_many_failures(connection: Connection, known: StoredUpdate) -> int:
    """How many devices failed, if the update may be offered and that is too many; else 0."""
    if known.pause_on_failures is None or known.is_removed or known.effective["paused"]:
        return 0
    query = select(func.count()).where(
        reports.c.update_id == known.id, reports.c.is_latest, ~reports.c.is_success, reports.c.round == known.round
    )
    failures = connection.execute(query).scalar_one()
    return failures if failures > known.pause_on_failures else 0


def _report(row: Row[Any]) -> Report:
    times = from_micros(row.first_at), from_micros(row.last_at)
    return Report(row.update_id, row.device_id, row.is_success, row.is_latest, row.times, *times)
