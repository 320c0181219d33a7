"""Pages: the last id of a page says where the next one begins.

A catalog may have ten thousand updates, so a page of them reads the order of all and the documents of those that it shows. The
order is that of versions, which no database knows; it is made here, from their keys.
"""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import Connection, select

from policy_lang.documents.problems import quote
from policy_lang.service.problems import Problem
from policy_lang.service.store.catalogs import StoredUpdate
from policy_lang.service.store.changes import find_updates
from policy_lang.service.store.tables import updates

_BATCH = 200


class Page(NamedTuple):
    """Some updates, the newest version first, and what says where the next page begins; None on the last one."""

    updates: list[StoredUpdate]
    next: str | None


def page_of(
    connection: Connection,
    product: str,
    after: str | None,
    limit: int,
    *,
    removed: bool = False,
    accepts: Callable[[StoredUpdate], bool] = lambda _update: True,
) -> Page:
    """A page of the updates of a product.

    Args:
        connection: for reading.
        product: the product.
        after: the last id of the page before; None for the first page.
        limit: how many at most.
        removed: whether those that are no longer in the catalog are looked at, too.
        accepts: which of them are shown.

    Raises:
        Problem: 404, there is no update with the id `after`.
    """
    ids = _newest_first(connection, product, removed=removed)
    shown: list[StoredUpdate] = []
    for update in filter(accepts, _read(connection, ids[place_behind(ids, after) :])):
        if len(shown) == limit:
            return Page(shown, shown[-1].id)
        shown.append(update)
    return Page(shown, None)


def place_behind(ids: Sequence[str], after: str | None) -> int:
    """Where the next page begins.

    Args:
        ids: the whole list, in its order.
        after: the last id of the page before; None for the first page.

    Raises:
        Problem: 404, that id is no longer in the list.

    >>> place_behind(["c", "b", "a"], "b")
    2
    """
    if after is None:
        return 0
    for at, each in enumerate(ids, start=1):
        if each == after:
            return at
    raise Problem(HTTPStatus.NOT_FOUND, f"the list has nothing with the id {quote(after)}", help="begin again without `after`")


def _newest_first(connection: Connection, product: str, *, removed: bool) -> list[str]:
    """The ids of all updates."""
    query = select(updates.c.version_key, updates.c.id).where(updates.c.product == product)
    rows = connection.execute(query if removed else query.where(~updates.c.is_removed))
    return [update_id for _, update_id in sorted(map(tuple, rows), reverse=True)]


def _read(connection: Connection, ids: Sequence[str]) -> Iterator[StoredUpdate]:
    """The updates with some ids, in their order, read as far as they are asked for."""
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        found = find_updates(connection, batch)
        yield from (found[each] for each in batch)
