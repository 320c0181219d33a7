"""Grants: which device was granted which update, and when; see `policy_lang.rollout.ledger` for the promises.

The grants of an update are numbered 1, 2, 3, … in the order in which they were recorded, and their recorded times never go back. So
the n-th latest one is found by its number, and no question takes longer because there are more grants. A grant is never taken back,
so an answer other than `NEW` that was true once stays true for its caller: it needs no lock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, BindParameter, Connection, Row, Select, bindparam, delete, exists, func, insert, select

from policy_lang.rollout.bucket import is_device_id
from policy_lang.rollout.ledger import Grant, Limits
from policy_lang.service.store.accounts import lock_account
from policy_lang.service.store.audit import AuditEntry, Kind, append
from policy_lang.service.store.columns import LARGEST, Name
from policy_lang.service.store.tables import deferred, grants, updates
from policy_lang.service.store.times import from_micros, length_in_micros, maybe_from_micros, maybe_to_micros, to_micros

_BEFORE_ALL = to_micros(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant.

    Attributes:
        update_id: the update.
        device_id: the device.
        number: 1 for the first grant of the update.
        granted_at: when, as the caller stated it; None where it had no time.
        recorded_at: when it counts; never before that of an earlier number.
    """

    update_id: str
    device_id: str
    number: int
    granted_at: datetime | None
    recorded_at: datetime


def _standing_query() -> Select[Any]:
    """One statement for everything, so that all of it is of one moment; built once, for it runs at each check-in."""
    an_update: BindParameter[str] = bindparam("an_update", type_=Name())
    granted = select(func.max(grants.c.number)).where(grants.c.update_id == an_update).scalar_subquery()
    numbered = select(grants.c.recorded_at).where(grants.c.update_id == an_update)
    a_device: BindParameter[str] = bindparam("a_device", type_=Name())
    return select(
        granted.label("granted"),
        exists().where(grants.c.update_id == an_update, grants.c.device_id == a_device).label("is_held"),
        exists().where(deferred.c.update_id == an_update, deferred.c.device_id == a_device).label("is_deferred"),
        numbered.where(grants.c.number == granted - bindparam("most", type_=BigInteger()) + 1)
        .scalar_subquery()
        .label("nth_latest"),
        numbered.where(grants.c.number == granted).scalar_subquery().label("latest"),
        select(updates.c.product).where(updates.c.id == an_update).scalar_subquery().label("product"),
    )


_STANDING: Final = _standing_query()
_INSERT: Final = insert(grants)
_FORGET: Final = delete(deferred).where(
    deferred.c.update_id == bindparam("an_update"), deferred.c.device_id == bindparam("a_device")
)


class _Standing(NamedTuple):
    """What decides about one request; times in microseconds."""

    granted: int
    is_held: bool
    is_deferred: bool
    nth_latest: int | None
    latest: int | None
    product: str | None


