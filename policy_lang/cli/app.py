"""The commands, their arguments and their help; what a command does is a module of its own.

Each command imports its module when it runs, so that `--help` and shell completion stay quick.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.agent_app import agent_app
from policy_lang.cli.completion import complete_rule, complete_rules
from policy_lang.cli.exits import ExitCode
from policy_lang.cli.fleet_app import fleet_app
from policy_lang.cli.manual import COMPILE, EVAL, EXPLAIN, FMT, LINT, MAIN, RULE, SELECT, SIMULATE, TEST
from policy_lang.cli.options import LenientOption, NowOption
from policy_lang.cli.output import Format, LintFormat, TableFormat
from policy_lang.cli.publish_app import publish_app
from policy_lang.cli.report_app import report_app
from policy_lang.cli.serve_app import serve_app
from policy_lang.cli.service_app import service_app
from policy_lang.diagnostics.model import Severity

app = typer.Typer(
    name="policy",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(agent_app, name="agent")
app.add_typer(fleet_app, name="fleet")
app.add_typer(publish_app)
app.add_typer(report_app)
app.add_typer(serve_app)
app.add_typer(service_app, name="service")

_SET_HELP = (
    "Set a property of the device, or of the update: region=us is text, as simple clients send it; memory:=512 is JSON; "
    "update.version=2.0.0 is the update's; dots go into objects. May be repeated."
)
_FILES_HELP = (
    "Policies (.policy), catalogs (.yaml, .yml, .toml, .json, .json5), folders with any of them; "
    "- for a policy from standard input."
)
_STDIN_FILENAME_HELP = "The file that standard input stands for: its suffix says what it is, its folder has the configuration."
StdinFilename = Annotated[Path | None, typer.Option("--stdin-filename", metavar="FILE", help=_STDIN_FILENAME_HELP)]
_SELECT_HELP = (
    "Rules that run: codes (PL322), their beginnings (PL32), names (null_comparison), categories (versions), ALL. "
    "Several with commas; may be repeated."
)
_FORMAT_HELP = "For people, or one JSON object a line."

FormatOption = Annotated[Format, typer.Option("--format", "-f", help=_FORMAT_HELP)]


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


@app.command("explain", epilog=EXPLAIN)
def explain_result(
    *,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="POLICY|CATALOG",
            help="A policy (.policy; - for standard input), or a catalog in YAML, TOML, JSON or JSON5.",
            show_default=False,
        ),
    ] = None,
    expression: Annotated[str | None, typer.Option("--expression", "-e", metavar="EXPR", help="A policy itself.")] = None,
    device: Annotated[
        Path | None,
        typer.Option(
            "--device", "-d", metavar="FILE", help="The device, in JSON, JSON5, YAML or TOML; - for JSON from standard input."
        ),
    ] = None,
    update: Annotated[
        Path | None, typer.Option("--update", "-u", metavar="FILE", help="The update's own properties, for a policy.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", "-s", metavar="KEY=VALUE", help=_SET_HELP)] = None,
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema; for a catalog, in place of its own."),
    ] = None,
    now: NowOption = None,
    lenient_versions: LenientOption = False,
    every: Annotated[bool, typer.Option("--all", "-a", help="Show the candidates behind the one that is offered, too.")] = False,
    update_id: Annotated[
        str | None, typer.Option("--update-id", "-i", metavar="ID", help="Show this update of the catalog only, candidate or not.")
    ] = None,
    python: Annotated[bool, typer.Option("--python", help="Print the Python function that runs for the policy instead.")] = False,
    no_nearest: Annotated[bool, typer.Option("--no-nearest", help="Do not look for the nearest change of the device.")] = False,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Explain a result: why a device gets an update or none, and what would change it."""
    from policy_lang.cli.explain_command import ExplainRequest, run_explain  # noqa: PLC0415  see above

    return run_explain(
        ExplainRequest(
            file=file,
            expression=expression,
            device=device,
            update=update,
            settings=tuple(settings or ()),
            schema=schema,
            now=now,
            lenient_versions=lenient_versions,
            every=every,
            update_id=update_id,
            python=python,
            nearest=not no_nearest,
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
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="RULES", help=_SELECT_HELP, autocompletion=complete_rules)
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="RULES", help="Rules that do not run; the same words.", autocompletion=complete_rules),
    ] = None,
    severity: Annotated[Severity, typer.Option("--severity", help="The least severity that is shown.")] = Severity.INFO,
    fix: Annotated[
        bool, typer.Option("--fix", help="Apply the fixes that never change a result, and report what is left; - writes to output.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count the findings of each rule.")] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="The configuration, in place of the nearest policy.toml or pyproject.toml."),
    ] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Take no configuration.")] = False,
    stdin_filename: StdinFilename = None,
    output_format: Annotated[
        LintFormat, typer.Option("--format", "-f", help="For people, one JSON object a line, SARIF 2.1.0, or commands of GitHub.")
    ] = LintFormat.TEXT,
) -> ExitCode:
    """Check policies and catalogs for mistakes, and fix some of them.

    Of the documents in a folder, those without updates are passed over;
    a file that is named is always checked. Errors and warnings end with
    the exit code 1; where only hints (info) are found it is 0.
    """
    from policy_lang.cli.lint_command import LintRequest, run_lint  # noqa: PLC0415  see above

    return run_lint(
        LintRequest(
            files=tuple(files or ()),
            expression=expression,
            schema=schema,
            select=None if select is None else tuple(select),
            ignore=None if ignore is None else tuple(ignore),
            severity=severity,
            fix=fix,
            diff=diff,
            statistics=statistics,
            config=config,
            isolated=isolated,
            stdin_filename=stdin_filename,
            format=output_format,
        )
    )


