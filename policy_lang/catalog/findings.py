"""The findings of one catalog: each with the field, and with its place where the catalog has a text."""

from collections.abc import Iterable
from dataclasses import replace

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.model import Document, Path_, field_name
from policy_lang.source import Span


class Findings:
    """Collects what is wrong with a catalog; `found` keeps the order in which it was noticed."""

    def __init__(self, document: Document | None) -> None:
        """Start without findings; a mapping given by a program has no document, and its findings no place."""
        self.document = document
        self.found: list[Diagnostic] = []

    def add(
        self, code: str, message: str, path: Path_, *, remedy: str | None = None, first: tuple[Path_, str] | None = None
    ) -> None:
        """Note a finding about the value at a path; `first` is an earlier place, and what is to be said of it."""
        related = () if first is None else self._labels(*first)
        self._add(code, message, path, self._labels(path), remedy, related)

    def add_key(self, code: str, message: str, path: Path_, *, remedy: str | None = None) -> None:
        """Note a finding about the key at a path."""
        labels = () if self.document is None else (Label(self.document.key_span(path)),)
        self._add(code, message, path, labels, remedy, ())

    def add_all(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take over findings that are complete."""
        self.found.extend(diagnostics)

    def _add(
        self, code: str, message: str, path: Path_, labels: tuple[Label, ...], remedy: str | None, related: tuple[Label, ...]
    ) -> None:
        source = None if self.document is None else self.document.source
        primary = labels[0] if labels else None
        self.found.append(Diagnostic(code, message, source, primary, related, remedy, field_name(path) or None))

    def _labels(self, path: Path_, text: str = "") -> tuple[Label, ...]:
        """The label at a value: on its first line, or none where there is no text."""
        return () if self.document is None else (Label(self.document.first_line(path), text),)


def relocate(diagnostic: Diagnostic, path: Path_, document: Document | None) -> Diagnostic:
    """Move a finding about a policy to the catalog that the policy stands in.

    Args:
        diagnostic: what was found in the text of the policy; its offsets count in that text.
        path: where the policy stands, such as `("updates", 3, "policy")`.
        document: the catalog, or None where a program gave it.

    Returns:
        The same finding with the field. Where there is a document, the labels point at the characters as they are written there,
        through quotes, escapes and indentation; where these cannot be found, at the whole value. A fix is left out, because its
        replacement would have to be quoted anew.
    """
    moved = replace(diagnostic, field=field_name(path), fix=None)
    if document is None:
        return moved
    offsets = document.text_offsets(path)
    whole = document.first_line(path)
    primary = Label(whole) if diagnostic.primary is None else _move(diagnostic.primary, offsets, whole)
    related = tuple(_move(label, offsets, whole) for label in diagnostic.related)
    return replace(moved, source=document.source, primary=primary, related=related)


def _move(label: Label, offsets: tuple[int, ...] | None, whole: Span) -> Label:
    if offsets is None:
        return Label(whole, label.text)
    start, end = (offsets[min(offset, len(offsets) - 1)] for offset in label.span)
    return Label(Span(start, end), label.text)
