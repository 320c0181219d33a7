"""`policy service audit`: what changed, what was decided, and whether it would be decided so again."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.output import BAD, GOOD, QUIET, Format, Output, Styled, standard_error, standard_output
from policy_lang.cli.service_store import open_store
from policy_lang.cli.table import EMPTY, Table
from policy_lang.documents.problems import quote
from policy_lang.selection.model import Decision, Gate
from policy_lang.service.replay import Replay, replay
from policy_lang.service.store.audit import AuditEntry, Kind, list_entries, read_entry

_HEADS = ("row", "at", "kind", "actor", "product", "update", "device", "what")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows were asked for; the fields are the options of the command."""

    product: str | None
    kind: str | None
    device: str | None
    update: str | None
    before: int | None
    limit: int


def list_rows(url: str | None, wanted: AuditFilter, output_format: Format) -> ExitCode:
    """List rows, the latest first."""
    kind = None if wanted.kind is None else _kind(wanted.kind)
    with open_store(url) as database, database.reading() as connection:
        rows = list_entries(
            connection,
            product=wanted.product,
            kind=kind,
            device_id=wanted.device,
            update_id=wanted.update,
            before=wanted.before,
            limit=wanted.limit,
        )
    output = standard_output()
    table = Table(output, _HEADS)
    for row in rows:
        entry = row.entry
        if output_format is Format.JSON:
            output.json(row.to_plain())
        else:
            about = [cell or EMPTY for cell in (entry.product, entry.update_id, entry.device_id)]
            table.add((str(row.seq), f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.kind, entry.actor, *about, _what(entry)))
    table.close()
    output.flush()
    return ExitCode.FINE


def show_row(url: str | None, seq: int) -> ExitCode:
    """Show all of a row, and whether it is what was written."""
    with open_store(url) as database, database.reading() as connection:
        row = read_entry(connection, seq)
    standard_output().json(row.to_plain())
    if row.is_intact:
        return ExitCode.FINE
    standard_error().line(Styled(f"row {seq} of the audit was changed after it was written", BAD))
    return ExitCode.FINDINGS


def replay_row(url: str | None, seq: int, output_format: Format) -> ExitCode:
    """Make a decision again, and show how."""
    with open_store(url) as database, database.reading() as connection:
        again = replay(connection, seq)
    output = standard_output()
    output.json(_plain(again)) if output_format is Format.JSON else _write(again, output)
    output.flush()
    return ExitCode.FINE if again.agrees else ExitCode.FINDINGS


def _kind(text: str) -> Kind:
    with suppress(ValueError):
        return Kind(text)
    raise MisuseError(f"{quote(text)} is no kind of row", f"write one of {', '.join(Kind)}")


def _what(entry: AuditEntry) -> str:
    """What a row says, in few words."""
    document = entry.document
    match entry.kind:
        case Kind.CATALOG | Kind.PAUSE:
            return f"{document['action']}, revision {entry.revision}"
        case Kind.TOKEN:
            return f"{document['action']} {document['token']}"
        case Kind.DECISION:
            return str(document["reason"])
        case Kind.GRANT:
            return f"grant {document['number']}"
        case Kind.REPORT:
            return "success" if document["success"] else "failure"
        case Kind.PRODUCT:
            return "added"


def _plain(again: Replay) -> dict[str, Any]:
    decision = None if again.decision is None else again.decision.to_plain(trace=True)
    return {"row": again.row.seq, "agrees": again.agrees, "differences": list(again.differences), "decision": decision}


def _write(again: Replay, output: Output) -> None:
    entry = again.row.entry
    output.line(f"{entry.product}, revision {entry.revision}, {entry.document['now']}: {entry.document['reason']}")
    if again.decision is not None:
        _write_trace(again.decision, output)
    if again.agrees:
        output.line(Styled("the decision is the same again", GOOD))
    for difference in again.differences:
        output.line(Styled(difference, BAD))


def _write_trace(decision: Decision, output: Output) -> None:
    for step in decision.trace:
        style = GOOD if step.gate is Gate.OFFERED else QUIET
        output.line(f"  {step.update.version}  {step.update.id}  ", Styled(step.detail, style))
