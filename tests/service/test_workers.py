"""Eight worker processes and ten thousand devices never pass a limit, and use it up to the last grant."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from store_workers import Orders, acknowledged, requests, start
from stores import ENGINES, NOW, document, migrated_url, opened, stock

from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.grants import GrantRow, list_grants

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine", ENGINES)]

WORKERS = 8
DEVICES = 10_000
DAY = timedelta(days=1)


def run(folder: Path, orders: Orders, *, skew: timedelta = timedelta()) -> list[tuple[int, int, str, str]]:
    """What all workers were told: worker, number of the request, device, answer; each clock is `skew` ahead of the one before."""
    running = []
    for worker in range(WORKERS):
        first = datetime.fromisoformat(orders.start) + worker * skew
        own = replace(orders, devices=requests(DEVICES, WORKERS, worker), notes=f"{folder}/{worker}", start=first.isoformat())
        running.append(start(own))
    assert [process.wait(120) for process in running] == [0] * WORKERS
    return [(worker, *each) for worker in range(WORKERS) for each in acknowledged(folder / str(worker))]


def recorded(url: str) -> list[GrantRow]:
    """All grants, and as many rows of the audit."""
    with opened(url) as database, database.reading() as connection:
        grants = list_grants(connection, "release-7", limit=DEVICES + 1)
        audited = list_entries(connection, kind=Kind.GRANT, limit=DEVICES + 1)
    assert [grant.number for grant in grants] == list(range(1, len(grants) + 1))
    assert [entry.entry.device_id for entry in reversed(audited)] == [grant.device_id for grant in grants]
    return grants


def fullest(times: list[datetime], period: timedelta) -> int:
    """The most entries of any window as long as a period; a fullest window can be moved to end at an entry."""
    ordered, start_, most = sorted(times), 0, 0
    for index, end in enumerate(ordered):
        while ordered[start_] <= end - period:
            start_ += 1
        most = max(most, index - start_ + 1)
    return most


def test_max_devices(engine: str, tmp_path: Path) -> None:
    url = migrated_url(engine, tmp_path)
    with opened(url) as database:
        stock(database, document())
    told = run(tmp_path, Orders(url, "", "grant", (), NOW.isoformat(), max_devices=1000))
    assert len(told) == sum(len(requests(DEVICES, WORKERS, worker)) for worker in range(WORKERS)) > 1.3 * DEVICES
    granted = {grant.device_id for grant in recorded(url)}
    assert len(granted) == 1000
    assert Counter(device for _, _, device, answer in told if answer == "NEW") == Counter(granted)
    assert {device for _, _, device, answer in told if answer == "HELD"} <= granted
    assert {answer for _, _, device, answer in told if device not in granted} == {"MAX_DEVICES"}


def test_max_per_period(engine: str, tmp_path: Path) -> None:
    url, step = migrated_url(engine, tmp_path), 10 * DAY / len(requests(DEVICES, WORKERS, 0))
    with opened(url) as database:
        stock(database, document())
    orders = Orders(url, "", "grant", (), NOW.isoformat(), step.total_seconds(), None, 100, DAY.total_seconds())
    told = run(tmp_path, orders, skew=timedelta(hours=1))
    grants = recorded(url)
    stated = [grant.granted_at for grant in grants if grant.granted_at is not None]
    assert fullest([grant.recorded_at for grant in grants], DAY) == 100
    assert fullest(stated, DAY) == 100
    assert [grant.recorded_at for grant in grants] == list(accumulate(stated, max))
    assert 100 < len(grants) <= 1100
    assert Counter(device for _, _, device, answer in told if answer == "NEW") == Counter(grant.device_id for grant in grants)
