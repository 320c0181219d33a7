"""`policy service token`: who may check in, and who may administer."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import read_policy_text
from policy_lang.cli.output import GOOD, QUIET, STRONG, Format, Styled, standard_error, standard_output
from policy_lang.cli.service_store import ACTOR, clock, open_store, read_length, read_moment
from policy_lang.cli.table import EMPTY, Table
from policy_lang.documents.problems import quote
from policy_lang.service.store.tokens import NewToken, Scope, Token, create_token, list_tokens, revoke_token, rotate_token
from policy_lang.types.times import write_timestamp

_HEADS = ("token", "product", "scope", "created", "expires", "note", "state")
_STYLES = {"valid": GOOD, "expired": QUIET, "revoked": QUIET}


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What was asked; the fields are the arguments of the command."""

    product: str
    scope: str
    expires: str | None
    note: str
    secret_file: Path | None


def create(url: str | None, order: TokenOrder, output_format: Format) -> ExitCode:
    """Make a token, and print its secret once."""
    scope, now = _scope(order.scope), clock()
    expires = read_moment(order.expires, now)
    secret = None if order.secret_file is None else read_policy_text(order.secret_file).text.strip()
    with open_store(url) as database, database.changing() as connection:
        new = create_token(connection, order.product, scope, actor=ACTOR, now=now, expires=expires, note=order.note, secret=secret)
    _write_new(new, output_format, is_known=secret is not None)
    return ExitCode.FINE


def rotate(url: str | None, token_id: str, overlap: str, expires: str | None, output_format: Format) -> ExitCode:
    """Make a token in the place of another one."""
    now, length = clock(), read_length(overlap)
    end = read_moment(expires, now)
    with open_store(url) as database, database.changing() as connection:
        new = rotate_token(connection, token_id, overlap=length, actor=ACTOR, now=now, expires=end)
    _write_new(new, output_format, is_known=False)
    return ExitCode.FINE


def revoke(url: str | None, token_id: str, output_format: Format) -> ExitCode:
    """Refuse a token from now on."""
    now = clock()
    with open_store(url) as database, database.changing() as connection:
        token = revoke_token(connection, token_id, actor=ACTOR, now=now)
    _write([token], now, output_format)
    return ExitCode.FINE


def show(url: str | None, product: str | None, output_format: Format) -> ExitCode:
    """List tokens."""
    with open_store(url) as database, database.reading() as connection:
        tokens = list_tokens(connection, product)
    _write(tokens, clock(), output_format)
    return ExitCode.FINE


def _scope(text: str) -> Scope:
    with suppress(ValueError):
        return Scope(text)
    raise MisuseError(f"{quote(text)} is no scope", "write `--scope device` or `--scope admin`")


def _write_new(new: NewToken, output_format: Format, *, is_known: bool) -> None:
    """The secret alone on standard output, so that it can be piped to where it is needed; the rest beside it."""
    output, token = standard_output(), new.token
    if output_format is Format.JSON:
        output.json({**_plain(token, "valid"), "secret": None if is_known else new.secret})
        return
    errors = standard_error()
    errors.line(Styled(f"token {token.id} of {token.product}, for {_purpose(token)}", STRONG))
    if not is_known:
        errors.line("its secret is shown this once, and kept nowhere:")
        errors.flush()
        output.line(new.secret)
        output.flush()


def _purpose(token: Token) -> str:
    return "devices" if token.scope is Scope.DEVICE else "administrators"


def _write(tokens: Sequence[Token], now: datetime, output_format: Format) -> None:
    output = standard_output()
    table = Table(output, _HEADS)
    for each in tokens:
        state = _state(each, now)
        if output_format is Format.JSON:
            output.json(_plain(each, state))
        else:
            expires = EMPTY if each.expires is None else f"{each.expires:%Y-%m-%d %H:%M}"
            table.add(
                (each.id, each.product, each.scope, f"{each.created:%Y-%m-%d}", expires, each.note or EMPTY, state), _STYLES[state]
            )
    table.close()
    output.flush()


def _state(token: Token, now: datetime) -> str:
    if token.revoked is not None:
        return "revoked"
    return "valid" if token.is_valid(now) else "expired"


def _plain(token: Token, state: str) -> dict[str, Any]:
    expires = None if token.expires is None else write_timestamp(token.expires)
    about = {"token": token.id, "product": token.product, "scope": str(token.scope), "note": token.note}
    return {**about, "created": write_timestamp(token.created), "expires": expires, "state": state}
