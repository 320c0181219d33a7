from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from stores import HOUR, NOW, SECOND, document, stock

from policy_lang.rollout.ledger import Grant, Limits
from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.database import Database
from policy_lang.service.store.deferred import Deferral, count_deferred, record_deferred
from policy_lang.service.store.grants import GrantRow, count_grants, find_grant, list_grants, make_grant, peek_grant
from policy_lang.service.store.tables import grants

FREE = Limits()


def ask(database: Database, devices: str, limits: Limits = FREE, now: datetime | None = NOW) -> list[Grant]:
    """The answers to devices with ids of one letter, each in a change of its own."""
    answers = []
    for device in devices:
        with database.changing() as connection:
            answers.append(make_grant(connection, "release-7", device, limits, now))
    return answers


def test_grants_are_numbered_in_their_order(database: Database) -> None:
    assert ask(database, "ba") == [Grant.NEW, Grant.NEW]
    assert ask(database, "bc", now=None) == [Grant.HELD, Grant.NEW]
    with database.reading() as connection:
        assert count_grants(connection, "release-7") == 3
        assert list_grants(connection, "release-7") == [
            GrantRow("release-7", "b", 1, NOW, NOW),
            GrantRow("release-7", "a", 2, NOW, NOW),
            GrantRow("release-7", "c", 3, None, NOW),
        ]


def test_a_recorded_time_never_goes_back(database: Database) -> None:
    ask(database, "a")
    ask(database, "b", now=NOW - HOUR)
    with database.reading() as connection:
        assert find_grant(connection, "release-7", "b") == GrantRow("release-7", "b", 2, NOW - HOUR, NOW)
        assert find_grant(connection, "release-7", "c") is None


def test_pages_of_grants(database: Database) -> None:
    ask(database, "abcde")
    with database.reading() as connection:
        pages = [
            [each.device_id for each in list_grants(connection, "release-7", after=after, limit=2)] for after in (0, 2, 4, 10**30)
        ]
    assert pages == [["a", "b"], ["c", "d"], ["e"], []]


def test_a_peek_records_nothing(database: Database) -> None:
    with database.reading() as connection:
        assert peek_grant(connection, "release-7", "a", FREE, NOW) is Grant.NEW
        assert count_grants(connection, "release-7") == 0
    assert ask(database, "a", Limits(max_devices=0)) == [Grant.MAX_DEVICES]


@pytest.mark.parametrize("device_id", ["", "\ud800"])
def test_an_id_that_is_no_id(database: Database, device_id: str) -> None:
    with database.changing() as connection:
        assert make_grant(connection, "release-7", device_id, FREE, NOW) is Grant.NO_ID
        assert peek_grant(connection, "release-7", device_id, FREE, NOW) is Grant.NO_ID


def test_a_time_without_a_zone_is_the_callers_error(database: Database) -> None:
    for act in (make_grant, peek_grant):
        with pytest.raises(ValueError, match="needs a time zone"), database.changing() as connection:
            act(connection, "release-7", "a", FREE, NOW.replace(tzinfo=None))


def test_a_new_grant_is_in_the_audit_with_its_product(database: Database) -> None:
    stock(database, document())
    ask(database, "aa")
    with database.reading() as connection:
        (row,) = list_entries(connection, kind=Kind.GRANT)
    entry = row.entry
    assert (entry.product, entry.update_id, entry.device_id, entry.at) == ("thermostat", "release-7", "a", NOW)
    assert entry.document == {"number": 1, "has_time": True}


def test_a_grant_that_is_not_committed_was_never_made(database: Database) -> None:
    def fail() -> None:
        with database.changing() as connection:
            make_grant(connection, "release-7", "a", FREE, NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ask(database, "b", Limits(max_devices=1)) == [Grant.NEW]


def test_a_granted_device_is_deferred_no_more(database: Database) -> None:
    with database.changing() as connection:
        record_deferred(connection, [Deferral("release-7", device, "max devices", NOW) for device in "ab"])
    ask(database, "a")
    with database.reading() as connection:
        assert count_deferred(connection, "release-7") == 1


def test_the_database_itself_refuses_a_second_grant_and_a_second_number(database: Database) -> None:
    ask(database, "a")
    row = {"update_id": "release-7", "device_id": "a", "number": 2, "granted_at": None, "recorded_at": 0}
    for wrong in (row, {**row, "device_id": "b", "number": 1}):
        with pytest.raises(IntegrityError), database.changing() as connection:
            connection.execute(insert(grants).values(**wrong))


def test_threads_share_the_limits_to_the_last_grant(database: Database) -> None:
    limits = Limits(20, 15, HOUR)

    def work(thread: int) -> list[Grant]:
        return [
            ask(database, chr(ord("a") + (number * 7 + thread * 5) % 40), limits, NOW + number * SECOND)[0] for number in range(40)
        ]

    with ThreadPoolExecutor(6) as pool:
        answers = [answer for found in pool.map(work, range(6)) for answer in found]
    assert answers.count(Grant.NEW) == 15
    assert set(answers) <= {Grant.NEW, Grant.HELD, Grant.MAX_PER_PERIOD}
    assert ask(database, "\u4e00\u4e01\u4e02\u4e03\u4e04\u4e05", limits, NOW + 2 * HOUR) == [Grant.NEW] * 5 + [Grant.MAX_DEVICES]
