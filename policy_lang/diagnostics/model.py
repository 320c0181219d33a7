"""What a finding is: data, not text and not an exception.

A stage collects its findings and raises them together in one `PolicyError`. How a finding looks is the business of the renderers
beside this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from policy_lang.source import Location, Source, Span


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Label:
    """A place in a source, with what is to be said about it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """The replacement of one span by new text."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that remove the finding, with what they do in words; edits do not overlap."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: `PLnnn`, stable for ever; the table is `policy_lang.diagnostics.codes.CODES`.
        message: the cause, lower case, without a final period; the user's text in backticks.
        source: the text that the labels point into; None where a finding has no text (a mapping given by a program).
        primary: where it is, and what is to be said at the caret; None where the finding concerns the whole document.
        related: other places in the same source.
        help: the remedy.
        field: the field of a document, such as `updates[3].policy`.
        fix: edits that remove the finding.
        severity: error, warning or info.
        rule: the name of the rule that found it, such as `null_comparison`; None for errors.
    """

    code: str
    message: str
    source: Source | None = None
    primary: Label | None = None
    related: tuple[Label, ...] = ()
    help: str | None = None
    field: str | None = None
    fix: Fix | None = None
    severity: Severity = Severity.ERROR
    rule: str | None = None

    @property
    def location(self) -> Location | None:
        """The line and column of the first caret, or None where the finding has no text."""
        if self.source is None or self.primary is None:
            return None
        return self.source.location(self.primary.span.start)

    def sort_key(self) -> tuple[str, int, str]:
        """Orders findings as a reader meets them: by file, then position, then code."""
        name = "" if self.source is None else self.source.name
        return (name, -1 if self.primary is None else self.primary.span.start, self.code)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings as a reader meets them, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=Diagnostic.sort_key))
