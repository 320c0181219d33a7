import asyncio
import threading
from contextlib import suppress

import pytest

from policy_lang.service.problems import Problem
from policy_lang.service.threads import Threads


def test_a_result_and_an_error_come_back() -> None:
    threads = Threads(1, 0, 5)

    async def story() -> None:
        assert await threads.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await threads.run(divmod, 7, 0)
        assert await threads.run(threading.get_ident) != threading.get_ident()

    asyncio.run(story())
    threads.close()


def test_one_more_than_there_are_places_is_told_to_come_back() -> None:
    threads, go = Threads(1, 1, 5), threading.Event()

    async def story() -> None:
        running = [asyncio.create_task(threads.run(go.wait)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(Problem) as caught:
            await threads.run(int)
        assert (caught.value.status, caught.value.headers) == (503, {"retry-after": "5"})
        go.set()
        assert await asyncio.gather(*running) == [True, True]
        assert await threads.run(int) == 0

    asyncio.run(story())
    threads.close()


def test_nobody_waits_longer_than_was_said_and_the_place_is_free_when_the_thread_is() -> None:
    threads, go, done = Threads(1, 0, 0.05), threading.Event(), threading.Event()

    async def story() -> None:
        with pytest.raises(Problem, match="the database takes too long"):
            await threads.run(go.wait)
        with pytest.raises(Problem, match="too many devices ask at once"):
            await threads.run(int)
        go.set()
        for _ in range(100):
            await asyncio.sleep(0.01)
            with suppress(Problem):
                await threads.run(done.set)
        assert done.is_set()

    asyncio.run(story())
    threads.close()
