from stores import HOUR, NOW

from policy_lang.rollout.ledger import Limits
from policy_lang.service.store.database import Database
from policy_lang.service.store.deferred import Deferral, DeferredDevice, count_deferred, list_deferred, record_deferred
from policy_lang.service.store.grants import make_grant


def defer(database: Database, *deferrals: Deferral) -> None:
    """Write a batch."""
    with database.changing() as connection:
        record_deferred(connection, deferrals)


def test_a_device_waits_from_the_first_time_to_the_last(database: Database) -> None:
    defer(database, Deferral("release-7", "a", "max devices", NOW))
    defer(database, Deferral("release-7", "a", "max per period", NOW + HOUR))
    with database.reading() as connection:
        assert list_deferred(connection, "release-7") == [DeferredDevice("release-7", "a", "max per period", NOW, NOW + HOUR)]


def test_the_last_of_a_batch_counts(database: Database) -> None:
    defer(database, Deferral("release-7", "a", "max devices", NOW), Deferral("release-7", "a", "max per period", NOW + HOUR))
    with database.reading() as connection:
        (waiting,) = list_deferred(connection, "release-7")
    assert (waiting.gate, waiting.last_at) == ("max per period", NOW + HOUR)


def test_an_empty_batch(database: Database) -> None:
    defer(database)
    with database.reading() as connection:
        assert count_deferred(connection, "release-7") == 0


def test_pages_of_an_update(database: Database) -> None:
    defer(database, *(Deferral("release-7", device, "max devices", NOW) for device in "cab"))
    defer(database, Deferral("release-8", "z", "max devices", NOW))
    with database.reading() as connection:
        assert [each.device_id for each in list_deferred(connection, "release-7", after="a", limit=1)] == ["b"]
        assert (count_deferred(connection, "release-7"), count_deferred(connection, "release-8")) == (3, 1)


def test_a_late_batch_does_not_defer_who_was_granted(database: Database) -> None:
    with database.changing() as connection:
        make_grant(connection, "release-7", "a", Limits(), NOW)
    defer(database, *(Deferral("release-7", device, "max devices", NOW) for device in "ab"))
    with database.reading() as connection:
        assert [each.device_id for each in list_deferred(connection, "release-7")] == ["b"]
        assert count_deferred(connection, "release-7") == 1
