from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from stores import ENGINES, NOW, document, migrated_url, opened, stock

from policy_lang.rollout.ledger import Grant, Ledger, Limits
from policy_lang.selection.engine import Selector
from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.store.audit import list_entries
from policy_lang.service.store.catalogs import load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import UnavailableError


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the tables of this release and nothing in them."""
    with opened(migrated_url(request.param, tmp_path)) as found:
        yield found


def test_a_selector_grants_through_the_database(database: Database) -> None:
    stock(database, document(rollout={"max_devices": 1}))
    with database.reading() as connection:
        catalog = load_product(connection, "thermostat").catalog()
    ledger: Ledger = DatabaseLedger(database, actor="test")
    devices = [{"id": each, "product": "thermostat", "version": "1.0.0"} for each in "aab"]
    for selector in (Selector(catalog, ledger), Selector(catalog, DatabaseLedger(database))):
        assert [selector.select(device, NOW).update is not None for device in devices] == [True, True, False]
    with database.reading() as connection:
        assert list_entries(connection)[0].entry.actor == "test"


def test_only_a_new_grant_takes_a_lock(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, one = DatabaseLedger(database), Limits(max_devices=1)
    assert ledger.grant("release-7", "a", one, NOW) is Grant.NEW
    monkeypatch.setattr(database, "changing", lambda: pytest.fail("it asks for the lock"))
    assert ledger.grant("release-7", "a", one, NOW) is Grant.HELD
    assert ledger.grant("release-7", "b", one, NOW) is Grant.MAX_DEVICES
    assert ledger.grant("release-7", "", one, NOW) is Grant.NO_ID


def test_a_refusal_is_one_statement(database: Database) -> None:
    ledger, statements = DatabaseLedger(database), list[str]()
    ledger.grant("release-7", "a", Limits(max_devices=0), NOW)
    with database.asking() as connection:
        event.listen(connection.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    ledger.grant("release-7", "a", Limits(max_devices=0), NOW)
    assert len(statements) == 1


@pytest.mark.parametrize("device_id", ["a", ""])
def test_a_time_without_a_zone_is_the_callers_error(database: Database, device_id: str) -> None:
    ledger = DatabaseLedger(database)
    for call in (ledger.grant, ledger.peek):
        with pytest.raises(ValueError, match=r"^`now` needs a time zone$"):
            call("release-7", device_id, Limits(), NOW.replace(tzinfo=None))


def test_without_a_database_nothing_is_granted() -> None:
    with opened("postgresql://policy@127.0.0.1:1/updates") as database:
        ledger = DatabaseLedger(database)
        for call in (ledger.grant, ledger.peek):
            with pytest.raises(UnavailableError):
                call("release-7", "a", Limits(), NOW)
