"""The images of folders: `GET /images/NAME/…` with the signature that a check-in answered.

A device that lost its connection goes on where it was: ranges are served, and the entity tag is the checksum, so `If-Range` never
joins the halves of two files. Whether a URL was never signed, was changed or has expired, the answer is the same.
"""

import os
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO

from litestar import MediaType, Request, Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from policy_lang.service.images.folder import ROUTE, FolderStore
from policy_lang.service.images.model import ImageError, MissingImageError
from policy_lang.service.images.reading import chunks
from policy_lang.service.ranges import UnsatisfiableError, read_range

_MEDIA_TYPE = "application/octet-stream"

Expires = Annotated[int, QueryParameter(ge=0, description="When the URL expires, in seconds since 1970.")]
Signature = Annotated[str, QueryParameter(max_length=64, description="What a check-in answered.")]


@route(
    f"{ROUTE}/{{name:str}}/{{product:str}}/{{checksum:str}}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    sync_to_thread=True,
    include_in_schema=False,
)
def download(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    product: FromPath[str],
    checksum: FromPath[str],
    expires: Expires,
    signature: Signature,
) -> Response[Any]:
    """Send an image to whoever has a signed URL."""
    service, key = request.app.state.service, f"{product}/{checksum}"
    store = service.images.get(name)
    try:
        if not isinstance(store, FolderStore) or not store.admits(key, expires, signature, service.clock()):
            return _plain(403, "the URL is not one of ours, or has expired")
        file = store.open(key)
    except MissingImageError:
        return _plain(404, "the image is not here")
    except ImageError as error:
        return _unreadable(request, name, error)
    return _send(file, checksum, request)


def _unreadable(request: Request[Any, Any, Any], name: str, error: ImageError) -> Response[str]:
    """The answer where the disk refuses; the reason is for the log."""
    request.app.state.log.error("images not read", store=name, problem=error.message, help=error.remedy)
    return _plain(503, "the images cannot be read now")


def _send(file: BinaryIO, checksum: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """The file, or the range of it that is asked for."""
    size, tag = os.fstat(file.fileno()).st_size, f'"{checksum}"'
    is_same = request.headers.get("if-range", tag) == tag
    headers = {"Accept-Ranges": "bytes", "ETag": tag}
    try:
        asked = read_range(request.headers.get("range") if is_same else None, size)
    except UnsatisfiableError:
        file.close()
        return _plain(416, "no byte of the image is in the range", {**headers, "Content-Range": f"bytes */{size}"})
    if asked is not None:
        headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
    return _stream(file, asked or range(size), 200 if asked is None else 206, headers, has_body=request.method == HttpMethod.GET)


def _stream(file: BinaryIO, asked: range, status: int, headers: dict[str, str], *, has_body: bool) -> Response[Any]:
    """Some bytes of a file, read while they are sent; for `HEAD` what stands before them."""
    headers["Content-Length"] = str(len(asked))
    if has_body:
        return Stream(_pieces(file, asked), status_code=status, media_type=_MEDIA_TYPE, headers=headers)
    file.close()
    return Response(b"", status_code=status, media_type=_MEDIA_TYPE, headers=headers)


def _pieces(file: BinaryIO, asked: range) -> Iterator[bytes]:
    """The bytes, and the end of the file whatever happens."""
    with file:
        file.seek(asked.start)
        yield from chunks(file, len(asked))


def _plain(status: int, text: str, headers: dict[str, str] | None = None) -> Response[str]:
    """A short answer for people."""
    return Response(text, status_code=status, media_type=MediaType.TEXT, headers=headers)