@app.command("fmt", epilog=FMT)
def fmt(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help=_FILES_HELP, show_default=False),
    ] = None,
    expression: Annotated[str | None, typer.Option("--expression", "-e", metavar="EXPR", help="A policy itself.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list what would change, and fail if anything would.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change, and fail if anything would.")
    ] = False,
    width: Annotated[
        int | None,
        typer.Option(
            "--width", "-w", metavar="N", min=20, max=1000, help="How long a line may be: 88, where the configuration says nothing."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="The configuration, in place of the nearest policy.toml or pyproject.toml."),
    ] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Take no configuration.")] = False,
    stdin_filename: StdinFilename = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Write policies in one style, in their files and inside catalogs.

    The meaning and the comments stay: each result is checked before
    anything is written. Of a catalog only the policies change. A policy
    from standard input, or after -e, goes to standard output.
    """
    from policy_lang.cli.fmt_command import FmtRequest, run_fmt  # noqa: PLC0415  see above

    return run_fmt(
        FmtRequest(
            files=tuple(files or ()),
            expression=expression,
            check=check,
            diff=diff,
            width=width,
            config=config,
            isolated=isolated,
            stdin_filename=stdin_filename,
            format=output_format,
        )
    )


@app.command("rule", epilog=RULE)
def rule(
    *,
    word: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE|NAME", help="A code, or the name of a rule.", show_default=False, autocompletion=complete_rule
        ),
    ] = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Show the page of a rule or an error, or list all rules."""
    from policy_lang.cli.rule_command import RuleRequest, run_rule  # noqa: PLC0415  see above

    return run_rule(RuleRequest(word=word, format=output_format))


