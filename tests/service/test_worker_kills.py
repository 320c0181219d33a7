"""Workers are killed while devices check in and report over HTTP: what was acknowledged is there, and no limit is passed."""

import json
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from service_world import REPORT, UPDATE, RealServer, World, http, served, until, workers_of, world
from stores import ENGINES, document, opened

from policy_lang.service.store.grants import list_grants
from policy_lang.service.store.reports import list_reports

KILLS = 6
LIMIT = 60


@dataclass
class Told:
    """What devices were told."""

    granted: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)


def ask(server: RealServer, data: bytes) -> dict[str, str] | None:
    """The answer of 200; None where there was none, because a worker died."""
    with suppress(OSError):
        head, _, body = server.exchange(data).partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 200 ") and body:
            found: dict[str, str] = json.loads(body)
            return found
    return None


def live(server: RealServer, here: World, told: Told, devices: list[str], done: threading.Event) -> None:
    """Be some devices: check in, and report, each again and again."""
    token = here.tokens["atlas"]
    while not done.is_set():
        for device in devices:
            offer = ask(server, http(UPDATE, json.dumps({"id": device, "version": "1.0.0"}).encode(), token))
            if offer is not None:
                (told.granted if offer else told.refused).add(device)
            if (
                offer
                and ask(server, http(REPORT, json.dumps({"id": device, "update": "atlas-2", "success": True}).encode(), token))
                is not None
            ):
                told.reported.add(device)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_that_was_acknowledged_is_lost_and_no_limit_is_passed(engine: str, tmp_path: Path) -> None:
    here = world(tmp_path, document("atlas-2", rollout={"max_devices": LIMIT}), engine=engine)
    told, done = Told(), threading.Event()
    unlimited = {"POLICY_LIMITS__DEVICE_PER_MINUTE": "0"}
    with served(tmp_path, "--database", here.url, "--workers", "3", count=3, environment=unlimited) as server:
        groups = [[f"device-{number}" for number in range(start, 120, 4)] for start in range(4)]
        threads = [threading.Thread(target=live, args=(server, here, told, group, done)) for group in groups]
        for thread in threads:
            thread.start()
        for kill in range(KILLS):
            time.sleep(0.3)
            os.kill(sorted(workers_of(server))[kill % 2], signal.SIGKILL)
            until(lambda kill=kill: server.text.count('"event":"started"') >= 3 + kill)  # type: ignore[misc]  # a default binds it
        until(lambda: len(told.granted | told.refused) == 120)
        done.set()
        for thread in threads:
            thread.join()
    with opened(here.url) as database, database.reading() as connection:
        granted = {grant.device_id for grant in list_grants(connection, "atlas-2", limit=1000)}
        reports = {report.device_id for report in list_reports(connection, "atlas-2", limit=1000)}
    assert len(granted) == LIMIT
    assert told.granted == granted
    assert told.reported <= reports <= granted
    assert len(told.reported) > LIMIT / 2
    assert not told.granted & told.refused
