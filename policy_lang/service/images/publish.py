"""Publishing: an image goes into a store, is read back, and only then is its update recorded.

The order is what keeps the promise that nothing is offered before it is complete. The file is hashed. The catalog says whether it
would take the update, before anything is sent. The file is stored under a key that holds its hash, and read back. Then one
transaction records the update, under the lock of its product, or refuses it. A process that ends anywhere before that leaves at
most an image that nothing names; publishing again goes on from there.

Source: docs/images.md, "Publishing".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection

from policy_lang.documents.problems import quote
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.service.images.model import Advance, DamagedImageError, ImageLocation, ImageStore, MissingImageError, image_key
from policy_lang.service.images.reading import measure
from policy_lang.service.store.catalogs import StoredUpdate
from policy_lang.service.store.changes import NewUpdate, find_updates, put_documents
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError
from policy_lang.service.store.products import get_product
from policy_lang.service.store.updates import put_update

Watch: TypeAlias = Callable[[str, int], Advance]
"""Who looks on: told each stage (`hashing`, `uploading`, `verifying`) with its bytes, and then how many more of them are done."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is published, but for the image.

    Attributes:
        product: the product.
        document: the update as a catalog has it, without `url` and `checksum`.
        actor: who does it, for the audit.
        now: the time.
        options: the host's options, for the policy.
    """

    product: str
    document: Mapping[str, Any]
    actor: str
    now: datetime
    options: Options = DEFAULT_OPTIONS

    def of_image(self, store: ImageStore, location: ImageLocation) -> dict[str, Any]:
        """The whole document, with the image that devices install."""
        return {**self.document, "url": store.address(location), "checksum": location.checksum}


@dataclass(frozen=True, slots=True)
class Published:
    """What became of it.

    Attributes:
        update: as the store has it, or would have it.
        location: where its image lies, or would lie.
        is_new: whether it was recorded now; otherwise the same was there already.
    """

    update: StoredUpdate
    location: ImageLocation
    is_new: bool


def publish(image: Path, release: Release, store: ImageStore, database: Database, watch: Watch) -> Published:
    """Bring an image into a store and record its update.

    Args:
        image: the file.
        release: what it is, and for whom.
        store: where it goes.
        database: where the update is recorded.
        watch: who looks on.

    Raises:
        ImageError: the file or the store is not what it should be.
        CatalogError: the catalog does not take the update.
        ConflictError: there is an update with its id and something else in it.
        NotFoundError: there is no such product.
    """
    location = locate(image, release.product, store, watch)
    plan(release, store, location, database)
    bring(image, location, store, watch)
    with database.changing() as connection:
        return _record(connection, release, store, location)


def locate(image: Path, product: str, store: ImageStore, watch: Watch) -> ImageLocation:
    """Hash an image; its bytes say where it goes.

    Raises:
        ImageError: the file cannot be read, or is empty.
    """
    size = image.stat().st_size if image.exists() else 0
    found = measure(image, watch("hashing", size))
    return ImageLocation(store.name, image_key(product, found.checksum), found.size)


def plan(release: Release, store: ImageStore, location: ImageLocation, database: Database) -> Published:
    """What would be recorded, checked against the catalog of this moment.

    Raises:
        CatalogError: the catalog does not take the update.
        ConflictError: there is an update with its id and something else in it.
        NotFoundError: there is no such product.
    """
    with database.reading() as connection:
        return _check(connection, release, store, location)


def bring(image: Path, location: ImageLocation, store: ImageStore, watch: Watch) -> None:
    """Store an image, unless it is there already and complete, and read it back.

    Raises:
        ImageError: the file or the store is not what it should be.
    """
    if not _is_stored(store, location, watch):
        store.upload(image, location.key, location.checksum, location.size, watch("uploading", location.size))
        store.verify(location, watch("verifying", location.size))


def _is_stored(store: ImageStore, location: ImageLocation, watch: Watch) -> bool:
    """Whether the image is there, complete."""
    try:
        store.verify(location, watch("verifying", location.size))
    except (MissingImageError, DamagedImageError):
        return False
    return True


def _record(connection: Connection, release: Release, store: ImageStore, location: ImageLocation) -> Published:
    """Record the update; the catalog may have changed since the plan, so it is asked again under its lock."""
    get_product(connection, release.product, locked=True)
    planned = _check(connection, release, store, location)
    if not planned.is_new:
        return planned
    document = release.of_image(store, location)
    update = put_update(
        connection,
        release.product,
        document,
        actor=release.actor,
        now=release.now,
        image=location.to_plain(),
        options=release.options,
    )
    return Published(update, location, is_new=True)


def _check(connection: Connection, release: Release, store: ImageStore, location: ImageLocation) -> Published:
    """What the catalog makes of the update."""
    product = get_product(connection, release.product)
    given = NewUpdate(release.of_image(store, location), location.to_plain())
    (planned,) = put_documents(connection, product, [given], release.options)
    known = find_updates(connection, [planned.id]).get(planned.id)
    if known is None:
        return Published(planned, location, is_new=True)
    if _says(known) != _says(planned):
        message = f"there is an update {quote(planned.id)} already, and it is not the same"
        raise ConflictError(message, "give this one another `--id`, or change the other one by the admin API")
    return Published(known if known.is_offered else planned, location, is_new=not known.is_offered)


_PASSING = ("published", "paused")


def _says(update: StoredUpdate) -> dict[str, Any]:
    """What may not differ when the same is published again: all but when it was, and whether it is paused."""
    return {name: value for name, value in update.document.items() if name not in _PASSING}
