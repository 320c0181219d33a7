"""Workers and the database server are killed while they work: what was acknowledged is there afterwards, once, in the limits."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from subprocess import Popen
from time import monotonic, sleep

import pytest
from postgres_server import postgres_server
from store_workers import Orders, acknowledged, start
from stores import NOW, document, migrated_url, opened, stock

from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.database import Database
from policy_lang.service.store.grants import list_grants
from policy_lang.service.store.reports import list_reports

pytestmark = pytest.mark.slow

KILLS = 20
WORKERS = 4
DEVICES = 3000
LIMIT = 60
ENOUGH = 5
PATIENCE = 30.0


class Crew:
    """Workers that are started again when they were killed; two ask for grants, two report."""

    def __init__(self, url: str, folder: Path) -> None:
        """Send all of them to a database."""
        self._folder = folder
        self._orders = Orders(url, "", "grant", (), NOW.isoformat(), max_devices=LIMIT)
        self._lives: Counter[int] = Counter()
        self._notes = [Path()] * WORKERS
        self._running = [self._start(worker) for worker in range(WORKERS)]

    def wait_for(self, worker: int) -> None:
        """Let a worker get some answers in its present life, or finish."""
        deadline = monotonic() + PATIENCE
        while len(acknowledged(self._notes[worker])) < ENOUGH and self._running[worker].poll() is None:
            assert monotonic() < deadline, "the workers do not go on"
            sleep(0.01)

    def finish(self) -> None:
        """Let them use up the limit, if they did not yet."""
        deadline = monotonic() + PATIENCE
        while "MAX_DEVICES" not in {answer for _, answer in self.told("grant")}:
            assert monotonic() < deadline, "the limit is not reached"
            sleep(0.05)

    def kill(self, worker: int) -> None:
        """Kill a worker in the middle of whatever it does, and start it again."""
        self._running[worker].send_signal(signal.SIGKILL)
        self._running[worker].wait(10)
        self._running[worker] = self._start(worker)

    def stop(self) -> None:
        """End all of them."""
        for process in self._running:
            process.kill()
            process.wait(10)

    def told(self, kind: str) -> list[tuple[str, str]]:
        """What the workers of a kind were told in all their lives: device, answer."""
        notes = [file for file in self._folder.iterdir() if file.name.startswith(kind)]
        return [(device, answer) for file in notes for _, device, answer in acknowledged(file)]

    def _start(self, worker: int) -> Popen[str]:
        self._lives[worker] += 1
        kind = ("grant", "report")[worker % 2]
        devices = list(range(DEVICES))
        Random(f"{worker} {self._lives[worker]}").shuffle(devices)  # noqa: S311  the same order in each run
        self._notes[worker] = self._folder / f"{kind}-{worker}-{self._lives[worker]}"
        return start(replace(self._orders, kind=kind, devices=devices, notes=str(self._notes[worker])))


@contextmanager
def crew(url: str, folder: Path) -> Iterator[Crew]:
    """Workers, for as long as a test goes on."""
    notes = folder / "notes"
    notes.mkdir()
    workers = Crew(url, notes)
    try:
        yield workers
    finally:
        workers.stop()


def check(database: Database, workers: Crew) -> None:
    """Nothing acknowledged is lost, nothing is doubled, no limit is exceeded, and the audit agrees."""
    with database.reading() as connection:
        grants = list_grants(connection, "release-7", limit=DEVICES)
        reports = list_reports(connection, "release-7", limit=DEVICES)
        audited = {kind: list_entries(connection, kind=kind, limit=DEVICES + 1) for kind in (Kind.GRANT, Kind.REPORT)}
    granted, reported = [each.device_id for each in grants], {each.device_id for each in reports}
    assert [each.number for each in grants] == list(range(1, len(grants) + 1))
    assert len(grants) == LIMIT
    assert len(set(granted)) == len(granted)
    assert Counter(each.entry.device_id for each in audited[Kind.GRANT]) == Counter(granted)
    assert Counter(each.entry.device_id for each in audited[Kind.REPORT]) == Counter(reported)
    told = workers.told("grant")
    assert {device for device, answer in told if answer in {"NEW", "HELD"}} <= set(granted)
    assert not {device for device, answer in told if answer == "MAX_DEVICES"} & set(granted)
    assert max(Counter(device for device, answer in told if answer == "NEW").values()) == 1
    times = Counter(device for device, _ in workers.told("report"))
    assert times.keys() <= reported
    assert all(each.times >= times[each.device_id] for each in reports)


def test_workers_on_sqlite(tmp_path: Path) -> None:
    """20 times a writer is killed; the file is whole, and the others go on."""
    with opened(migrated_url("sqlite", tmp_path)) as database:
        stock(database, document())
        with crew(f"sqlite:///{database.file}", tmp_path) as workers:
            for turn in range(KILLS):
                workers.wait_for(turn % WORKERS)
                workers.kill(turn % WORKERS)
            workers.finish()
        check(database, workers)


def test_workers_and_server_on_postgresql(tmp_path: Path) -> None:
    """20 times a worker, a process of the server, or the server is killed; the others go on when it is back."""
    with postgres_server() as server, opened(server.url) as database:
        database.migrate()
        stock(database, document())
        with crew(server.url, tmp_path) as workers:
            for turn in range(KILLS):
                workers.wait_for(turn % WORKERS)
                match turn % 5:
                    case 0 | 2:
                        workers.kill(turn % WORKERS)
                    case 1 | 3:
                        server.kill_backend()
                    case _:
                        server.kill()
                        server.start()
            workers.finish()
        check(database, workers)
