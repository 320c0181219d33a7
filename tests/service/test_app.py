"""The application in the hands of a host: mounted, started and stopped, over a database that the host has opened."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from service_world import REPORT, UPDATE, Visit, World, world
from stores import document, empty_url, opened

from policy_lang.service import Settings, create_app
from policy_lang.service.settings import Paths
from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.errors import StoreError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Host:
    """A host's own application, as plain ASGI: it mounts the service below a path, as Starlette and others do."""

    def __init__(self, service: Any, prefix: str) -> None:
        """Mount a service."""
        self.service, self.prefix = service, prefix

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand over what is below the path, and answer everything else."""
        if scope["path"].startswith(f"{self.prefix}/"):
            await self.service({**scope, "root_path": scope.get("root_path", "") + self.prefix}, receive, send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"the host itself"})


@asynccontextmanager
async def hosting(here: World, prefix: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the host, whose own lifespan enters that of the service."""
    app = here.app()
    transport = httpx.ASGITransport(cast(Any, Host(app, prefix)))
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://host") as client:
        yield client


@pytest.mark.parametrize("prefix", ["/updates", "/a/b", "/tok"])
def test_a_host_mounts_it_below_a_path(prefix: str, tmp_path: Path) -> None:
    here = world(tmp_path)

    async def story() -> None:
        async with hosting(here, prefix) as client:
            headers = {"Authorization": here.tokens["atlas"]}
            device = {"id": "1", "version": "1.0.0"}
            assert (await client.get("/")).text == "the host itself"
            assert (await client.post(f"{prefix}{UPDATE}", json=device, headers=headers)).json()["update"] == "atlas-2"
            report = {"id": "1", "update": "atlas-2", "success": True}
            assert (await client.post(f"{prefix}{REPORT}", json=report, headers=headers)).json() == {}
            assert (await client.get(f"{prefix}/readyz")).json()["status"] == "ready"
            assert (await client.get(f"{prefix}/api/openapi.json")).status_code == 200
            missing = await client.get(f"{prefix}/nothing")
            assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")
            assert missing.json()["detail"] == "there is nothing at this path"

    asyncio.run(story())


def test_the_paths_of_devices_are_settings(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        device = {"id": "1", "version": "1.0.0"}
        assert (await visit.post("/v2/checkin", device)).json()["update"] == "atlas-2"
        assert (await visit.post("/v2/outcome", {"id": "1", "update": "atlas-2", "success": "false"})).json() == {}
        assert (await visit.post(UPDATE, device)).status_code == 404

    world(tmp_path, paths=Paths(update="/v2/checkin", report="/v2/outcome")).run(story)


def test_a_path_may_end_with_a_slash(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        assert (await visit.post(f"{UPDATE}/", {"id": "1", "version": "1.0.0"})).status_code == 200

    world(tmp_path).run(story)


def test_a_database_of_the_host_stays_open(tmp_path: Path) -> None:
    here = world(tmp_path)

    async def story() -> None:
        with opened(here.url) as database:
            app = here.app(database)
            async with app.lifespan():
                assert app.state.service.database is database
            with database.reading() as connection:
                assert list_entries(connection, limit=1)

    asyncio.run(story())


def test_it_does_not_start_over_a_database_that_is_not_ready(tmp_path: Path) -> None:
    async def story() -> None:
        async with create_app(Settings(database=empty_url("sqlite", tmp_path))).lifespan():
            pytest.fail("it started")

    with pytest.raises(ExceptionGroup) as caught:  # Litestar starts everything in a group
        asyncio.run(story())
    assert caught.group_contains(StoreError, match="no such database")


def test_what_waits_is_written_when_it_stops(tmp_path: Path) -> None:
    here = world(tmp_path, document("atlas-2"), audit=1.0)

    async def story(visit: Visit) -> None:
        for number in range(20):
            await visit.check_in(id=f"d{number}")

    here.run(story)
    with opened(here.url) as database, database.reading() as connection:
        assert len(list_entries(connection, kind=Kind.DECISION)) == 20


def test_importing_the_package_loads_no_framework() -> None:
    code = "import sys, policy_lang.service; sys.exit(bool({'litestar', 'sqlalchemy', 'msgspec'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = __import__("policy_lang.service", fromlist=["x"]).nothing


async def _never() -> Message:
    """A client that sends no body."""
    await asyncio.sleep(60)
    return {}


def test_a_body_that_never_comes_is_not_waited_for_on_servers_without_a_deadline(tmp_path: Path) -> None:
    here = world(tmp_path)
    settings = Settings(database=here.url, limits=type(here.settings.limits)(body_seconds=0.05))

    async def story() -> None:
        app = create_app(settings)
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"authorization", here.tokens["atlas"].encode())]
        scope = {"type": "http", "method": "POST", "path": UPDATE, "headers": headers, "query_string": b"", "client": None}
        async with app.lifespan():
            await app(cast(Any, scope), cast(Any, _never), cast(Any, send))
        assert sent[0]["status"] == 408

    asyncio.run(story())
