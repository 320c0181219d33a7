"""What reaches the screen: one line at a time, coloured on a terminal only, and never a raw control character.

Data goes to standard output and everything else to standard error, so that a pipe gets the data alone.
"""

import os
import sys
from collections.abc import Iterable
from enum import StrEnum
from json import JSONEncoder
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from policy_lang.cli.exits import ClosedPipeError
from policy_lang.diagnostics.model import Diagnostic, Severity
from policy_lang.diagnostics.text import Part, lines_of, mark, visible

if TYPE_CHECKING:
    from rich.console import Console

GOOD, BAD, UNSURE, QUIET, STRONG = "green", "red", "yellow", "dim", "bold"
"""The styles; nothing is said by a colour alone."""

_HELP = "cyan"
_PARTS = {Part.HEAD: STRONG, Part.EXCERPT: "", Part.CARETS: BAD, Part.HELP: _HELP}
_SEVERITIES = {Severity.ERROR: BAD, Severity.WARNING: UNSURE, Severity.INFO: _HELP}
_encode = JSONEncoder(ensure_ascii=True, allow_nan=False).encode


class Format(StrEnum):
    """How results are written: for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


class TableFormat(StrEnum):
    """How tables are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class LintFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


class Styled(NamedTuple):
    """A piece of a line, and how it looks where there are colours."""

    text: str
    style: str = ""


class Output:
    """One stream of text."""

    def __init__(self, stream: TextIO) -> None:
        """Look once whether the stream is a terminal."""
        self._stream = stream
        self.is_terminal = stream.isatty()
        is_coloured = (self.is_terminal or os.environ.get("FORCE_COLOR")) and not os.environ.get("NO_COLOR")
        self._console = _console(stream) if is_coloured else None

    @property
    def columns(self) -> int | None:
        """How wide a line may be: `COLUMNS`, else the width of the terminal; None where nothing limits it."""
        given = os.environ.get("COLUMNS", "")
        if given.isdecimal() and int(given):
            return int(given)
        return os.get_terminal_size(self._stream.fileno()).columns if self.is_terminal else None

    def line(self, *parts: Styled | str) -> None:
        """Write one line; what could control the terminal is made visible.

        Raises:
            ClosedPipeError: nobody reads any more.
        """
        pieces = [(safe(part.text), part.style) if isinstance(part, Styled) else (safe(part), "") for part in parts]
        try:
            if self._console is None:
                self._stream.write("".join(text for text, _ in pieces) + "\n")
            else:
                from rich.text import Text  # noqa: PLC0415  for terminals only

                self._console.print(Text.assemble(*pieces), soft_wrap=True)
        except BrokenPipeError:
            raise ClosedPipeError from None

    def text(self, text: str) -> None:
        """Write a text as it is: what a program goes on with, not what a person looks at."""
        try:
            self._stream.write(text)
        except BrokenPipeError:
            raise ClosedPipeError from None

    def data(self, data: bytes) -> None:
        """Write bytes as they are, behind all that was written before.

        Raises:
            ClosedPipeError: nobody reads any more.
        """
        try:
            self._stream.flush()
            self._stream.buffer.write(data)
            self._stream.buffer.flush()
        except BrokenPipeError:
            raise ClosedPipeError from None

    def markdown(self, text: str) -> None:
        """Write Markdown for a terminal: headings, emphasis and blocks of code as such."""
        from rich.console import Console  # noqa: PLC0415  for terminals only
        from rich.markdown import Markdown  # noqa: PLC0415  for terminals only

        console = self._console or Console(file=self._stream, highlight=False, force_terminal=False, width=self.columns)
        console.print(Markdown(text, code_theme="ansi_dark"))

    def json(self, value: Any) -> None:
        """Write a value as JSON in one line of ASCII."""
        try:
            self._stream.write(_encode(value) + "\n")
        except BrokenPipeError:
            raise ClosedPipeError from None

    def diagnostics(self, findings: Iterable[Diagnostic]) -> None:
        """Write findings for people."""
        for finding in findings:
            marked = mark(finding)
            for part, text in lines_of(finding, self.columns):
                before, found, after = text.partition(marked) if part is Part.HEAD else ("", "", "")
                if found:
                    self.line(Styled(before, STRONG), Styled(found, _SEVERITIES[finding.severity]), Styled(after, STRONG))
                else:
                    self.line(Styled(text, _PARTS[part]))

    def problem(self, message: str, remedy: str) -> None:
        """Say what is wrong and what to do about it, where no text can be pointed at."""
        self.line(Styled("error", BAD), Styled(f": {message}", STRONG))
        self.line(Styled(f"  = help: {remedy}", _HELP))

    def flush(self) -> None:
        """Write what is still held back.

        Raises:
            ClosedPipeError: nobody reads any more.
        """
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise ClosedPipeError from None


def standard_output() -> Output:
    """The stream for data."""
    return Output(sys.stdout)


def standard_error() -> Output:
    """The stream for everything else."""
    return Output(sys.stderr)


def safe(text: str) -> str:
    """Text that cannot control a terminal."""
    return text if text.isprintable() else visible(text)


def _console(stream: TextIO) -> "Console":
    from rich.console import Console  # noqa: PLC0415  for terminals only

    return Console(file=stream, highlight=False, markup=False, emoji=False)
