"""The commands that ask a whole fleet: their arguments and their help; what a command does is a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode
from policy_lang.cli.manual import ASSIGN, DIFF, PREVIEW
from policy_lang.cli.options import LenientOption, NowOption
from policy_lang.cli.output import TableFormat

report_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)

FleetOption = Annotated[
    Path,
    typer.Option(
        "--fleet", "-F", metavar="FILE", help="The fleet: Parquet of `policy fleet import`, CSV or NDJSON.", show_default=False
    ),
]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema; for catalogs, in place of their own."),
]
UpdateOption = Annotated[
    Path | None, typer.Option("--update", "-u", metavar="FILE", help="The update's own properties, for a policy.")
]
SampleOption = Annotated[
    int, typer.Option("--sample", metavar="N", min=0, max=1000, help="How many devices of each kind are named.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one HTML page with charts, too.")
]
FormatOption = Annotated[
    TableFormat, typer.Option("--format", "-f", help="For people, one JSON object, or rows of CSV or Parquet.")
]


@report_app.command("preview", epilog=PREVIEW)
def preview(
    *,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="POLICY|CATALOG",
            help="A policy (.policy; - for standard input), or a catalog in YAML, TOML, JSON or JSON5.",
            show_default=False,
        ),
    ],
    fleet: FleetOption,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", "-b", metavar="PROPERTY", help="Break the devices down by a property; may be repeated."),
    ] = None,
    values: Annotated[
        int, typer.Option("--top", metavar="N", min=1, max=1000, help="How many values of a property are shown one by one.")
    ] = 10,
    update: UpdateOption = None,
    update_id: Annotated[
        str | None, typer.Option("--update-id", "-i", metavar="ID", help="Show this update of the catalog only, with its rollout.")
    ] = None,
    schema: SchemaOption = None,
    now: NowOption = None,
    sample: SampleOption = 5,
    lenient_versions: LenientOption = False,
    html: HtmlOption = None,
    output_format: FormatOption = TableFormat.TEXT,
) -> ExitCode:
    """Preview how many devices of a fleet a policy or a catalog reaches."""
    from policy_lang.cli.preview_command import PreviewRequest, run_preview  # noqa: PLC0415  `--help` stays quick

    return run_preview(
        PreviewRequest(
            file=file,
            fleet=fleet,
            by=tuple(by or ()),
            update=update,
            update_id=update_id,
            schema=schema,
            now=now,
            sample=sample,
            values=values,
            lenient_versions=lenient_versions,
            html=html,
            format=output_format,
        )
    )


@report_app.command("assign", epilog=ASSIGN)
def assign(
    *,
    catalog: Annotated[
        Path, typer.Argument(metavar="CATALOG", help="The updates, in YAML, TOML, JSON or JSON5.", show_default=False)
    ],
    fleet: FleetOption,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write each device with its update: .parquet, .csv or .ndjson."),
    ] = None,
    schema: SchemaOption = None,
    now: NowOption = None,
    lenient_versions: LenientOption = False,
    output_format: FormatOption = TableFormat.TEXT,
) -> ExitCode:
    """Assign the updates of a catalog to a fleet, and grant nothing."""
    from policy_lang.cli.assign_command import AssignRequest, run_assign  # noqa: PLC0415  `--help` stays quick

    return run_assign(
        AssignRequest(
            catalog=catalog,
            fleet=fleet,
            output=output,
            schema=schema,
            now=now,
            lenient_versions=lenient_versions,
            format=output_format,
        )
    )


@report_app.command("diff", epilog=DIFF)
def diff(
    *,
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The policy or the catalog until now.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The one that takes its place.", show_default=False)],
    fleet: FleetOption,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on", metavar="GATE", help="Fail if this holds, such as lost>0, changed>1% or downgraded>0; may be repeated."
        ),
    ] = None,
    update: UpdateOption = None,
    schema: SchemaOption = None,
    now: NowOption = None,
    sample: SampleOption = 5,
    lenient_versions: LenientOption = False,
    html: HtmlOption = None,
    output_format: FormatOption = TableFormat.TEXT,
) -> ExitCode:
    """Compare two policies or catalogs by what they do to a fleet."""
    from policy_lang.cli.diff_command import DiffRequest, run_diff  # noqa: PLC0415  `--help` stays quick

    return run_diff(
        DiffRequest(
            old=old,
            new=new,
            fleet=fleet,
            fail_on=tuple(fail_on or ()),
            update=update,
            schema=schema,
            now=now,
            sample=sample,
            lenient_versions=lenient_versions,
            html=html,
            format=output_format,
        )
    )
