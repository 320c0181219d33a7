import os
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
import s3_server

from policy_lang.service.images.model import ImageError, ImageLocation, MissingImageError, image_key
from policy_lang.service.images.reading import Measured, measure
from policy_lang.service.images.s3 import S3Store
from policy_lang.service.images.settings import S3Images

MIB = 1024 * 1024
Make = Callable[..., S3Store]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> s3_server.S3Server:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.SECRET_KEY)
    return s3_server.s3()


def _client(server: s3_server.S3Server) -> Any:
    return boto3.client("s3", endpoint_url=server.endpoint, region_name=s3_server.REGION, verify=server.ca_file)


@pytest.fixture
def store(server: s3_server.S3Server, request: pytest.FixtureRequest) -> S3Store:
    """A store in a bucket of its own, with the smallest parts that S3 allows."""
    bucket = f"updates-{abs(hash(request.node.name))}"
    _client(server).create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3_server.REGION})
    return S3Store("eu", _settings(server, bucket=bucket, prefix="images of all/", part_size=5 * MIB))


def _settings(server: s3_server.S3Server, **others: Any) -> S3Images:
    return S3Images(
        **{"bucket": "updates", "endpoint": server.endpoint, "region": s3_server.REGION, "ca_file": server.ca_file, **others}
    )


def _image(folder: Path, size: int) -> tuple[Path, Measured]:
    image = folder / "image.bin"
    image.write_bytes(os.urandom(size))
    return image, measure(image)


def _upload(store: S3Store, image: Path, found: Measured, advance: Callable[[int], None] | None = None) -> ImageLocation:
    return store.upload(image, image_key("atlas", found.checksum), found.checksum, found.size, advance)


def _names(store: S3Store) -> dict[str, str]:
    """The bucket, and the only key in it."""
    return {"Bucket": store._settings.bucket, "Key": _keys(store)[0]}  # noqa: SLF001  to change it behind the store's back


def _keys(store: S3Store) -> list[str]:
    found = store._client.list_objects_v2(Bucket=store._settings.bucket)  # noqa: SLF001  the same
    return [each["Key"] for each in found.get("Contents", [])]


@pytest.mark.parametrize("size", [1, 5 * MIB, 12 * MIB + 3], ids=["one byte", "one request", "in parts"])
def test_an_upload_is_verified_and_its_url_gives_the_same_bytes(
    size: int, store: S3Store, server: s3_server.S3Server, tmp_path: Path
) -> None:
    image, found = _image(tmp_path, size)
    sent, read = list[int](), list[int]()
    location = _upload(store, image, found, sent.append)
    store.verify(location, read.append)
    assert sum(sent) == sum(read) == location.size == size
    assert location.checksum == found.checksum
    url = store.presign(location, timedelta(minutes=5), datetime.now(UTC))  # noqa: TID251  the server has a clock
    trusted = ssl.create_default_context(cafile=server.ca_file)
    assert url.startswith("https://")
    assert httpx.get(url, verify=trusted).content == image.read_bytes()
    part = httpx.get(url, headers={"Range": "bytes=0-0"}, verify=trusted)
    assert (part.status_code, part.content) == (206, image.read_bytes()[:1])


def test_a_url_expires_and_cannot_be_changed(store: S3Store, server: s3_server.S3Server, tmp_path: Path) -> None:
    location = _upload(store, *_image(tmp_path, 100))
    trusted = ssl.create_default_context(cafile=server.ca_file)
    now = datetime.now(UTC)  # noqa: TID251  the server has a clock
    assert httpx.get(store.presign(location, timedelta(hours=1), now - timedelta(hours=1)), verify=trusted).status_code == 403
    url = store.presign(location, timedelta(minutes=1), now)
    assert httpx.get(url, verify=trusted).status_code == 200
    assert httpx.get(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), verify=trusted).status_code == 403
    assert httpx.get(store.address(location), verify=trusted).status_code == 403


def test_a_wrong_byte_is_found(store: S3Store, tmp_path: Path) -> None:
    image, found = _image(tmp_path, 1000)
    location = _upload(store, image, found)
    changed = bytearray(image.read_bytes())
    changed[500] ^= 1
    store._client.put_object(**_names(store), Body=bytes(changed))  # noqa: SLF001  a fault of the storage
    with pytest.raises(ImageError, match=r"hashes to `[0-9a-f]{64}`; pause the updates"):
        store.verify(location)
    store._client.put_object(**_names(store), Body=bytes(changed[:-1]))  # noqa: SLF001  the same
    with pytest.raises(ImageError, match="has 999 bytes, not 1000"):
        store.verify(location)


