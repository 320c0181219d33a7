"""Pages of lists that are kept in memory: the last id of a page says where the next one begins."""

from collections.abc import Sequence
from http import HTTPStatus

from policy_lang.documents.problems import quote
from policy_lang.service.problems import Problem


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
