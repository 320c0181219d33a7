"""Findings as plain values for `--format json`: one mapping per finding, keys stable."""

from typing import Any

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.source import Source


def to_plain(diagnostic: Diagnostic) -> dict[str, Any]:
    """The finding as a mapping of JSON values; positions count from 1, offsets from 0, both in code points."""
    source = diagnostic.source
    return {
        "code": diagnostic.code,
        "rule": diagnostic.rule,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": None if source is None else source.name,
        "field": diagnostic.field,
        "primary": _label(source, diagnostic.primary),
        "related": [_label(source, label) for label in diagnostic.related],
        "fix": _fix(diagnostic),
    }


def _label(source: Source | None, label: Label | None) -> dict[str, Any] | None:
    if source is None or label is None:
        return None
    start, end = source.location(label.span.start), source.location(label.span.end)
    return {
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "offset": label.span.start,
        "length": label.span.end - label.span.start,
        "text": label.text,
    }


def _fix(diagnostic: Diagnostic) -> dict[str, Any] | None:
    if diagnostic.fix is None:
        return None
    edits = [
        {"offset": edit.span.start, "length": edit.span.end - edit.span.start, "replacement": edit.replacement}
        for edit in diagnostic.fix.edits
    ]
    return {"title": diagnostic.fix.title, "edits": edits}