def test_what_was_never_uploaded_is_missing(store: S3Store) -> None:
    with pytest.raises(MissingImageError, match="is not in `eu`; publish the image again"):
        store.verify(ImageLocation("eu", image_key("atlas", "00" * 32), 5))


@pytest.mark.parametrize("size", [100, 11 * MIB], ids=["one request", "in parts"])
def test_a_file_that_changes_leaves_nothing(size: int, store: S3Store, tmp_path: Path) -> None:
    image, found = _image(tmp_path, size)
    image.write_bytes(b"!" + image.read_bytes()[1:])
    with pytest.raises(ImageError, match="changed while it was published"):
        _upload(store, image, found)
    assert _keys(store) == []
    assert "Uploads" not in store._client.list_multipart_uploads(Bucket=store._settings.bucket)  # noqa: SLF001  what is left over


def test_an_upload_that_is_interrupted_leaves_nothing(store: S3Store, tmp_path: Path) -> None:
    def interrupt(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _upload(store, *_image(tmp_path, 11 * MIB), interrupt)
    assert _keys(store) == []
    assert "Uploads" not in store._client.list_multipart_uploads(Bucket=store._settings.bucket)  # noqa: SLF001  what is left over


def test_another_file_never_takes_the_place_of_a_published_one(store: S3Store, tmp_path: Path) -> None:
    image, found = _image(tmp_path, 100)
    location = _upload(store, image, found)
    image.write_bytes(b"others")
    with pytest.raises(ImageError, match="changed while it was published"):
        _upload(store, image, found)
    store.verify(location)


def test_a_server_that_goes_away_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.SECRET_KEY)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)  # the SDK waits between its tries
    server = s3_server.start()
    store = S3Store("eu", _settings(server))
    server.process.kill()
    server.process.wait()
    with pytest.raises(ImageError, match="in `eu` cannot be reached"):
        _upload(store, *_image(tmp_path, 100))


def test_a_bucket_that_does_not_exist_is_an_error_of_ours(server: s3_server.S3Server, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is refused: NoSuchBucket; check the bucket"):
        _upload(S3Store("eu", _settings(server, bucket="none")), *_image(tmp_path, 100))


def test_a_wrong_secret_is_an_error_of_ours(server: s3_server.S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    with pytest.raises(ImageError, match="is refused: SignatureDoesNotMatch"):
        _upload(S3Store("eu", _settings(server)), *_image(tmp_path, 100))


def test_without_credentials_nothing_is_signed(server: s3_server.S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    store = S3Store("eu", _settings(server))
    with pytest.raises(ImageError, match="there are no credentials for the images of `eu`"):
        store.presign(ImageLocation("eu", image_key("atlas", "00" * 32), 5), timedelta(minutes=1), datetime(2026, 5, 1, tzinfo=UTC))


def test_an_unknown_profile_is_an_error_of_ours(server: s3_server.S3Server) -> None:
    with pytest.raises(ImageError, match="the settings in `eu` cannot be reached: The config profile"):
        S3Store("eu", _settings(server, profile="none"))


def test_images_are_reached_by_https_only() -> None:
    with pytest.raises(ImageError, match="not reached by https"):
        S3Store("eu", S3Images(bucket="updates", endpoint="http://localhost:9000", region="eu-central-1"))


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (S3Images(bucket="updates", region="eu-central-1"), "https://updates.s3.eu-central-1.amazonaws.com/"),
        (
            S3Images(bucket="up.dates", region="eu-central-1", prefix="a b/"),
            "https://s3.eu-central-1.amazonaws.com/up.dates/a%20b/",
        ),
        (S3Images(bucket="updates", endpoint="https://s3.example.com", addressing="virtual"), "https://updates.s3.example.com/"),
        (S3Images(bucket="updates", endpoint="https://s3.example.com", addressing="path"), "https://s3.example.com/updates/"),
    ],
)
def test_the_bucket_stands_where_the_service_wants_it(settings: S3Images, wanted: str) -> None:
    location = ImageLocation("eu", image_key("atlas", "00" * 32), 5)
    assert S3Store("eu", settings).address(location) == wanted + location.key
