import asyncio
from threading import Event

import pytest

from policy_lang.service.threads import finish


def test_a_task_that_is_cancelled_ends_when_its_thread_has_ended() -> None:
    async def scene() -> list[str]:
        started, released, told = Event(), Event(), list[str]()

        def work() -> None:
            started.set()
            assert released.wait(10)
            told.append("thread")

        task = asyncio.create_task(finish(work))
        await asyncio.to_thread(started.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        released.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [*told, "task"]

    assert asyncio.run(scene()) == ["thread", "task"]


def test_a_result_and_an_error_come_through() -> None:
    assert asyncio.run(finish(int, "7")) == 7
    with pytest.raises(ValueError, match="invalid literal"):
        asyncio.run(finish(int, "x"))