def peek_grant(connection: Connection, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
    """What a request would get, recording nothing.

    Args:
        connection: for reading; one statement.
        update_id: the update.
        device_id: the device.
        limits: what the grants of this update may not pass.
        now: the time, with a zone.

    Raises:
        ValueError: `now` has no zone.
    """
    moment = maybe_to_micros(now)
    if not is_device_id(device_id):
        return Grant.NO_ID
    return _answer(_standing(connection, update_id, device_id, limits), limits, moment)


def make_grant(
    connection: Connection, update_id: str, device_id: str, limits: Limits, now: datetime | None, *, actor: str = "device"
) -> Grant:
    """Grant an update to a device, or say why not, in one indivisible step.

    Args:
        connection: inside a change; what it answers holds when that change is committed.
        update_id: the update.
        device_id: the device.
        limits: what the grants of this update may not pass.
        now: the time, with a zone.
        actor: who asks, for the audit.

    Raises:
        ValueError: `now` has no zone.
    """
    moment = maybe_to_micros(now)
    if not is_device_id(device_id):
        return Grant.NO_ID
    lock_account(connection, update_id)
    standing = _standing(connection, update_id, device_id, limits)
    answer = _answer(standing, limits, moment)
    if answer is Grant.NEW:
        _record(connection, GrantRow(update_id, device_id, standing.granted + 1, now, _recorded(standing, moment)), standing, actor)
    return answer


def count_grants(connection: Connection, update_id: str) -> int:
    """How many devices were granted an update."""
    return connection.execute(select(func.max(grants.c.number)).where(grants.c.update_id == update_id)).scalar_one() or 0


def list_grants(connection: Connection, update_id: str, *, after: int = 0, limit: int = 100) -> list[GrantRow]:
    """The grants of an update in their order.

    Args:
        connection: for reading.
        update_id: the update.
        after: grants with a higher number only; the last number of a page gives the next one.
        limit: how many at most.
    """
    later = grants.c.number > min(after, LARGEST)
    query = select(grants).where(grants.c.update_id == update_id, later).order_by(grants.c.number).limit(limit)
    return [_grant(row) for row in connection.execute(query)]


def find_grant(connection: Connection, update_id: str, device_id: str) -> GrantRow | None:
    """The grant of a device, if it has one."""
    row = connection.execute(select(grants).where(grants.c.update_id == update_id, grants.c.device_id == device_id)).one_or_none()
    return None if row is None else _grant(row)


def _standing(connection: Connection, update_id: str, device_id: str, limits: Limits) -> _Standing:
    """What is known at one moment."""
    given = {"an_update": update_id, "a_device": device_id, "most": limits.max_per_period or 0}
    row = connection.execute(_STANDING, given).one()
    return _Standing(row.granted or 0, row.is_held, row.is_deferred, row.nth_latest, row.latest, row.product)


def _answer(standing: _Standing, limits: Limits, now: int | None) -> Grant:
    """What a request gets; the questions are in the order of `MemoryLedger`."""
    if standing.is_held:
        return Grant.HELD
    if limits.max_devices is not None and standing.granted >= limits.max_devices:
        return Grant.MAX_DEVICES
    if limits.max_per_period is None or limits.period is None:
        return Grant.NEW
    if now is None:
        return Grant.NO_TIME
    if standing.granted < limits.max_per_period:
        return Grant.NEW
    is_past = standing.nth_latest is not None and now - standing.nth_latest >= length_in_micros(limits.period)
    return Grant.NEW if limits.max_per_period > 0 and is_past else Grant.MAX_PER_PERIOD


def _recorded(standing: _Standing, now: int | None) -> datetime:
    """The time at which a new grant counts."""
    latest = _BEFORE_ALL if standing.latest is None else standing.latest
    return from_micros(latest if now is None else max(latest, now))


def _record(connection: Connection, new: GrantRow, standing: _Standing, actor: str) -> None:
    """Keep a grant with its audit row; whoever was deferred is deferred no more."""
    of_device = {"an_update": new.update_id, "a_device": new.device_id}
    row = {"update_id": new.update_id, "device_id": new.device_id, "number": new.number}
    times = {"granted_at": maybe_to_micros(new.granted_at), "recorded_at": to_micros(new.recorded_at)}
    connection.execute(_INSERT, {**row, **times})
    if standing.is_deferred:
        connection.execute(_FORGET, of_device)
    document = {"number": new.number, "has_time": new.granted_at is not None}
    entry = AuditEntry(
        Kind.GRANT,
        actor,
        new.granted_at or new.recorded_at,
        document,
        standing.product,
        device_id=new.device_id,
        update_id=new.update_id,
    )
    append(connection, [entry])


def _grant(row: Row[tuple[str, str, int, int | None, int]]) -> GrantRow:
    return GrantRow(row.update_id, row.device_id, row.number, maybe_from_micros(row.granted_at), from_micros(row.recorded_at))
