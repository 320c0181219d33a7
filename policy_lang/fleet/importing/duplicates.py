"""Ids that more than one device has, found in eight bytes for each device."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

_MOST_SHOWN: Final = 10


class IdCensus:
    """Remembers a hash of each id; ids whose hashes are alike are compared when all devices are read."""

    def __init__(self) -> None:
        """Start without ids."""
        self._hashes = array("q")

    def add(self, ids: Sequence[Any]) -> None:
        """Remember the ids of some devices; what is no text is no id."""
        self._hashes.extend(hash(each) for each in ids if type(each) is str)

    def suspects(self) -> frozenset[int]:
        """The hashes that occur more than once."""
        ordered = np.sort(np.frombuffer(self._hashes, dtype=np.int64)) if self._hashes else np.empty(0, dtype=np.int64)
        return frozenset(ordered[1:][ordered[1:] == ordered[:-1]].tolist())


def count_duplicates(ids: Iterable[str], suspects: frozenset[int]) -> tuple[int, tuple[str, ...]]:
    """How many devices have an id that an earlier one has, and some of these ids.

    Args:
        ids: all ids, in the order of the devices.
        suspects: the hashes of all ids that may occur more than once.
    """
    seen: set[str] = set()
    shown: dict[str, None] = {}
    count = 0
    for each in _among(ids, suspects):
        if each in seen:
            count += 1
            if len(shown) < _MOST_SHOWN:
                shown[each] = None
        seen.add(each)
    return count, tuple(shown)


def _among(ids: Iterable[str], suspects: frozenset[int]) -> Iterator[str]:
    return (each for each in ids if hash(each) in suspects)
