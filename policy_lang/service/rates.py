"""How often somebody may ask: a bucket of tokens for each, which fills with time.

A bucket holds a minute's worth, so a device may retry quickly after it was silent and is slowed down only when it keeps on asking.
The number of buckets is bounded; the one that was used longest ago makes room, and whoever had it starts with a full one.
"""

from collections import OrderedDict
from collections.abc import Hashable
from math import ceil

_MOST = 50_000


class Rates:
    """The buckets of one kind of client; not shared between processes.

    >>> rates = Rates(per_minute=2)
    >>> [rates.wait("a", seconds) for seconds in (0.0, 1.0, 2.0, 31.0)]
    [0, 0, 28, 0]
    """

    __slots__ = ("_buckets", "_filling", "_most", "_size")

    def __init__(self, per_minute: int, most: int = _MOST) -> None:
        """Allow so many requests in a minute to each client; 0 for any number."""
        self._size = float(per_minute)
        self._filling = per_minute / 60
        self._most = most
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def wait(self, client: Hashable, now: float) -> int:
        """Take one request from the client's bucket; 0 if there was one, otherwise the seconds until there is.

        Args:
            client: who asks.
            now: the seconds of a clock that never goes back.
        """
        if not self._size:
            return 0
        left, since = self._buckets.pop(client, (self._size, now))
        left = min(self._size, left + (now - since) * self._filling)
        if left < 1:
            self._keep(client, left, now)
            return max(1, ceil((1 - left) / self._filling))
        self._keep(client, left - 1, now)
        return 0

    def _keep(self, client: Hashable, left: float, now: float) -> None:
        """Remember a bucket as the one used last."""
        self._buckets[client] = (left, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)

    def __len__(self) -> int:
        """How many buckets there are."""
        return len(self._buckets)
