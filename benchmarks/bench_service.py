"""The check-in service over HTTP: `python benchmarks/bench_service.py [--rounds N] [--requests N] [--largest N] [--json FILE]`.

The baseline is an endpoint of the same framework on the same server, which decodes a device, finds its answer in a table and
encodes it: the same JSON in both directions, and no decision. The service runs with its usual settings (logs on, a sample of
audits, metrics); only the limit per device is off, because a few devices ask all the time. Each is a process of its own; the
clients are in this one, on connections that stay open. Of every catalog half of the devices are offered an update, because an
offer is a longer answer than none, whatever it takes to find it. All are checked to give the same answers first, and their rounds
are interleaved.

The ratio is that of the processor times of the servers for a request: what one processor answers in a second. Latencies are those
of the clock on the wall, with as many requests under way as there are connections.
"""

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import uvloop
import workload
from litestar import Litestar, post
from timing import command_line, ratio_of, write_results

from policy_lang.catalog.catalog import Catalog
from policy_lang.selection.engine import Selector
from policy_lang.service.server import listen, run
from policy_lang.service.settings import Limits, Server, Settings
from policy_lang.service.store.database import Database
from policy_lang.service.store.sync import CatalogFile, create_first_tokens, sync_catalog

SIZES = (10, 10_000)
DEVICES = 1_000
CONNECTIONS = 8
PATH = "/tok/provision/update"
ANSWERS = "POLICY_BENCH_ANSWERS"
_TICKS = os.sysconf("SC_CLK_TCK")


class Subject(NamedTuple):
    """A server that is measured: where it listens, its process, and what is sent to it."""

    name: str
    port: int
    pid: int
    requests: list[bytes]

    def processor(self) -> float:
        """The seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


class Round(NamedTuple):
    """What one round of requests took."""

    processor_us: float
    per_second: float
    latencies: list[float]


class Client(asyncio.Protocol):
    """One connection: sends a request, waits for the answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], answers: list[bytes], latencies: list[float]) -> None:
        """Take requests from an iterator that all connections share."""
        self._requests, self._answers, self._latencies = requests, answers, latencies
        self._buffer, self._sent = b"", 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """An answer, or a part of it."""
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not blank or len(body) < int(length):
            return
        self._latencies.append(perf_counter() - self._sent)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"unexpected answer: {head.decode()}")
        self._answers.append(body)
        self._buffer = b""
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
        else:
            self._sent = perf_counter()
            self._transport.write(request)


async def _send(port: int, requests: Sequence[bytes], connections: int) -> tuple[list[bytes], list[float]]:
    """Send requests over some connections; with one, the answers are in their order."""
    queue, answers, latencies = iter(requests), [], []  # type: ignore[var-annotated]  # the parameters of Client say it
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Client(queue, answers, latencies), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.gather(*(client.done for _, client in made))
    return answers, latencies


