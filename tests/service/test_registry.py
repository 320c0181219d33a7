"""Hot reload: whatever changes meanwhile, a check-in sees one state of the database."""

import asyncio
import threading
from io import BytesIO
from pathlib import Path

import pytest
from service_world import UPDATE, Visit, World, world
from sqlalchemy import Connection
from stores import ENGINES, NOW, document, opened

from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.logs import open_log
from policy_lang.service.metrics import Metrics
from policy_lang.service.registry import Registry, Snapshot
from policy_lang.service.store.catalogs import CatalogChanges, catalog_changes_since
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import UnavailableError
from policy_lang.service.store.tables import updates
from policy_lang.service.store.tokens import list_tokens, revoke_token
from policy_lang.service.store.updates import change_schema, pause_update, put_update, remove_update, resume_update


def registry_of(database: Database, log: BytesIO | None = None) -> Registry:
    return Registry(database, DatabaseLedger(database), Metrics(), open_log(log or BytesIO()))


def pair(number: int) -> list[dict[str, object]]:
    """Two updates that change together: what one offers, the other one has to agree with."""
    return [
        document("atlas-low", f"1.0.{number + 1}", channel=f"state-{number}"),
        document("atlas-high", f"2.0.{number + 1}", channel=f"state-{number}"),
    ]


def states(snapshot: Snapshot) -> set[str | None]:
    """The states of all updates of a snapshot; more than one is a mixture."""
    return {update.channel for update in snapshot.products["atlas"].selector.catalog}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_snapshot_follows_every_kind_of_change(engine: str, tmp_path: Path) -> None:
    here = world(tmp_path, document("atlas-2"), engine=engine)
    with opened(here.url) as database:
        registry = registry_of(database)

        def offer() -> str | None:
            asyncio.run(registry.refresh())
            decision = registry.snapshot.products["atlas"].selector.select(
                {"id": "1", "product": "atlas", "version": "1.0.0", "pro": True}, NOW
            )
            return None if decision.update is None else decision.update.id

        assert offer() == "atlas-2"
        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0", policy="device.pro == true"), actor="t", now=NOW)
        assert offer() == "atlas-3"
        with database.changing() as connection:
            pause_update(connection, "atlas", "atlas-3", actor="t", now=NOW)
        assert offer() == "atlas-2"
        with database.changing() as connection:
            resume_update(connection, "atlas", "atlas-3", actor="t", now=NOW)
            put_update(connection, "atlas", document("atlas-4", "4.0.0"), actor="t", now=NOW, is_verified=False)
        assert offer() == "atlas-3"
        with database.changing() as connection:
            remove_update(connection, "atlas", "atlas-3", actor="t", now=NOW)
            change_schema(connection, "atlas", {"type": "object", "properties": {"pro": {"type": "boolean"}}}, actor="t", now=NOW)
        assert offer() == "atlas-2"


def test_what_did_not_change_is_not_loaded_again(tmp_path: Path) -> None:
    here = world(tmp_path)
    with opened(here.url) as database:
        registry = registry_of(database)
        asyncio.run(registry.refresh())
        first = registry.snapshot
        asyncio.run(registry.refresh())
        assert registry.snapshot is first
        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
        asyncio.run(registry.refresh())
        assert registry.snapshot.products["beacon"] is first.products["beacon"]
        assert registry.snapshot.tokens is first.tokens
        kept = registry.snapshot.products["atlas"].selector.catalog.find("atlas-2")
        assert kept is not None
        assert kept is first.products["atlas"].selector.catalog.find("atlas-2")


def test_images_change_with_the_updates_that_have_them(tmp_path: Path) -> None:
    here = world(tmp_path)
    image = {"store": "eu", "key": f"atlas.{'0' * 16}/{'ab' * 32}", "size": 1}
    with opened(here.url) as database:
        registry = registry_of(database)

        def stores() -> dict[str, str]:
            asyncio.run(registry.refresh())
            return {update: location.store for update, location in registry.snapshot.products["atlas"].images.items()}

        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW, image=image)
        assert stores() == {"atlas-3": "eu"}
        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-4", "4.0.0"), actor="t", now=NOW, image={**image, "store": "us"})
        assert stores() == {"atlas-3": "eu", "atlas-4": "us"}
        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
            remove_update(connection, "atlas", "atlas-4", actor="t", now=NOW)
        assert stores() == {}


def test_no_thread_ever_sees_a_mixture_during_hundreds_of_changes(tmp_path: Path) -> None:
    """Each transaction changes two updates; every snapshot has both of one state."""
    here = world(tmp_path, *pair(0))
    changes, seen, mixtures = 120, set[str | None](), []
    done = threading.Event()

    def look(registry: Registry) -> None:
        while not done.is_set():
            snapshot = registry.snapshot
            found = states(snapshot)
            seen.update(found)
            high = snapshot.products["atlas"].selector.select({"id": "1", "product": "atlas", "version": "1.5.0"}, NOW).update
            low = snapshot.products["atlas"].selector.select({"id": "1", "product": "atlas", "version": "0.1.0"}, NOW).update
            assert high is not None
            assert low is high
            if len(found) != 1 or high.channel not in found:
                mixtures.append(found)
            done.wait(0.001)

    def change(database: Database) -> None:
        try:
            for number in range(1, changes + 1):
                with database.changing() as connection:
                    for each in pair(number):
                        put_update(connection, "atlas", each, actor="t", now=NOW)
        finally:
            done.set()

    async def follow(registry: Registry) -> None:
        while not done.is_set():
            await registry.refresh()
        await registry.refresh()

    with opened(here.url) as database:
        registry = registry_of(database)
        asyncio.run(registry.refresh())
        threads = [threading.Thread(target=look, args=(registry,)) for _ in range(3)]
        threads.append(threading.Thread(target=change, args=(database,)))
        for thread in threads:
            thread.start()
        asyncio.run(follow(registry))
        for thread in threads:
            thread.join()
    assert mixtures == []
    assert states(registry.snapshot) == {f"state-{changes}"}
    assert len(seen) > 5


