"""The commands below `policy service`, their arguments and their help; what a command does is a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

from policy_lang.cli.exits import ExitCode
from policy_lang.cli.manual import SERVICE, SERVICE_AUDIT, SERVICE_MIGRATE, SERVICE_PRODUCT, SERVICE_TOKENS, SERVICE_UPDATES
from policy_lang.cli.output import Format


def _group(help_text: str, epilog: str) -> typer.Typer:
    """A command with commands of its own; without one of them it shows its help."""
    group = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)

    @group.callback(invoke_without_command=True, help=help_text, epilog=epilog)
    def show_help(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())
            raise typer.Exit(ExitCode.BAD_INPUT)

    return group


service_app = _group("Administer the database of the service: catalogs, tokens, the audit.", SERVICE)
product_app = _group("The products that devices belong to.", SERVICE_PRODUCT)
token_app = _group("The tokens that devices and administrators show.", SERVICE_TOKENS)
updates_app = _group("The updates in the catalog of a product.", SERVICE_UPDATES)
audit_app = _group("What changed and what was decided, and why.", SERVICE_AUDIT)
for each, name in ((product_app, "product"), (token_app, "token"), (updates_app, "updates"), (audit_app, "audit")):
    service_app.add_typer(each, name=name)

Database = Annotated[
    str | None,
    typer.Option(
        "--database", "-d", metavar="URL", envvar="POLICY_DATABASE", help="sqlite:///FILE or postgresql://…", show_envvar=True
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="For people, or one JSON object a line.")]
Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="The id of the product.", show_default=False)]
Update = Annotated[str, typer.Argument(metavar="UPDATE", help="The id of the update.", show_default=False)]
TokenId = Annotated[str, typer.Argument(metavar="TOKEN", help="The id of the token, not its secret.", show_default=False)]
Seq = Annotated[int, typer.Argument(metavar="ROW", min=1, help="The number of the row.", show_default=False)]
Expires = Annotated[
    str | None,
    typer.Option(
        "--expires", metavar="WHEN", help="When it ends: a time in RFC 3339, or a duration such as 90d. Never without it."
    ),
]


@service_app.command("migrate", epilog=SERVICE_MIGRATE)
def migrate(*, database: Database = None, output_format: FormatOption = Format.TEXT) -> ExitCode:
    """Make the tables of this release, or bring them up to it."""
    from policy_lang.cli.service_store import migrate_store  # noqa: PLC0415  so that `--help` stays quick

    return migrate_store(database, output_format)


@product_app.command("add", epilog=SERVICE_PRODUCT)
def add_product(
    *,
    product: Product,
    schema: Annotated[Path | None, typer.Option("--schema", metavar="FILE", help="What devices send, as JSON Schema.")] = None,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Add a product, with an empty catalog."""
    from policy_lang.cli.service_catalogs import add_product  # noqa: PLC0415  see above

    return add_product(database, product, schema, output_format)


@product_app.command("list", epilog=SERVICE_PRODUCT)
def list_products(*, database: Database = None, output_format: FormatOption = Format.TEXT) -> ExitCode:
    """List the products."""
    from policy_lang.cli.service_catalogs import list_products  # noqa: PLC0415  see above

    return list_products(database, output_format)


