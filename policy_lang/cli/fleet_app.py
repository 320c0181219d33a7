"""The commands below `policy fleet`, their arguments and their help; what a command does is a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode
from policy_lang.cli.manual import FLEET, FLEET_IMPORT
from policy_lang.cli.options import LenientOption
from policy_lang.cli.output import Format

fleet_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


@fleet_app.callback(invoke_without_command=True, epilog=FLEET)
def fleet(context: typer.Context) -> None:
    """Keep a whole fleet in one file, for questions about all devices at once."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.BAD_INPUT)


@fleet_app.command("import", epilog=FLEET_IMPORT)
def import_fleet(
    *,
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE",
            help="Devices in NDJSON, JSON, JSON5, YAML or TOML, also with .gz; folders of them; - for NDJSON from standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.parquet", help="The file of the fleet.", show_default=False)
    ],
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema; without it, types are inferred."),
    ] = None,
    rejected: Annotated[
        Path | None,
        typer.Option(
            "--rejected", metavar="FILE", help="Where rejected devices go: OUTPUT.rejected.ndjson, where nothing is said."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write no fleet if a device is rejected or a value is none of its type.")
    ] = False,
    lenient_versions: LenientOption = False,
    output_format: Annotated[Format, typer.Option("--format", "-f", help="For people, or one JSON object.")] = Format.TEXT,
) -> ExitCode:
    """Import device documents into one typed Parquet file.

    Each value is decoded as policies decode it, once, and versions get a
    column that sorts. The file takes its place whole or not at all.
    """
    from policy_lang.cli.fleet_command import ImportOrder, run_fleet_import  # noqa: PLC0415  so that `--help` stays quick

    return run_fleet_import(
        ImportOrder(
            sources=tuple(sources),
            output=output,
            schema=schema,
            rejected=rejected,
            strict=strict,
            lenient_versions=lenient_versions,
            format=output_format,
        )
    )
