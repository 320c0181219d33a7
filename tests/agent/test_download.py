"""The image comes whole and right, or not at all; whatever the server does, over TLS."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import agent_server
import pytest
from agent_server import IMAGE, Server, answering, cut_at, dripping, dripping_headers, endless, in_turn, serving
from agent_world import START, Device, new_device

from policy_lang.agent.download import fetch, is_right, partial_path
from policy_lang.agent.failures import ImageError, TransientError
from policy_lang.agent.files import Files
from policy_lang.agent.offer import Offer
from policy_lang.agent.transport import HttpTransport, Reply
from policy_lang.versions.version import Version

CONTENT = bytes(range(256)) * 1000
VERSION = Version.parse("2.0.0")


@pytest.fixture
def server() -> Iterator[Server]:
    with agent_server.agent_server() as running:
        running.image = CONTENT
        yield running


@pytest.fixture
def device(tmp_path: Path) -> Device:
    device = new_device(tmp_path)
    (tmp_path / "state").mkdir(mode=0o700)
    return device


def get(device: Device, server: Server, content: bytes = CONTENT, path: str = IMAGE, **settings: Any) -> None:
    """Fetch the image of an offer."""
    told = device.settings(server, **settings)
    transport = HttpTransport(told)
    try:
        fetch(Offer(f"{server.url}{path}", agent_server.sha256(content), "release-2", VERSION), told, transport, Files(), START)
    finally:
        transport.close()


def ranges(server: Server) -> list[str | None]:
    """What was asked for each time."""
    return [headers.get("Range") for path, headers in server.requests if path == IMAGE]


def start_with(device: Device, part: bytes) -> None:
    """Leave a part, as an earlier try does."""
    partial_path(device.image).write_bytes(part)


def test_an_image(device: Device, server: Server) -> None:
    get(device, server)
    assert device.image.read_bytes() == CONTENT
    assert not partial_path(device.image).exists()


def test_an_image_that_is_there_is_not_fetched_again(device: Device, server: Server) -> None:
    get(device, server)
    get(device, server)
    assert ranges(server) == [None]


def test_a_part_is_continued(device: Device, server: Server) -> None:
    start_with(device, CONTENT[:1000])
    get(device, server)
    assert ranges(server) == ["bytes=1000-"]
    assert device.image.read_bytes() == CONTENT


def test_a_part_that_is_all_of_it_needs_no_request(device: Device, server: Server) -> None:
    start_with(device, CONTENT)
    get(device, server)
    assert ranges(server) == []
    assert device.image.read_bytes() == CONTENT


def test_a_server_without_ranges_sends_all_of_it(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = serving(lambda: CONTENT, has_ranges=False)
    start_with(device, b"?" * 1000)
    get(device, server)
    assert device.image.read_bytes() == CONTENT


def test_a_part_of_something_else_is_thrown_away(device: Device, server: Server) -> None:
    start_with(device, b"?" * 1000)
    with pytest.raises(TransientError, match="it is fetched anew"):
        get(device, server)
    get(device, server)
    assert ranges(server) == ["bytes=1000-", None]
    assert device.image.read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_thrown_away(device: Device, server: Server) -> None:
    start_with(device, CONTENT + b"more")
    with pytest.raises(TransientError, match="no such part of the image"):
        get(device, server)
    get(device, server)
    assert device.image.read_bytes() == CONTENT


@pytest.mark.parametrize("written", ["", "bytes 0-9/10", "bytes */10", "bytes 1001-2000/256000", "pages 1000-1001/9"])
def test_a_part_from_elsewhere_is_not_appended(device: Device, server: Server, written: str) -> None:
    start_with(device, CONTENT[:1000])
    server.handlers[IMAGE] = answering(206, CONTENT[1000:], {"Content-Range": written})
    with pytest.raises(TransientError, match="no such part of the image"):
        get(device, server)
    assert not device.image.exists()


def test_a_wrong_image_is_not_kept(device: Device, server: Server) -> None:
    server.image = CONTENT[:-1] + b"?"
    with pytest.raises(ImageError, match=r"the checksum of the image is [0-9a-f]{64}, not [0-9a-f]{64}"):
        get(device, server)
    assert not device.image.exists()
    assert partial_path(device.image).stat().st_size == 0


def test_an_image_that_ends_early_is_continued(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = in_turn(cut_at(100_000, lambda: CONTENT), serving(lambda: CONTENT))
    with pytest.raises(TransientError):
        get(device, server)
    assert not device.image.exists()
    get(device, server)
    assert ranges(server) == [None, "bytes=100000-"]
    assert device.image.read_bytes() == CONTENT


def test_an_image_that_says_that_it_is_too_large_is_not_read(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = answering(200, headers={"Content-Length": str(2**40)})
    began = time.monotonic()
    with pytest.raises(ImageError, match="the image is larger than 262144 bytes"):
        get(device, server, limits={"image": "256k"})
    assert time.monotonic() - began < 5


def test_an_endless_image_is_cut_off(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = endless
    with pytest.raises(ImageError, match="the image is larger than 1048576 bytes"):
        get(device, server, limits={"image": "1 mb"})
    assert partial_path(device.image).stat().st_size == 0


def test_a_silent_server_is_left(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = dripping(30)
    with pytest.raises(TransientError, match="the server is silent"):
        get(device, server, timeouts={"read": 1})


def timed(seconds: str) -> dict[str, Any]:
    """A short limit for a download in all; silences alone would be long enough."""
    return {"timeouts": {"download": seconds, "read": "60 secs"}}


def test_a_slow_server_is_left_and_what_came_is_kept(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = in_turn(dripping(0.02, body=CONTENT), serving(lambda: CONTENT))
    with pytest.raises(TransientError, match="longer than 3 s"):
        get(device, server, **timed("3 secs"))
    size = partial_path(device.image).stat().st_size
    assert 0 < size < 300
    get(device, server)
    assert ranges(server) == [None, f"bytes={size}-"]


def test_headers_that_never_end_are_cut_off(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = dripping_headers(0.05)
    began = time.monotonic()
    with pytest.raises(TransientError, match="longer than 1 s"):
        get(device, server, **timed("1 sec"))
    assert time.monotonic() - began < 10


def test_a_redirect_to_https_is_followed(device: Device, server: Server) -> None:
    server.handlers["/elsewhere"] = answering(302, headers={"Location": IMAGE})
    get(device, server, path="/elsewhere")
    assert device.image.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/image.bin", "http://e.com/image.bin", "file:///etc/passwd", "https://e.com:0/x"]
)
def test_a_redirect_to_anything_else_is_not(device: Device, server: Server, target: str) -> None:
    server.handlers[IMAGE] = answering(302, headers={"Location": target})
    with pytest.raises(TransientError, match="redirected to an address that cannot be used"):
        get(device, server)


def test_redirects_come_to_an_end(device: Device, server: Server) -> None:
    server.handlers[IMAGE] = answering(302, headers={"Location": IMAGE})
    with pytest.raises(TransientError, match="behind more than 5 redirects"):
        get(device, server)
    assert len(ranges(server)) == 6


@pytest.mark.parametrize("status", [204, 401, 403, 404, 500, 503])
def test_any_other_status_is_an_error(device: Device, server: Server, status: int) -> None:
    server.handlers[IMAGE] = answering(status, headers={"Retry-After": "77"})
    with pytest.raises(TransientError, match=f"the image is answered with status {status}") as caught:
        get(device, server)
    assert caught.value.retry_after == timedelta(seconds=77)
    assert not device.image.exists()


def test_a_part_that_is_larger_than_any_image_is_not_continued(device: Device, server: Server) -> None:
    start_with(device, b"?" * 300_000)
    get(device, server, limits={"image": "256k"})
    assert ranges(server) == [None]
    assert device.image.read_bytes() == CONTENT


def test_a_transport_that_does_not_count_is_not_trusted(device: Device, server: Server) -> None:
    """The length that was announced is compared here too, whoever brings the bytes."""

    class Careless(HttpTransport):
        @contextmanager
        def stream(self, url: str, headers: Mapping[str, str], *, limit: timedelta) -> Iterator[Reply]:  # noqa: ARG002  the protocol's
            yield Reply(200, {"content-length": "1000"}, chunks=iter([CONTENT[:999]]))

    told = device.settings(server)
    offer = Offer(server.url, agent_server.sha256(CONTENT), "release-2", VERSION)
    with pytest.raises(TransientError, match="the image ends early"):
        fetch(offer, told, Careless(told), Files(), START)


def test_a_link_in_place_of_the_part_is_refused(device: Device, server: Server, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    partial_path(device.image).symlink_to(victim)
    with pytest.raises(OSError, match="Too many levels"):
        get(device, server)
    assert victim.read_text() == "precious"


def test_a_second_name_of_the_part_is_refused(device: Device, server: Server, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    partial_path(device.image).hardlink_to(victim)
    with pytest.raises(PermissionError, match="is not a plain file"):
        get(device, server)
    assert victim.read_text() == "precious"


def test_a_missing_image_is_not_right(tmp_path: Path) -> None:
    assert not is_right(tmp_path / "missing", "00" * 32)
