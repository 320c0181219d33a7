"""From a test file to a suite: every field is checked, and all findings are raised together.

A file that is wrong in any place is not run at all: a test that silently tests nothing is worse than none.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.fields import WrongValue, read_bool, read_list, read_moment, read_name, read_object, read_policy
from policy_lang.catalog.findings import Findings, relocate
from policy_lang.catalog.record import Record
from policy_lang.catalog.schemas import read_catalog_schema
from policy_lang.compiler.policy import Policy
from policy_lang.documents.files import AnyPath, read_text
from policy_lang.documents.model import Document, Path_, field_name
from policy_lang.documents.problems import quote
from policy_lang.documents.read import read_document
from policy_lang.errors import PolicyError
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.testing.fields import (
    read_cause,
    read_file_name,
    read_gates,
    read_outcome,
    read_properties,
    read_verdict,
)
from policy_lang.testing.files import SUBJECTS, locate
from policy_lang.testing.model import Case, Subject, Suite, Verdict
from policy_lang.types.decode import describe
from policy_lang.types.schema import Schema

_COMMON = ("schema", "lenient_versions", "now", "device")
_CATALOG_CASE = ("name", "device", "now", "expect", "gates")
_POLICY_CASE = ("name", "device", "update", "now", "expect", "cause")
_HOW_TO_SAY = "write `policy: FILE`, `catalog: FILE`, or `expression:` with a policy"


class _Defaults(NamedTuple):
    """What the cases of a file take from its top."""

    device: Mapping[str, Any]
    update: Mapping[str, Any]
    now: Any


def load_suite(path: AnyPath) -> Suite:
    """Read a test file and check all of it, with the policy or catalog that it tests.

    Args:
        path: a YAML, TOML, JSON or JSON5 file; the files that it names are looked for in its folder.

    Returns:
        The cases, what they do not say filled in from the top of the file.

    Raises:
        PolicyError: with every finding, in the test file and in the files that it names.

    Source: docs/testing.md, "The test file".
    """
    document = read_document(path)
    findings = Findings(document)
    if not isinstance(document.value, Mapping):
        findings.add("PL506", f"a test file must be an object, not {describe(document.value)}", (), remedy=_HOW_TO_SAY)
        raise PolicyError(findings.found)
    return _Loader(document, findings, Path(path).parent).suite(document.value)


class _Loader:
    """Reads one test file."""

    def __init__(self, document: Document, findings: Findings, folder: Path) -> None:
        self._document = document
        self._findings = findings
        self._folder = folder

    def suite(self, value: Mapping[str, Any]) -> Suite:
        """The suite of a whole file."""
        kinds = [name for name in SUBJECTS if name in value]
        if len(kinds) != 1:
            said = f"`{kinds[0]}` and `{kinds[1]}` stand beside each other" if kinds else "the file does not say what it tests"
            self._findings.add("PL521", said, (kinds[1],) if kinds else (), remedy=_HOW_TO_SAY)
        is_catalog = kinds == ["catalog"]
        own = () if is_catalog else ("update",)
        record = Record(self._findings, (), value, (*SUBJECTS, *_COMMON, *own, "cases"))
        name, subject = self._subject(record, kinds)
        defaults = _Defaults(
            self._properties(record, "device", {}),
            {} if is_catalog else self._properties(record, "update", {}),
            record.optional("now", read_moment, None),
        )
        cases = self._cases(record, subject, defaults, is_catalog=is_catalog)
        if self._findings.found or subject is None:
            raise PolicyError(self._findings.found)
        return Suite(self._document, name, subject, cases)

    def _subject(self, record: Record, kinds: list[str]) -> tuple[str, Subject | None]:
        """What is tested, and its name; None where there are findings."""
        options = Options(lenient_versions=record.optional("lenient_versions", read_bool, False))
        schema = read_catalog_schema(record, self._findings, self._folder)
        match kinds:
            case ["expression"]:
                return self._document.source.name, self._expression(record, schema, options)
            case ["policy" | "catalog" as kind]:
                written = record.optional(kind, read_file_name, None)
                path = None if written is None else locate(self._folder, written)
                return str(path), None if path is None or schema is None else self._load(record, kind, path, schema, options)
            case _:
                return "", None

    def _expression(self, record: Record, schema: Schema | None, options: Options) -> Policy | None:
        text = record.optional("expression", read_policy, None)
        if text is None or schema is None:
            return None
        try:
            return compile_policy(text, schema=schema, options=options, name="<expression>")
        except PolicyError as error:
            self._findings.add_all(relocate(each, ("expression",), self._document) for each in error.diagnostics)
            return None

    def _load(self, record: Record, kind: str, path: Path, schema: Schema, options: Options) -> Subject | None:
        """The policy or the catalog in another file; a schema here is taken in place of the catalog's own."""
        try:
            if kind == "catalog":
                return Catalog.load(path, schema=schema if "schema" in record else None, options=options)
            return compile_policy(read_text(path), schema=schema, options=options, name=str(path))
        except PolicyError as error:
            self._adopt(error, (kind,), path)
            return None

    def _adopt(self, error: PolicyError, path: Path_, file: Path) -> None:
        """Take over what was found in a file that is named at a path; what has no place there is pointed at here."""
        for each in error.diagnostics:
            if each.primary is not None:
                self._findings.add_all([each])
            else:
                message = f"the file {quote(str(file))} cannot be used: {each.message}"
                self._findings.add(each.code, message, path, remedy=each.help)

    def _properties(self, record: Record, name: str, defaults: Mapping[str, Any]) -> Mapping[str, Any]:
        """The properties of a device or an update, written here or in a file; those that it lacks come from the defaults."""
        raw = record.optional(name, read_properties, {})
        if isinstance(raw, str):
            raw = self._properties_in(locate(self._folder, raw), (*record.path, name))
        return {**defaults, **raw}

    def _properties_in(self, file: Path, path: Path_) -> Mapping[str, Any]:
        try:
            value = read_document(file).value
        except PolicyError as error:
            self._adopt(error, path, file)
            return {}
        if isinstance(value, Mapping):
            return value
        self._findings.add("PL511", f"the file {quote(str(file))} holds {describe(value)}, not an object", path)
        return {}

    def _cases(self, record: Record, subject: Subject | None, defaults: _Defaults, *, is_catalog: bool) -> tuple[Case, ...]:
        raws = record.optional("cases", read_list, None)
        if ("cases" not in record) or (raws is not None and not raws):
            remedy = "write a list of cases, each with `name`, `device` and `expect`"
            self._findings.add("PL520", "the file has no cases", ("cases",), remedy=remedy)
        cases = [
            self._case(raw, ("cases", index), subject, defaults, is_catalog=is_catalog) for index, raw in enumerate(raws or ())
        ]
        found = tuple(case for case in cases if case is not None)
        self._check_names(found)
        return found

    def _case(self, raw: object, path: Path_, subject: Subject | None, defaults: _Defaults, *, is_catalog: bool) -> Case | None:
        try:
            record = Record(self._findings, path, read_object(raw), _CATALOG_CASE if is_catalog else _POLICY_CASE)
        except WrongValue as wrong:
            remedy = "write `name`, `device` and `expect`"
            self._findings.add(wrong.code, f"a case {wrong.message}", path, remedy=remedy)
            return None
        ids = [update.id for update in subject] if isinstance(subject, Catalog) else None
        reads = subject.properties if isinstance(subject, Policy) else None
        expected = record.required("expect", partial(read_outcome, ids=ids) if is_catalog else read_verdict)
        return Case(
            name=record.required("name", read_name) or "",
            path=path,
            device=self._properties(record, "device", defaults.device),
            update={} if is_catalog else self._properties(record, "update", defaults.update),
            now=record.optional("now", read_moment, defaults.now),
            expect=expected or "",
            cause=None if is_catalog else self._cause(record, expected, reads),
            gates=record.optional("gates", partial(read_gates, ids=ids), {}) if is_catalog else {},
        )

    def _cause(self, record: Record, expected: str | None, reads: Collection[str] | None) -> str | None:
        cause = record.optional("cause", partial(read_cause, properties=reads), None)
        if "cause" in record and expected not in {None, Verdict.UNKNOWN}:
            message = f"`cause` stands beside {quote(f'expect: {expected}')}, which has none"
            remedy = "only an unknown has a cause; write `expect: unknown`, or remove `cause`"
            self._findings.add("PL523", message, (*record.path, "cause"), remedy=remedy)
        return cause

    def _check_names(self, cases: Iterable[Case]) -> None:
        """Refuse a name that stands twice: results go by it."""
        seen: dict[str, Case] = {}
        for case in cases:
            first = seen.setdefault(case.name, case)
            if case.name and first is not case:
                message = f"the name {quote(case.name)} is already that of `{field_name(first.path)}`"
                place = ((*first.path, "name"), "first used here")
                remedy = "give each case a name of its own"
                self._findings.add("PL522", message, (*case.path, "name"), remedy=remedy, first=place)
