"""Findings as SARIF 2.1.0, the format that code hosts and editors read.

Columns count code points, which the run declares. Files are named relative to the folder `SRCROOT`, so that a report made in one
place can be read in another.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from policy_lang.diagnostics.model import Diagnostic, Fix, Label, Severity
from policy_lang.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_ROOT = "SRCROOT"
_FINGERPRINT = "policyFinding/v1"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a report says about one code.

    Attributes:
        title: what is wrong, in a few words.
        name: the name of the rule; None for errors.
        page: the page of the code, in Markdown.
        tags: what it is about.
    """

    title: str
    name: str | None = None
    page: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finding for the report; `reason` is why a comment suppresses it, None where none does."""

    finding: Diagnostic
    reason: str | None = None


def to_sarif(outcomes: Iterable[Outcome], descriptors: Mapping[str, Descriptor], *, version: str, root: Path) -> dict[str, Any]:
    """A report as plain JSON values.

    Args:
        outcomes: the findings, those that are suppressed too.
        descriptors: what to say about each code that occurs.
        version: the version of this package.
        root: the folder that files are named relative to.
    """
    outcomes = list(outcomes)
    codes = sorted({each.finding.code for each in outcomes})
    driver = {
        "name": "policy",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(code, descriptors[code]) for code in codes],
    }
    base = root.absolute().as_uri()
    report = _Report(root, {code: index for index, code in enumerate(codes)})
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": base if base.endswith("/") else f"{base}/"}},
        "results": [report.result(each) for each in outcomes],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, descriptor: Descriptor) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": descriptor.title}}
    if descriptor.name is not None:
        rule["name"] = descriptor.name
    if descriptor.page is not None:
        rule["help"] = {"text": descriptor.page, "markdown": descriptor.page}
    if descriptor.tags:
        rule["properties"] = {"tags": list(descriptor.tags)}
    return rule


class _Report:
    """Writes results; equal findings on equal lines are counted, so that each has a fingerprint of its own."""

    def __init__(self, root: Path, indexes: Mapping[str, int]) -> None:
        self._root = root.absolute()
        self._indexes = indexes
        self._seen: Counter[str] = Counter()

    def result(self, outcome: Outcome) -> dict[str, Any]:
        finding = outcome.finding
        help_ = "" if finding.help is None else f"\nhelp: {finding.help}"
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": self._indexes[finding.code],
            "level": _LEVELS[finding.severity],
            "message": {"text": finding.message + help_},
            "locations": self._locations(finding),
            "partialFingerprints": {_FINGERPRINT: self._fingerprint(finding)},
        }
        if finding.source is not None and finding.related:
            result["relatedLocations"] = [self._related(finding.source, label) for label in finding.related]
        if finding.source is not None and finding.fix is not None and finding.fix.edits:
            result["fixes"] = [self._fix(finding.source, finding.fix)]
        if outcome.reason is not None:
            result["suppressions"] = [{"kind": "inSource", "justification": outcome.reason}]
        return result

    def _locations(self, finding: Diagnostic) -> list[dict[str, Any]]:
        location: dict[str, Any] = {}
        if finding.source is not None:
            location["physicalLocation"] = self._physical(finding.source, finding.primary)
        if finding.field is not None:
            location["logicalLocations"] = [{"fullyQualifiedName": finding.field}]
        return [location] if location else []

    def _related(self, source: Source, label: Label) -> dict[str, Any]:
        message = {"message": {"text": label.text}} if label.text else {}
        return {"physicalLocation": self._physical(source, label), **message}

    def _fix(self, source: Source, fix: Fix) -> dict[str, Any]:
        replacements = [
            {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.replacement}} for edit in fix.edits
        ]
        change = {"artifactLocation": self._artifact(source.name), "replacements": replacements}
        return {"description": {"text": fix.title}, "artifactChanges": [change]}

    def _physical(self, source: Source, label: Label | None) -> dict[str, Any]:
        region = {} if label is None else {"region": _region(source, label.span)}
        return {"artifactLocation": self._artifact(source.name), **region}

    def _artifact(self, name: str) -> dict[str, Any]:
        """The file: relative to the root where it lies below it; what is no file, such as `<stdin>`, keeps its name."""
        path = Path(name).absolute()
        if name.startswith("<") or path.is_relative_to(self._root):
            inside = name if name.startswith("<") else path.relative_to(self._root).as_posix()
            return {"uri": quote(inside), "uriBaseId": _ROOT}
        return {"uri": path.as_uri()}

    def _fingerprint(self, finding: Diagnostic) -> str:
        """What stays when lines move: the code, the file, the field and the text of the line."""
        source, location = finding.source, finding.location
        line = "" if source is None or location is None else source.line(location.line).strip()
        uri = "" if source is None else self._artifact(source.name)["uri"]
        parts = "\x1f".join((finding.code, uri, finding.field or "", line))
        self._seen[parts] += 1
        return sha256(f"{parts}\x1f{self._seen[parts]}".encode(errors="replace")).hexdigest()[:32]


def _region(source: Source, span: Span) -> dict[str, Any]:
    start, end = source.location(span.start), source.location(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }
