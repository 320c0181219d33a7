"""The stores of images as a settings file has them: `[images.eu]` with `kind = "s3"` or `kind = "folder"`.

    [images.eu]
    kind = "s3"
    bucket = "updates-eu"
    region = "eu-central-1"

    [images.here]
    kind = "folder"
    path = "/var/lib/policy/images"
    url = "https://updates.example.com"

Credentials of S3 are not in this file: they come from the environment, the shared credentials file or the role of the machine, as
every program that uses S3 finds them. `profile` names an entry of the shared file, so that several clouds have credentials of
their own.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

_MIB = 1024 * 1024


class S3Images(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="s3"):
    """A bucket of an S3-compatible service.

    Attributes:
        bucket: its name.
        endpoint: the URL of the service; None for that of AWS.
        region: its region; None for that of the environment.
        prefix: what stands before each key, such as `images/`.
        profile: the entry of the shared credentials file.
        addressing: whether the bucket is part of the path or of the host name of a URL; `auto` for what the service is used to.
        ca_file: the certificates that are trusted; None for those of the machine.
        part_size: from how many bytes on a file goes in several parts, and how large each is.
    """

    bucket: str
    endpoint: str | None = None
    region: str | None = None
    prefix: str = ""
    profile: str | None = None
    addressing: Literal["auto", "path", "virtual"] = "auto"
    ca_file: str | None = None
    part_size: Annotated[int, msgspec.Meta(ge=5 * _MIB, le=1024 * _MIB)] = 16 * _MIB


class FolderImages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="folder"):
    """A folder that the service itself serves below `/images/`.

    Attributes:
        path: the folder; it is made where it is missing.
        url: where devices reach the service, such as `https://updates.example.com`; https only.
    """

    path: str
    url: str


ImageSettings: TypeAlias = S3Images | FolderImages
"""One table `[images.NAME]`."""
