"""From plain values to updates: every field is checked, and all findings come together.

No finding hides another: an update that is wrong still counts with its id and its version, so that a second one with the same is
found too.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from policy_lang.catalog.fields import (
    WrongValue,
    read_bool,
    read_checksum,
    read_downgrade,
    read_list,
    read_moment,
    read_name,
    read_object,
    read_policy,
    read_text,
    read_url,
    read_version,
)
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.catalog.rollouts import read_rollout
from policy_lang.catalog.schemas import read_catalog_schema
from policy_lang.catalog.update import Update
from policy_lang.compiler.policy import Policy
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Document, Path_, field_name
from policy_lang.documents.problems import quote
from policy_lang.options import Options
from policy_lang.types.decode import describe
from policy_lang.types.schema import Schema
from policy_lang.versions.version import Version

if TYPE_CHECKING:
    from policy_lang.pipeline import Checked

_CATALOG = ("updates", "schema")
_REQUIRED: dict[str, Callable[[object], Any]] = {
    "id": read_name,
    "product": read_name,
    "version": read_version,
    "policy": read_policy,
    "url": read_url,
    "checksum": read_checksum,
}
_UPDATE = (*_REQUIRED, "description", "channel", "published", "paused", "downgrade", "rollout")


class Validated(NamedTuple):
    """What a catalog holds, right or wrong.

    Attributes:
        updates: those in which nothing is wrong.
        schema: what their policies were compiled with; None where the catalog's own is wrong.
        findings: what is wrong, in the order in which it was noticed.
        checked: the policies without errors, by where they stand.
    """

    updates: tuple[Update, ...]
    schema: Schema | None
    findings: tuple[Diagnostic, ...]
    checked: Mapping[Path_, "Checked"]


class PolicySource(Protocol):
    """What gives the policy of an update."""

    def compile(self, text: str, path: Path_) -> Policy | None:
        """The policy of a text that stands at a path; None where there are findings."""
        ...


class _Row(NamedTuple):
    """What could be read of one update; `update` is None where anything is wrong."""

    path: Path_
    id: str | None
    product: str | None
    version: Version | None
    update: Update | None


def validate(
    value: object,
    document: Document | None,
    *,
    folder: Path,
    schema: Schema | None,
    options: Options,
    fallback: Schema | None = None,
) -> Validated:
    """Check a whole catalog.

    Args:
        value: its plain values.
        document: where they were written; None for values of a program.
        folder: where the path of a schema starts.
        schema: the host's schema, which is taken in place of the catalog's own.
        options: the host's options, for the policies.
        fallback: what devices send where neither the host nor the catalog says it.

    Returns:
        The updates in the order of the catalog, the schema that their policies were compiled with, and every finding. A catalog
        with any finding must not be used.
    """
    from policy_lang.catalog.policies import Policies  # noqa: PLC0415  a compiled catalog needs no parser

    findings = Findings(document)
    if not isinstance(value, Mapping):
        remedy = "write `updates:` with a list of updates"
        findings.add("PL506", f"a catalog must be an object, not {describe(value)}", (), remedy=remedy)
        return Validated((), None, tuple(findings.found), {})
    record = Record(findings, (), value, _CATALOG)
    schema = schema or (fallback if "schema" not in record else None) or read_catalog_schema(record, findings, folder)
    policies = Policies(findings, schema, options)
    raws = record.required("updates", read_list) or ()
    sound = read_rows(raws, findings, policies)
    return Validated(sound, schema, tuple(findings.found), policies.checked)


def read_rows(raws: Iterable[object], findings: Findings, policies: PolicySource) -> tuple[Update, ...]:
    """Check the updates of a catalog, one by one and together.

    Args:
        raws: the plain values of each.
        findings: takes what is wrong.
        policies: compiles the policies, or has compiled them already.

    Returns:
        The updates in which nothing is wrong.
    """
    rows = [_read_row(raw, ("updates", index), findings, policies) for index, raw in enumerate(raws)]
    _check_ids(rows, findings)
    _check_precedence(rows, findings)
    return tuple(row.update for row in rows if row.update is not None)


def _read_row(raw: object, path: Path_, findings: Findings, policies: PolicySource) -> _Row:
    try:
        record = Record(findings, path, read_object(raw), _UPDATE)
    except WrongValue as wrong:
        findings.add(wrong.code, f"an update {wrong.message}", path, remedy="write its fields, for example `id: release-7`")
        return _Row(path, None, None, None, None)
    needed: dict[str, Any] = {name: record.required(name, read) for name, read in _REQUIRED.items()}
    if needed["policy"] is not None:
        needed["policy"] = policies.compile(needed["policy"], (*path, "policy"))
    others = _read_others(record, findings)
    is_complete = record.is_sound and needed["policy"] is not None
    update = Update(**needed, **others) if is_complete else None
    return _Row(path, needed["id"], needed["product"], needed["version"], update)


def _read_others(record: Record, findings: Findings) -> dict[str, Any]:
    """The fields that an update may have, by their names in `Update`."""
    return {
        "description": record.optional("description", read_text, None),
        "channel": record.optional("channel", read_name, None),
        "published": record.optional("published", read_moment, None),
        "is_paused": record.optional("paused", read_bool, False),
        "allows_downgrade": record.optional("downgrade", read_downgrade, False),
        "rollout": read_rollout(record, findings),
    }


def _check_ids(rows: Iterable[_Row], findings: Findings) -> None:
    """Refuse an id that stands twice: rollouts and grants go by it."""
    seen: dict[str, Path_] = {}
    for row in rows:
        if row.id is None:
            continue
        first = seen.setdefault(row.id, row.path)
        if first is not row.path:
            message = f"the id {quote(row.id)} is already that of `{field_name(first)}`"
            remedy = "ids are unique in the whole catalog; rollouts and grants go by them"
            findings.add("PL508", message, (*row.path, "id"), remedy=remedy, first=((*first, "id"), "first used here"))


def _check_precedence(rows: Iterable[_Row], findings: Findings) -> None:
    """Refuse two updates of a product that no order tells apart."""
    seen: dict[tuple[str, Version], _Row] = {}
    for row in rows:
        if row.product is None or row.version is None:
            continue
        first = seen.setdefault((row.product, row.version), row)
        if first is not row:
            _add_precedence(row, first, findings)


def _add_precedence(row: _Row, first: _Row, findings: Findings) -> None:
    versions = f"{quote(str(row.version))} and {quote(str(first.version))} of `{field_name(first.path)}`"
    message = f"the versions {versions} have the same precedence"
    remedy = "give each update of a product a version of its own; what follows a `+` does not count"
    findings.add("PL509", message, (*row.path, "version"), remedy=remedy, first=((*first.path, "version"), "the same precedence"))
