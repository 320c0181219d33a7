"""The account of an update: one row, which is the lock for everything that counts, and how many grants there are."""

from sqlalchemy import Connection, select

from policy_lang.service.store.tables import accounts
from policy_lang.service.store.upserts import insert_if_missing


def lock_account(connection: Connection, update_id: str) -> int:
    """Let all other changes of the account wait until this change is over.

    Args:
        connection: inside a change. On SQLite it holds the one lock there is already.
        update_id: the update; an account that is not there is opened.

    Returns:
        How many grants there are.
    """
    query = select(accounts.c.granted).where(accounts.c.update_id == update_id).with_for_update()
    granted = connection.execute(query).scalar_one_or_none()
    if granted is None:
        insert_if_missing(connection, accounts, {"update_id": update_id, "granted": 0})
        granted = connection.execute(query).scalar_one()
    return int(granted)
