"""The commands, their arguments and their help; what a command does is a module of its own.

Each command imports its module when it runs, so that `--help` and shell completion stay quick.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode
from policy_lang.cli.manual import EVAL, LINT, MAIN, SELECT
from policy_lang.cli.output import Format

app = typer.Typer(
    name="policy",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_NOW_HELP = "The time of the decision in RFC 3339, such as 2026-05-01T09:00:00Z. Without it, the clock of this machine is read."
_LENIENT_HELP = "Devices may write a leading v and leave parts of a version out: v1.2 reads as 1.2.0."
_SET_HELP = (
    "Set a property of the device, or of the update: region=us is text, as simple clients send it; memory:=512 is JSON; "
    "update.version=2.0.0 is the update's; dots go into objects. May be repeated."
)
_FILES_HELP = (
    "Policies (.policy), catalogs (.yaml, .yml, .toml, .json, .json5), folders with any of them; "
    "- for a policy from standard input."
)
_FORMAT_HELP = "For people, or one JSON object a line."

FormatOption = Annotated[Format, typer.Option("--format", "-f", help=_FORMAT_HELP)]
NowOption = Annotated[str | None, typer.Option("--now", metavar="TIME", help=_NOW_HELP)]
LenientOption = Annotated[bool, typer.Option("--lenient-versions", help=_LENIENT_HELP)]


def _print_version(is_asked: bool) -> None:  # noqa: FBT001  typer calls it so
    if is_asked:
        typer.echo(f"policy {version('policy-lang')}")
        raise typer.Exit


@app.callback(invoke_without_command=True, epilog=MAIN)
def policy(
    context: typer.Context,
    *,
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> None:
    """Decide, safely and fast, which device gets which software update.

    A policy is one expression that says which devices an update may go to.
    A catalog lists updates, each with its policy. What a device did not
    send is unknown, and unknown never matches.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.BAD_INPUT)


@app.command("eval", epilog=EVAL)
def evaluate(
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.policy", help="The policy; - for standard input.", show_default=False)
    ] = None,
    expression: Annotated[str | None, typer.Option("--expression", "-e", metavar="EXPR", help="The policy itself.")] = None,
    device: Annotated[
        Path | None,
        typer.Option(
            "--device", "-d", metavar="FILE", help="The device, in JSON, JSON5, YAML or TOML; - for JSON from standard input."
        ),
    ] = None,
    update: Annotated[Path | None, typer.Option("--update", "-u", metavar="FILE", help="The update's own properties.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="KEY=VALUE",
            help=_SET_HELP,
        ),
    ] = None,
    schema: Annotated[Path | None, typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema.")] = None,
    now: NowOption = None,
    lenient_versions: LenientOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the value of every part of the policy.")] = False,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Evaluate one policy for one device."""
    from policy_lang.cli.eval_command import EvalRequest, run_eval  # noqa: PLC0415  see above

    return run_eval(
        EvalRequest(
            file=file,
            expression=expression,
            device=device,
            update=update,
            settings=tuple(settings or ()),
            schema=schema,
            now=now,
            lenient_versions=lenient_versions,
            explain=explain,
            format=output_format,
        )
    )


@app.command("select", epilog=SELECT)
def select(
    *,
    catalog: Annotated[Path, typer.Argument(metavar="CATALOG", help="The updates, in YAML, TOML, JSON or JSON5.")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="DEVICE", help="Devices, the same as with --device.", show_default=False)
    ] = None,
    device: Annotated[
        list[Path] | None,
        typer.Option(
            "--device",
            "-d",
            metavar="FILE",
            help="One device, in JSON, JSON5, YAML or TOML; - for JSON from standard input. May be repeated.",
        ),
    ] = None,
    devices: Annotated[
        Path | None,
        typer.Option(
            "--devices", "-D", metavar="FILE", help="A fleet of any size in NDJSON, one device a line; - for standard input."
        ),
    ] = None,
    now: NowOption = None,
    trace: Annotated[
        bool, typer.Option("--trace", "-t", help="Show each candidate with what stopped it, and the values of its policy.")
    ] = False,
    lenient_versions: LenientOption = False,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Show which update of a catalog each device gets, and why."""
    from policy_lang.cli.select_command import SelectRequest, run_select  # noqa: PLC0415  see above

    return run_select(
        SelectRequest(
            catalog=catalog,
            devices=(*(device or ()), *(more or ())),
            fleet=devices,
            now=now,
            trace=trace,
            lenient_versions=lenient_versions,
            format=output_format,
        )
    )


@app.command("lint", epilog=LINT)
def lint(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help=_FILES_HELP,
            show_default=False,
        ),
    ] = None,
    expression: Annotated[str | None, typer.Option("--expression", "-e", metavar="EXPR", help="A policy itself.")] = None,
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema; for catalogs, in place of their own."),
    ] = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Check policies and catalogs for mistakes.

    Of the documents in a folder, those without updates are passed over;
    a file that is named is always checked.
    """
    from policy_lang.cli.lint_command import LintRequest, run_lint  # noqa: PLC0415  see above

    return run_lint(LintRequest(files=tuple(files or ()), expression=expression, schema=schema, format=output_format))
