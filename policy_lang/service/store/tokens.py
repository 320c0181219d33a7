"""Tokens: who may check in for a product, and who may change its catalog.

A secret is 32 random bytes, or one that devices already have. Only its SHA-256 is kept, so a copy of the database lets nobody in.
A plain hash is enough: a secret of 256 random bits cannot be guessed, slowly or fast.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from policy_lang.documents.problems import quote
from policy_lang.service.store.audit import AuditEntry, Kind, append
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.products import get_product
from policy_lang.service.store.tables import counters, tokens
from policy_lang.service.store.times import from_micros, maybe_from_micros, maybe_to_micros, to_micros

SHORTEST_SECRET = 16
"""An imported secret has at least this many characters."""

_LONGEST_SECRET = 1024
_LONGEST_NOTE = 200


class Scope(StrEnum):
    """What a token is for."""

    DEVICE = "device"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret.

    Attributes:
        id: its name for people; not secret.
        product: the one product that it is for.
        scope: what it is for.
        digest: the SHA-256 of the secret, in hex.
        note: what people remember it by.
        created: when, in UTC.
        expires: the moment from which it is refused; None for never.
        revoked: the moment when it was revoked, or None.
    """

    id: str
    product: str
    scope: Scope
    digest: str
    note: str
    created: datetime
    expires: datetime | None
    revoked: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether the token lets somebody in at a time."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; its secret is seen here and never again.

    Attributes:
        token: the token.
        secret: what a device sends.
    """

    token: Token
    secret: str


def secret_digest(secret: str) -> str:
    """The SHA-256 of a secret, as the store keeps it; text that UTF-8 cannot encode has one that no token has.

    >>> secret_digest("")[:8]
    'e3b0c442'
    """
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def create_token(
    connection: Connection,
    product: str,
    scope: Scope,
    *,
    actor: str,
    now: datetime,
    expires: datetime | None = None,
    note: str = "",
    secret: str | None = None,
) -> NewToken:
    """Make a token.

    Args:
        connection: inside a change.
        product: the product that it is for.
        scope: what it is for.
        actor: who does it, for the audit.
        now: the time.
        expires: the moment from which it is refused.
        note: what people remember it by.
        secret: one that devices already have, of 16 characters or more; a new one without it.

    Raises:
        NotFoundError: there is no such product.
        ConflictError: the secret is too short, or that of another token; or the note is too long.
    """
    get_product(connection, product)
    if len(note) > _LONGEST_NOTE:
        raise ConflictError(f"the note has more than {_LONGEST_NOTE} characters", "write a shorter one")
    secret = secrets.token_hex(32) if secret is None else _checked(secret)
    digest = secret_digest(secret)
    if connection.execute(select(tokens.c.id).where(tokens.c.digest == digest)).first() is not None:
        raise ConflictError("the secret is that of a token that exists", "choose another one, or let the service make it")
    token = Token(secrets.token_hex(6), product, scope, digest, note, now, expires, None)
    row = {"id": token.id, "product": product, "scope": str(scope), "digest": digest, "note": note}
    times = {"created": to_micros(now), "expires": maybe_to_micros(expires), "revoked": None}
    connection.execute(insert(tokens).values(**row, **times))
    _note(connection, "create", token, actor, now)
    return NewToken(token, secret)


def revoke_token(connection: Connection, token_id: str, *, actor: str, now: datetime, product: str | None = None) -> Token:
    """Refuse a token from now on; revoking it again changes nothing.

    Args:
        connection: inside a change.
        token_id: its id.
        actor: who does it, for the audit.
        now: the time.
        product: the product that it has to be of.

    Raises:
        NotFoundError: there is none.
    """
    token = get_token(connection, token_id, product=product, locked=True)
    if token.revoked is not None:
        return token
    return _change(connection, token_id, "revoke", actor, now, revoked=to_micros(now))


def rotate_token(
    connection: Connection,
    token_id: str,
    *,
    overlap: timedelta,
    actor: str,
    now: datetime,
    expires: datetime | None = None,
    product: str | None = None,
) -> NewToken:
    """Make a token in the place of another one, which stays valid for a while, so that devices can change over.

    Args:
        connection: inside a change.
        token_id: the id of the old one.
        overlap: how long the old one stays valid; never longer than it was.
        actor: who does it, for the audit.
        now: the time.
        expires: the moment from which the new one is refused.
        product: the product that the old one has to be of.

    Raises:
        NotFoundError: there is none.
        ConflictError: the old one is no longer valid, or the overlap is negative.
    """
    old = get_token(connection, token_id, product=product, locked=True)
    if not old.is_valid(now):
        raise ConflictError(
            f"the token {quote(token_id)} is revoked or expired", "make a new one with `policy service token create`"
        )
    if overlap < timedelta():
        raise ConflictError("the overlap is negative", "write how long the old token stays valid, or `0s`")
    end = now + overlap if old.expires is None else min(old.expires, now + overlap)
    _change(connection, token_id, "rotate", actor, now, expires=to_micros(end))
    return create_token(connection, old.product, old.scope, actor=actor, now=now, expires=expires, note=old.note)


def get_token(connection: Connection, token_id: str, *, product: str | None = None, locked: bool = False) -> Token:
    """One token.

    Raises:
        NotFoundError: there is none, or it is of another product.
    """
    query = select(tokens).where(tokens.c.id == token_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None or product not in {None, row.product}:
        raise NotFoundError(f"there is no token {quote(token_id)}", "see `policy service token list`")
    return _token(row)


def list_tokens(connection: Connection, product: str | None = None) -> list[Token]:
    """All tokens, or those of a product, the oldest first; those that are no longer valid included."""
    query = select(tokens).order_by(tokens.c.created, tokens.c.id)
    return [_token(row) for row in connection.execute(query if product is None else query.where(tokens.c.product == product))]


def _checked(secret: str) -> str:
    if not SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET or not secret.isascii() or not secret.isprintable() or " " in secret:
        message = f"the secret has not from {SHORTEST_SECRET} to {_LONGEST_SECRET} characters of printable ASCII without blanks"
        raise ConflictError(message, "let the service make one")
    return secret


def _change(connection: Connection, token_id: str, action: str, actor: str, now: datetime, **values: int) -> Token:
    connection.execute(update(tokens).where(tokens.c.id == token_id).values(**values))
    token = get_token(connection, token_id)
    _note(connection, action, token, actor, now)
    return token


def _note(connection: Connection, action: str, token: Token, actor: str, now: datetime) -> None:
    """Write the audit, and tell every process that tokens changed."""
    connection.execute(update(counters).where(counters.c.name == "tokens").values(value=counters.c.value + 1))
    document = {"action": action, "token": token.id, "scope": str(token.scope), "expires": maybe_to_micros(token.expires)}
    append(connection, [AuditEntry(Kind.TOKEN, actor, now, document, token.product)])


def _token(row: Row[Any]) -> Token:
    times = from_micros(row.created), maybe_from_micros(row.expires), maybe_from_micros(row.revoked)
    return Token(row.id, row.product, Scope(row.scope), row.digest, row.note, *times)
