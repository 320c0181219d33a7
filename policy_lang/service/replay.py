"""Replay: a decision of the past made again, from the audit alone.

The catalog rows of the product are folded up to the revision of the decision, the policies are compiled anew, and the device is
selected for at the recorded time, with the recorded answers of the ledger. It must give the same answer, by a policy with the same
digest. Anything else is a difference: the audit was changed, or this release decides otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from policy_lang.documents.problems import quote
from policy_lang.errors import PolicyError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.rollout.ledger import Grant, Limits
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision
from policy_lang.service.store.audit import AuditEntry, AuditRow, Kind, as_row, read_entry
from policy_lang.service.store.catalogs import load_catalog
from policy_lang.service.store.changes import chained_digest
from policy_lang.service.store.errors import ConflictError
from policy_lang.service.store.products import FIRST_DIGEST, FIRST_REVISION
from policy_lang.service.store.tables import audit
from policy_lang.types.times import read_timestamp, write_timestamp


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision that was made again.

    Attributes:
        row: the row of the audit.
        decision: the decision as it is made now, with its trace; None where the catalog cannot be rebuilt.
        differences: what is not as it was recorded, in sentences; none where all agrees.
    """

    row: AuditRow
    decision: Decision | None
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything is as it was recorded."""
        return not self.differences


@dataclass(slots=True)
class Past:
    """The catalog of a product at a revision, rebuilt from the audit.

    Attributes:
        documents: the updates that were offered, by id.
        schema: what was declared.
        digest: of all changes up to there.
        differences: what is wrong with the rows that it was rebuilt from.
    """

    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None
    digest: str = FIRST_DIGEST
    differences: list[str] = field(default_factory=list)


def decision_entry(
    decision: Decision,
    device: Mapping[str, Any],
    now: datetime,
    *,
    product: str,
    revision: int,
    digest: str,
    device_id: str | None = None,
    options: Options = DEFAULT_OPTIONS,
    actor: str = "device",
) -> AuditEntry:
    """What the audit keeps of a decision, so that it can be made again.

    Args:
        decision: what was decided.
        device: the facts: what the device sent, as selection saw it.
        now: the time of the decision.
        product: whose catalog was asked.
        revision: the revision of that catalog.
        digest: its digest, `Product.digest`.
        device_id: the id of the device, to find the row by.
        options: the host's options.
        actor: who asked.
    """
    update = decision.update
    document = {
        "device": device,
        "now": write_timestamp(now),
        "grants": {update_id: grant.value for update_id, grant in decision.grants.items()},
        "reason": str(decision.reason),
        "update": None if update is None else update.id,
        "policy": None if update is None else update.policy.digest,
        "catalog": digest,
        "options": _unusual(options),
    }
    chosen = None if update is None else update.id
    return AuditEntry(Kind.DECISION, actor, now, document, product, revision, device_id, chosen)


def replay(connection: Connection, seq: int) -> Replay:
    """Make a decision of the audit again.

    Args:
        connection: for reading.
        seq: the number of its row.

    Raises:
        NotFoundError: the audit has no such row.
        ConflictError: the row is not a decision.
    """
    return replay_row(connection, read_entry(connection, seq))


def replay_row(connection: Connection, row: AuditRow) -> Replay:
    """Make the decision of a row again; see `replay`."""
    entry = row.entry
    if entry.kind is not Kind.DECISION or entry.product is None or entry.revision is None:
        raise ConflictError(f"row {row.seq} of the audit is no decision", "see `policy service audit list --kind decision`")
    past = rebuild(connection, entry.product, entry.revision)
    differences = [*_tampered(row), *past.differences]
    if past.digest != entry.document["catalog"]:
        differences.append(f"revision {entry.revision} of the catalog is not the one that was asked")
    try:
        ledger = _RecordedLedger(entry.document["grants"])
        decision = _decide(past, entry, ledger)
    except PolicyError as error:
        return Replay(row, None, (*differences, f"the catalog is not valid: {error.diagnostics[0].message}"))
    return Replay(row, decision, (*differences, *ledger.differences, *_compare(entry, decision)))


def rebuild(connection: Connection, product: str, revision: int) -> Past:
    """The catalog of a product at a revision, from the rows of the audit.

    Args:
        connection: for reading.
        product: whose catalog.
        revision: the last change that counts.
    """
    past, expected = Past(), FIRST_REVISION - 1
    for row in _catalog_rows(connection, product, revision):
        expected += 1
        if row.entry.revision != expected:
            past.differences.append(f"revision {expected} of the catalog is not in the audit once")
            expected = row.entry.revision or expected
        past.differences.extend(_tampered(row))
        _fold(past, row)
    if expected != revision and not past.differences:
        past.differences.append(f"revision {revision} of the catalog is not in the audit once")
    return past


def _catalog_rows(connection: Connection, product: str, revision: int) -> Iterator[AuditRow]:
    """The first row of a product and the changes of its catalog up to a revision, in their order."""
    kinds = [str(kind) for kind in (Kind.PRODUCT, Kind.CATALOG, Kind.PAUSE)]
    of_product = (audit.c.product == product, audit.c.kind.in_(kinds), audit.c.revision <= revision)
    for row in connection.execute(select(audit).where(*of_product).order_by(audit.c.revision, audit.c.seq)):
        yield as_row(row)


def _fold(past: Past, row: AuditRow) -> None:
    """Do what a row says."""
    document = row.entry.document
    if "schema" in document:
        past.schema = document["schema"] or None
    if row.entry.kind is Kind.PRODUCT:
        return
    effect = {name: document[name] for name in ("put", "removed", "schema") if name in document}
    for update_id in document["removed"]:
        past.documents.pop(update_id, None)
    past.documents |= {each["id"]: each for each in document["put"]}
    past.digest = chained_digest(past.digest, effect)
    if past.digest != document["digest"]:
        past.differences.append(f"row {row.seq} of the audit does not follow from those before it")


def _decide(past: Past, entry: AuditEntry, ledger: "_RecordedLedger") -> Decision:
    """Select again, with everything as it was."""
    options = Options(**entry.document["options"])
    catalog = load_catalog(past.documents.values(), past.schema, options)
    return Selector(catalog, ledger).select(entry.document["device"], read_timestamp(entry.document["now"]))


def _tampered(row: AuditRow) -> list[str]:
    return [] if row.is_intact else [f"row {row.seq} of the audit was changed after it was written"]


def _compare(entry: AuditEntry, decision: Decision) -> Iterator[str]:
    """What the decision says now and did not say then."""
    update = decision.update
    now = {
        "update": None if update is None else update.id,
        "reason": str(decision.reason),
        "policy": None if update is None else update.policy.digest,
    }
    for name, value in now.items():
        recorded = entry.document[name]
        if recorded != value:
            yield f"the {name} was {_shown(recorded)} and is {_shown(value)}"


def _shown(value: str | None) -> str:
    return "none" if value is None else quote(value)


def _unusual(options: Options) -> dict[str, Any]:
    """The options that are not the usual ones."""
    usual = asdict(DEFAULT_OPTIONS)
    return {name: value for name, value in asdict(options).items() if value != usual[name]}


class _RecordedLedger:
    """Answers as the ledger did; what it was not asked then, it refuses."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        """Take the recorded answers, by the id of the update."""
        self._answers = answers
        self.differences: list[str] = []

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:  # noqa: ARG002  a ledger's
        """What was answered then."""
        if update_id in self._answers:
            return Grant(self._answers[update_id])
        self.differences.append(f"the ledger was not asked for {quote(update_id)}")
        return Grant.MAX_DEVICES

    peek = grant
