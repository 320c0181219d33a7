import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import agent_server
import pytest
from agent_server import UPDATE, Server, answering, dripping, endless
from agent_world import Device, new_device

from policy_lang.agent.failures import TransientError
from policy_lang.agent.transport import HttpTransport, Reply, retry_after

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def server() -> Iterator[Server]:
    with agent_server.agent_server() as running:
        yield running


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return new_device(tmp_path)


def post(device: Device, server: Server, transport: HttpTransport | None = None, seconds: float = 20) -> Reply:
    """One request."""
    transport = transport or HttpTransport(device.settings(server))
    try:
        return transport.post(f"{server.url}{UPDATE}", b'{"version": "1.0.0"}', {}, limit=timedelta(seconds=seconds))
    finally:
        transport.close()


def test_an_answer(device: Device, server: Server) -> None:
    server.handlers[UPDATE] = answering(201, b"hello", {"X-Note": "one"})
    reply = post(device, server)
    assert (reply.status, reply.body, reply.headers["x-note"]) == (201, b"hello", "one")


def test_compressed_answers_are_not_asked_for(device: Device, server: Server) -> None:
    post(device, server)
    assert server.requests[0][1]["Accept-Encoding"] == "identity"


def test_a_certificate_of_nobody_we_know_is_refused(device: Device, server: Server) -> None:
    transport = HttpTransport(device.settings(server, tls={}))
    with pytest.raises(TransientError, match="certificate verify failed"):
        post(device, server, transport)
    assert server.requests == []


def test_a_certificate_for_another_host_is_refused(device: Device) -> None:
    with (
        agent_server.agent_server(host="updates.example.com") as other,
        pytest.raises(TransientError, match=r"certificate is not valid for '127\.0\.0\.1'"),
    ):
        post(device, other)


def test_plain_http_to_this_machine_where_it_is_allowed(device: Device) -> None:
    with agent_server.agent_server(is_secure=False) as plain:
        assert post(device, plain).status == 200


def test_nobody_answers(device: Device) -> None:
    with agent_server.agent_server() as gone:
        settings = device.settings(gone)
    with pytest.raises(TransientError, match=r"^the server cannot be reached: Connection refused$"):
        post(device, gone, HttpTransport(settings))


@pytest.mark.parametrize("handler", [answering(200, b"x" * 70_000), endless])
def test_a_large_answer_is_refused(device: Device, server: Server, handler: agent_server.Handler) -> None:
    server.handlers[UPDATE] = handler
    with pytest.raises(TransientError, match="the answer is larger than 65536 bytes"):
        post(device, server)


def test_the_limit_is_one_for_all(device: Device, server: Server) -> None:
    """A byte now and then does not make it longer."""
    server.handlers[UPDATE] = dripping(0.02)
    with pytest.raises(TransientError, match=r"longer than 0\.5 s"):
        post(device, server, seconds=0.5)


def test_a_limit_that_is_over_before_there_is_a_connection(device: Device, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    class Instant(threading.Timer):
        def start(self) -> None:
            self.function()

    transport = HttpTransport(device.settings(server))
    monkeypatch.setattr(threading, "Timer", Instant)
    with pytest.raises(TransientError, match="longer than 20 s"):
        post(device, server, transport)
    assert server.requests == []


def test_an_interruption_ends_the_request_that_runs(device: Device, server: Server) -> None:
    transport = HttpTransport(device.settings(server))
    server.handlers[UPDATE] = dripping(0.02)
    timer = threading.Timer(0.3, transport.interrupt)
    timer.start()
    with pytest.raises(TransientError, match="interrupted"):
        post(device, server, transport)
    timer.join()


def test_an_interruption_ends_the_request_that_comes(device: Device, server: Server) -> None:
    transport = HttpTransport(device.settings(server))
    transport.interrupt()
    with pytest.raises(TransientError, match="asked to end"):
        post(device, server, transport)
    assert server.requests == []


def test_the_environment_does_not_count(device: Device, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert post(device, server).status == 200


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("Fri, 01 May 2026 09:01:00 GMT", 60),
        ("Fri, 01 May 2026 08:00:00 GMT", 0),
        ("999999999999", 86400),
        ("Fri, 01 May 2027 09:01:00 GMT", 86400),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("Fri, 99 May 2026 09:01:00 GMT", None),
    ],
)
def test_retry_after(written: str, seconds: int | None) -> None:
    assert retry_after({"retry-after": written}, NOW) == (None if seconds is None else timedelta(seconds=seconds))
    assert retry_after({}, NOW) is None
