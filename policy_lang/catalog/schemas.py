"""The `schema` of a catalog: written inside it, or the path of a file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from policy_lang.catalog.fields import WrongValue
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.problems import quote
from policy_lang.errors import SchemaError
from policy_lang.types.decode import describe
from policy_lang.types.schema import Schema, read_schema

_NAME = "schema"


def read_catalog_schema(record: Record, findings: Findings, folder: Path) -> Schema | None:
    """The schema of a catalog.

    Args:
        record: the top level of the catalog.
        findings: takes what is wrong, in the catalog and in the file of the schema.
        folder: where a path starts: the folder of the catalog's file.

    Returns:
        The schema, which declares nothing where the catalog has none; None where there are findings.
    """
    if _NAME not in record:
        return Schema()
    match record.optional(_NAME, _read_source, None):
        case str(path):
            return _from_file(path, findings, folder)
        case Mapping() as written:
            return _from_catalog(written, findings)
        case _:
            return None


def _from_file(path: str, findings: Findings, folder: Path) -> Schema | None:
    try:
        return Schema.load(folder / path)
    except SchemaError as error:
        for each in error.diagnostics:
            if each.primary is not None:
                findings.add_all([each])
            else:  # the whole file: what can be pointed at is the path in the catalog
                findings.add(each.code, f"the schema {quote(path)} cannot be used: {each.message}", (_NAME,), remedy=each.help)
        return None


def _from_catalog(written: Mapping[str, Any], findings: Findings) -> Schema | None:
    try:
        return Schema.load(written) if findings.document is None else read_schema(findings.document, (_NAME,))
    except SchemaError as error:
        is_placed = findings.document is not None
        findings.add_all(each if is_placed else _in_catalog(each) for each in error.diagnostics)
        return None


def _in_catalog(diagnostic: Diagnostic) -> Diagnostic:
    """The finding with the field as seen from the top of the catalog."""
    inner = diagnostic.field or ""
    joint = "." if inner and not inner.startswith("[") else ""
    return replace(diagnostic, field=f"{_NAME}{joint}{inner}")


def _read_source(raw: object) -> str | Mapping[str, Any]:
    if not isinstance(raw, str | Mapping):
        remedy = "write the path of a JSON Schema, or the schema itself"
        raise WrongValue("PL506", f"must be a path or an object, not {describe(raw)}", remedy)
    return raw
