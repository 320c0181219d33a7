"""Who asks, and how an answer is found: the token names the product, and nothing in a request can name another one.

Every function that touches the database is called with a connection and the product of the token. What the store reads by a number
or an id alone is compared with that product before anything of it is answered.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from time import perf_counter
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import SkipValidation
from sqlalchemy import Connection

from policy_lang.service.authorization import Identity, identify, refusal, secret_of
from policy_lang.service.problems import Problem
from policy_lang.service.service import Service
from policy_lang.service.store.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")

_STATE = "caller"


@dataclass(frozen=True, slots=True)
class Caller:
    """An engineer, or a program of one, with an admin token.

    Attributes:
        service: the parts of the service.
        identity: what the token stands for.
        now: when the request came.
    """

    service: Service
    identity: Identity
    now: datetime

    @property
    def product(self) -> str:
        """The one product that the token is for."""
        return self.identity.product

    @property
    def actor(self) -> str:
        """What the audit calls the caller."""
        return f"admin:{self.identity.token_id}"

    async def read(self, function: Callable[Concatenate[Connection, str, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a function finds for the product, in one state of the database."""

        def work() -> T:
            with self.service.database.reading() as connection:
                return function(connection, self.product, *args, **kwargs)

        return await self.run(work)

    async def change(self, function: Callable[Concatenate[Connection, str, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a function changes for the product, in one transaction; devices are served from it when this returns."""

        def work() -> T:
            with self.service.database.changing() as connection:
                return function(connection, self.product, *args, **kwargs)

        done = await self.run(work)
        with suppress(StoreError):  # the change is kept, and every process asks for it again within `refresh_seconds`
            await self.service.registry.refresh()
        return done

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a function gives that may block."""
        return await self.service.threads.run(function, *args, **kwargs)

    def check_catalog_is_ours(self) -> None:
        """Refuse a change of a catalog that is kept in a file.

        Raises:
            Problem: 409, the file is the truth.
        """
        if self.service.settings.catalog is not None:
            raise Problem(HTTPStatus.CONFLICT, "the catalog is kept in a file", help="change the file; the service follows it")


Calling: TypeAlias = NamedDependency[SkipValidation[Caller]]
"""Who asks, as an argument of a handler."""


async def require_admin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let in who has an admin token; a guard of the whole API, so that no handler can forget it.

    Raises:
        Problem: 401, there is no such token, or it is of another scope; 429, too many were tried.
    """
    service: Service = connection.app.state.service
    now = service.clock()
    identity = identify(secret_of(connection.scope["headers"]), service.registry.snapshot.tokens, now)
    if identity is None or identity.scope != "admin":
        wait = service.failures.wait(connection.client.host if connection.client else "", perf_counter())
        if wait:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong tokens", {"retry-after": str(wait)})
        raise refusal(drops_registrations=False)
    connection.state[_STATE] = Caller(service, identity, now)


async def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """Who asks, as the guard found out."""
    caller: Caller = request.state[_STATE]
    return caller
