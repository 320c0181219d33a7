"""Findings as the API shows them: code, message, help and place."""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from policy_lang.diagnostics.json import to_plain
from policy_lang.diagnostics.model import Diagnostic


class Place(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a text; lines and columns count from 1, offsets from 0, all in code points.

    Attributes:
        line: the line of its first character.
        column: the column of its first character.
        end_line: the line behind its last character.
        end_column: the column behind its last character.
        offset: how many characters stand before it.
        length: how many characters it has.
        text: what is to be said about it.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    offset: int
    length: int
    text: str


class Edit(msgspec.Struct, frozen=True):
    """A replacement in the text of a policy."""

    offset: int
    length: int
    replacement: str


class Fix(msgspec.Struct, frozen=True):
    """Edits that remove a finding."""

    title: str
    edits: list[Edit]


class Finding(msgspec.Struct, frozen=True):
    """Something that is wrong or doubtful.

    Attributes:
        code: stable for ever; `policy rule CODE` explains it.
        rule: the rule of the linter that found it.
        severity: errors are refused; warnings and hints are not.
        message: the cause.
        help: the remedy.
        field: the field of the update, such as `rollout.percent`.
        primary: where in the text it is.
        related: other places in the same text.
        fix: edits that remove it.
    """

    code: Annotated[str, msgspec.Meta(pattern="^PL[0-9]{3}$")]
    severity: Literal["error", "warning", "info"]
    message: str
    rule: str | None = None
    help: str | None = None
    field: str | None = None
    primary: Place | None = None
    related: list[Place] = msgspec.field(default_factory=list)
    fix: Fix | None = None


def findings_of(diagnostics: Iterable[Diagnostic]) -> list[Finding]:
    """Findings as the API shows them."""
    return [_finding(each) for each in diagnostics]


def _finding(diagnostic: Diagnostic) -> Finding:
    """One finding; that of an update that was sent alone stands in no list."""
    plain = to_plain(diagnostic)
    plain["related"] = [place for place in plain["related"] if place is not None]
    plain["field"] = None if diagnostic.field is None else diagnostic.field.removeprefix("updates[0].")
    return msgspec.convert(plain, Finding)
