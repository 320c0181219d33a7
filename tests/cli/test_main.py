import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.cli import main
from policy_lang.cli.exits import ExitCode

ROOT = Path(__file__).parents[2]
CATALOG = str(ROOT / "examples" / "catalog.yaml")
POLICY = [sys.executable, "-m", "policy_lang"]


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == ExitCode.BAD_INPUT
    assert "Usage: policy" in capsys.readouterr().out


def test_the_arguments_of_the_process_are_taken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["policy", "--version"])
    assert main() == ExitCode.FINE
    assert re.fullmatch(r"policy \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("command", ["", "eval", "select", "lint"])
@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_help_has_examples_and_exit_codes(
    command: str, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main([*command.split(), "--help"]) == ExitCode.FINE
    text = capsys.readouterr().out
    assert "Examples" in text
    assert "Exit codes" in text
    assert all(len(line.rstrip()) <= int(columns) for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "error: no such command `frobnicate`\n  = help: run `policy --help`\n"),
        (["select"], "error: missing argument `CATALOG`\n  = help: run `policy select --help`\n"),
        (["lint", "--zzz"], "error: no such option: `--zzz`\n  = help: run `policy lint --help`\n"),
        (["lint", "--format", "xml"], "`xml` is not one of `text`, `json`, `sarif`, `github`\n"),
        (["eval", "--device"], "error: "),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == ExitCode.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "  = help: run `policy" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["selct"], "error: no such command `selct`\n  = help: did you mean `select`?\n"),
        (["lint", "--frmat"], "error: no such option: `--frmat`\n  = help: did you mean `--format`?\n"),
        (["lint", "--ignroe", "a"], "error: no such option: `--ignroe`\n  = help: did you mean `--ignore`?\n"),
    ],
)
def test_a_name_that_is_nearly_right(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == ExitCode.BAD_INPUT
    assert capsys.readouterr() == ("", message)


def _fail(*_: object) -> None:
    raise ZeroDivisionError("\x1b[2Jdivision")


def test_an_internal_error_is_one_short_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("POLICY_DEBUG", raising=False)
    monkeypatch.setattr("policy_lang.cli.lint_command.run_lint", _fail)
    assert main(["lint", "a.policy"]) == ExitCode.OUR_FAULT
    header, help_ = capsys.readouterr().err.splitlines()
    assert header == "internal error: ZeroDivisionError: \N{REPLACEMENT CHARACTER}[2Jdivision"
    assert "please report it" in help_


@pytest.mark.parametrize(("arguments", "setting"), [(["--debug"], "0"), ([], "1")])
def test_the_traceback_is_shown_on_request(
    arguments: list[str], setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICY_DEBUG", setting)
    monkeypatch.setattr("policy_lang.cli.lint_command.run_lint", _fail)
    assert main([*arguments, "lint", "a.policy"]) == ExitCode.OUR_FAULT
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "\x1b" not in err


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_is_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("policy_lang.cli.lint_command.run_lint", _interrupt)
    assert main(["lint", "a.policy"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_outside_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.cli._run", _interrupt)
    assert main([]) == ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "-e", "true", "--set", "a=1"],
        ["eval", "-e", "true", "--set", "a=1", "--format", "json"],
        ["lint", "-e", "1 < x"],
    ],
)
@pytest.mark.parametrize("buffering", [1, -1])
def test_a_closed_pipe_is_silent(
    arguments: list[str], buffering: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(arguments) in {ExitCode.CLOSED_PIPE, ExitCode.FINDINGS}
        monkeypatch.undo()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_a_closed_pipe_before_the_first_line(option: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([*POLICY, option], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert result.stderr == ""


def test_a_closed_pipe_after_many_rows(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.ndjson"
    fleet.write_text('{"id": "a", "product": "atlas", "version": "1.0.0"}\n' * 20_000)
    with subprocess.Popen(
        [*POLICY, "select", CATALOG, "--devices", str(fleet)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("device")
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == ExitCode.CLOSED_PIPE


def test_a_terminal_that_lacks_a_character() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(
        [*POLICY, "eval", "-e", "has(device.größe)"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == ExitCode.BAD_INPUT
    assert "internal error" not in result.stderr


def test_the_script_is_installed() -> None:
    result = subprocess.run([Path(sys.executable).with_name("policy"), "--version"], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("policy ")


def _in_terminal(arguments: list[str], **environment: str) -> str:
    """What a command prints where standard output and standard error are a terminal."""
    leader, follower = pty.openpty()
    names = {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    with subprocess.Popen(
        [*POLICY, *arguments], stdout=follower, stderr=follower, env={**inherited, "TERM": "xterm", **environment}
    ) as process:
        os.close(follower)
        data = bytearray()
        try:
            while piece := os.read(leader, 65536):
                data += piece
        except OSError:  # the other side is closed
            pass
        process.wait()
    os.close(leader)
    return data.decode()


def test_colours_on_a_terminal_only() -> None:
    arguments = ["lint", "-e", "1 < device.a < 3"]
    assert "\x1b[31merror[PL104]\x1b[0m" in _in_terminal(arguments)
    assert "\x1b" not in _in_terminal(arguments, NO_COLOR="1")
    assert "\x1b" not in subprocess.run([*POLICY, *arguments], capture_output=True, text=True, check=False).stdout


def test_a_device_cannot_control_the_terminal(tmp_path: Path) -> None:
    device = tmp_path / "device.json"
    device.write_text(r'{"id": "\u001b]0;owned\u0007\u202e", "product": "\u001b[2J", "version": "1.0.0\u009b"}')
    shown = _in_terminal(["select", CATALOG, "--device", str(device)], NO_COLOR="1")
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown)


def test_completion_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("_POLICY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "policy ")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert main([]) == ExitCode.FINE
    assert set(capsys.readouterr().out.split()) >= {"eval", "select", "lint", "test"}


def test_streams_that_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    stream: Callable[[], io.StringIO] = io.StringIO
    out = stream()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["eval", "-e", "true", "--set", "a=1"]) == ExitCode.FINE
    assert out.getvalue() == "match\n"
