"""`policy serve` as operators run it: workers that die, signals, changes that reach everybody, numbers of all of them together."""

import json
import os
import signal
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from service_world import UPDATE, RealServer, World, http, read_all, served, until, workers_of, world
from stores import ENGINES, NOW, document, opened

from policy_lang.service.server import ListenError, listen
from policy_lang.service.settings import Server
from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.updates import put_update

WORKERS = 3


def check_in(server: RealServer, here: World, device: str = "device-1") -> dict[str, str]:
    """What a device is answered, on a connection of its own."""
    body = json.dumps({"id": device, "version": "1.0.0"}).encode()
    answer = server.exchange(http(UPDATE, body, here.tokens["atlas"]))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer
    found: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_change_reaches_all_workers_within_the_refresh_period(engine: str, tmp_path: Path) -> None:
    here = world(tmp_path, engine=engine)
    with (
        served(tmp_path, "--database", here.url, "--workers", str(WORKERS), count=WORKERS) as server,
        opened(here.url) as database,
    ):
        assert len(workers_of(server)) == WORKERS
        for version in ("3.0.0", "4.0.0"):
            with database.changing() as connection:
                put_update(connection, "atlas", document(f"atlas-{version}", version), actor="t", now=NOW)
            time.sleep(1 + 2)  # the refresh period, and what a busy machine adds
            assert {check_in(server, here)["version"] for _ in range(40)} == {version}


def test_a_worker_that_is_killed_is_replaced_and_nobody_notices_for_long(tmp_path: Path) -> None:
    here = world(tmp_path)
    with served(tmp_path, "--database", here.url, "--workers", "2", count=2) as server:
        before = workers_of(server)
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(workers_of(server) - before) == 1)
        until(lambda: server.text.count('"event":"started"') == 3)
        assert {check_in(server, here)["update"] for _ in range(20)} == {"atlas-2"}


def test_numbers_are_those_of_all_workers(tmp_path: Path) -> None:
    here = world(tmp_path)
    with served(tmp_path, "--database", here.url, "--workers", "2", count=2) as server:
        for number in range(30):
            check_in(server, here, f"device-{number}")
        for _ in range(5):
            answer = server.exchange(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").decode()
            assert 'policy_requests_total{kind="checkin",status="200"} 30.0' in answer
            assert 'policy_request_seconds_count{kind="checkin"} 30.0' in answer
        folder = _shared_folder(server)
        assert folder.is_dir()
        assert server.stop() == 0
    assert not folder.exists()


def _shared_folder(server: RealServer) -> Path:
    """Where the workers write their numbers."""
    variables = Path(f"/proc/{min(workers_of(server))}/environ").read_bytes().split(b"\0")
    (found,) = (each.partition(b"=")[2] for each in variables if each.startswith(b"PROMETHEUS_MULTIPROC_DIR="))
    return Path(os.fsdecode(found))


@pytest.mark.parametrize(("workers", "sent"), [(1, signal.SIGTERM), (1, signal.SIGINT), (2, signal.SIGTERM)])
def test_a_request_that_has_begun_is_answered_before_the_end(workers: int, sent: signal.Signals, tmp_path: Path) -> None:
    here = world(tmp_path)
    body = b'{"id":"device-1","version":"1.0.0"}'
    data = http(UPDATE, body, here.tokens["atlas"])
    with served(tmp_path, "--database", here.url, "--workers", str(workers), count=workers) as server:
        assert {check_in(server, here)["update"] for _ in range(10)} == {"atlas-2"}
        with server.connect() as connection, server.connect() as idle:
            connection.sendall(data[:-10])
            time.sleep(1)  # nothing outside of the server shows that the head has arrived
            server.process.send_signal(sent)
            time.sleep(0.5)
            assert server.process.poll() is None
            connection.sendall(data[-10:])
            assert read_all(connection).startswith(b"HTTP/1.1 200 OK\r\n")
            idle.settimeout(10)
            assert idle.recv(1) == b""
        assert server.process.wait(30) == 0
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", server.port), 1):
        pytest.fail("it still listens")


def test_audits_that_wait_are_written_before_the_end(tmp_path: Path) -> None:
    here = world(tmp_path)
    with served(tmp_path, "--database", here.url, environment={"POLICY_AUDIT": "1.0"}) as server:
        threads = [threading.Thread(target=check_in, args=(server, here, f"device-{number}")) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.stop() == 0
    with opened(here.url) as database, database.reading() as connection:
        assert len(list_entries(connection, kind=Kind.DECISION)) == 20


def test_an_address_that_is_taken_is_said_at_once() -> None:
    with listen(Server(port=0)) as taken, pytest.raises(ListenError) as caught:
        listen(Server(port=taken.getsockname()[1]))
    assert caught.value.message.endswith("address already in use")
    assert "--port" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("none.pem", "`{0}` cannot be read: no such file or directory", "check the path, and that this user may read it"),
        ("text.pem", "`{0}` and `{0}` are no certificate with its key: ", "give the chain and its key in PEM, without a password"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_said_at_once(name: str, message: str, remedy: str, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no certificate")
    path = str(tmp_path / name)
    with pytest.raises(ListenError) as caught:
        listen(Server(port=0, tls_cert=path, tls_key=path))
    assert caught.value.message.startswith(message.format(path))
    assert caught.value.remedy == remedy


def test_a_host_that_has_no_address_is_said_in_words() -> None:
    with pytest.raises(ListenError, match=r"cannot listen on none\.invalid, port 0: .*(not known|failure|resolution)"):
        listen(Server(host="none.invalid", port=0))


def test_one_worker_takes_up_a_renewed_certificate_and_keeps_the_old_one_where_the_new_one_is_wrong(tmp_path: Path) -> None:
    here, authority = world(tmp_path), trustme.CA()
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

    def renew() -> None:
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(key)
        cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))

    def shown(server: RealServer) -> bytes | None:
        context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
        with server.connect() as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
            return connection.getpeercert(binary_form=True)

    renew()
    with served(tmp_path, "--database", here.url, "--tls-cert", str(cert), "--tls-key", str(key)) as server:
        first = shown(server)
        renew()
        server.process.send_signal(signal.SIGHUP)
        until(lambda: '"event":"reloaded"' in server.text)
        second = shown(server)
        cert.write_text("no certificate")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: '"event":"certificate not loaded"' in server.text)
        assert shown(server) == second != first
        assert server.stop() == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_never_shakes_hands_is_cut_off(workers: str, tmp_path: Path) -> None:
    here, issued = world(tmp_path), trustme.CA().issue_cert("localhost")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate = ("--tls-cert", "cert.pem", "--tls-key", "key.pem")
    environment = {"POLICY_SERVER__REQUEST_SECONDS": "1"}
    with served(
        tmp_path, "--database", here.url, "--workers", workers, *certificate, count=int(workers), environment=environment
    ) as server:
        with server.connect(10) as connection:
            start = time.monotonic()
            assert connection.recv(1) == b""
            assert 0.5 < time.monotonic() - start < 8
        assert server.stop() == 0


def test_it_listens_on_ipv6_too() -> None:
    with listen(Server(host="::1", port=0)) as listening:
        assert listening.family == socket.AF_INET6
