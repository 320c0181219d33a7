"""What real clients send, byte for byte, and whether the answer is one that they can read.

The files in tests/data/clients are written after the public sources of the C, JavaScript and shell updaters and of the Ioto agent.
How each of them reads an answer is restated here: the C updater looks for letters, not for HTTP.
"""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme
from service_world import RealServer, World, served, world
from stores import document, opened

from policy_lang.service.store.reports import list_reports

VECTORS = Path(__file__).parents[1] / "data" / "clients"
OFFER = {"url": "https://example.com/atlas-2", "checksum": "ab" * 32, "update": "atlas-2", "version": "2.0.0"}


class Running(NamedTuple):
    """A service, and its server."""

    world: World
    server: RealServer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("clients")
    here = world(folder, document("atlas-2", policy="device.version < update.version"))
    with served(folder, "--database", here.url) as server:
        yield Running(here, server)


def vector(name: str, token: str, **changed: str) -> bytes:
    """The bytes of a client; the connection ends with the answer."""
    head, _, body = (VECTORS / f"{name}.http").read_text().rstrip("\n").partition("\n\n")
    for old, new in {"{token}": token, **changed}.items():
        head, body = head.replace(old, new), body.replace(old, new)
    head = head.replace("connection: keep-alive\n", "").replace("{length}", str(len(body.encode())))
    return f"{head}\nConnection: close\n\n".replace("\n", "\r\n").encode() + body.encode()


def read_as_c_updater(answer: bytes) -> dict[str, str] | None:
    """The answer as the C updater reads it: 4 KiB, letters of HTTP/1.1, and values up to the next quote; None where it gives up."""
    seen = answer[:4095].decode()
    if not seen.startswith("HTTP/1.1 200"):
        return None
    head, blank, body = seen.partition("\r\n\r\n")
    _, name, rest = head.partition("Content-Length:")
    if not blank or not name or int(rest.partition("\r\n")[0]) != len(body):
        return None
    found = {}
    for key in ("url", "checksum", "update", "version"):
        _, name, rest = body.partition(f'"{key}":')
        if name:
            found[key] = rest[1:].partition('"')[0] if rest.startswith('"') else rest.partition(",")[0].partition("}")[0]
    return found


def read_as_program(answer: bytes) -> dict[str, str] | None:
    """The answer as the JavaScript updater and the Ioto agent read it: any HTTP, the status 200, and JSON."""
    head, _, body = answer.partition(b"\r\n\r\n")
    found: dict[str, str] | None = json.loads(body) if head.split(b" ")[1] == b"200" else None
    return found


def read_as_shell(answer: bytes) -> dict[str, str] | None:
    """The answer as the shell updater reads it: one word, `{}` for nothing."""
    words = answer.partition(b"\r\n\r\n")[2].split()
    assert len(words) == 1
    return {} if words[0] == b"{}" else read_as_program(answer)


READERS = {
    "c-updater": read_as_c_updater,
    "js-updater": read_as_program,
    "shell-updater": read_as_shell,
    "ioto": read_as_program,
}


@pytest.mark.parametrize("client", READERS)
def test_each_client_gets_its_update(client: str, running: Running) -> None:
    answer = running.server.exchange(vector(f"{client}-checkin", running.world.tokens["atlas"]))
    assert READERS[client](answer) == OFFER


@pytest.mark.parametrize("client", READERS)
def test_each_client_that_is_up_to_date_gets_nothing(client: str, running: Running) -> None:
    sent = vector(f"{client}-checkin", running.world.tokens["atlas"], **{'"1.0.0"': '"2.0.0"'})
    assert READERS[client](running.server.exchange(sent)) == {}


@pytest.mark.parametrize(
    ("client", "is_success"), [("c-updater", True), ("js-updater", False), ("shell-updater", True), ("shell-updater-old", True)]
)
def test_each_client_reports(*, client: str, is_success: bool, running: Running) -> None:
    device = f"{client}-device"
    answer = running.server.exchange(vector(f"{client}-report", running.world.tokens["atlas"], A123456789=device))
    assert read_as_c_updater(answer) == {}
    with opened(running.world.url) as database, database.reading() as connection:
        (report,) = [each for each in list_reports(connection, "atlas-2") if each.device_id == device]
    assert (report.is_success, report.times) == (is_success, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("c-updater-unescaped", 'a comma is missing; inside a text, write `"` as `\\"` (line 1, column 68)'),
        ("c-updater-version-twice", "the property `version` stands twice with different values; send it once"),
    ],
)
def test_json_that_was_built_by_hand_wrongly_is_refused_with_the_reason(name: str, words: str, running: Running) -> None:
    head, _, body = running.server.exchange(vector(name, running.world.tokens["atlas"])).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(body)["detail"] == words


def test_the_c_updater_reads_the_answer_over_tls_from_one_record(tmp_path: Path) -> None:
    """It takes one record for the head, and needs all of it there."""
    here = world(tmp_path)
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for number, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(tmp_path / "cert.pem", append=number > 0)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with (
        served(tmp_path, "--database", here.url, "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server,
        server.connect() as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(vector("c-updater-checkin", here.tokens["atlas"]))
        first = connection.recv(4095)
        rest = b"".join(iter(lambda: connection.recv(4095), b""))
    assert b"\r\n\r\n" in first
    assert read_as_c_updater(first + rest) == OFFER
    assert "Serving https://" in server.text
