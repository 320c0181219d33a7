"""Images in a bucket of any service that speaks S3.

A small file is one request, a large one goes in parts, one after the other. The bytes are hashed on the way: the request is sent,
or the parts are put together, only when they hash to what the key says. So an upload that is cut off, or whose file changes
meanwhile, leaves nothing under the key, and nothing under a key is ever replaced by other bytes. The parts of a process that was
killed are never an object; a rule of the bucket for incomplete uploads removes them (docs/images.md).
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import boto3  # type: ignore[import-untyped]  # it ships no types
from botocore.config import Config  # type: ignore[import-untyped]  # the same
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # the same

from policy_lang.service.images.model import Advance, ImageError, ImageLocation, MissingImageError
from policy_lang.service.images.reading import (
    CHUNK,
    Measured,
    check_size,
    check_stored,
    check_unchanged,
    measure_chunks,
    open_image,
)
from policy_lang.service.images.settings import S3Images
from policy_lang.service.images.signature import Credentials, presign

_MOST_PARTS = 10_000
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


class S3Store:
    """A bucket; safe to share between threads."""

    def __init__(self, name: str, settings: S3Images) -> None:
        """Find credentials and the address of the bucket; nothing is sent.

        Raises:
            ImageError: the settings do not lead to a bucket by https.
        """
        self.name = name
        self._settings = settings
        with self._translating("the settings"):
            session = boto3.Session(profile_name=settings.profile, region_name=settings.region)
            self._credentials = session.get_credentials()
            self._client = _client(session, settings)
            self._base = _base(_client(_nobody(session), settings), settings)
        if urlsplit(self._base).scheme != "https":
            raise ImageError(f"the images of `{name}` are not reached by https", "give an `endpoint` that begins with `https://`")

    def upload(self, path: Path, key: str, sha256: str, size: int, advance: Advance | None = None) -> ImageLocation:
        """Store a file under a key; see `ImageStore.upload`."""
        location, wanted = ImageLocation(self.name, key, size), Measured(sha256, size)
        store = self._put if size <= self._settings.part_size else self._put_in_parts
        with open_image(path) as file, self._translating(f"the image `{key}`"):
            store(location, wanted, path, file, advance or _ignore)
        return location

    def verify(self, location: ImageLocation, advance: Advance | None = None) -> None:
        """Read an image back; see `ImageStore.verify`."""
        with self._translating(f"the image `{location.key}`"):
            answer = self._client.get_object(**self._named(location))
            with closing(answer["Body"]) as body:
                check_size(location, answer["ContentLength"])
                check_stored(location, measure_chunks(body.iter_chunks(CHUNK), advance))

    def address(self, location: ImageLocation) -> str:
        """The URL of an image without a signature."""
        return self._base + location.key

    def presign(self, location: ImageLocation, lifetime: timedelta, now: datetime) -> str:
        """A URL for everybody who has it; see `ImageStore.presign`."""
        if self._credentials is None:
            raise ImageError(f"there are no credentials for the images of `{self.name}`", "give the service a role or a profile")
        with self._translating("the credentials"):
            found = self._credentials.get_frozen_credentials()
        signer = Credentials(found.access_key, found.secret_key, found.token)
        return presign(self.address(location), signer, self._client.meta.region_name, lifetime, now)

    def _put(self, location: ImageLocation, wanted: Measured, path: Path, file: BinaryIO, advance: Advance) -> None:
        """Store a small file by one request; the service compares what it got with the checksum."""
        body = file.read(wanted.size + 1)
        check_unchanged(path, measure_chunks([body]), wanted)
        self._client.put_object(**self._named(location), Body=body, ChecksumSHA256=_base64(body))
        advance(len(body))

    def _put_in_parts(self, location: ImageLocation, wanted: Measured, path: Path, file: BinaryIO, advance: Advance) -> None:
        """Store a large file; what was sent of it goes away again where anything is wrong."""
        answer = self._client.create_multipart_upload(**self._named(location), ChecksumAlgorithm="SHA256")
        upload = {**self._named(location), "UploadId": answer["UploadId"]}
        try:
            parts = self._send_parts(upload, wanted, path, file, advance)
            self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        except BaseException:
            with suppress(BotoCoreError, ClientError):  # what failed first is what is told; the rule of the bucket does the rest
                self._client.abort_multipart_upload(**upload)
            raise

    def _send_parts(
        self, upload: dict[str, Any], wanted: Measured, path: Path, file: BinaryIO, advance: Advance
    ) -> list[dict[str, Any]]:
        """Send the parts of a file, one after the other, and compare all of them with what they must be."""
        length = max(self._settings.part_size, -(-wanted.size // _MOST_PARTS))
        digest, sent = sha256(), 0
        parts: list[dict[str, Any]] = []
        while body := file.read(length):
            digest.update(body)
            sent += len(body)
            parts.append(self._send_part(upload, len(parts) + 1, body))
            advance(len(body))
        check_unchanged(path, Measured(digest.hexdigest(), sent), wanted)
        return parts

    def _send_part(self, upload: dict[str, Any], number: int, body: bytes) -> dict[str, Any]:
        """Send one part; the service compares what it got with the checksum."""
        checksum = _base64(body)
        answer = self._client.upload_part(**upload, PartNumber=number, Body=body, ChecksumSHA256=checksum)
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def _named(self, location: ImageLocation) -> dict[str, Any]:
        """Where an image is, as the SDK wants it."""
        return {"Bucket": self._settings.bucket, "Key": self._settings.prefix + location.key}

    @contextmanager
    def _translating(self, what: str) -> Iterator[None]:
        """Say in our words what the service or the SDK refuses."""
        try:
            yield
        except ClientError as error:
            raise self._refusal(error, what) from error
        except BotoCoreError as error:
            remedy = "check the settings of the store, the network and the credentials"
            raise ImageError(f"{what} in `{self.name}` cannot be reached: {error}", remedy) from error

    def _refusal(self, error: ClientError, what: str) -> ImageError:
        """What an error answer of the service means."""
        code = str(error.response.get("Error", {}).get("Code", "no code"))
        if code in _MISSING:
            return MissingImageError(f"{what} is not in `{self.name}`", "publish the image again")
        return ImageError(f"{what} in `{self.name}` is refused: {code}", "check the bucket, and what the credentials may do")


def _nobody(session: Any) -> Any:
    """A session in the same region that can address a bucket, and do nothing with it: addressing asks for credentials."""
    return boto3.Session("-", "-", region_name=session.region_name)


def _client(session: Any, settings: S3Images) -> Any:
    """A client of the SDK; it adds no checksums of its own, which some services do not know."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": _addressing(settings)},
        retries={"mode": "standard", "max_attempts": 5},
        connect_timeout=10,
        read_timeout=60,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    region = session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=settings.endpoint, region_name=region, verify=settings.ca_file, config=config)


def _addressing(settings: S3Images) -> str:
    """Where the bucket stands; with `auto` the SDK signs URLs of AWS for a host without a region, which newer buckets redirect."""
    is_plain = settings.endpoint is None and "." not in settings.bucket
    return "virtual" if settings.addressing == "auto" and is_plain else settings.addressing


def _base(client: Any, settings: S3Images) -> str:
    """What stands before the key in the URL of an image, wherever the SDK puts the bucket."""
    named = {"Bucket": settings.bucket, "Key": "key"}
    url: str = client.generate_presigned_url("get_object", Params=named)
    return url.partition("?")[0].removesuffix("key") + quote(settings.prefix, safe="/~")


def _base64(body: bytes) -> str:
    """The SHA-256 of a request, as S3 writes it."""
    return b64encode(sha256(body).digest()).decode()


def _ignore(_count: int) -> None:
    """Nobody looks at the progress."""
