"""Which state a database is in, read without Alembic, because every start asks."""

import re
from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from policy_lang.service.store.errors import SetupError

HEAD: Final = "0001"
"""The step that this release needs; the last file of `versions/`."""

VERSION_TABLE: Final = "policy_service_version"
"""Where Alembic keeps the step; not its usual table, so that we never take a host's for ours."""

_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))
_STEP = re.compile(r"[0-9]{4}")
_MIGRATE = "run `policy service migrate`"
_ELSEWHERE = "give the service a database of its own, or on PostgreSQL a schema of its own"


def current_step(connection: Connection, name: str) -> str | None:
    """The step of a database; None where there are no tables at all.

    Args:
        connection: for reading.
        name: what a message calls the database.

    Raises:
        SetupError: its tables are not ours.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        shown = ", ".join(f"`{table}`" for table in sorted(tables)[:3])
        raise SetupError(f"{name} holds tables that are not of this service: {shown}", _ELSEWHERE)
    steps = list(connection.scalars(select(_version.c.version_num)))
    if len(steps) != 1 or not _STEP.fullmatch(steps[0]):
        raise SetupError(f"{name} does not say which release made its tables", "restore it from a backup")
    return str(steps[0])


def require_head(connection: Connection, name: str) -> None:
    """Make sure that a database is in the state of this release.

    Raises:
        SetupError: it is in another one; the remedy says what to do.
    """
    step = current_step(connection, name)
    if step is None:
        raise SetupError(f"{name} has no tables yet", _MIGRATE)
    refuse_newer(step, name)
    if step < HEAD:
        raise SetupError(f"the tables of {name} are at step {step}, and this release needs {HEAD}", _MIGRATE)


def refuse_newer(step: str | None, name: str) -> None:
    """Refuse a database that a newer release has changed.

    Raises:
        SetupError: it is newer.
    """
    if step is not None and step > HEAD:
        message = f"the tables of {name} are at step {step}, which is newer than the {HEAD} of this release"
        raise SetupError(message, "run the release that migrated it, or a newer one")
