import io
import os
import sys

import pytest

from policy_lang.cli.exits import ClosedPipeError
from policy_lang.cli.output import Output, Styled, safe
from policy_lang.cli.progress import progress
from policy_lang.diagnostics.model import Diagnostic, Severity


class _Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_colours_where_they_are_seen() -> None:
    stream = _Terminal()
    Output(stream).line("a [b] ", Styled("c", "red"))
    assert stream.getvalue() == "a [b] \x1b[31mc\x1b[0m\n"


def test_no_colours_where_they_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = _Terminal()
    Output(stream).line("a [b] ", Styled("c", "red"))
    assert stream.getvalue() == "a [b] c\n"


def test_colours_where_they_are_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    Output(stream).line(Styled("c", "red"))
    assert "\x1b[31m" in stream.getvalue()


def test_a_long_line_is_not_wrapped() -> None:
    stream = _Terminal()
    Output(stream).line("word " * 100)
    assert stream.getvalue().count("\n") == 1


def test_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda _fd: os.terminal_size((97, 30)))
    assert Output(_Terminal()).columns == 97


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\x9b", "\n", "\u202e", "\ud800", "\u2028"])
def test_what_could_control_the_terminal(char: str) -> None:
    assert safe(f"a{char}b") == "a\N{REPLACEMENT CHARACTER}b"
    stream = io.StringIO()
    Output(stream).json({"a": char})
    assert stream.getvalue().isascii()
    assert stream.getvalue().count("\n") == 1


def test_a_bar_where_only_standard_error_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    path = os.path.join(tmp_path, "fleet")  # noqa: PTH118  a path as `open` takes it
    with open(path, "wb") as file:  # noqa: PTH123  the same
        file.write(b"a\n" * 4096)
    with open(path, "rb") as stream, progress(stream) as advance:  # noqa: PTH123  the same
        for count in range(2049):
            stream.readline()
            advance(count)
    assert "2,048 devices" in terminal.getvalue()


def test_a_bar_for_a_stream_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(io.BytesIO()) as advance:
        advance(1024)
    assert "1,024 devices" in terminal.getvalue()


def test_no_bar_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(io.BytesIO()) as advance:
        advance(1024)
    assert capsys.readouterr().err == ""


class _Closed(io.StringIO):
    """A stream that nobody reads."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_text_that_nobody_reads() -> None:
    with pytest.raises(ClosedPipeError):
        Output(_Closed()).text("a")


@pytest.mark.parametrize(("severity", "colour"), [(Severity.ERROR, "31"), (Severity.WARNING, "33"), (Severity.INFO, "36")])
def test_each_severity_has_a_colour_and_a_word(severity: Severity, colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    stream = _Terminal()
    Output(stream).diagnostics([Diagnostic("PL322", "no", rule="null_comparison", severity=severity)])
    assert f"\x1b[{colour}m{severity}[PL322 null_comparison]\x1b[0m" in stream.getvalue()
