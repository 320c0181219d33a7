from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import column, inspect, table, text, update
from stores import ENGINES, empty_url, opened

from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import SetupError
from policy_lang.service.store.migrations.state import HEAD, VERSION_TABLE
from policy_lang.service.store.migrations.steps import scripts
from policy_lang.service.store.tables import METADATA

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def test_an_empty_database_gets_the_tables_that_the_code_works_with(engine: str, tmp_path: Path) -> None:
    with opened(empty_url(engine, tmp_path)) as database:
        database.migrate()
        database.check_schema()
        with database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
            assert compare_metadata(context, METADATA) == []


def test_migrating_again_changes_nothing(engine: str, tmp_path: Path) -> None:
    with opened(empty_url(engine, tmp_path)) as database:
        database.migrate()
        with database.changing() as connection:
            connection.execute(text("UPDATE counters SET value = 7"))
        database.migrate()
        with database.reading() as connection:
            assert connection.execute(text("SELECT value FROM counters")).scalar_one() == 7


def test_processes_that_migrate_at_once_wait_for_each_other(engine: str, tmp_path: Path) -> None:
    url = empty_url(engine, tmp_path)

    def migrate(_: int) -> None:
        with opened(url) as database:
            database.migrate()
            database.check_schema()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, range(4)))


def test_a_step_that_fails_leaves_nothing(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(empty_url(engine, tmp_path)) as database:
        step = scripts().get_revision(HEAD)
        monkeypatch.setattr("alembic.op.create_index", _fail)
        with pytest.raises(OSError, match="no space"):
            database.migrate()
        monkeypatch.undo()
        assert step is not None
        with database.reading() as connection:
            assert inspect(connection).get_table_names() == []
        database.migrate()
        database.check_schema()


def test_the_tables_of_somebody_else_are_left_alone(engine: str, tmp_path: Path) -> None:
    with opened(empty_url(engine, tmp_path)) as database:
        with database.changing() as connection:
            connection.execute(text("CREATE TABLE customers (id INTEGER)"))
        for act in (database.migrate, database.check_schema):
            with pytest.raises(SetupError, match=r" holds tables that are not of this service: `customers`$") as error:
                act()
            assert error.value.remedy.startswith("give the service a database of its own")


@pytest.mark.parametrize(
    ("step", "message", "remedy"),
    [
        ("0000", r"are at step 0000, and this release needs [0-9]{4}$", "run `policy service migrate`"),
        (
            "9999",
            r"are at step 9999, which is newer than the [0-9]{4} of this release$",
            "run the release that migrated it, or a newer one",
        ),
        ("abcd", r"does not say which release made its tables$", "restore it from a backup"),
    ],
)
def test_other_releases_are_told_apart(engine: str, tmp_path: Path, step: str, message: str, remedy: str) -> None:
    with opened(empty_url(engine, tmp_path)) as database:
        database.migrate()
        _set_step(database, step)
        with pytest.raises(SetupError, match=message) as error:
            database.check_schema()
        assert error.value.remedy == remedy


def test_a_newer_database_is_not_migrated(engine: str, tmp_path: Path) -> None:
    with opened(empty_url(engine, tmp_path)) as database:
        database.migrate()
        _set_step(database, "9999")
        with pytest.raises(SetupError, match="newer"):
            database.migrate()


def test_the_head_is_the_last_step_and_steps_are_in_the_order_of_their_numbers(engine: str) -> None:
    assert engine in ENGINES
    steps = [step.revision for step in scripts().walk_revisions()]
    assert scripts().get_heads() == [HEAD]
    assert steps == sorted(steps, reverse=True)
    assert all(len(step) == 4 and step.isdigit() for step in steps)


version_table = table(VERSION_TABLE, column("version_num"))


def _set_step(database: Database, step: str) -> None:
    with database.changing() as connection:
        connection.execute(update(version_table).values(version_num=step))


def _fail(*_: object) -> None:
    raise OSError("no space")
