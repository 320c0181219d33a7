from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from stores import HOUR, NOW, document, migrated_url, opened, stock

from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.catalogs import get_update, load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import NotFoundError
from policy_lang.service.store.reports import (
    HOLDER,
    Report,
    ReportCounts,
    ReportOutcome,
    count_reports,
    list_reports,
    record_report,
)
from policy_lang.service.store.updates import pause_update, put_update, remove_update, resume_update

NEWS, AGAIN, PAUSED = ReportOutcome(True, False), ReportOutcome(False, False), ReportOutcome(True, True)


def limited(failures: int) -> dict[str, object]:
    """An update that is paused by more failures than that."""
    return document(rollout={"pause_on_failures": failures})


def report(database: Database, device: str, *, success: bool, hours: int = 0, update_id: str = "release-7") -> ReportOutcome:
    """What a report does."""
    with database.changing() as connection:
        return record_report(connection, "thermostat", update_id, device, is_success=success, now=NOW + hours * HOUR)


def fail(database: Database, devices: str) -> list[bool]:
    """Which report of failure pauses the update, of devices with ids of one letter."""
    return [report(database, device, success=False).has_paused for device in devices]


def is_held(database: Database) -> bool:
    """Whether reports of failure hold the update, in the store and in the catalog."""
    with database.reading() as connection:
        stored = get_update(connection, "thermostat", "release-7")
        (update,) = load_product(connection, "thermostat").catalog()
    assert update.is_paused == stored.effective["paused"]
    return stored.is_held


def test_a_repeated_report_counts_once(database: Database) -> None:
    stock(database, document())
    assert [report(database, "a", success=True, hours=hours) for hours in range(3)] == [NEWS, AGAIN, AGAIN]
    with database.reading() as connection:
        assert count_reports(connection, "release-7") == ReportCounts(1, 0)
        assert list_reports(connection, "release-7") == [Report("release-7", "a", True, True, 3, NOW, NOW + 2 * HOUR)]
        assert len(list_entries(connection, kind=Kind.REPORT)) == 1


def test_a_device_counts_with_what_it_said_last(database: Database) -> None:
    stock(database, document())
    said = [False, False, True, False, True]
    assert [report(database, "a", success=each, hours=hours).is_news for hours, each in enumerate(said)] == [
        True,
        False,
        True,
        True,
        True,
    ]
    with database.reading() as connection:
        assert count_reports(connection, "release-7") == ReportCounts(1, 0)
        assert list_reports(connection, "release-7") == [Report("release-7", "a", True, True, 2, NOW + 2 * HOUR, NOW + 4 * HOUR)]


def test_reports_in_pages_and_by_what_they_say(database: Database) -> None:
    stock(database, document())
    for device in "abcd":
        report(database, device, success=device in "ac")
    with database.reading() as connection:
        assert [each.device_id for each in list_reports(connection, "release-7", after="b", limit=1)] == ["c"]
        assert [each.device_id for each in list_reports(connection, "release-7", is_success=False)] == ["b", "d"]


def test_too_many_failing_devices_pause_the_update(database: Database) -> None:
    stock(database, limited(2))
    assert fail(database, "aabba") == [False] * 5
    assert not is_held(database)
    assert fail(database, "cd") == [True, False]
    assert is_held(database)
    with database.reading() as connection:
        (row,) = list_entries(connection, kind=Kind.PAUSE)
    assert (row.entry.actor, row.entry.revision, row.entry.update_id) == (HOLDER, 2, "release-7")
    assert row.entry.document["details"] == {"failures": 3, "pause_on_failures": 2}


def test_none_may_fail(database: Database) -> None:
    stock(database, limited(0))
    assert fail(database, "a") == [True]


def test_without_a_limit_failures_pause_nothing(database: Database) -> None:
    stock(database, document())
    assert fail(database, "abcdefgh") == [False] * 8


def test_a_device_that_succeeds_at_last_is_no_failure(database: Database) -> None:
    stock(database, limited(1))
    fail(database, "a")
    report(database, "a", success=True)
    assert fail(database, "b") == [False]
    assert fail(database, "a") == [True]


def test_resuming_starts_a_new_round(database: Database) -> None:
    stock(database, limited(1))
    assert fail(database, "ab") == [False, True]
    with database.changing() as connection:
        resume_update(connection, "thermostat", "release-7", actor="test", now=NOW)
    assert not is_held(database)
    assert fail(database, "c") == [False]
    assert fail(database, "cca") == [False, False, True]
    assert is_held(database)


def test_putting_an_update_again_does_not_release_it(database: Database) -> None:
    stock(database, limited(0))
    fail(database, "a")
    with database.changing() as connection:
        put_update(connection, "thermostat", limited(0), actor="test", now=NOW)
    assert is_held(database)


def test_what_is_paused_already_is_not_held_too(database: Database) -> None:
    stock(database, limited(0))
    with database.changing() as connection:
        pause_update(connection, "thermostat", "release-7", actor="test", now=NOW)
    assert fail(database, "a") == [False]


def test_a_removed_update_still_takes_reports(database: Database) -> None:
    stock(database, limited(0))
    with database.changing() as connection:
        remove_update(connection, "thermostat", "release-7", actor="test", now=NOW)
    assert report(database, "a", success=False) == NEWS


def test_an_update_of_another_product_is_not_there(database: Database) -> None:
    stock(database)
    stock(database, document(), product="lamp")
    for update_id in ("release-7", "nonsense"):
        with pytest.raises(NotFoundError, match=rf"^there is no update `{update_id}`$"):
            report(database, "a", success=True, update_id=update_id)


@pytest.mark.parametrize("device", ["", "\ud800"])
def test_an_id_that_is_no_id(database: Database, device: str) -> None:
    stock(database, document())
    with pytest.raises(ValueError, match=r"is no device id$"):
        report(database, device, success=True)


def test_reports_at_once_pause_exactly_at_the_limit(database: Database) -> None:
    """Each of 30 devices reports its failure three times, from eight threads; only the one too many pauses."""
    stock(database, limited(19))
    devices = [f"device-{number % 30}" for number in range(90)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda device: report(database, device, success=False), devices))
    assert [outcome.has_paused for outcome in outcomes].count(True) == 1
    with database.reading() as connection:
        (row,) = list_entries(connection, kind=Kind.PAUSE)
        assert row.entry.document["details"] == {"failures": 20, "pause_on_failures": 19}
        assert count_reports(connection, "release-7") == ReportCounts(0, 30)
        assert {each.times for each in list_reports(connection, "release-7")} == {3}


def test_who_pauses_an_update_at_the_same_time_is_waited_for(tmp_path: Path) -> None:
    """A report finds one failure too many while somebody pauses the update; when the lock is free, there is nothing left to do."""
    with opened(migrated_url("postgresql", tmp_path)) as database, ThreadPoolExecutor(1) as pool:
        stock(database, limited(0))
        with database.changing() as connection:
            pause_update(connection, "thermostat", "release-7", actor="test", now=NOW)
            outcome = pool.submit(report, database, "a", success=False)
            while not is_waiting(database):
                assert not outcome.done()
        assert outcome.result(10) == NEWS
        assert not is_held(database)


def is_waiting(database: Database) -> bool:
    """Whether somebody waits for a lock of this database."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.asking() as connection:
        return bool(connection.execute(text(query)).scalar_one())
