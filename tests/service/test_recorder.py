import asyncio
import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Connection
from stores import NOW, migrated_url, opened

from policy_lang.service import recorder as module
from policy_lang.service.logs import open_log
from policy_lang.service.metrics import Metrics
from policy_lang.service.recorder import Recorder
from policy_lang.service.store.audit import AuditEntry, Kind, append, list_entries
from policy_lang.service.store.database import Database
from policy_lang.service.store.deferred import Deferral, list_deferred
from policy_lang.service.store.errors import UnavailableError


def entry(number: int) -> AuditEntry:
    return AuditEntry(Kind.DECISION, "device", NOW, {"number": number}, device_id=f"d{number}")


def numbers(database: Database) -> list[int]:
    with database.reading() as connection:
        return [row.entry.document["number"] for row in reversed(list_entries(connection, limit=10_000))]


def play(
    database: Database, story: Callable[[Recorder], Awaitable[None]], *, runs: bool = True, most: int = 10_000
) -> tuple[Metrics, BytesIO]:
    """Tell a story while a recorder writes."""
    metrics, log = Metrics(), BytesIO()

    async def tell() -> None:
        recorder = Recorder(database, metrics, open_log(log), most)
        task = asyncio.create_task(recorder.run()) if runs else None
        await story(recorder)
        if task is not None:
            task.cancel()
        await recorder.close()

    asyncio.run(tell())
    return metrics, log


def count(metrics: Metrics, outcome: str) -> float:
    name = f'policy_audit_rows_total{{outcome="{outcome}"}} '
    return sum(float(line.removeprefix(name)) for line in metrics.render().decode().splitlines() if line.startswith(name))


def test_who_waits_for_a_row_goes_on_when_it_is_committed(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            await recorder.commit(entry(1))
            assert numbers(database) == [1]

        play(database, story)


def test_many_who_wait_share_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []

    def note(connection: Connection, rows: list[AuditEntry]) -> None:
        batches.append(len(rows))
        append(connection, rows)

    monkeypatch.setattr(module, "append", note)
    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            await asyncio.gather(*(recorder.commit(entry(number)) for number in range(1200)))

        play(database, story)
        assert numbers(database) == list(range(1200))
    assert max(batches) == 500
    assert len(batches) <= 5


def test_rows_that_nobody_waits_for_are_written_at_the_latest_when_it_closes(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            recorder.keep(entry(1))
            recorder.defer(Deferral("release-7", "a", "max devices", NOW))
            recorder.defer(Deferral("release-7", "a", "max per period", NOW))

        metrics, _ = play(database, story, runs=False)
        assert numbers(database) == [1]
        with database.reading() as connection:
            assert [(each.device_id, each.gate) for each in list_deferred(connection, "release-7")] == [("a", "max per period")]
    assert count(metrics, "written") == 1


def test_they_are_written_soon(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            recorder.keep(entry(1))
            for _ in range(200):
                await asyncio.sleep(0.02)
                if numbers(database):
                    return
            pytest.fail("it was never written")

        play(database, story)


def test_too_many_are_dropped_and_counted(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            for number in range(5):
                recorder.keep(entry(number))
                recorder.defer(Deferral("release-7", f"d{number}", "max devices", NOW))

        metrics, _ = play(database, story, runs=False, most=3)
        assert numbers(database) == [0, 1, 2]
        with database.reading() as connection:
            assert len(list_deferred(connection, "release-7")) == 3
    assert (count(metrics, "dropped"), count(metrics, "written")) == (2, 3)


@pytest.mark.parametrize("error", [UnavailableError("gone", "wait"), ZeroDivisionError()])
def test_who_waits_is_told_when_it_fails_and_the_next_row_is_written(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object, _rows: object) -> None:
        raise error

    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            with monkeypatch.context() as patch:
                patch.setattr(module, "append", fail)
                with pytest.raises(type(error)):
                    await recorder.commit(entry(1))
            await recorder.commit(entry(2))

        metrics, log = play(database, story)
        assert numbers(database) == [2]
    assert count(metrics, "failed") == 1
    assert json.loads(log.getvalue().splitlines()[0])["level"] == "error"


def test_who_left_is_not_told(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:

        async def story(recorder: Recorder) -> None:
            waiting = asyncio.create_task(recorder.commit(entry(1)))
            await asyncio.sleep(0)
            waiting.cancel()
            await recorder.flush()

        play(database, story, runs=False)
        assert numbers(database) == [1]
