"""Apply fixes to a catalog: its policies are written anew where they stand, in their own quotes, and the rest stays as it is."""

from collections.abc import Mapping
from typing import NamedTuple

from policy_lang.analysis.fixes import MAX_ROUNDS, apply_fixes, fix_once
from policy_lang.analysis.inspection import InspectedCatalog, inspect_catalog
from policy_lang.analysis.rulebook import Rulebook
from policy_lang.diagnostics.model import Fix
from policy_lang.documents.model import Document, Path_, field_name
from policy_lang.documents.problems import quote
from policy_lang.documents.read import parse_document
from policy_lang.documents.rewrite import RewriteError, replace_texts
from policy_lang.errors import PolicyError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.schema import Schema


class Left(NamedTuple):
    """A policy that has fixes and cannot be written where it stands; both sentences say why."""

    message: str
    remedy: str


class FixedCatalog(NamedTuple):
    """A catalog after its fixes.

    Attributes:
        document: the new one.
        applied: how many fixes were applied.
        left: what could not be written.
    """

    document: Document
    applied: int
    left: tuple[Left, ...]


class _Round(NamedTuple):
    """The document after one look at it."""

    text: str
    applied: int
    left: dict[Path_, Left]


def fix_catalog(
    document: Document,
    book: Rulebook,
    schema: Schema | None = None,
    options: Options = DEFAULT_OPTIONS,
    *,
    fallback: Schema | None = None,
) -> FixedCatalog:
    """Apply the fixes of everything that the rules find in a catalog, and no comment suppresses.

    Args:
        document: the catalog.
        book: the rules.
        schema: what devices send, in place of the catalog's own schema.
        options: the host's options.
        fallback: what devices send where neither says it.
    """
    applied, left = 0, dict[Path_, Left]()
    for _ in range(MAX_ROUNDS):
        inspected = inspect_catalog(document, book, schema, options, fallback=fallback)
        done = _fix_policies(document, inspected, skip=left)
        if not done.applied:
            done = _fix_comments(document, inspected, done)
        left |= done.left
        if not done.applied:
            break
        applied += done.applied
        document = parse_document(done.text, document.source.name, document.kind)
    return FixedCatalog(document, applied, tuple(left.values()))


def _fix_policies(document: Document, inspected: InspectedCatalog, skip: Mapping[Path_, Left]) -> _Round:
    checked = {} if inspected.reading is None else inspected.reading.checked
    texts: dict[Path_, str] = {}
    applied: dict[Path_, int] = {}
    for path, fixes in inspected.fixes.items():
        fixed = fix_once(checked[path], fixes)
        if fixed.applied and path not in skip:
            texts[path], applied[path] = fixed.text, fixed.applied
    return _write(document, texts, applied)


def _write(document: Document, texts: dict[Path_, str], applied: Mapping[Path_, int]) -> _Round:
    """Write all policies at once or, where one of them cannot be written, one after the other."""
    try:
        return _Round(replace_texts(document, texts), sum(applied.values()), {})
    except RewriteError as error:
        if len(texts) == 1:
            (path,) = texts
            return _Round(document.source.text, 0, {path: _left(path, error)})
    done, left = 0, dict[Path_, Left]()
    for path, text in texts.items():
        each = _write(document, {path: text}, {path: applied[path]})
        document = parse_document(each.text, document.source.name, document.kind)
        done, left = done + each.applied, left | each.left
    return _Round(document.source.text, done, left)


def _left(path: Path_, error: RewriteError) -> Left:
    return Left(f"{quote(field_name(path))} is left as it is: {error.message}", error.help)


def _fix_comments(document: Document, inspected: InspectedCatalog, before: _Round) -> _Round:
    """Delete comments of the document that suppress nothing; this comes last, because a fix may be what makes one so."""
    own = [each for each in inspected.linted.findings if each.source is document.source and each.rule is not None]
    fixes: list[Fix] = [each.fix for each in own if each.fix is not None]
    fixed = apply_fixes(document.source.text, fixes, lambda text: _is_same(document, text))
    return _Round(fixed.text, fixed.applied, before.left)


def _is_same(document: Document, text: str) -> bool:
    """Whether a text is the same document."""
    try:
        found = parse_document(text, document.source.name, document.kind)
    except PolicyError:
        return False
    return bool(found.value == document.value)
