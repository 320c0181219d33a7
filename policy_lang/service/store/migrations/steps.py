"""Running the steps, with Alembic, inside one transaction of ours: a migration happens as a whole or not at all."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from policy_lang.service.store.migrations.state import VERSION_TABLE, current_step, refuse_newer
from policy_lang.service.store.tables import METADATA

_LOCK = 7310241


def scripts() -> ScriptDirectory:
    """The steps of this release."""
    return ScriptDirectory(str(Path(__file__).parent))


def upgrade(connection: Connection, name: str) -> None:
    """Take all the steps that are missing.

    Args:
        connection: inside a change; processes that migrate at once wait for each other.
        name: what a message calls the database.

    Raises:
        SetupError: the tables are somebody else's, or newer than this release.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    refuse_newer(current_step(connection, name), name)
    directory = scripts()
    environment = EnvironmentContext(
        Config(),
        directory,
        fn=lambda revision, _: directory._upgrade_revs("head", revision),  # noqa: SLF001  what Alembic's own command does
    )
    with environment:
        environment.configure(connection=connection, target_metadata=METADATA, version_table=VERSION_TABLE, transactional_ddl=True)
        environment.run_migrations()
