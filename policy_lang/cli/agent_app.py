"""The commands below `policy agent`, their arguments and their help; what a command does is a module of its own.

The options have the names of the stand-alone updater where it has them: `--device` is an id here, as it is there.
"""

from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode
from policy_lang.cli.manual import AGENT, AGENT_CHECK, AGENT_RUN
from policy_lang.cli.output import Format

agent_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)

Properties = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Properties of the device for policies, on top of its file.", show_default=False),
]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="The settings, in JSON5, TOML, YAML or JSON; options win.")
]
Host = Annotated[str | None, typer.Option("--host", metavar="URL", help="Where the server is.")]
Product = Annotated[str | None, typer.Option("--product", metavar="ID", help="The product of the device.")]
Token = Annotated[
    str | None, typer.Option("--token", metavar="TOKEN", help="The token of the device; others on this machine can see it here.")
]
TokenFile = Annotated[Path | None, typer.Option("--token-file", metavar="FILE", help="Where the token stands.")]
Device = Annotated[str | None, typer.Option("--device", "-d", metavar="ID", help="The unique id of the device.")]
DeviceFile = Annotated[
    Path | None, typer.Option("--device-file", metavar="FILE", help="What the device sends; device.json5 beside --config.")
]
Version = Annotated[str | None, typer.Option("--version", metavar="SEMVER", help="The version of the device's software.")]
VersionFile = Annotated[
    Path | None,
    typer.Option(
        "--version-file", metavar="FILE", help="Where it stands: alone, or as `version` in a document. Read anew each time."
    ),
]
State = Annotated[
    Path | None,
    typer.Option("--state", metavar="FOLDER", help="The agent's own folder: /var/lib/policy-agent, if nothing is said."),
]
Authority = Annotated[
    Path | None, typer.Option("--authority", metavar="FILE", help="Certificates to trust in place of the system's, in PEM.")
]
Loopback = Annotated[
    bool, typer.Option("--insecure-loopback", help="Allow plain http to 127.0.0.1, for tests; never to anything else.")
]


@agent_app.callback(invoke_without_command=True, epilog=AGENT)
def agent(context: typer.Context) -> None:
    """Keep this device up to date: check in, download, verify, apply, report."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.BAD_INPUT)


@agent_app.command("run", epilog=AGENT_RUN)
def run(
    *,
    properties: Properties = None,
    config: Config = None,
    host: Host = None,
    product: Product = None,
    token: Token = None,
    token_file: TokenFile = None,
    device: Device = None,
    device_file: DeviceFile = None,
    version: Version = None,
    version_file: VersionFile = None,
    state: State = None,
    authority: Authority = None,
    insecure_loopback: Loopback = False,
    cmd: Annotated[
        Path | None, typer.Option("--cmd", metavar="SCRIPT", help="What applies an image; it is called with the image's path.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Where a verified image lies: update.bin in the agent's folder.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Check in now, follow an offer to its end, and return.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Log warnings and errors only.")] = False,
) -> ExitCode:
    """Run the agent, until it is asked to end.

    Once a day it asks the server for an update, downloads it, verifies
    it and calls the script. What was begun is finished after a restart.
    """
    from policy_lang.cli.agent_command import AgentOrder, Verbosity, run_agent  # noqa: PLC0415  so that `--help` stays quick

    order = AgentOrder(
        config=config,
        host=host,
        product=product,
        token=token,
        token_file=token_file,
        device=device,
        device_file=device_file,
        version=version,
        version_file=version_file,
        state=state,
        authority=authority,
        insecure_loopback=insecure_loopback,
        cmd=cmd,
        file=file,
        properties=tuple(properties or ()),
    )
    return run_agent(order, Verbosity.of(verbose=verbose, quiet=quiet), once=once)


@agent_app.command("check", epilog=AGENT_CHECK)
def check(
    *,
    properties: Properties = None,
    config: Config = None,
    host: Host = None,
    product: Product = None,
    token: Token = None,
    token_file: TokenFile = None,
    device: Device = None,
    device_file: DeviceFile = None,
    version: Version = None,
    version_file: VersionFile = None,
    state: State = None,
    authority: Authority = None,
    insecure_loopback: Loopback = False,
    output_format: Annotated[Format, typer.Option("--format", "-f", help="For people, or one JSON object.")] = Format.TEXT,
) -> ExitCode:
    """Show what the server offers this device now, and change nothing."""
    from policy_lang.cli.agent_command import AgentOrder, run_agent_check  # noqa: PLC0415  so that `--help` stays quick

    order = AgentOrder(
        config=config,
        host=host,
        product=product,
        token=token,
        token_file=token_file,
        device=device,
        device_file=device_file,
        version=version,
        version_file=version_file,
        state=state,
        authority=authority,
        insecure_loopback=insecure_loopback,
        cmd=None,
        file=None,
        properties=tuple(properties or ()),
    )
    return run_agent_check(order, output_format)