def measure(subject: Subject, requests: int) -> Round:
    """One round."""
    before, start = subject.processor(), perf_counter()
    repeated = (subject.requests * (requests // len(subject.requests) + 1))[:requests]
    _, latencies = uvloop.run(_send(subject.port, repeated, CONNECTIONS))
    seconds = perf_counter() - start
    return Round((subject.processor() - before) / requests * 1e6, requests / seconds, latencies)


def make_bare(_settings: Settings) -> Litestar:
    """The baseline: decode, look up, encode."""
    answers: dict[str, dict[str, str]] = json.loads(Path(os.environ[ANSWERS]).read_text())

    @post(PATH, status_code=200)
    async def bare(data: dict[str, Any]) -> dict[str, str]:
        return answers[data["id"]]

    return Litestar([bare], logging_config=None, openapi_config=None)


def _serve(settings: Settings, ready: Connection, answers: str | None) -> None:
    """One server, in a process of its own; what it logs goes to a file that nobody reads."""
    if answers is not None:
        os.environ[ANSWERS] = answers
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    listening = listen(settings.server)
    ready.send(listening.getsockname()[1])
    run(settings, listening, None if answers is None else make_bare)


@contextmanager
def _server(settings: Settings, answers: str | None = None) -> Iterator[tuple[int, int]]:
    """A server as long as the block runs: its port and its process."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(settings, theirs, answers))
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def _requests(devices: list[dict[str, Any]], secret: str) -> list[bytes]:
    """The bytes that devices send."""
    requests = []
    for device in devices:
        body = json.dumps(device, separators=(",", ":")).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nContent-Type: application/json\r\n"
        requests.append(f"{head}Authorization: {secret}\r\n\r\n".encode() + body)
    return requests


def _devices(catalog: Catalog, updates: int) -> list[dict[str, Any]]:
    """Devices of which every other one is offered an update."""
    selector, fleet = Selector(catalog), workload.fleet(20 * DEVICES, updates, 1)
    offered = [device for device in fleet if selector.select(device).update is not None]
    others = [device for device in fleet if selector.select(device).update is None]
    if min(len(offered), len(others)) < DEVICES // 2:
        raise SystemExit(f"{updates:,} updates: too few devices are offered an update, or none")
    return [device for pair in zip(offered[: DEVICES // 2], others[: DEVICES // 2], strict=True) for device in pair]


def _offers(catalog: Catalog, devices: list[dict[str, Any]]) -> dict[str, Any]:
    """The right answer of each device, by its id."""
    selector = Selector(catalog)
    return {device["id"]: dict(selector.select(device).offer or {}) for device in devices}


@contextmanager
def _service(folder: Path, updates: int) -> Iterator[tuple[Subject, dict[str, Any]]]:
    """The service with a catalog of so many updates of one product, and what it has to answer."""
    catalog = Catalog.load(workload.catalog(updates, 1))
    devices = _devices(catalog, updates)
    url = f"sqlite:///{folder}/{updates}.db"
    database = Database(url)
    database.migrate()
    sync_catalog(database, CatalogFile(catalog, None), actor="bench", now=datetime.now(UTC))  # noqa: TID251  a real run
    (token,) = create_first_tokens(database, actor="bench", now=datetime.now(UTC))  # noqa: TID251  a real run
    database.close()
    settings = Settings(database=url, server=Server(port=0), limits=Limits(device_per_minute=0))
    with _server(settings) as (port, pid):
        yield Subject(f"{updates:,} updates", port, pid, _requests(devices, token.secret)), _offers(catalog, devices)


def _check(subject: Subject, offers: dict[str, Any]) -> None:
    """Make sure that a server gives the right answers."""
    answers, _ = uvloop.run(_send(subject.port, subject.requests, 1))
    if [json.loads(answer) for answer in answers] != list(offers.values()):
        raise SystemExit(f"{subject.name} gives other answers than the library")


def _compare(subjects: list[tuple[Subject, Subject]], rounds: int, requests: int) -> list[dict[str, Any]]:
    """Interleave the rounds of all servers, and sum up; each service comes with its baseline."""
    taken: list[list[tuple[Round, Round]]] = [[] for _ in subjects]
    for _ in range(rounds):
        for number, (service, bare) in enumerate(subjects):
            taken[number].append((measure(service, requests), measure(bare, requests)))
    rows = []
    for (service, _), pairs in zip(subjects, taken, strict=True):
        ratio = ratio_of((bare.processor_us, ours.processor_us) for ours, bare in pairs)
        rows.append({"name": service.name, **_sum([ours for ours, _ in pairs]), "ratio": ratio.median, "spread": ratio.spread})
        rows[-1]["bare"] = _sum([bare for _, bare in pairs])
        rows[-1]["growth"] = ratio_of(
            (ours.processor_us, first.processor_us) for (ours, _), (first, _) in zip(pairs, taken[0], strict=True)
        ).median
    return rows


def _sum(rounds: list[Round]) -> dict[str, float]:
    """The figures of a server over all rounds."""
    latencies = sorted(latency for each in rounds for latency in each.latencies)
    return {
        "processor_us": statistics.median(each.processor_us for each in rounds),
        "per_second": statistics.median(each.per_second for each in rounds),
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
    }


def main() -> None:
    """Measure, print, and write the results where that was asked for."""
    parser = command_line(__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=8_000, help="in a round, for each server")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the largest catalog")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch, ExitStack() as stack:
        subjects = []
        for updates in (size for size in SIZES if size <= arguments.largest):
            service, offers = stack.enter_context(_service(Path(scratch), updates))
            table = Path(scratch) / f"{updates}.json"
            table.write_text(json.dumps(offers))
            port, pid = stack.enter_context(_server(Settings(server=Server(port=0)), str(table)))
            bare = Subject("bare endpoint", port, pid, service.requests)
            _check(service, offers)
            _check(bare, offers)
            subjects.append((service, bare))
        rows = _compare(subjects, arguments.rounds, arguments.requests)
    for row in rows:
        _print(row)
    write_results(arguments.json, {"connections": CONNECTIONS, "rows": rows})


def _print(row: dict[str, Any]) -> None:
    """A line for the service, and one for its baseline."""
    for name, figures in ((row["name"], row), ("  bare endpoint", row["bare"])):
        rate = f"{figures['per_second']:7,.0f} /s  {figures['processor_us']:6.0f} µs of processor"
        print(f"service {name:18}  {rate}  p50 {figures['p50_ms']:5.2f} ms  p99 {figures['p99_ms']:6.2f} ms")
    print(
        f"service {row['name']:18}  {row['ratio']:.2f}x of bare  spread {row['spread']:.0f} %  {row['growth']:.2f}x of the smallest"
    )


if __name__ == "__main__":
    main()
