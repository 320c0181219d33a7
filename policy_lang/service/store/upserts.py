"""Insert or change, in one statement; both engines know it and SQLAlchemy has it once for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that has `on_conflict_do_nothing`, `on_conflict_do_update` and `excluded`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_or_change(
    connection: Connection, table: Table, row: Mapping[str, Any], changed: Sequence[str], where: ColumnElement[bool] | None = None
) -> bool:
    """Insert a row, or change some columns of the one with its key.

    Args:
        connection: inside a change.
        table: where.
        row: the values of all columns.
        changed: the columns that an existing row takes over.
        where: the existing row is changed only where this holds.

    Returns:
        Whether a row was inserted or changed.
    """
    insert = insert_for(connection, table).values(**row)
    new = {name: insert.excluded[name] for name in changed}
    keys = list(table.primary_key)
    upsert = insert.on_conflict_do_update(index_elements=[key.name for key in keys], set_=new, where=where)
    return connection.execute(upsert.returning(*keys)).first() is not None


def insert_if_missing(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row where there is none with its key."""
    connection.execute(insert_for(connection, table).values(**row).on_conflict_do_nothing())
