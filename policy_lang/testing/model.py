"""What a test file says: the policy or catalog that it tests, and its cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.documents.model import Document, Path_, field_name
from policy_lang.selection.model import Gate, Reason
from policy_lang.source import Location

Subject: TypeAlias = Policy | Catalog
"""What a file tests."""


class Verdict(StrEnum):
    """What a policy says about a device."""

    MATCH = "match"
    NO_MATCH = "no match"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, result: bool | None) -> "Verdict":  # noqa: FBT001  the result of a policy
        """The word for the result of a policy."""
        return _VERDICTS[result]


_VERDICTS = {True: Verdict.MATCH, False: Verdict.NO_MATCH, None: Verdict.UNKNOWN}

NOTHING = "nothing"
"""What a case of a catalog expects where the device gets no update, whatever the reason."""

OUTCOMES = (NOTHING, *(str(reason) for reason in Reason if reason is not Reason.OFFERED))
"""What a case of a catalog can expect besides the id of an update."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a test file; what it does not say is taken from the top of the file.

    Attributes:
        name: what people call it, unique in its file.
        path: where it stands: `("cases", 3)`.
        device: what the device sends.
        update: the properties of the update; empty for a catalog, whose updates bring their own.
        now: the evaluation time in UTC; None for unknown.
        expect: for a policy a `Verdict`; for a catalog the id of an update, or one of `OUTCOMES`.
        cause: a property that must be among the causes of an unknown.
        gates: for updates of a catalog, what must have stopped each.
    """

    name: str
    path: Path_
    device: Mapping[str, Any]
    update: Mapping[str, Any]
    now: datetime | None
    expect: str
    cause: str | None
    gates: Mapping[str, Gate]

    @property
    def field(self) -> str:
        """Where it stands, as people write it: `cases[3]`."""
        return field_name(self.path)


@dataclass(frozen=True, slots=True)
class Suite:
    """A test file that is valid.

    Attributes:
        document: the file.
        name: what findings call the thing that is tested: the file of a policy or catalog, or the test file itself.
        subject: what is tested.
        cases: in the order of the file; never empty.
    """

    document: Document
    name: str
    subject: Subject
    cases: tuple[Case, ...]

    def location(self, case: Case) -> Location:
        """Where a case stands in the file."""
        return self.document.source.location(self.document.span(case.path).start)
