"""The command `policy publish`, its arguments and its help; what it does is a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode
from policy_lang.cli.output import Format

publish_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)

_PUBLISH = """[bold]Examples[/]
  policy publish image.bin --product atlas --version 2.4.0 \\\\
    --policy "device.region == 'eu'" --percent 5 --config policy.toml

  What would happen?
    policy publish image.bin --product atlas --version 2.4.0 \\\\
      --policy-file canary.policy --config policy.toml --dry-run

[bold]Result[/]
  What was published, on standard output; findings of the linter are on
  standard error. With `--format json` one object: `state`, `update`,
  `image`, `findings`. Publishing the same again changes nothing.

[bold]Exit codes[/]
  0  published, or the same was there already
  1  the policy has errors; nothing was sent
  2  something cannot be read, reached or taken; nothing is offered
"""


@publish_app.command("publish", epilog=_PUBLISH)
def publish(
    *,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The file that devices install.", show_default=False)],
    product: Annotated[str, typer.Option("--product", metavar="ID", help="The product that it is for.", show_default=False)],
    version: Annotated[
        str, typer.Option("--version", metavar="VERSION", help="The version that it brings, in SemVer.", show_default=False)
    ],
    policy: Annotated[
        str | None, typer.Option("--policy", "-e", metavar="EXPR", help="Which devices get it; true for all of them.")
    ] = None,
    policy_file: Annotated[
        Path | None, typer.Option("--policy-file", metavar="FILE", help="The same from a file; - for standard input.")
    ] = None,
    update_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The id of the update: PRODUCT-VERSION without it.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar="NAME", help="Its channel, for policies.")] = None,
    description: Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is, for people.")] = None,
    downgrade: Annotated[bool, typer.Option("--downgrade", help="Devices with a newer version get it too.")] = False,
    paused: Annotated[bool, typer.Option("--paused", help="Offer it only when somebody resumes it.")] = False,
    percent: Annotated[
        float | None, typer.Option("--percent", metavar="P", min=0, max=100, help="The share of the devices that get it.")
    ] = None,
    max_devices: Annotated[
        int | None, typer.Option("--max-devices", metavar="N", min=0, help="How many devices get it at most.")
    ] = None,
    max_per_period: Annotated[
        int | None, typer.Option("--max-per-period", metavar="N", min=0, help="How many new ones in any --period.")
    ] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="DURATION", help="Such as 1d or 12h.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="TIME", help="When it is first offered, in RFC 3339.")] = None,
    ramp: Annotated[
        str | None, typer.Option("--ramp", metavar="DURATION", help="How long the share grows, from --start or from now on.")
    ] = None,
    pause_on_failures: Annotated[
        int | None,
        typer.Option("--pause-on-failures", metavar="N", min=0, help="It is paused when more devices than that report a failure."),
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", metavar="NAME", help="Which of the settings' images; not needed where there is one.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="The database, in place of the settings' one.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The settings, in TOML; POLICY_… of the environment count too.")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="When it is published, in RFC 3339; the clock of this machine without it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, send and record nothing.")] = False,
    output_format: Annotated[Format, typer.Option("--format", "-f", help="For people, or one JSON object.")] = Format.TEXT,
) -> ExitCode:
    """Publish an image: store it, read it back, and record its update.

    The policy is linted first, and one with errors is refused. Devices
    are offered the update only after its image was read back from the
    store and found complete.
    """
    from policy_lang.cli.publish_command import PublishRequest, run_publish  # noqa: PLC0415  so that `--help` stays quick

    return run_publish(
        PublishRequest(
            image=image,
            product=product,
            version=version,
            id=update_id,
            policy=policy,
            policy_file=policy_file,
            channel=channel,
            description=description,
            downgrade=downgrade,
            paused=paused,
            percent=percent,
            max_devices=max_devices,
            max_per_period=max_per_period,
            period=period,
            start=start,
            ramp=ramp,
            pause_on_failures=pause_on_failures,
            store=store,
            database=database,
            config=config,
            now=now,
            dry_run=dry_run,
            format=output_format,
        )
    )
