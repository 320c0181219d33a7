"""Run the rules: on one policy, or on a catalog with all of its policies, each distinct text once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from policy_lang.analysis.findings import Linted, Suppressed, settle
from policy_lang.analysis.rulebook import Rulebook, look_at_catalog, look_at_policy
from policy_lang.analysis.subject import CatalogSubject, PolicySubject
from policy_lang.analysis.suppression import find_in_document, find_in_policy
from policy_lang.catalog.catalog import CatalogSource, Reading, read_catalog
from policy_lang.catalog.findings import relocate
from policy_lang.diagnostics.model import Diagnostic, Fix, in_order
from policy_lang.documents.model import Document, Path_
from policy_lang.errors import CatalogError, PolicyError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.pipeline import Checked, check_policy
from policy_lang.source import Source
from policy_lang.types.schema import Schema


@dataclass(frozen=True, slots=True)
class InspectedCatalog:
    """A catalog and what was found.

    Attributes:
        linted: the findings, at their places in the catalog.
        reading: the catalog; None where it cannot be read.
        fixes: the fixes of the policies that have any, by where they stand; their edits count in the text of the policy.
    """

    linted: Linted
    reading: Reading | None
    fixes: dict[Path_, tuple[Fix, ...]]


class _Moved(NamedTuple):
    """A finding about a policy, at its place in the catalog; and its fix in the text of the policy."""

    finding: Diagnostic
    path: Path_
    fix: Fix | None


def inspect_policy(source: Source, book: Rulebook, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> Linted:
    """The errors of a policy or, where it has none, what the rules find."""
    try:
        checked = check_policy(source, schema, options)
    except PolicyError as error:
        return Linted(error.diagnostics)
    return inspect_checked(checked, book)


def inspect_checked(checked: Checked, book: Rulebook) -> Linted:
    """What the rules find in a policy without errors."""
    return _inspect(subject_of(checked), book)


def inspect_catalog(
    source: CatalogSource | Document,
    book: Rulebook,
    schema: Schema | None = None,
    options: Options = DEFAULT_OPTIONS,
    *,
    fallback: Schema | None = None,
) -> InspectedCatalog:
    """The errors of a catalog, what the rules find in the policies that have none and, without any error, in the catalog."""
    try:
        reading = read_catalog(source, schema, options, fallback=fallback)
    except CatalogError as error:
        return InspectedCatalog(Linted(error.diagnostics), None, {})
    subjects = _subjects(reading)
    distinct = {id(subject): subject for subject in subjects.values()}
    linted = {key: _inspect(subject, book) for key, subject in distinct.items()}
    moved = [each for path, subject in subjects.items() for each in _move(linted[id(subject)], path, reading.document)]
    found = [each.finding for each in moved]
    if reading.catalog is not None and book.catalog_rules:
        found.extend(look_at_catalog(CatalogSubject(reading.catalog, tuple(subjects.values())), book))
    settled = settle(found, find_in_document(reading.document), book.codes, book)
    hidden = [
        Suppressed(_relocate(each.finding, path, reading.document), each.reason)
        for path, subject in subjects.items()
        for each in linted[id(subject)].suppressed
    ]
    findings = in_order((*reading.findings, *settled.findings))
    return InspectedCatalog(Linted(findings, (*settled.suppressed, *hidden)), reading, _fixes(moved, settled))


def _inspect(subject: PolicySubject, book: Rulebook) -> Linted:
    suppressions = find_in_policy(subject.source, (comment.span for comment in subject.comments))
    return settle(look_at_policy(subject, book), suppressions, book.policy_codes, book)


def subject_of(checked: Checked, *, is_in_catalog: bool = False) -> PolicySubject:
    """What the rules look at, of a policy that was checked."""
    parsed, core, schema, options = checked
    return PolicySubject(parsed.source, parsed.tree, parsed.comments, core, schema, options, is_in_catalog)


def _subjects(reading: Reading) -> dict[Path_, PolicySubject]:
    """The policies without errors, by where they stand; those with the same text are one."""
    distinct = {id(checked): checked for checked in reading.checked.values()}
    subjects = {key: subject_of(checked, is_in_catalog=True) for key, checked in distinct.items()}
    return {path: subjects[id(checked)] for path, checked in reading.checked.items()}


def _move(linted: Linted, path: Path_, document: Document | None) -> Iterator[_Moved]:
    for finding in linted.findings:
        yield _Moved(_relocate(finding, path, document), path, finding.fix)


def _relocate(finding: Diagnostic, path: Path_, document: Document | None) -> Diagnostic:
    """The finding at its place; a fix keeps its title alone where its edits would have to be quoted anew."""
    moved = relocate(finding, path, document)
    if finding.fix is None:
        return moved
    return replace(moved, fix=finding.fix if document is None else Fix(finding.fix.title, ()))


def _fixes(moved: list[_Moved], settled: Linted) -> dict[Path_, tuple[Fix, ...]]:
    """The fixes of what no comment of the catalog suppresses."""
    hidden = {each.finding for each in settled.suppressed}
    fixes: dict[Path_, tuple[Fix, ...]] = {}
    for each in moved:
        if each.fix is not None and each.finding not in hidden:
            fixes[each.path] = (*fixes.get(each.path, ()), each.fix)
    return fixes
