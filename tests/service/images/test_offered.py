"""From a file to a device: published into a bucket, offered by a check-in, fetched by its URL."""

import os
import ssl
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import boto3  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
import s3_server
from admin_api import offices

from policy_lang.service.images.publish import Release, publish
from policy_lang.service.images.settings import S3Images


def test_a_published_image_reaches_the_devices_that_its_policy_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.SECRET_KEY)
    server, region = s3_server.s3(), s3_server.REGION
    client = boto3.client("s3", endpoint_url=server.endpoint, region_name=region, verify=server.ca_file)
    client.create_bucket(Bucket="offered", CreateBucketConfiguration={"LocationConstraint": region})
    images = {"eu": S3Images(bucket="offered", endpoint=server.endpoint, region=region, ca_file=server.ca_file)}
    now = datetime.now(UTC)  # noqa: TID251  the server has a clock
    (tmp_path / "image.bin").write_bytes(os.urandom(100_000))
    with offices(tmp_path, images=images, now=now, refresh_seconds=0.05) as (atlas, beacon):
        service = atlas.client.app.state.service
        release = Release("atlas", {"id": "atlas-7.0.0", "version": "7.0.0", "policy": "device.region == 'eu'"}, "tests", now)
        done = publish(
            tmp_path / "image.bin", release, service.images["eu"], service.database, lambda _stage, _total: lambda _n: None
        )
        atlas.ask("POST", "/updates/atlas-7.0.0/pause")
        atlas.ask("POST", "/updates/atlas-7.0.0/resume")  # the service has seen the change when this is answered
        offer = atlas.check_in(id="x", version="1.0.0", region="eu")
        assert atlas.check_in(id="y", version="1.0.0", region="us").get("update") != "atlas-7.0.0"
        assert beacon.check_in(id="z", version="1.0.0", region="eu")["update"] == "beacon-2.0.0"
    image = httpx.get(offer["url"], verify=ssl.create_default_context(cafile=server.ca_file)).content
    assert offer["update"] == "atlas-7.0.0"
    assert offer["checksum"] == done.location.checksum == sha256(image).hexdigest()
    assert image == (tmp_path / "image.bin").read_bytes()
