"""Threads for what blocks, a bounded number of them and a bounded queue: a device is told to come back before it waits for ever."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import ParamSpec, TypeVar

from policy_lang.service.problems import unavailable

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A pool of threads for the requests of devices; what the service does for itself has others."""

    def __init__(self, size: int, waiting: int, seconds: float) -> None:
        """Prepare.

        Args:
            size: how many run at once.
            waiting: how many more may wait for one.
            seconds: how long a request waits for its result; the thread goes on, and what it does is not undone.
        """
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="policy")
        self._places = Semaphore(size + waiting)
        self._seconds = seconds

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a function, called in a thread.

        Raises:
            Problem: 503, where too many wait already, or the function takes too long.
        """
        if not self._places.acquire(blocking=False):
            raise unavailable("too many devices ask at once")
        future = self._pool.submit(function, *args, **kwargs)
        future.add_done_callback(self._leave)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise unavailable("the database takes too long") from None

    def close(self) -> None:
        """Wait for the threads that run, and end."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _leave(self, _future: "Future[T]") -> None:
        """Give the place to the next one."""
        self._places.release()


async def finish(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a function, called in a thread; a task that is cancelled meanwhile ends when the thread has ended.

    So nothing is closed that a thread still uses.
    """
    running = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
