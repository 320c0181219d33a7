"""What came out of the cases of a file: plain frozen data that a worker process can send."""

from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, NamedTuple

from policy_lang.compiler.explain import Explanation
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.selection.model import Gate
from policy_lang.source import Location
from policy_lang.testing.coverage import Measured


class Check(NamedTuple):
    """One thing that a case expects.

    Attributes:
        what: `result`, `cause`, or `gate of ID`.
        expected: what the file says.
        got: what came out.
        is_right: whether that is the same.
    """

    what: str
    expected: str
    got: str
    is_right: bool

    def to_plain(self) -> dict[str, Any]:
        """The check as JSON values."""
        return {"what": self.what, "expected": self.expected, "got": self.got, "passed": self.is_right}


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate of a catalog that was tried for a device.

    Attributes:
        update: its id.
        version: its version.
        gate: what stopped it, or `Gate.OFFERED`.
        detail: the same in a sentence for people.
        explanation: the value of every part of its policy.
    """

    update: str
    version: str
    gate: Gate
    detail: str
    explanation: Explanation

    def to_plain(self) -> dict[str, Any]:
        """The candidate as JSON values, with the names that a trace has."""
        return {
            "update": self.update,
            "version": self.version,
            "gate": str(self.gate),
            "detail": self.detail,
            "explanation": self.explanation.to_plain(),
        }


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came out of one case.

    Attributes:
        name: the name of the case.
        field: where it stands, as people write it: `cases[3]`.
        location: where it stands in the file.
        checks: what it expects and what came out; never empty.
        explanation: of a policy, where the case failed.
        trace: of a catalog, where the case failed: each candidate that was tried.
        seconds: how long it took.
    """

    name: str
    field: str
    location: Location
    checks: tuple[Check, ...]
    explanation: Explanation | None = None
    trace: tuple[Tried, ...] = ()
    seconds: float = attribute(default=0.0, compare=False)

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return all(check.is_right for check in self.checks)

    @property
    def message(self) -> str:
        """What is wrong, in one line: `expected match, got unknown`; empty where the case passed."""
        wrong = [check for check in self.checks if not check.is_right]
        return "; ".join(f"expected {_named(check, check.expected)}, got {_named(check, check.got)}" for check in wrong)

    def to_plain(self) -> dict[str, Any]:
        """The result as JSON values; the time is left out."""
        return {
            "case": self.name,
            "field": self.field,
            "line": self.location.line,
            "column": self.location.column,
            "passed": self.passed,
            "checks": [check.to_plain() for check in self.checks],
            "explanation": None if self.explanation is None else self.explanation.to_plain(),
            "trace": [tried.to_plain() for tried in self.trace],
        }


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came out of one test file.

    Attributes:
        path: the file.
        cases: the result of each case that ran.
        findings: why the file could not be run; there are no cases then.
        measured: what the cases showed of each policy.
        left_out: how many cases were not asked for.
    """

    path: str
    cases: tuple[CaseResult, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    measured: tuple[Measured, ...] = ()
    left_out: int = 0

    @property
    def has_run(self) -> bool:
        """Whether any of its cases was asked for, or it cannot be read."""
        return bool(self.cases or self.findings)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that failed."""
        return tuple(case for case in self.cases if not case.passed)


def _named(check: Check, value: str) -> str:
    return value if check.what == "result" else f"{check.what} {value}"
