import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient

from policy_lang.service.downloads import download
from policy_lang.service.images.folder import FolderStore
from policy_lang.service.images.model import image_key
from policy_lang.service.images.reading import CHUNK, measure
from policy_lang.service.images.settings import FolderImages

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
BYTES = os.urandom(2 * CHUNK + 5)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore("here", FolderImages(path=str(tmp_path / "images"), url="https://updates.example.com"))


@pytest.fixture
def url(store: FolderStore, tmp_path: Path) -> str:
    (tmp_path / "image").write_bytes(BYTES)
    found = measure(tmp_path / "image")
    location = store.upload(tmp_path / "image", image_key("atlas", found.checksum), found.checksum, found.size)
    parts = urlsplit(store.presign(location, timedelta(minutes=1), NOW))
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def log() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def client(store: FolderStore, log: list[dict[str, Any]]) -> Iterator[TestClient[Any]]:
    logger = SimpleNamespace(error=lambda event, **fields: log.append({"event": event, **fields}))
    service = SimpleNamespace(images={"here": store, "far": object()}, clock=lambda: NOW)
    with TestClient(Litestar([download], state=State({"service": service, "log": logger}))) as client:
        yield client


def test_a_signed_url_gives_the_image(client: TestClient[Any], url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["content-length"] == str(len(BYTES))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_device_goes_on_where_it_was(client: TestClient[Any], url: str) -> None:
    first = client.get(url, headers={"Range": "bytes=0-99"})
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-99/{len(BYTES)}")
    rest = client.get(url, headers={"Range": "bytes=100-", "If-Range": first.headers["etag"]})
    assert (rest.status_code, first.content + rest.content) == (206, BYTES)


def test_the_halves_of_two_images_are_never_joined(client: TestClient[Any], url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=100-", "If-Range": '"another"'})
    assert (answer.status_code, answer.content) == (200, BYTES)


def test_a_range_behind_the_end_is_refused(client: TestClient[Any], url: str) -> None:
    answer = client.get(url, headers={"Range": f"bytes={len(BYTES)}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(BYTES)}")


@pytest.mark.parametrize(("header", "status", "length"), [({}, 200, len(BYTES)), ({"Range": "bytes=-5"}, 206, 5)])
def test_head_says_what_get_would_send(header: dict[str, str], status: int, length: int, client: TestClient[Any], url: str) -> None:
    answer = client.head(url, headers=header)
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (status, str(length), b"")


def test_a_url_that_was_changed_or_has_expired_gives_nothing(client: TestClient[Any], url: str) -> None:
    expired = url.replace(f"expires={int(NOW.timestamp()) + 60}", f"expires={int(NOW.timestamp())}")
    for wrong in (
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        expired,
        url.replace("/here/", "/far/"),
        url.replace("/here/", "/none/"),
    ):
        answer = client.get(wrong)
        assert (answer.status_code, answer.text) == (403, "the URL is not one of ours, or has expired")
    assert client.get(url.partition("?")[0]).status_code == 400


def test_an_image_that_is_gone_is_missing(client: TestClient[Any], url: str, tmp_path: Path) -> None:
    (stored,) = (tmp_path / "images").rglob("atlas.*/*")
    stored.unlink()
    assert client.get(url).status_code == 404
    stored.parent.rmdir()
    stored.parent.write_text("a file where the folder should be")
    assert client.get(url).status_code == 503


def test_a_folder_without_a_key_admits_nobody_and_is_logged(
    client: TestClient[Any], store: FolderStore, url: str, tmp_path: Path, log: list[dict[str, Any]]
) -> None:
    del store.__dict__["_signing_key"]
    (tmp_path / "images" / ".signing-key").write_bytes(b"")
    assert (client.get(url).status_code, [line["store"] for line in log]) == (503, ["here"])


@pytest.mark.parametrize(
    "path", ["/images/here/../.signing-key", "/images/here/%2e%2e/x", "/images/here/.signing-key", "/images/here"]
)
def test_no_path_leads_out_of_the_images(path: str, client: TestClient[Any], url: str) -> None:
    assert client.get(f"{path}?{url.partition('?')[2]}").status_code in {400, 403, 404}