@token_app.command("create", epilog=SERVICE_TOKENS)
def create_token(
    *,
    product: Product,
    scope: Annotated[
        str, typer.Option("--scope", metavar="SCOPE", help="device to check in, or admin for the admin API.")
    ] = "device",
    expires: Expires = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What to remember it by.")] = "",
    secret: Annotated[
        Path | None,
        typer.Option(
            "--secret-file", metavar="FILE", help="A secret that devices already have, from a file; - for standard input."
        ),
    ] = None,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Make a token; its secret is printed once, and kept nowhere."""
    from policy_lang.cli.service_tokens import TokenOrder, create  # noqa: PLC0415  see above

    return create(database, TokenOrder(product, scope, expires, note, secret), output_format)


@token_app.command("list", epilog=SERVICE_TOKENS)
def list_tokens(
    *,
    product: Annotated[str | None, typer.Option("--product", metavar="PRODUCT", help="Those of this product only.")] = None,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """List the tokens, without their secrets."""
    from policy_lang.cli.service_tokens import show  # noqa: PLC0415  see above

    return show(database, product, output_format)


@token_app.command("rotate", epilog=SERVICE_TOKENS)
def rotate_token(
    *,
    token: TokenId,
    overlap: Annotated[str, typer.Option("--overlap", metavar="DURATION", help="How long the old one stays valid: 7d, or 0s.")],
    expires: Expires = None,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Make a token in the place of another one, which stays valid for a while."""
    from policy_lang.cli.service_tokens import rotate  # noqa: PLC0415  see above

    return rotate(database, token, overlap, expires, output_format)


@token_app.command("revoke", epilog=SERVICE_TOKENS)
def revoke_token(*, token: TokenId, database: Database = None, output_format: FormatOption = Format.TEXT) -> ExitCode:
    """Refuse a token from now on."""
    from policy_lang.cli.service_tokens import revoke  # noqa: PLC0415  see above

    return revoke(database, token, output_format)


@updates_app.command("list", epilog=SERVICE_UPDATES)
def list_updates(
    *,
    product: Product,
    removed: Annotated[bool, typer.Option("--all", "-a", help="Those that were removed, too.")] = False,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """List the updates of a product, the newest first, with their grants and reports."""
    from policy_lang.cli.service_catalogs import list_updates  # noqa: PLC0415  see above

    return list_updates(database, product, output_format, removed=removed)


@updates_app.command("put", epilog=SERVICE_UPDATES)
def put_updates(
    *,
    product: Product,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="One update, or a catalog of several, in YAML, TOML, JSON or JSON5; - for standard input.",
            show_default=False,
        ),
    ],
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Add updates, or put them in the place of those with their ids; all of them or none."""
    from policy_lang.cli.service_catalogs import put_updates  # noqa: PLC0415  see above

    return put_updates(database, product, file, output_format)


@updates_app.command("remove", epilog=SERVICE_UPDATES)
def remove_update(
    *, product: Product, update: Update, database: Database = None, output_format: FormatOption = Format.TEXT
) -> ExitCode:
    """Take an update out of the catalog; its grants and reports stay."""
    from policy_lang.cli.service_catalogs import Deed, change_update  # noqa: PLC0415  see above

    return change_update(database, product, update, Deed.REMOVE, output_format)


@updates_app.command("pause", epilog=SERVICE_UPDATES)
def pause_update(
    *, product: Product, update: Update, database: Database = None, output_format: FormatOption = Format.TEXT
) -> ExitCode:
    """Hold an update back."""
    from policy_lang.cli.service_catalogs import Deed, change_update  # noqa: PLC0415  see above

    return change_update(database, product, update, Deed.PAUSE, output_format)


@updates_app.command("resume", epilog=SERVICE_UPDATES)
def resume_update(
    *, product: Product, update: Update, database: Database = None, output_format: FormatOption = Format.TEXT
) -> ExitCode:
    """Offer an update again, whether somebody or its failures paused it."""
    from policy_lang.cli.service_catalogs import Deed, change_update  # noqa: PLC0415  see above

    return change_update(database, product, update, Deed.RESUME, output_format)


@audit_app.command("list", epilog=SERVICE_AUDIT)
def list_audit(
    *,
    product: Annotated[str | None, typer.Option("--product", metavar="PRODUCT", help="Rows of this product only.")] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="product, catalog, pause, token, decision, grant or report only."),
    ] = None,
    device: Annotated[str | None, typer.Option("--device", metavar="ID", help="Rows of this device only.")] = None,
    update: Annotated[str | None, typer.Option("--update", metavar="ID", help="Rows of this update only.")] = None,
    before: Annotated[int | None, typer.Option("--before", metavar="ROW", min=1, help="Rows before this one only.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many rows.")] = 50,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """List rows of the audit, the latest first."""
    from policy_lang.cli.service_audit import AuditFilter, list_rows  # noqa: PLC0415  see above

    return list_rows(database, AuditFilter(product, kind, device, update, before, limit), output_format)


@audit_app.command("show", epilog=SERVICE_AUDIT)
def show_audit(*, row: Seq, database: Database = None) -> ExitCode:
    """Show all of one row, in JSON; the exit code is 1 if it was changed after it was written."""
    from policy_lang.cli.service_audit import show_row  # noqa: PLC0415  see above

    return show_row(database, row)


@audit_app.command("replay", epilog=SERVICE_AUDIT)
def replay_audit(
    *,
    row: Seq,
    database: Database = None,
    output_format: FormatOption = Format.TEXT,
) -> ExitCode:
    """Make a decision again, from the audit alone, and show each candidate with what stopped it."""
    from policy_lang.cli.service_audit import replay_row  # noqa: PLC0415  see above

    return replay_row(database, row, output_format)
