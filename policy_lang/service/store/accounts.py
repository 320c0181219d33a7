"""The account of an update: one row, which is the lock for everything that counts."""

from sqlalchemy import Connection, bindparam, select

from policy_lang.service.store.tables import accounts
from policy_lang.service.store.upserts import insert_if_missing

_LOCK = select(accounts.c.update_id).where(accounts.c.update_id == bindparam("an_update")).with_for_update()


def lock_account(connection: Connection, update_id: str) -> None:
    """Let all other changes of the account wait until this change is over.

    On PostgreSQL a statement sees what was committed before it began. So what is read under the lock has to be read by a statement
    after this one; then it sees all that was done under the lock before.

    Args:
        connection: inside a change. On SQLite it holds the one lock there is already.
        update_id: the update; an account that is not there is opened.
    """
    if connection.execute(_LOCK, {"an_update": update_id}).first() is None:
        insert_if_missing(connection, accounts, {"update_id": update_id})
        connection.execute(_LOCK, {"an_update": update_id}).one()
