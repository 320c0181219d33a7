"""The command `policy serve`: its arguments and its help; what it does is a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.manual import SERVE

serve_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


@serve_app.command("serve", epilog=SERVE)
def serve(
    *,
    catalog: Annotated[
        Path | None,
        typer.Argument(
            metavar="CATALOG", help="A catalog in YAML, TOML, JSON or JSON5, which the service follows.", show_default=False
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database", "-d", metavar="URL", help="sqlite:///FILE or postgresql://…; with a catalog, CATALOG.db beside it."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", envvar="POLICY_CONFIG", help="More settings, in TOML.")
    ] = None,
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen on: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option("--port", "-p", metavar="N", help="The port: 8080; 0 for any free one.")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", help="The certificate chain, in PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="Its private key, in PEM.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", "-w", metavar="N", help="How many processes answer: 1.")] = None,
) -> ExitCode:
    """Serve updates to devices over HTTP.

    With a catalog file, its tables are made, the file is loaded, and a
    first token for each product is shown once. With a database alone, the
    catalogs are those that are in it.
    """
    try:
        from policy_lang.cli.serve_command import ServeRequest, run_serve  # noqa: PLC0415  so that `--help` stays quick
    except ModuleNotFoundError as error:
        raise MisuseError(f"`{error.name}` is not installed", "run `pip install 'policy-lang[service]'`") from error

    return run_serve(
        ServeRequest(
            catalog=catalog,
            database=database,
            config=config,
            host=host,
            port=port,
            tls_cert=tls_cert,
            tls_key=tls_key,
            workers=workers,
        )
    )
