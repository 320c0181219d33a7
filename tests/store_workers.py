"""A worker process of the tests: it asks a store for grants or reports to it, and notes what was acknowledged.

What it notes is written before it goes on, so a worker that is killed has noted all that it was told, or all but the last.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from policy_lang.rollout.ledger import Limits
from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import UnavailableError
from policy_lang.service.store.reports import record_report

_TRIES = 200


@dataclass(frozen=True)
class Orders:
    """What a worker does.

    Attributes:
        url: the database.
        notes: the file for what was acknowledged, a line each: number, device, answer.
        kind: `grant` or `report`.
        devices: whom it asks for, in this order.
        start: the time of the first request, in RFC 3339.
        step: the seconds between two requests, by the worker's clock.
        max_devices: a limit.
        max_per_period: a limit.
        period: the seconds of a period.
    """

    url: str
    notes: str
    kind: str
    devices: Sequence[int]
    start: str
    step: float = 0.0
    max_devices: int | None = None
    max_per_period: int | None = None
    period: float | None = None


def start(orders: Orders) -> "subprocess.Popen[str]":
    """A worker, in a process of its own."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(orders)))
    process.stdin.close()
    return process


def acknowledged(notes: Path) -> list[tuple[int, str, str]]:
    """What a worker was told: the number of the request, the device, the answer; a line that a kill cut off is no note."""
    lines = notes.read_text().splitlines(keepends=True) if notes.exists() else []
    return [(int(number), device, answer) for number, device, answer in (line.split() for line in lines if line.endswith("\n"))]


def requests(devices: int, workers: int, worker: int) -> list[int]:
    """The devices that a worker asks for: its own share and a quarter of the next worker's, shuffled, every tenth one twice."""
    share = devices // workers
    own = [(worker * share + number) % devices for number in range(5 * share // 4)]
    random = Random(worker)  # noqa: S311  the same order in each run
    random.shuffle(own)
    return [device for index, device in enumerate(own) for _ in range(2 if index % 10 == 0 else 1)]  # retries


def _run(orders: Orders) -> None:
    database = Database(orders.url, timeout=20)
    ask = _granting(database, orders) if orders.kind == "grant" else _reporting(database)
    first = datetime.fromisoformat(orders.start)
    notes = os.open(orders.notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, device in enumerate(orders.devices):
        answer = _insist(ask, f"device-{device}", first + number * timedelta(seconds=orders.step))
        os.write(notes, f"{number} device-{device} {answer}\n".encode())


def _insist(ask: Callable[[str, datetime], str], device: str, now: datetime) -> str:
    """Ask until the database answers, as devices do."""
    for _ in range(_TRIES):
        try:
            return ask(device, now)
        except UnavailableError as error:
            problem = error
            _pause()
    raise problem


def _pause() -> None:
    from time import sleep  # noqa: PLC0415  for a database that is being killed only

    sleep(0.05)


def _granting(database: Database, orders: Orders) -> Callable[[str, datetime], str]:
    ledger = DatabaseLedger(database)
    period = None if orders.period is None else timedelta(seconds=orders.period)
    limits = Limits(orders.max_devices, orders.max_per_period, period)
    return lambda device, now: ledger.grant("release-7", device, limits, now).name


def _reporting(database: Database) -> Callable[[str, datetime], str]:
    def report(device: str, now: datetime) -> str:
        with database.changing() as connection:
            record_report(connection, "thermostat", "release-7", device, is_success=True, now=now)
        return "REPORTED"

    return report


if __name__ == "__main__":
    _run(Orders(**json.load(sys.stdin)))