def test_check_ins_during_changes_are_answered_from_whole_states(tmp_path: Path) -> None:
    """Requests and changes of the catalog interleave in one running application."""
    here = world(tmp_path, *pair(0), refresh_seconds=0.01)

    async def story(visit: Visit) -> None:
        database = visit.app.state.service.database
        stop = asyncio.Event()

        def change(number: int) -> None:
            with database.changing() as connection:
                for each in pair(number):
                    put_update(connection, "atlas", each, actor="t", now=NOW)

        async def change_all() -> None:
            try:
                for number in range(1, 101):
                    await asyncio.to_thread(change, number)
            finally:
                stop.set()

        async def ask(device: int) -> list[tuple[int, ...]]:
            got: list[tuple[int, ...]] = []
            while not stop.is_set():
                answer = (await visit.check_in(id=f"device-{device}-{len(got)}", version="1.9.0")).json()
                got.append(tuple(map(int, answer["version"].split("."))))
                await asyncio.sleep(0)  # a request in this process never waits by itself
            return got

        changing = asyncio.create_task(change_all())
        told = await asyncio.gather(*(ask(device) for device in range(4)))
        await changing
        for versions in told:
            assert versions == sorted(versions), "a check-in saw an older state after a newer one"
        assert len({version for versions in told for version in versions}) > 5

    here.run(story)


def test_without_the_database_the_last_snapshot_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path, refresh_seconds=0.02)

    async def story(visit: Visit) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Database, "reading", lambda _self: (_ for _ in ()).throw(UnavailableError("gone", "wait")))
            await asyncio.sleep(0.2)
            assert (await visit.check_in()).json()["update"] == "atlas-2"
        with visit.app.state.service.database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
        await asyncio.sleep(0.5)
        assert (await visit.check_in()).json()["update"] == "atlas-3"

    here.run(story)
    events = [line["event"] for line in here.lines]
    assert (events.count("database not reachable"), events.count("database reachable again")) == (1, 1)


def test_a_fault_while_refreshing_does_not_end_the_following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path, refresh_seconds=0.02)

    async def story(visit: Visit) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("policy_lang.service.registry.read_revisions", lambda _connection: 1 / 0)
            await asyncio.sleep(0.2)
        with visit.app.state.service.database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
        await asyncio.sleep(0.5)
        assert (await visit.check_in()).json()["update"] == "atlas-3"

    here.run(story)
    assert any("ZeroDivisionError" in str(line.get("traceback")) for line in here.lines)


def test_a_catalog_that_cannot_be_loaded_stays_as_it_was_and_the_others_go_on(tmp_path: Path) -> None:
    here, log = world(tmp_path), BytesIO()
    with opened(here.url) as database:
        registry = registry_of(database, log)
        asyncio.run(registry.refresh())
        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
            put_update(connection, "beacon", document("beacon-3", "3.0.0"), actor="t", now=NOW)
            broken = {**document("atlas-3", "3.0.0"), "product": "atlas", "policy": "device.x <"}
            connection.execute(updates.update().where(updates.c.id == "atlas-3").values(document=broken))
        asyncio.run(registry.refresh())
        snapshot = registry.snapshot
    assert [update.id for update in snapshot.products["atlas"].selector.catalog] == ["atlas-2"]
    assert len(snapshot.products["beacon"].selector.catalog) == 2
    assert b"catalog not loaded" in log.getvalue()


def test_a_fault_in_one_catalog_keeps_no_revoked_token_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, log = world(tmp_path), BytesIO()
    with opened(here.url) as database:
        registry = registry_of(database, log)
        asyncio.run(registry.refresh())
        before = registry.snapshot
        with database.changing() as connection:
            put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
            put_update(connection, "beacon", document("beacon-3", "3.0.0"), actor="t", now=NOW)
            for token in list_tokens(connection, "atlas"):
                revoke_token(connection, token.id, actor="t", now=NOW)

        def fail(connection: Connection, product: str, revision: int) -> CatalogChanges:
            return catalog_changes_since(connection, product, revision // (product != "atlas"))

        monkeypatch.setattr("policy_lang.service.registry.catalog_changes_since", fail)
        asyncio.run(registry.refresh())
        snapshot = registry.snapshot
    assert snapshot.products["atlas"] is before.products["atlas"]
    assert len(snapshot.products["beacon"].selector.catalog) == 2
    assert {identity.product for identity in snapshot.tokens.values()} == {"beacon"}
    assert b"ZeroDivisionError" in log.getvalue()


def test_a_product_that_never_loaded_is_not_answered_with_nothing(tmp_path: Path) -> None:
    here: World = world(tmp_path)
    with opened(here.url) as database, database.changing() as connection:
        connection.execute(updates.update().where(updates.c.id == "atlas-2").values(document={"id": "atlas-2"}))

    async def story(visit: Visit) -> None:
        answer = await visit.post(UPDATE, {"id": "1", "version": "1.0.0"})
        assert (answer.status_code, answer.json()["detail"]) == (503, "the catalog is not loaded")
        assert (await visit.check_in("beacon")).json()["update"] == "beacon-2"

    here.run(story)
