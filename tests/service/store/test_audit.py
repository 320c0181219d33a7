from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from stores import HOUR, NOW, document, stock

from policy_lang.service.store.audit import AuditEntry, Kind, append, list_entries, read_entry
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import NotFoundError

ENTRY = AuditEntry(Kind.DECISION, "device", NOW, {"a": ["\0", 1.5, None]}, "thermostat", 3, "device-1", "release-7")


def write(database: Database, *entries: AuditEntry) -> None:
    """Write rows in one change."""
    with database.changing() as connection:
        append(connection, entries)


def test_a_row_reads_back_as_it_was_written(database: Database) -> None:
    write(database, ENTRY)
    write(database)
    with database.reading() as connection:
        (row,) = list_entries(connection)
        assert read_entry(connection, row.seq) == row
    assert row.entry == ENTRY
    assert row.is_intact
    assert row.to_plain() == {
        "seq": row.seq,
        "at": "2026-05-01T12:00:00Z",
        "kind": "decision",
        "actor": "device",
        "product": "thermostat",
        "revision": 3,
        "device": "device-1",
        "update": "release-7",
        "document": {"a": ["\0", 1.5, None]},
        "digest": row.digest,
    }


@pytest.mark.parametrize("device_id", ["x" * 5000, "é" * 2000, "\\" * 1500, "\\#" + "f" * 64, "a\\b\0"])
def test_no_id_looks_like_a_row_that_was_changed(device_id: str, database: Database) -> None:
    write(database, replace(ENTRY, device_id=device_id, actor=device_id))
    with database.reading() as connection:
        (row,) = list_entries(connection)
    assert row.is_intact
    assert not replace(row, entry=replace(row.entry, device_id="another")).is_intact


def test_rows_are_found_by_what_they_tell_about(database: Database) -> None:
    others = [
        replace(ENTRY, kind=Kind.REPORT),
        replace(ENTRY, product="lamp"),
        replace(ENTRY, device_id="device-2"),
        replace(ENTRY, update_id=None),
    ]
    write(database, ENTRY, *others)
    with database.reading() as connection:
        first = list_entries(connection)[-1].seq
        assert [row.entry for row in list_entries(connection)] == [*reversed(others), ENTRY]
        assert len(list_entries(connection, kind=Kind.DECISION)) == 4
        assert len(list_entries(connection, product="thermostat")) == 4
        assert len(list_entries(connection, device_id="device-1")) == 4
        assert len(list_entries(connection, update_id="release-7")) == 4
        assert len(list_entries(connection, product="thermostat", device_id="device-1", kind=Kind.DECISION)) == 2
        assert [row.seq for row in list_entries(connection, before=first + 2, limit=1)] == [first + 1]


@pytest.mark.parametrize("seq", [7, 0, -1, 2**63, 10**30])
def test_a_row_that_is_not_there(database: Database, seq: int) -> None:
    with pytest.raises(NotFoundError, match=rf"^the audit has no row {seq}$"), database.reading() as connection:
        read_entry(connection, seq)


def test_a_page_before_any_number(database: Database) -> None:
    write(database, ENTRY)
    with database.reading() as connection:
        assert len(list_entries(connection, before=10**30)) == 1
        assert list_entries(connection, before=1) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE audit SET actor = actor",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_row(database: Database, statement: str) -> None:
    stock(database, document())
    with pytest.raises(IntegrityError, match="the audit is append-only"), database.changing() as connection:
        connection.execute(text(statement))
    with database.reading() as connection:
        assert [row.is_intact for row in list_entries(connection)] == [True, True]


def test_each_engine_refuses_its_own_ways_around(database: Database) -> None:
    stock(database, document())
    columns = "seq, at, kind, actor, document, digest"
    values = "1, 0, 'token', 'nobody', '{}', ''"
    statement = f"REPLACE INTO audit ({columns}) VALUES ({values})" if database.is_sqlite else "TRUNCATE audit"  # noqa: S608  ours
    with pytest.raises(IntegrityError, match="the audit is append-only"), database.changing() as connection:
        connection.execute(text(statement))


def test_a_row_that_was_changed_past_the_triggers_is_found(database: Database) -> None:
    changes: dict[str, Any] = {
        "at": NOW + HOUR,
        "kind": Kind.REPORT,
        "actor": "nobody",
        "product": "lamp",
        "revision": 4,
        "device_id": "device-2",
        "update_id": None,
        "document": {"a": ["\0", 1.5, 0]},
    }
    write(database, ENTRY)
    with database.reading() as connection:
        (row,) = list_entries(connection)
    for name, value in changes.items():
        assert not replace(row, entry=replace(ENTRY, **{name: value})).is_intact, name
