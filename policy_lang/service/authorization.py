"""Who asks: the `Authorization` header, the secret in it, and what the secret may do.

Secrets are compared by their SHA-256, which is looked up in a table and then compared in constant time: how long an answer takes
says nothing about a secret, because nobody can choose a digest. A token belongs to one product and has one scope.

Source: docs/service.md, "Tokens".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Final, Literal

from policy_lang.service.problems import DropRegistrationError, Problem

_MAX_SECRET: Final = 1024
_BEARER: Final = b"bearer "


@dataclass(frozen=True, slots=True)
class Identity:
    """What a token stands for.

    Attributes:
        token_id: its name, for logs and audits.
        product: the product that it belongs to.
        scope: what it may do.
        digest: the SHA-256 of the secret, 64 hex digits.
        expires: when it ends; None for never.
    """

    token_id: str
    product: str
    scope: Literal["device", "admin"]
    digest: str
    expires: datetime | None = None


def secret_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The secret of a request: `Authorization: SECRET` or `Authorization: bearer SECRET`, in any case; None where there is none.

    Two such headers are none: which of them counts would depend on who reads them.

    >>> secret_of([(b"authorization", b"Bearer 0123456789abcdef")])
    b'0123456789abcdef'
    """
    given = [value for name, value in headers if name == b"authorization"]
    if len(given) != 1:
        return None
    value = given[0].strip()
    if value[: len(_BEARER)].lower() == _BEARER:
        value = value[len(_BEARER) :].strip()
    return value if 0 < len(value) <= _MAX_SECRET else None


def identify(secret: bytes | None, tokens: Mapping[str, Identity], now: datetime) -> Identity | None:
    """The identity of a secret; None where no token has it, or the token has expired.

    Args:
        secret: what the client sent.
        tokens: the identities by digest; revoked ones are not among them.
        now: the time, with a zone.
    """
    digest = sha256(secret or b"").hexdigest()
    identity = tokens.get(digest)
    if secret is None or identity is None or not compare_digest(identity.digest, digest):
        return None
    return identity if identity.expires is None or now < identity.expires else None


def refusal(*, drops_registrations: bool) -> Problem:
    """The answer to a token that nobody has, is over, or is of another scope: the same for each, so that it tells nothing."""
    if drops_registrations:
        return DropRegistrationError()
    return Problem(HTTPStatus.UNAUTHORIZED, "the token is not valid here", {"www-authenticate": "Bearer"})
