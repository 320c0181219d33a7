"""`policy lint`: policies and catalogs, in files, folders and standard input."""

from dataclasses import dataclass, field
from pathlib import Path

from policy_lang.analysis.catalog_fixes import fix_catalog
from policy_lang.analysis.findings import Linted
from policy_lang.analysis.fixes import fix_policy
from policy_lang.analysis.inspection import inspect_catalog, inspect_policy
from policy_lang.cli.difference import write_difference
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.files import CATALOG_SUFFIXES, is_catalog, is_policy, is_repeated, neither, walk_files
from policy_lang.cli.inputs import check_stdin, is_stdin, place_of, read_catalog_document, read_policy_text, read_schema
from policy_lang.cli.lint_report import Report, make_report
from policy_lang.cli.lint_settings import FileSettings, Settings, read_settings
from policy_lang.cli.output import BAD, GOOD, LintFormat, Output, Styled, standard_error, standard_output
from policy_lang.cli.writing import replace_file
from policy_lang.diagnostics.model import Diagnostic, Severity
from policy_lang.documents.model import Document
from policy_lang.documents.problems import quote
from policy_lang.errors import CatalogError, PolicyError
from policy_lang.source import Source

_UNREADABLE = frozenset({"PL112", "PL501"})
_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What was asked; the fields are the options of the command."""

    files: tuple[Path, ...] = ()
    expression: str | None = None
    schema: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    severity: Severity = Severity.INFO
    fix: bool = False
    diff: bool = False
    statistics: bool = False
    config: Path | None = None
    isolated: bool = False
    stdin_filename: Path | None = None
    format: LintFormat = LintFormat.TEXT


@dataclass(slots=True)
class _Tally:
    """What was found so far."""

    files: int = 0
    bad_files: int = 0
    findings: int = 0
    failures: int = 0
    problems: int = 0
    fixed: int = 0
    changed: int = 0

    def add(self, findings: tuple[Diagnostic, ...]) -> None:
        """Count a file; a hint is a finding that fails nothing."""
        self.files += 1
        self.findings += len(findings)
        self.bad_files += bool(findings)
        self.failures += sum(each.severity is not Severity.INFO for each in findings)

    def sentence(self, *, is_diff: bool) -> str:
        """The summary for people."""
        found = f"{_count(self.findings, 'finding')} in {self.bad_files} of them" if self.findings else "nothing found"
        verb = "could be fixed" if is_diff else "fixed"
        fixed = f"; {self.fixed} {verb} in {_count(self.changed, 'file')}" if self.fixed else ""
        unread = f"; {self.problems} could not be read" if self.problems else ""
        return f"{self.files} checked: {found}{fixed}{unread}"


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """A text before and after its fixes."""

    name: str
    old: str
    new: str
    applied: int


@dataclass(slots=True)
class _Linter:
    """Checks one thing after the other."""

    request: LintRequest
    settings: Settings
    report: Report
    output: Output = field(default_factory=standard_output)
    errors: Output = field(default_factory=standard_error)
    tally: _Tally = field(default_factory=_Tally)
    _seen: set[Path] = field(default_factory=set)

    @property
    def fixes(self) -> bool:
        """Whether texts are rewritten, to a file or to a diff."""
        return self.request.fix or self.request.diff

    def path(self, path: Path) -> None:
        """Check a file, a folder or standard input."""
        place = place_of(path, self.request.stdin_filename)
        if place is None or is_policy(place):
            self._policy_file(path)
        elif path.is_dir():
            self._folder(path)
        elif place.suffix.lower() in CATALOG_SUFFIXES:
            self._catalog(path)
        elif not path.exists():
            self._problem(f"{quote(str(path))} does not exist", "check the path")
        else:
            error = neither(path)
            self._problem(error.message, error.remedy)

    def policy(self, source: Source, path: Path | None) -> None:
        """Check the text of a policy; one without a file is written to standard output when it is fixed."""
        settings = self._settings(path)
        if self.fixes:
            fixed = fix_policy(source, settings.book, settings.policy_schema)
            self._rewrite(_Rewritten(source.name, source.text, fixed.text, fixed.applied), path)
            source = Source(fixed.text, source.name)
        self._take(inspect_policy(source, settings.book, settings.policy_schema))

    def _policy_file(self, path: Path) -> None:
        if is_repeated(path, self._seen):
            return
        try:
            source = read_policy_text(path, self.request.stdin_filename)
        except PolicyError as error:
            self._unreadable(error.diagnostics)
        else:
            self.policy(source, path)

    def _catalog(self, path: Path) -> None:
        if is_repeated(path, self._seen):
            return
        settings = self._settings(path)
        try:
            document = read_catalog_document(path, self.request.stdin_filename, CatalogError)
        except CatalogError as error:
            is_unreadable = any(each.code in _UNREADABLE for each in error.diagnostics)
            self._unreadable(error.diagnostics) if is_unreadable else self._take(Linted(error.diagnostics))
            return
        if self.fixes:
            document = self._fixed_catalog(document, settings, path)
        self._take(inspect_catalog(document, settings.book, settings.schema, fallback=settings.fallback).linted)

    def _fixed_catalog(self, document: Document, settings: FileSettings, path: Path) -> Document:
        fixed = fix_catalog(document, settings.book, settings.schema, fallback=settings.fallback)
        for left in fixed.left:
            self.errors.problem(f"{path}: {left.message}", left.remedy)
        self._rewrite(_Rewritten(document.source.name, document.source.text, fixed.document.source.text, fixed.applied), path)
        return fixed.document

    def _folder(self, folder: Path) -> None:
        paths = [path for path in walk_files(folder) if is_policy(path) or is_catalog(path)]
        for path in paths:
            self._policy_file(path) if is_policy(path) else self._catalog(path)
        if not paths:
            self._problem(f"there is no policy and no catalog in {quote(str(folder))}", "check the path")

    def _settings(self, path: Path | None) -> FileSettings:
        """How an input is checked; standard input as the file that it stands for."""
        return self.settings.of(None if path is None else place_of(path, self.request.stdin_filename))

    def _rewrite(self, rewritten: _Rewritten, path: Path | None) -> None:
        """Write what was fixed: as a diff, into its file, or where it came from no file to standard output."""
        if rewritten.applied:
            self.tally.fixed += rewritten.applied
            self.tally.changed += 1
        if self.request.diff:
            write_difference(self.output, rewritten.name, rewritten.old, rewritten.new)
        elif path is None:
            self.output.text(f"{rewritten.new}\n")
        elif is_stdin(path):
            self.output.text(rewritten.new)
        elif rewritten.applied:
            replace_file(path, rewritten.new)

    def _take(self, linted: Linted) -> None:
        """Count and report the findings of one file."""
        least = _ORDER.index(self.request.severity)
        shown = tuple(each for each in linted.findings if _ORDER.index(each.severity) <= least)
        self.tally.add(shown)
        if not self.request.diff:
            self.report.add(shown, linted.suppressed)

    def _unreadable(self, findings: tuple[Diagnostic, ...]) -> None:
        """What could not be read at all goes to standard error."""
        self.tally.problems += 1
        self.errors.diagnostics(findings)

    def _problem(self, message: str, remedy: str) -> None:
        self.tally.problems += 1
        self.errors.problem(message, remedy)

    def code(self) -> ExitCode:
        """Unreadable input is worse than a finding: nobody knows what is in it."""
        if self.tally.problems:
            return ExitCode.BAD_INPUT
        is_bad = self.tally.fixed if self.request.diff else self.tally.failures
        return ExitCode.FINDINGS if is_bad else ExitCode.FINE


def run_lint(request: LintRequest) -> ExitCode:
    """Check everything that was named, and sum up on standard error."""
    _check(request)
    settings = read_settings(
        request.select, request.ignore, read_schema(request.schema), request.config, is_isolated=request.isolated
    )
    # What is fixed and has no file is the output then, so its findings are not.
    output = standard_error() if request.fix and _has_no_file(request) else standard_output()
    linter = _Linter(request, settings, make_report(output, request.format, only_counts=request.statistics))
    if request.expression is not None:
        linter.policy(Source(request.expression), None)
    for path in request.files:
        linter.path(path)
    if not request.diff:
        linter.report.close()
    code = linter.code()
    linter.output.flush()
    linter.errors.line(Styled(linter.tally.sentence(is_diff=request.diff), BAD if code else GOOD))
    return code


def _check(request: LintRequest) -> None:
    """Refuse what cannot be asked."""
    if not request.files and request.expression is None:
        raise MisuseError("there is nothing to check", "name files or folders, or write a policy after `-e`")
    check_stdin(request.files, request.stdin_filename)
    if request.statistics and request.format not in {LintFormat.TEXT, LintFormat.JSON}:
        raise MisuseError(f"`--statistics` has no form in `{request.format}`", "write `--format text` or `--format json`")


def _has_no_file(request: LintRequest) -> bool:
    return request.expression is not None or any(map(is_stdin, request.files))


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
