import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from stores import NOW, empty_url, migrated_url, opened

from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import SetupError, StoreError, UnavailableError
from policy_lang.service.store.products import add_product, list_products
from policy_lang.service.store.tables import accounts
from policy_lang.service.store.upserts import insert_if_missing


def names(database: Database) -> list[str]:
    """The products that are there."""
    with database.reading() as connection:
        return [product.id for product in list_products(connection)]


def test_a_change_is_kept_when_its_block_ends(database: Database) -> None:
    with database.changing() as connection:
        add_product(connection, "a", actor="test", now=NOW)
        assert names(database) == []
    assert names(database) == ["a"]


def test_a_change_that_raises_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.changing() as connection:
            add_product(connection, "a", actor="test", now=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(database) == []


def test_a_reader_sees_one_state(database: Database) -> None:
    with database.reading() as reader:
        assert list_products(reader) == []
        with database.changing() as connection:
            add_product(connection, "a", actor="test", now=NOW)
        assert list_products(reader) == []


def test_a_question_sees_the_state_of_its_moment(database: Database) -> None:
    with database.asking() as asker:
        assert list_products(asker) == []
        with database.changing() as connection:
            add_product(connection, "a", actor="test", now=NOW)
        assert [product.id for product in list_products(asker)] == ["a"]


def test_threads_change_one_after_the_other(database: Database) -> None:
    together = Barrier(8)

    def work(thread: int) -> None:
        together.wait()
        for number in range(5):
            with database.changing() as connection:
                insert_if_missing(connection, accounts, {"update_id": f"{thread}-{number}"})
                insert_if_missing(connection, accounts, {"update_id": "the same"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with database.reading() as connection:
        assert len(connection.execute(select(accounts)).all()) == 41


def test_our_own_mistakes_do_not_look_like_an_outage(database: Database) -> None:
    with pytest.raises((ProgrammingError, OperationalError), match="nonsense"), database.asking() as connection:
        connection.execute(text("SELECT nonsense"))
    with pytest.raises(IntegrityError), database.changing() as connection:
        connection.execute(text("INSERT INTO counters (name, value) VALUES ('tokens', 0)"))


def test_a_database_can_be_used_again_after_it_was_closed(database: Database) -> None:
    database.close()
    assert names(database) == []


def test_the_name_hides_the_password() -> None:
    assert Database("postgresql://policy:secret@db/updates").name == "postgresql://policy:***@db/updates"
    assert Database("sqlite:///service.db").name == "sqlite:///service.db"


def test_a_server_that_cannot_be_reached() -> None:
    with opened("postgresql://policy:secret@127.0.0.1:1/updates") as database:
        with pytest.raises(UnavailableError, match=r"^postgresql://policy:\*\*\*@127\.0\.0\.1:1/updates: connection") as error:
            database.check_schema()
        assert error.value.remedy == "check that the server runs and lets this user in"


def test_a_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/service.db") as database:
        with pytest.raises(SetupError, match=r"there is no such database$") as error:
            database.check_schema()
        assert error.value.remedy == "run `policy service migrate`"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/there/service.db") as database, pytest.raises(UnavailableError, match="there is no folder"):
        database.migrate()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "service.db"
    file.write_text("this is a text of a hundred characters or more, which no SQLite database ever begins with, I am sure of that")
    with opened(f"sqlite:///{file}") as database:
        with pytest.raises(UnavailableError, match=r"file is not a database$") as error:
            database.migrate()
        assert error.value.remedy.startswith("check that the file")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The rights do not stop every user, so the file says itself that nobody may write it."""
    source = Database(migrated_url("sqlite", tmp_path))
    with source.reading():
        pass
    source.close()
    with opened(f"sqlite:///file:{source.file}?mode=ro&uri=true") as database:
        database.check_schema()
        with (
            pytest.raises(UnavailableError, match=r"attempt to write a readonly database$") as error,
            database.changing() as connection,
        ):
            add_product(connection, "a", actor="test", now=NOW)
        assert "can be written" in error.value.remedy


def test_a_file_lock_that_is_not_free_in_time(tmp_path: Path) -> None:
    url = migrated_url("sqlite", tmp_path)
    first, second = Database(url), Database(url, timeout=0.2)
    with first.changing(), pytest.raises(UnavailableError, match=r"database is locked$") as error, second.changing():
        pass
    assert error.value.remedy == "another process holds the file for long; end it, or wait"
    first.close()
    second.close()


def test_a_thread_that_changes_for_long(tmp_path: Path) -> None:
    database = Database(migrated_url("sqlite", tmp_path), timeout=0.1)
    with database.changing(), ThreadPoolExecutor(1) as pool:
        error = pool.submit(database.changing().__enter__).exception(10)
    assert isinstance(error, UnavailableError)
    assert error.message.endswith(": another thread has been changing it for long")
    with database.changing():
        pass
    database.close()


def test_a_row_lock_that_is_not_free_in_time(tmp_path: Path) -> None:
    url = migrated_url("postgresql", tmp_path)
    first, second = Database(url), Database(url, timeout=0.2)
    lock = text("SELECT * FROM counters FOR UPDATE")
    with first.changing() as holder:
        holder.execute(lock)
        with pytest.raises(UnavailableError, match=r"canceling statement due to lock timeout$"), second.changing() as connection:
            connection.execute(lock)
    first.close()
    second.close()


def test_all_connections_in_use(tmp_path: Path) -> None:
    database = Database(migrated_url("sqlite", tmp_path), connections=1, timeout=0.1)
    with database.reading(), pytest.raises(StoreError, match=r"all connections of this process are in use$"), database.asking():
        pass
    database.close()


def test_a_dead_connection_is_replaced_when_it_was_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.service.store.database._IDLE", 0.0)
    url = migrated_url("postgresql", tmp_path)
    with opened(url) as database, opened(url) as other:
        with database.asking() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.asking() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        assert names(database) == []


def test_a_dead_connection_that_was_just_used_is_dropped_with_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.service.store.database._IDLE", 3600.0)
    url = migrated_url("postgresql", tmp_path)
    with opened(url) as database, opened(url) as other:
        with database.asking() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.asking() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(UnavailableError, match="terminating connection"):
            names(database)
        assert names(database) == []


def test_sqlite_survives_a_loss_of_power(tmp_path: Path) -> None:
    """What SQLite promises under these settings; a copy of the file and its log is what a crash leaves."""
    with opened(migrated_url("sqlite", tmp_path)) as database:
        with database.asking() as connection:
            settings = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")}
            assert settings == {"journal_mode": "wal", "synchronous": 2}
            assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        with database.changing() as connection:
            add_product(connection, "a", actor="test", now=NOW)
        assert database.file is not None
        (tmp_path / "crashed").mkdir()
        for part in tmp_path.glob(f"{database.file.name}*"):
            shutil.copy(part, tmp_path / "crashed" / part.name)
        name = database.file.name
    with closing(sqlite3.connect(tmp_path / "crashed" / name)) as crashed:
        assert crashed.execute("SELECT id FROM products").fetchall() == [("a",)]


def test_the_options_of_a_url_are_left_alone(tmp_path: Path) -> None:
    url = migrated_url("postgresql", tmp_path) + "&options=-c%20lock_timeout%3D77ms"
    with opened(url) as database, database.asking() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "77ms"


def test_an_empty_database_is_not_ready(tmp_path: Path) -> None:
    for engine in ("sqlite", "postgresql"):
        with opened(empty_url(engine, tmp_path)) as database:
            if database.file is not None:
                database.file.touch()
            with pytest.raises(SetupError, match=r" has no tables yet$") as error:
                database.check_schema()
            assert error.value.remedy == "run `policy service migrate`"


def test_an_error_does_not_say_what_a_statement_was_given(database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError)) as caught, database.asking() as connection:
        connection.execute(text("SELECT 1 FROM nowhere WHERE 'x' = :given"), {"given": "what a device sent"})
    assert "nowhere" in str(caught.value)
    assert "what a device sent" not in str(caught.value)
