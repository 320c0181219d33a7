"""The command line: `policy eval`, `policy select`, `policy lint`.

Exit codes: 0 fine; 1 findings, or no match where that is the question; 2 wrong usage or unreadable input; 3 our fault.
"""

import os
import re
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

import typer

from policy_lang.cli.app import app
from policy_lang.cli.exits import ClosedPipeError, ExitCode, MisuseError
from policy_lang.cli.output import standard_error
from policy_lang.errors import PolicyError

__all__ = ["main"]

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What the parser of arguments raises; the class has no public name in every release of typer."""

_QUOTED = re.compile(r"'([^']*)'")
_GUESS = re.compile(r"\.? +(?:Did you mean(?: one of)?:?|\(?Possible options:|\(Did you mean(?: one of)?:?) *")
_NAME = re.compile(r"-*\w[\w-]*")
_OPTION = re.compile(r"no such option: (-\S+)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what stands after `policy` on the command line; that of this process where they are left out.

    Returns:
        The exit code. Nothing is raised, whatever the input.

    Source: docs/cli.md.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character must not end the command
    try:
        return _run(given)
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except (ClosedPipeError, BrokenPipeError):
        return _silence()
    except SystemExit as end:  # shell completion ends so
        return int(end.code or ExitCode.FINE)
    except Exception as problem:  # noqa: BLE001  the last resort: one line, not a traceback
        return _report(problem, given)


def _run(given: list[str]) -> int:
    """Parse and run; a command answers its exit code, `--help` and `--version` answer 0."""
    code = typer.main.get_command(app).main(args=given, prog_name="policy", standalone_mode=False)
    sys.stdout.flush()
    return int(code or ExitCode.FINE)


def _report(problem: Exception, given: list[str]) -> ExitCode:
    errors = standard_error()
    match problem:
        case PolicyError():
            errors.diagnostics(problem.diagnostics)
        case MisuseError():
            errors.problem(problem.message, problem.remedy)
        case _UsageError():
            message, near = _in_our_words(problem)
            errors.problem(message, f"did you mean {near}?" if near else f"run `{_command_path(problem)} --help`")
        case _:
            return _blame_us(problem, given)
    return ExitCode.BAD_INPUT


def _blame_us(problem: Exception, given: list[str]) -> ExitCode:
    errors = standard_error()
    if "--debug" in given or os.environ.get("POLICY_DEBUG", "0") not in {"", "0"}:
        for line in "".join(traceback.format_exception(problem)).rstrip("\n").split("\n"):
            errors.line(line)
    errors.line(f"internal error: {type(problem).__name__}: {problem}")
    errors.line("  = help: this is our fault, please report it, with the output of `policy --debug …`")
    return ExitCode.OUR_FAULT


def _silence() -> ExitCode:
    """End quietly where nobody reads; what is still held back must not fail again while the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.CLOSED_PIPE


def _in_our_words(problem: Exception) -> tuple[str, str]:
    """The message of the parser of arguments in the style of all others, and the names that it takes for meant."""
    message = getattr(problem, "format_message", problem.__str__)()
    plain = " ".join(message.replace("Value error, ", "").split()).removesuffix(".")
    text = _QUOTED.sub(r"`\1`", plain)
    text, *guess = _GUESS.split(text, maxsplit=1)
    near = " or ".join(f"`{name}`" for name in _NAME.findall(guess[0])) if guess else ""
    return _OPTION.sub(r"no such option: `\1`", text[:1].lower() + text[1:]), near


def _command_path(problem: Exception) -> str:
    return getattr(getattr(problem, "ctx", None), "command_path", "policy")