@app.command("test", epilog=TEST)
def run_tests(
    *,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE", help="Test files, and folders with any of them; this folder without one.", show_default=False
        ),
    ] = None,
    word: Annotated[
        str,
        typer.Option("--keyword", "-k", metavar="TEXT", help="Only cases with this text in their name, or in that of their file."),
    ] = "",
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", help="Processes at most, one a processor without it; started where it pays."),
    ] = None,
    coverage: Annotated[
        bool | None, typer.Option("--coverage/--no-coverage", help="List what no case covers; or do not measure coverage at all.")
    ] = None,
    fail_under: Annotated[
        float | None, typer.Option("--fail-under", metavar="PERCENT", help="Fail if fewer of the conditions are covered.")
    ] = None,
    fail_under_mcdc: Annotated[
        float | None, typer.Option("--fail-under-mcdc", metavar="PERCENT", help="Fail if fewer are shown to decide.")
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", "-x", help="Stop at the first failure.")] = False,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML too.")] = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Run tests of policies and catalogs, and measure what they cover.

    A test file ends in `.test.yaml` and lists devices with what is
    expected for each.
    """
    from policy_lang.cli.test_command import TestRequest, run_test  # noqa: PLC0415  see above

    return run_test(
        TestRequest(
            paths=tuple(paths or ()),
            word=word,
            jobs=jobs,
            coverage=coverage,
            fail_under=fail_under,
            fail_under_mcdc=fail_under_mcdc,
            fail_fast=fail_fast,
            junit=junit,
            format=output_format,
        )
    )


@app.command("compile", epilog=COMPILE)
def compile_catalog(
    *,
    catalog: Annotated[Path, typer.Argument(metavar="CATALOG", help="The updates, in YAML, TOML, JSON or JSON5.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The compiled file, named .policyc; without it, beside the catalog."),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema, in place of the catalog's own."),
    ] = None,
    lenient_versions: LenientOption = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if the compiled catalog is not up to date.")] = False,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Compile a catalog to a file that loads at once.

    Everything is checked now. The file is data: it holds the updates and
    the checked policies, and loads without the parser.
    """
    from policy_lang.cli.compile_command import CompileRequest, run_compile  # noqa: PLC0415  see above

    return run_compile(
        CompileRequest(
            catalog=catalog, output=output, schema=schema, lenient_versions=lenient_versions, check=check, format=output_format
        )
    )


@app.command("simulate", epilog=SIMULATE)
def simulate_fleet(
    *,
    catalog: Annotated[Path, typer.Argument(metavar="CATALOG", help="The updates, in YAML, TOML, JSON or JSON5.")],
    fleet: Annotated[
        Path,
        typer.Option(
            "--fleet",
            "-F",
            metavar="FILE",
            help="The file of `policy fleet import`, or a small fleet in NDJSON or JSON.",
            show_default=False,
        ),
    ],
    days: Annotated[int, typer.Option("--days", "-n", metavar="N", min=1, max=3660, help="How many days.", show_default=False)],
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="TIME", help="The first moment in RFC 3339. Without it, the clock of this machine is read."
        ),
    ] = None,
    checkins_per_day: Annotated[
        int, typer.Option("--checkins-per-day", metavar="N", min=1, max=1440, help="How often each device checks in.")
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Varies the times, and which installations fail.")] = 1,
    success: Annotated[
        float, typer.Option("--success", metavar="SHARE", min=0, max=1, help="The share of installations that succeed.")
    ] = 1.0,
    lenient_versions: LenientOption = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the simulation as one HTML page with charts, too.")
    ] = None,
    output_format: Annotated[
        TableFormat, typer.Option("--format", "-f", help="For people, one JSON object, or rows of CSV or Parquet.")
    ] = TableFormat.TEXT,
) -> ExitCode:
    """Simulate a rollout over some days: who gets what when, and which limits bind.

    Devices check in at a time of the day of their own and take what they
    are offered. Nothing is granted for good.
    """
    from policy_lang.cli.simulate_command import SimulateRequest, run_simulate  # noqa: PLC0415  see above

    return run_simulate(
        SimulateRequest(
            catalog=catalog,
            fleet=fleet,
            days=days,
            start=start,
            checkins_per_day=checkins_per_day,
            seed=seed,
            success=success,
            lenient_versions=lenient_versions,
            html=html,
            format=output_format,
        )
    )
