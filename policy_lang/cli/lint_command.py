"""`policy lint`: policies and catalogs, in files, folders and standard input."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import input_name, is_stdin, read_policy_text, read_schema
from policy_lang.cli.output import BAD, GOOD, Format, Output, Styled, standard_error, standard_output
from policy_lang.diagnostics.json import to_plain
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.files import read_text
from policy_lang.documents.problems import quote
from policy_lang.documents.read import read_document
from policy_lang.errors import PolicyError
from policy_lang.source import Source
from policy_lang.types.schema import Schema

_POLICY = ".policy"
_CATALOGS = frozenset({".yaml", ".yml", ".toml", ".json", ".json5"})
_UNREADABLE = frozenset({"PL112", "PL501"})


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What was asked; the fields are the options of the command."""

    files: tuple[Path, ...]
    expression: str | None
    schema: Path | None
    format: Format


@dataclass(slots=True)
class _Tally:
    """What was found so far."""

    files: int = 0
    bad_files: int = 0
    findings: int = 0
    problems: int = 0

    def sentence(self) -> str:
        """The summary for people."""
        found = f"{_count(self.findings, 'finding')} in {self.bad_files} of them" if self.findings else "nothing found"
        unread = f"; {self.problems} could not be read" if self.problems else ""
        return f"{self.files} checked: {found}{unread}"

    def code(self) -> ExitCode:
        """Unreadable input is worse than a finding: nobody knows what is in it."""
        if self.problems:
            return ExitCode.BAD_INPUT
        return ExitCode.FINDINGS if self.findings else ExitCode.FINE


@dataclass(slots=True)
class _Linter:
    """Checks one thing after the other."""

    schema: Schema | None
    format: Format
    output: Output = field(default_factory=standard_output)
    errors: Output = field(default_factory=standard_error)
    tally: _Tally = field(default_factory=_Tally)

    def path(self, path: Path) -> None:
        """Check a file, a folder or standard input."""
        if is_stdin(path) or path.suffix.lower() == _POLICY:
            self._policy_file(path)
        elif path.is_dir():
            self._folder(path)
        elif path.suffix.lower() in _CATALOGS:
            self._catalog(path)
        else:
            message = f"{quote(str(path))} is neither a policy nor a catalog"
            self._problem(message, "name a policy `.policy`, a catalog `.yaml`, `.yml`, `.toml`, `.json` or `.json5`")

    def policy(self, source: Source) -> None:
        """Check the text of a policy."""
        self._report(lint_policy(source.text, self.schema, name=source.name), source.name)

    def _policy_file(self, path: Path) -> None:
        try:
            source = read_policy_text(path)
        except PolicyError as error:
            self._report(error.diagnostics, input_name(path))
        else:
            self.policy(source)

    def _catalog(self, path: Path) -> None:
        self._report(lint_catalog(path, self.schema), str(path))

    def _folder(self, folder: Path) -> None:
        before = self.tally.files + self.tally.problems
        for path in _walk(folder):
            if path.suffix.lower() == _POLICY:
                self._policy_file(path)
            elif _is_catalog(path):
                self._catalog(path)
        if self.tally.files + self.tally.problems == before:
            self._problem(f"there is no policy and no catalog in {quote(str(folder))}", "check the path")

    def _report(self, findings: list[Diagnostic] | tuple[Diagnostic, ...], name: str) -> None:
        """Write the findings of one file; what could not be read at all goes to standard error."""
        unreadable = [each for each in findings if _is_unreadable(each, name)]
        if unreadable:
            self.tally.problems += 1
            self.errors.diagnostics(unreadable)
            return
        self.tally.files += 1
        self.tally.findings += len(findings)
        self.tally.bad_files += bool(findings)
        if self.format is Format.JSON:
            for finding in findings:
                self.output.json(to_plain(finding))
        else:
            self.output.diagnostics(findings)

    def _problem(self, message: str, remedy: str) -> None:
        self.tally.problems += 1
        self.errors.problem(message, remedy)


def run_lint(request: LintRequest) -> ExitCode:
    """Check everything that was named, and sum up on standard error."""
    if not request.files and request.expression is None:
        raise MisuseError("there is nothing to check", "name files or folders, or write a policy after `-e`")
    if sum(map(is_stdin, request.files)) > 1:
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")
    linter = _Linter(read_schema(request.schema), request.format)
    if request.expression is not None:
        linter.policy(Source(request.expression))
    for path in request.files:
        linter.path(path)
    code = linter.tally.code()
    linter.output.flush()
    linter.errors.line(Styled(linter.tally.sentence(), BAD if code else GOOD))
    return code


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder, sorted; what is hidden is passed over, links to folders are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(root, name) for name in sorted(names) if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def _is_catalog(path: Path) -> bool:
    """Whether a file that nobody named is a catalog: it has `updates`, or does not parse and has that word in it."""
    if path.suffix.lower() not in _CATALOGS:
        return False
    try:
        value = read_document(path).value
    except PolicyError:
        return _mentions_updates(path)
    return isinstance(value, dict) and "updates" in value


def _mentions_updates(path: Path) -> bool:
    try:
        return "updates" in read_text(path)
    except PolicyError:
        return True


def _is_unreadable(finding: Diagnostic, name: str) -> bool:
    """Whether the file itself could not be read; a schema that its catalog cannot find is a finding of the catalog."""
    return finding.code in _UNREADABLE and finding.field is None and finding.source is not None and finding.source.name == name


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
