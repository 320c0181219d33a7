"""`policy fmt`: policies and catalogs in their canonical layout.

Everything is worked out before anything is written. So a fault of ours, which the formatter finds itself, leaves all files alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from policy_lang.analysis.config import Config, find_config, load_config
from policy_lang.catalog.formatting import format_catalog
from policy_lang.cli.difference import write_difference
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.files import CATALOG_SUFFIXES, is_catalog, is_policy, is_repeated, neither, walk_files
from policy_lang.cli.inputs import check_stdin, is_stdin, place_of, read_catalog_document, read_policy_text
from policy_lang.cli.output import BAD, GOOD, STRONG, UNSURE, Format, Output, Styled, standard_error, standard_output
from policy_lang.cli.writing import replace_file
from policy_lang.documents.model import Document
from policy_lang.documents.problems import quote
from policy_lang.documents.rewrite import RewriteError
from policy_lang.errors import PolicyError
from policy_lang.source import Source
from policy_lang.syntax.formatter import DEFAULT_WIDTH, format_policy


@dataclass(frozen=True, slots=True)
class FmtRequest:
    """What was asked; the fields are the options of the command."""

    files: tuple[Path, ...] = ()
    expression: str | None = None
    check: bool = False
    diff: bool = False
    width: int | None = None
    config: Path | None = None
    isolated: bool = False
    stdin_filename: Path | None = None
    format: Format = Format.TEXT


@dataclass(frozen=True, slots=True)
class _Formatted:
    """A text before and after; `path` is the file that it goes to, None for standard output."""

    name: str
    path: Path | None
    old: str
    new: str

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.new != self.old


@dataclass(slots=True)
class _Formatter:
    """Formats one thing after the other, and remembers how."""

    request: FmtRequest
    config: Config | None
    output: Output = field(default_factory=standard_output)
    errors: Output = field(default_factory=standard_error)
    done: list[_Formatted] = field(default_factory=list)
    problems: int = 0
    _seen: set[Path] = field(default_factory=set)
    _found: dict[Path, Config] = field(default_factory=dict)

    @property
    def is_dry(self) -> bool:
        """Whether nothing is written."""
        return self.request.check or self.request.diff

    def path(self, path: Path) -> None:
        """Format what a path stands for; what cannot be formatted is reported, and the rest goes on."""
        try:
            files = _files(path, self.request.stdin_filename)
        except MisuseError as error:
            self._problem(error.message, error.remedy)
        else:
            for each in files:
                if not is_repeated(each, self._seen):
                    self._add(partial(self._file, each))

    def expression(self, text: str) -> None:
        """Format a policy from the command line."""
        self._add(partial(self._policy, Source(text), None, None))

    def _add(self, work: Callable[[], _Formatted]) -> None:
        """Do one thing, or report why it cannot be done."""
        try:
            self.done.append(work())
        except PolicyError as error:
            self.problems += 1
            self.errors.diagnostics(error.diagnostics)
        except MisuseError as error:
            self._problem(error.message, error.remedy)

    def _file(self, path: Path) -> _Formatted:
        place, target = place_of(path, self.request.stdin_filename), None if is_stdin(path) else path
        if place is None or is_policy(place):
            return self._policy(read_policy_text(path, self.request.stdin_filename), place, target)
        return self._catalog(read_catalog_document(path, self.request.stdin_filename, PolicyError), place, target)

    def _policy(self, source: Source, place: Path | None, target: Path | None) -> _Formatted:
        """Format a policy; in a file it ends with a line end."""
        text = source.text if place is None else source.text.rstrip("\n") + "\n"
        new = format_policy(text, width=self._width(place), name=source.name)
        return _Formatted(source.name, target, source.text, new)

    def _catalog(self, document: Document, place: Path, target: Path | None) -> _Formatted:
        try:
            new = format_catalog(document, width=self._width(place))
        except RewriteError as error:
            raise MisuseError(f"{place}: {error.message}", error.help) from None
        return _Formatted(str(place), target, document.source.text, new)

    def _width(self, place: Path | None) -> int:
        """What the command line says, else the configuration of the file's folder."""
        if self.request.width is not None:
            return self.request.width
        folder = Path() if place is None else place.parent
        if self.config is None and folder not in self._found:
            self._found[folder] = find_config(folder)
        return (self.config or self._found[folder]).width or DEFAULT_WIDTH

    def _problem(self, message: str, remedy: str) -> None:
        self.problems += 1
        self.errors.problem(message, remedy)

    # --- What was done ------------------------------------------------------------------------------------------------------------

    def finish(self) -> ExitCode:
        """Write the files and the report."""
        for each in self.done:
            self._write(each)
            self._report(each)
        self.output.flush()
        code = self._code()
        self.errors.line(Styled(self._sentence(), BAD if code else GOOD))
        return code

    def _write(self, formatted: _Formatted) -> None:
        """Write one text: to its file if it changed, to standard output in any case."""
        if self.is_dry:
            return
        if formatted.path is not None and formatted.is_changed:
            replace_file(formatted.path, formatted.new)
        elif formatted.path is None and self.request.format is Format.TEXT:
            self.output.text(formatted.new if formatted.new.endswith("\n") else formatted.new + "\n")

    def _report(self, formatted: _Formatted) -> None:
        """Say what happened to one text."""
        if self.request.format is Format.JSON:
            text = {"text": formatted.new} if formatted.path is None else {}
            self.output.json({"file": formatted.name, "state": self._state(formatted), **text})
        elif self.request.diff:
            write_difference(self.output, formatted.name, formatted.old, formatted.new)
        elif formatted.is_changed and (formatted.path is not None or self.request.check):
            output = self.output if self.request.check else self.errors
            output.line(Styled(self._state(formatted), UNSURE), " ", Styled(formatted.name, STRONG))

    def _state(self, formatted: _Formatted) -> str:
        if not formatted.is_changed:
            return "unchanged"
        return "would reformat" if self.is_dry else "reformatted"

    def _sentence(self) -> str:
        """The summary for people."""
        changed = sum(each.is_changed for each in self.done)
        verb = "would be reformatted" if self.is_dry else "reformatted"
        bad = f"; {self.problems} could not be formatted" if self.problems else ""
        return f"{changed} {verb}, {len(self.done) - changed} left unchanged{bad}"

    def _code(self) -> ExitCode:
        if self.problems:
            return ExitCode.BAD_INPUT
        return ExitCode.FINDINGS if self.is_dry and any(each.is_changed for each in self.done) else ExitCode.FINE


