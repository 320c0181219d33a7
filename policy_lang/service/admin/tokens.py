"""`/tokens`: who may check in for the product, and who may change it."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from policy_lang.documents.problems import quote
from policy_lang.service.admin.access import Caller, Calling
from policy_lang.service.admin.documents import Moment, Text
from policy_lang.service.admin.openapi import After, Limit, TokenId, problems
from policy_lang.service.admin.paging import place_behind
from policy_lang.service.problems import Problem
from policy_lang.service.store.tokens import NewToken as MadeToken
from policy_lang.service.store.tokens import Scope, create_token, list_tokens, revoke_token, rotate_token
from policy_lang.service.store.tokens import Token as StoredToken
from policy_lang.types.times import read_duration, read_timestamp

_LONGEST = timedelta(days=3660)
_SECRET = {"cache-control": "no-store"}


class Token(msgspec.Struct, frozen=True):
    """A token, without its secret.

    Attributes:
        id: its name for people.
        scope: `device` to check in, `admin` for this API.
        note: what people remember it by.
        created: when it was made.
        expires: from when on it is refused; null for never.
        revoked: when it was revoked; null where it was not.
        is_valid: whether it lets somebody in now.
    """

    id: str
    scope: Literal["device", "admin"]
    note: str
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    is_valid: bool


class TokenPage(msgspec.Struct, frozen=True):
    """Some tokens, the oldest first.

    Attributes:
        items: the tokens.
        next: what to send as `after` for the next page; null on the last one.
    """

    items: list[Token]
    next: str | None


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token that is to be made.

    Attributes:
        scope: `device` to check in, `admin` for this API.
        note: what people remember it by.
        expires: from when on it is refused.
        secret: one that devices have already; the service makes one without it.
    """

    scope: Literal["device", "admin"]
    note: Annotated[str, msgspec.Meta(max_length=1024, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    expires: Moment | UnsetType = UNSET
    secret: Annotated[str, msgspec.Meta(min_length=16, max_length=1024)] | UnsetType = UNSET


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token that is to take the place of another one.

    Attributes:
        overlap: how long the old one stays valid, such as `7d`.
        expires: from when on the new one is refused.
    """

    overlap: Text
    expires: Moment | UnsetType = UNSET


class MintedToken(msgspec.Struct, frozen=True):
    """A token that was made.

    Attributes:
        token: the token.
        secret: what its owner sends; it is shown here and never again.
    """

    token: Token
    secret: str


_NEW = {"scope": "device", "note": "the factory in Brno", "expires": "2027-01-01T00:00:00Z"}
NewBody = Annotated[NewToken, BodyKwarg(examples=[Example(summary="for devices", value=_NEW)])]
RotationBody = Annotated[Rotation, BodyKwarg(examples=[Example(summary="a week to change over", value={"overlap": "7d"})])]


class TokenController(Controller):
    """The tokens of the product."""

    path = "/tokens"
    tags = ("tokens",)

    @get(operation_id="listTokens", summary="List tokens", responses=problems(404))
    async def list_all(self, caller: Calling, after: After = None, limit: Limit = 100) -> TokenPage:
        """All tokens of the product, the oldest first, those that are no longer valid included."""
        return await caller.read(_page, after, limit, caller.now)

    @post(operation_id="createToken", summary="Create a token", responses=problems(409))
    async def create(self, caller: Calling, data: NewBody) -> Response[MintedToken]:
        """Make a token. Its secret is in this answer and nowhere else: the service keeps its hash only."""
        made = await caller.change(_create, data, _moment(data.expires), caller)
        return _minted(made, caller)

    @post("/{token_id:str}/rotate", operation_id="rotateToken", summary="Rotate a token", responses=problems(404, 409))
    async def rotate(self, caller: Calling, token_id: TokenId, data: RotationBody) -> Response[MintedToken]:
        """Make a token in the place of another one, which stays valid for a while."""
        made = await caller.change(_rotate, token_id, _overlap(data.overlap), _moment(data.expires), caller)
        return _minted(made, caller)

    @delete(
        "/{token_id:str}", operation_id="revokeToken", summary="Revoke a token", status_code=HTTPStatus.OK, responses=problems(404)
    )
    async def revoke(self, caller: Calling, token_id: TokenId) -> Token:
        """Refuse a token from now on; revoking it again changes nothing."""
        return _view(await caller.change(_revoke, token_id, caller), caller.now)


def _page(connection: Connection, product: str, after: str | None, limit: int, now: datetime) -> TokenPage:
    found = list_tokens(connection, product)
    start = place_behind([token.id for token in found], after)
    shown = found[start : start + limit]
    return TokenPage([_view(token, now) for token in shown], shown[-1].id if start + limit < len(found) else None)


def _create(connection: Connection, product: str, data: NewToken, expires: datetime | None, caller: Caller) -> MadeToken:
    secret = None if isinstance(data.secret, UnsetType) else data.secret
    scope = Scope(data.scope)
    return create_token(
        connection, product, scope, actor=caller.actor, now=caller.now, expires=expires, note=data.note, secret=secret
    )


def _rotate(
    connection: Connection, product: str, token_id: str, overlap: timedelta, expires: datetime | None, caller: Caller
) -> MadeToken:
    return rotate_token(connection, token_id, overlap=overlap, actor=caller.actor, now=caller.now, expires=expires, product=product)


def _revoke(connection: Connection, product: str, token_id: str, caller: Caller) -> StoredToken:
    return revoke_token(connection, token_id, actor=caller.actor, now=caller.now, product=product)


def _moment(text: str | UnsetType) -> datetime | None:
    """The time from which a token is refused.

    Raises:
        Problem: 400, the text is no time.
    """
    if isinstance(text, UnsetType):
        return None
    moment = read_timestamp(text)
    if moment is None:
        remedy = "write for example `2027-01-01T00:00:00Z`"
        raise Problem(HTTPStatus.BAD_REQUEST, f"`expires` is no time in RFC 3339: {quote(text)}", help=remedy)
    return moment


def _overlap(text: str) -> timedelta:
    """How long an old token stays valid.

    Raises:
        Problem: 400, the text is no length of time, or a very long one.
    """
    length = read_duration(text)
    if length is None or not timedelta() <= length <= _LONGEST:
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"`overlap` is no length of time up to ten years: {quote(text)}", help="write for example `7d`"
        )
    return length


def _view(token: StoredToken, now: datetime) -> Token:
    return Token(
        id=token.id,
        scope=token.scope.value,
        note=token.note,
        created=token.created,
        expires=token.expires,
        revoked=token.revoked,
        is_valid=token.is_valid(now),
    )


def _minted(made: MadeToken, caller: Caller) -> Response[MintedToken]:
    """The answer with the secret, which nobody in between keeps."""
    answer = MintedToken(_view(made.token, caller.now), made.secret)
    return Response(answer, status_code=HTTPStatus.CREATED, headers=_SECRET)
