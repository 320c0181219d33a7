"""The audit: what changed and what was decided, one row each, written with what it tells about and never changed.

The database itself refuses to change or delete a row. Each row has a digest of its own content, and the catalog rows of a product
are chained: each holds a digest over the one before. So what was changed in a copy, past the triggers, is found by `replay`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from policy_lang.service.store.columns import LARGEST, digest_of, kept_name, write_json
from policy_lang.service.store.errors import NotFoundError
from policy_lang.service.store.tables import audit
from policy_lang.service.store.times import from_micros, to_micros


class Kind(StrEnum):
    """What a row tells."""

    PRODUCT = "product"
    CATALOG = "catalog"
    PAUSE = "pause"
    TOKEN = "token"  # noqa: S105  a kind of row
    DECISION = "decision"
    GRANT = "grant"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What is written.

    Attributes:
        kind: what it tells.
        actor: who did it, such as `cli`, `admin:<token id>`, `device`.
        at: when, in UTC.
        document: the particulars, as JSON values.
        product: the product, where there is one.
        revision: the revision of its catalog, where that matters.
        device_id: the device, where there is one.
        update_id: the update, where there is one.
    """

    kind: Kind
    actor: str
    at: datetime
    document: Mapping[str, Any]
    product: str | None = None
    revision: int | None = None
    device_id: str | None = None
    update_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What was written.

    Attributes:
        seq: its number; later rows of one writer have higher ones.
        entry: the content.
        digest: the SHA-256 of the content, as it was when the row was written.
    """

    seq: int
    entry: AuditEntry
    digest: str

    @property
    def is_intact(self) -> bool:
        """Whether the content is still what was written."""
        return self.digest == _digest(self.entry)

    def to_plain(self) -> dict[str, Any]:
        """The row as JSON values, the time in RFC 3339."""
        entry = self.entry
        return {
            "seq": self.seq,
            "at": entry.at.isoformat().replace("+00:00", "Z"),
            "kind": str(entry.kind),
            "actor": entry.actor,
            "product": entry.product,
            "revision": entry.revision,
            "device": entry.device_id,
            "update": entry.update_id,
            "document": dict(entry.document),
            "digest": self.digest,
        }


def append(connection: Connection, entries: Iterable[AuditEntry]) -> None:
    """Write rows.

    Args:
        connection: inside a change, the one that they tell about.
        entries: what to write, in order.
    """
    rows = [_row(entry) for entry in entries]
    if rows:
        connection.execute(insert(audit), rows)


def read_entry(connection: Connection, seq: int) -> AuditRow:
    """One row.

    Raises:
        NotFoundError: there is none with that number.
    """
    row = connection.execute(select(audit).where(audit.c.seq == seq)).one_or_none() if 0 < seq <= LARGEST else None
    if row is None:
        raise NotFoundError(f"the audit has no row {seq}", "see `policy service audit list`")
    return as_row(row)


def list_entries(
    connection: Connection,
    *,
    product: str | None = None,
    kind: Kind | None = None,
    device_id: str | None = None,
    update_id: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditRow]:
    """Rows, the latest first.

    Args:
        connection: for reading.
        product: rows of this product only.
        kind: rows of this kind only.
        device_id: rows of this device only.
        update_id: rows of this update only.
        before: rows with a lower number only; the last number of a page gives the next one.
        limit: how many at most.
    """
    wanted = {"product": product, "kind": kind, "device_id": device_id, "update_id": update_id}
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(audit.c[name] == value)
    if before is not None:
        query = query.where(audit.c.seq < min(before, LARGEST))
    return [as_row(row) for row in connection.execute(query)]


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": to_micros(entry.at),
        "kind": str(entry.kind),
        "actor": entry.actor,
        "product": entry.product,
        "revision": entry.revision,
        "device_id": entry.device_id,
        "update_id": entry.update_id,
        "document": entry.document,
        "digest": _digest(entry),
    }


def _digest(entry: AuditEntry) -> str:
    """The SHA-256 of a row as it reads back, which differs from what was written where an id is very long."""
    actor, product, device_id, update_id = map(kept_name, (entry.actor, entry.product, entry.device_id, entry.update_id))
    about = [to_micros(entry.at), str(entry.kind), actor, product, entry.revision, device_id, update_id]
    return digest_of(write_json(about), write_json(entry.document))


def as_row(row: Row[Any]) -> AuditRow:
    """The audit row of a row of the table."""
    return AuditRow(
        row.seq,
        AuditEntry(
            Kind(row.kind), row.actor, from_micros(row.at), row.document, row.product, row.revision, row.device_id, row.update_id
        ),
        row.digest,
    )
