"""How findings are written: for people, as JSON lines, as SARIF, as commands of GitHub, or only counted."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from policy_lang.analysis.findings import Suppressed
from policy_lang.analysis.pages import find_page
from policy_lang.analysis.registry import RULES_BY_CODE
from policy_lang.cli.output import LintFormat, Output
from policy_lang.cli.table import Table
from policy_lang.diagnostics.codes import CODES
from policy_lang.diagnostics.github import to_command
from policy_lang.diagnostics.json import to_plain
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.diagnostics.sarif import Descriptor, Outcome, to_sarif


class Report(ABC):
    """Takes the findings of one file after the other."""

    def __init__(self, output: Output) -> None:
        """Keep where to write."""
        self.output = output

    @abstractmethod
    def add(self, findings: Iterable[Diagnostic], suppressed: Iterable[Suppressed]) -> None:
        """Take the findings of a file."""

    def close(self) -> None:
        """Write what waits for the end."""
        self.output.flush()


class Text(Report):
    """For people."""

    def add(self, findings: Iterable[Diagnostic], suppressed: Iterable[Suppressed]) -> None:
        """Write them."""
        del suppressed
        self.output.diagnostics(findings)


class Json(Report):
    """One object a line."""

    def add(self, findings: Iterable[Diagnostic], suppressed: Iterable[Suppressed]) -> None:
        """Write them."""
        del suppressed
        for finding in findings:
            self.output.json(to_plain(finding))


class Github(Report):
    """One workflow command a line."""

    def add(self, findings: Iterable[Diagnostic], suppressed: Iterable[Suppressed]) -> None:
        """Write them."""
        del suppressed
        for finding in findings:
            self.output.line(to_command(finding))


class Sarif(Report):
    """One document for all."""

    def __init__(self, output: Output) -> None:
        """Wait."""
        super().__init__(output)
        self._outcomes: list[Outcome] = []

    def add(self, findings: Iterable[Diagnostic], suppressed: Iterable[Suppressed]) -> None:
        """Keep them."""
        self._outcomes.extend(map(Outcome, findings))
        self._outcomes.extend(Outcome(each.finding, each.reason) for each in suppressed)

    def close(self) -> None:
        """Write the document."""
        codes = {each.finding.code for each in self._outcomes}
        descriptors = {code: _descriptor(code) for code in codes}
        self.output.json(to_sarif(self._outcomes, descriptors, version=version("policy-lang"), root=Path()))


class Statistics(Report):
    """How many findings each code has, the most first."""

    def __init__(self, output: Output, *, is_json: bool) -> None:
        """Count from zero."""
        super().__init__(output)
        self._is_json = is_json
        self._counts: Counter[str] = Counter()
        self._fixable: Counter[str] = Counter()

    def add(self, findings: Iterable[Diagnostic], suppressed: Iterable[Suppressed]) -> None:
        """Count them."""
        del suppressed
        for finding in findings:
            self._counts[finding.code] += 1
            self._fixable[finding.code] += finding.rule is not None and finding.fix is not None

    def close(self) -> None:
        """Write the table, or one object a line."""
        rows = sorted(self._counts.items(), key=lambda row: (-row[1], row[0]))
        if self._is_json:
            for code, count in rows:
                self.output.json({"code": code, "rule": _name(code), "findings": count, "fixable": self._fixable[code]})
            return
        table = Table(self.output, ("findings", "fixable", "code", "rule", "title"), wraps=True)
        for code, count in rows:
            table.add((str(count), str(self._fixable[code] or "-"), code, _name(code) or "-", CODES[code]))
        table.close()


_REPORTS: dict[LintFormat, type[Report]] = {
    LintFormat.TEXT: Text,
    LintFormat.JSON: Json,
    LintFormat.SARIF: Sarif,
    LintFormat.GITHUB: Github,
}


def make_report(output: Output, format_: LintFormat, *, only_counts: bool) -> Report:
    """The report that was asked for."""
    return Statistics(output, is_json=format_ is LintFormat.JSON) if only_counts else _REPORTS[format_](output)


def _name(code: str) -> str | None:
    rule = RULES_BY_CODE.get(code)
    return None if rule is None else rule.name


def _descriptor(code: str) -> Descriptor:
    rule, page = RULES_BY_CODE.get(code), find_page(code)
    text = None if page is None else page.text
    return Descriptor(CODES[code], None if rule is None else rule.name, text, () if rule is None else (rule.category.value,))
