import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from policy_lang.service.images.folder import FolderStore
from policy_lang.service.images.model import ImageError, ImageLocation, MissingImageError, image_key
from policy_lang.service.images.reading import measure
from policy_lang.service.images.settings import FolderImages

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


def _store(folder: Path, name: str = "here") -> FolderStore:
    return FolderStore(name, FolderImages(path=str(folder / "images"), url="https://updates.example.com/"))


def _upload(store: FolderStore, image: Path, advance: Callable[[int], None] | None = None) -> ImageLocation:
    found = measure(image)
    return store.upload(image, image_key("atlas", found.checksum), found.checksum, found.size, advance)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    image = tmp_path / "image.bin"
    image.write_bytes(os.urandom(3_000_000))
    return image


def _files(folder: Path) -> list[Path]:
    return [each for each in (folder / "images").rglob("*") if each.is_file() and each.name != ".signing-key"]


def test_an_upload_is_verified(image: Path, tmp_path: Path) -> None:
    store, steps = _store(tmp_path), list[int]()
    location = _upload(store, image)
    store.verify(location, steps.append)
    assert sum(steps) == location.size == 3_000_000
    with store.open(location.key) as file:
        assert file.read() == image.read_bytes()
    assert [each.name for each in _files(tmp_path)] == [location.checksum]


def test_a_wrong_byte_is_found(image: Path, tmp_path: Path) -> None:
    store = _store(tmp_path)
    location = _upload(store, image)
    (stored,) = _files(tmp_path)
    changed = bytearray(stored.read_bytes())
    changed[7] ^= 1
    stored.write_bytes(changed)
    with pytest.raises(ImageError, match="hashes to"):
        store.verify(location)
    stored.write_bytes(changed[1:])
    with pytest.raises(ImageError, match="has 2999999 bytes, not 3000000"):
        store.verify(location)
    _upload(store, image)
    store.verify(location)


def test_what_was_never_uploaded_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingImageError, match="is not in `here`"):
        _store(tmp_path).verify(ImageLocation("here", image_key("atlas", "00" * 32), 5))


def test_an_upload_that_is_interrupted_leaves_nothing(image: Path, tmp_path: Path) -> None:
    def interrupt(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _upload(_store(tmp_path), image, interrupt)
    assert _files(tmp_path) == []


def test_a_file_that_changes_leaves_what_was_there(image: Path, tmp_path: Path) -> None:
    store = _store(tmp_path)
    location, found = _upload(store, image), measure(image)
    image.write_bytes(b"others")
    with pytest.raises(ImageError, match="changed while it was published"):
        store.upload(image, location.key, found.checksum, found.size)
    store.verify(location)
    assert len(_files(tmp_path)) == 1


def test_a_disk_that_refuses_is_an_error_of_ours(image: Path, tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file where the folder should be")
    with pytest.raises(ImageError, match=r"in the folder of `here`: .*; check the folder"):
        _upload(_store(tmp_path), image)
    with pytest.raises(ImageError, match=r"in the folder of `here`: not a directory"):
        _store(tmp_path).open(image_key("atlas", "00" * 32))


def _signed(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return parts.path.removeprefix("/images/here/"), int(query["expires"][0]), query["signature"][0]


def test_a_url_is_signed_and_expires(image: Path, tmp_path: Path) -> None:
    store = _store(tmp_path)
    location = _upload(store, image)
    url = store.presign(location, timedelta(minutes=1), NOW)
    key, expires, signature = _signed(url)
    assert url.startswith("https://updates.example.com/images/here/atlas.")
    assert key == location.key
    assert _store(tmp_path).admits(key, expires, signature, NOW + timedelta(seconds=59))
    assert not store.admits(key, expires, signature, NOW + timedelta(seconds=60))
    assert not store.admits(key, expires + 1, signature, NOW)
    assert not store.admits(key.replace("atlas", "zenit"), expires, signature, NOW)
    assert not store.admits(key, expires, signature[:-1] + "é", NOW)
    assert not _store(tmp_path / "other").admits(key, expires, signature, NOW)


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    location = ImageLocation("here", image_key("atlas", "00" * 32), 5)
    stores = [_store(tmp_path) for _ in range(32)]
    with ThreadPoolExecutor(16) as pool:
        urls = set(pool.map(lambda store: store.presign(location, timedelta(minutes=1), NOW), stores))
    assert len(urls) == 1
    secret = tmp_path / "images" / ".signing-key"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in secret.parent.iterdir()] == [".signing-key"]


@pytest.mark.parametrize("key", [".signing-key", "../image.bin", "/etc/passwd", "atlas.0123456789abcdef/..", ""])
def test_nothing_but_images_is_opened(key: str, image: Path, tmp_path: Path) -> None:
    _upload(_store(tmp_path), image)
    with pytest.raises(MissingImageError):
        _store(tmp_path).open(key)


@pytest.mark.parametrize("url", ["http://updates.example.com", "updates.example.com", "https://", ""])
def test_the_address_of_the_service_is_https(url: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="the `url` of the images of `here` is not https"):
        FolderStore("here", FolderImages(path=str(tmp_path), url=url))