def run_fmt(request: FmtRequest) -> ExitCode:
    """Format everything that was named, and sum up on standard error."""
    _check(request)
    config = load_config(request.config) if request.config is not None else Config() if request.isolated else None
    formatter = _Formatter(request, config)
    if request.expression is not None:
        formatter.expression(request.expression)
    for path in request.files:
        formatter.path(path)
    return formatter.finish()


def _check(request: FmtRequest) -> None:
    """Refuse what cannot be asked."""
    if not request.files and request.expression is None:
        raise MisuseError("there is nothing to format", "name files or folders, or write a policy after `-e`")
    check_stdin(request.files, request.stdin_filename)
    if request.config is not None and request.isolated:
        raise MisuseError("`--config` and `--isolated` contradict each other", "leave one of them out")


def _files(path: Path, stdin_filename: Path | None) -> list[Path]:
    """The files that a path stands for: itself, or the policies and catalogs in a folder."""
    place = place_of(path, stdin_filename)
    if path.is_dir():
        found = [each for each in walk_files(path) if is_policy(each) or is_catalog(each)]
        if not found:
            raise MisuseError(f"there is no policy and no catalog in {quote(str(path))}", "check the path")
        return found
    if place is None or is_policy(place) or place.suffix.lower() in CATALOG_SUFFIXES:
        return [path]
    if not path.exists():
        raise MisuseError(f"{quote(str(path))} does not exist", "check the path")
    raise neither(path)
