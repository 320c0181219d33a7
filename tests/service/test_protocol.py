"""A real server cuts off what takes too long or is too large, and goes on with everybody else."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from service_world import UPDATE, RealServer, World, http, read_all, served, world

BODY = b'{"id":"device-1","version":"1.0.0"}'


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("protocol"))


@pytest.fixture(scope="module")
def server(here: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    times = {"POLICY_SERVER__REQUEST_SECONDS": "1", "POLICY_SERVER__IDLE_SECONDS": "1", "POLICY_SERVER__MAX_HEAD": "4096"}
    with served(tmp_path_factory.mktemp("server"), "--database", here.url, environment=times) as server:
        yield server


def drip(connection: socket.socket, data: bytes, seconds: float = 6) -> tuple[bytes, float]:
    """Send a byte now and then, until the server ends it; what it said, and after how many seconds."""
    start = time.monotonic()
    connection.settimeout(0.1)
    for byte in data:
        try:
            connection.sendall(bytes([byte]))
            return connection.recv(65536), time.monotonic() - start
        except TimeoutError:
            assert time.monotonic() - start < seconds, "the server waits for ever"
        except OSError:
            break
    return b"", time.monotonic() - start


def request(here: World) -> bytes:
    return http(UPDATE, BODY, here.tokens["atlas"])


def test_a_slow_head_is_cut_off(server: RealServer, here: World) -> None:
    with server.connect() as connection:
        answer, seconds = drip(connection, request(here))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert 0.8 < seconds < 3


def test_a_slow_body_is_cut_off(server: RealServer, here: World) -> None:
    head, _, _ = request(here).partition(b"\r\n\r\n")
    with server.connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        answer, seconds = drip(connection, BODY)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert 0.8 < seconds < 3


def test_who_connects_and_says_nothing_is_cut_off(server: RealServer) -> None:
    with server.connect(5) as connection:
        start = time.monotonic()
        answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert 0.8 < time.monotonic() - start < 3


def test_the_second_request_of_a_connection_has_a_deadline_too(server: RealServer, here: World) -> None:
    kept = request(here).replace(b"Connection: close\r\n", b"")
    with server.connect(5) as connection:
        connection.sendall(kept)
        while not connection.recv(65536).endswith(b"}"):
            pass
        connection.sendall(kept[:20])
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_blank_lines_do_not_keep_a_connection_open(server: RealServer, here: World) -> None:
    with server.connect(5) as connection:
        connection.sendall(request(here).replace(b"Connection: close\r\n", b""))
        while not connection.recv(65536).endswith(b"}"):
            pass
        connection.sendall(b"\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_is_idle_is_closed_without_a_word(server: RealServer, here: World) -> None:
    with server.connect(5) as connection:
        connection.sendall(request(here).replace(b"Connection: close\r\n", b""))
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b" 408 " not in answer


def test_a_request_in_many_pieces_in_time_is_answered(server: RealServer, here: World) -> None:
    data = request(here)
    with server.connect(5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), 16):
            connection.sendall(data[at : at + 16])
            time.sleep(0.01)
        assert read_all(connection).startswith(b"HTTP/1.1 200 OK\r\n")


def test_several_requests_in_one_piece_are_answered_in_their_order(server: RealServer, here: World) -> None:
    one = http(UPDATE, BODY, here.tokens["atlas"]).replace(b"Connection: close\r\n", b"")
    answer = server.exchange(one + http(UPDATE, BODY, "wrong").replace(b"Connection: close\r\n", b"") + request(here))
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"401", b"200"]
    assert answer.count(b"\r\nContent-Length: ") == 3


def test_a_large_head_is_refused(server: RealServer, here: World) -> None:
    large = b"X-Padding: " + b"x" * 8000 + b"\r\n"
    with server.connect(5) as connection:
        connection.sendall(request(here).replace(b"\r\n\r\n", b"\r\n" + large)[:7000])
        assert read_all(connection).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("length", [b"70000", b"999999999999999999999", b"-1", b"1e3", b"7, 7"])
def test_a_body_that_says_that_it_is_too_large_is_not_waited_for(length: bytes, server: RealServer, here: World) -> None:
    data = request(here).replace(b"Content-Length: 35", b"Content-Length: " + length)
    start = time.monotonic()
    answer = server.exchange(data)
    assert answer.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))
    assert time.monotonic() - start < 0.8


def test_a_body_without_a_length_is_cut_off_at_the_limit(server: RealServer, here: World) -> None:
    head = request(here).partition(b"\r\n\r\n")[0].replace(b"Content-Length: 35", b"Transfer-Encoding: chunked")
    with server.connect(5) as connection:
        connection.sendall(head + b"\r\n\r\n" + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 5)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_read(server: RealServer, here: World) -> None:
    """The Ioto agent sends one where it does not know the length."""
    head = request(here).partition(b"\r\n\r\n")[0].replace(b"Content-Length: 35", b"Transfer-Encoding: chunked")
    assert server.exchange(head + b"\r\n\r\n23\r\n" + BODY + b"\r\n0\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "data", [b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]
)
def test_what_is_no_http_is_refused(data: bytes, server: RealServer) -> None:
    assert server.exchange(data).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_leaves_inside_of_a_body_is_no_fault(server: RealServer, here: World) -> None:
    with server.connect() as connection:
        connection.sendall(request(here)[:-5])
    assert server.exchange(request(here)).startswith(b"HTTP/1.1 200 OK\r\n")
    assert "internal error" not in server.text
    assert "Traceback" not in server.text


def test_an_answer_to_expectations_comes_first(server: RealServer, here: World) -> None:
    """A client of curl with a large body asks whether to go on."""
    head, _, _ = request(here).partition(b"\r\n\r\n")
    with server.connect(5) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nContent-Length: " in answer


def test_too_many_connections_are_told_to_come_back(here: World, tmp_path: Path) -> None:
    with served(tmp_path, "--database", here.url, environment={"POLICY_SERVER__MAX_CONNECTIONS": "3"}) as server:
        held = [server.connect() for _ in range(3)]
        assert server.exchange(request(here)).startswith(b"HTTP/1.1 503 ")
        for connection in held:
            connection.close()
        time.sleep(0.2)
        assert server.exchange(request(here)).startswith(b"HTTP/1.1 200 ")
