"""Ten thousand bodies that are almost right: every one is answered with 2xx or 4xx, and memory stays flat."""

import asyncio
import gc
import json
import random
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from service_world import REPORT, UPDATE, Visit, world
from stores import document

from policy_lang.service.settings import Limits

BODIES = 10_000
SEEDS = [
    json.dumps(
        {"id": "device-1", "product": "atlas", "version": "1.0.0", "pro": "true", "memory": 512, "tags": ["a", "b"]}
    ).encode(),
    b'{"id":"A1","productToken":"atlas","version":"1.0.0-rc.1+b","name":"\\ud83d\\ude00 \xc3\xa9","network":{"ip":"10.0.0.1"}}',
    b'{"success":"true","id":"device-1","update":"atlas-2"}',
    b'{"id":"device-1","version":"1.0.0","lastRestart":"2026-05-01T00:00:00Z","signal":-95.5e0,"nothing":null}',
]
PIECES = [
    b'"',
    b"\\",
    b"\\u",
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"NaN",
    b"1e999",
    b"-",
    b"\0",
    b"\xff",
    b"\xc3",
]
PIECES += [
    b'"version":"2.0.0",',
    b'"id":1,',
    b"9" * 400,
    b"[" * 70,
    b'{"a":' * 20,
    b" " * 100,
    b"\xef\xbb\xbf",
    "é".encode(),
    b"true",
]


def mutated(rng: random.Random) -> bytes:
    """A body with a few mistakes."""
    body = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(body) + 1)
        match rng.randrange(6):
            case 0:
                body[at:at] = rng.choice(PIECES)
            case 1:
                del body[at : at + rng.randint(1, 8)]
            case 2:
                body[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                body = body[:at]
            case 4:
                other = rng.choice(SEEDS)
                body[at:at] = other[: rng.randrange(len(other))]
            case _:
                body[at:at] = body[at : at + rng.randint(1, 60)]
    return bytes(body)


@pytest.mark.slow
def test_ten_thousand_bodies_are_answered_and_memory_stays_flat(tmp_path: Path) -> None:
    rng = random.Random(20_260_501)  # noqa: S311  a seed, so that a failure can be repeated
    policy = "device.version < update.version && (device.network.ip != '10.0.0.2' || device.memory >= 256 || 'a' in device.tags)"
    limited = document("atlas-3", "3.0.0", policy="device.pro == true", rollout={"max_devices": 50})
    here = world(tmp_path, limited, document("atlas-2", policy=policy), limits=Limits(device_per_minute=0), log_checkins=False)
    statuses: Counter[int] = Counter()

    async def send(visit: Visit, number: int) -> None:
        for _ in range(number):
            body = mutated(rng)
            answer = await visit.post(REPORT if b"success" in body and rng.random() < 0.8 else UPDATE, body)
            statuses[answer.status_code] += 1
            assert 200 <= answer.status_code < 300 or 400 <= answer.status_code < 500, (answer.text, body)
            json.loads(answer.content)
            if statuses.total() % 50 == 0:
                await asyncio.sleep(0)

    async def story(visit: Visit) -> None:
        await send(visit, BODIES // 2)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await send(visit, BODIES // 2)
        await visit.app.state.service.recorder.close()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert grown < 2_000_000, f"{grown:,} bytes more after {BODIES // 2:,} bodies"

    here.run(story)
    assert statuses.total() == BODIES
    assert statuses[200] > 200
    assert statuses[400] > 2_000
    assert not any(line["level"] == "error" for line in here.lines)
