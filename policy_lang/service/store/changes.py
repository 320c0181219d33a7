"""Changing a catalog: checked as a whole, written with its audit row, under the lock of its product.

A catalog that was right stays right when what is new is right by itself and has no precedence that another update has. So only what
is new is compiled, with the updates whose versions it meets; the library itself says what is wrong between them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.documents.problems import quote
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.service.store.audit import AuditEntry, Kind, append
from policy_lang.service.store.catalogs import StoredUpdate, load_catalog, stored
from policy_lang.service.store.columns import digest_of, write_json
from policy_lang.service.store.errors import ConflictError
from policy_lang.service.store.products import Product
from policy_lang.service.store.tables import products, updates
from policy_lang.service.store.upserts import insert_or_change
from policy_lang.versions.version import Version

_BATCH = 500


@dataclass(frozen=True, slots=True)
class NewUpdate:
    """An update to put.

    Attributes:
        document: as a catalog has it; without `product`, it is for the product of the catalog.
        image: where its image lies, as JSON values.
        is_verified: whether its image is known to be there.
    """

    document: Mapping[str, Any]
    image: Mapping[str, Any] | None = None
    is_verified: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes a catalog, and how the audit calls it.

    Attributes:
        action: such as `put`, `remove`, `pause`.
        actor: who does it.
        now: the time.
        kind: of the audit row.
        details: what else the audit row says.
    """

    action: str
    actor: str
    now: datetime
    kind: Kind = Kind.CATALOG
    details: Mapping[str, Any] | None = None


def put_documents(
    connection: Connection, product: Product, new: Sequence[NewUpdate], options: Options = DEFAULT_OPTIONS
) -> list[StoredUpdate]:
    """What updates become when they are put, checked and not yet written; `write` comes next.

    Raises:
        CatalogError: anything in them is wrong, or contradicts the rest of the catalog.
        ConflictError: an id is that of another product's update, or a document names another product.
    """
    checked = _check(connection, product, [_for_product(product, each.document) for each in new], options)
    return becoming(connection, product, list(zip(checked, new, strict=True)))


def becoming(connection: Connection, product: Product, checked: Sequence[tuple[Update, NewUpdate]]) -> list[StoredUpdate]:
    """What updates become that belong to a catalog which was checked already.

    Raises:
        ConflictError: an id is that of another product's update.
    """
    known = find_updates(connection, [each.id for each, _ in checked])
    return [_becomes(product, each, known.get(each.id), given) for each, given in checked]


def write(connection: Connection, product: Product, changed: Sequence[StoredUpdate], change: Change) -> Product:
    """Write updates as they are to be from now on: one new revision of the catalog, one audit row.

    Args:
        connection: inside a change.
        product: locked, as it is before.
        changed: the updates, checked.
        change: who does it.

    Returns:
        The product as it is after.

    Raises:
        ConflictError: an id was taken by another product at this very moment.
    """
    revision = product.revision + 1
    for each in changed:
        _write_row(connection, replace(each, revision=revision))
    put = [each.effective for each in changed if each.is_offered]
    removed = [each.id for each in changed if not each.is_offered]
    return note_change(connection, product, change, put=put, removed=removed, pending=[each.document for each in _pending(changed)])


def note_change(
    connection: Connection,
    product: Product,
    change: Change,
    *,
    put: Sequence[Mapping[str, Any]] = (),
    removed: Sequence[str] = (),
    pending: Sequence[Mapping[str, Any]] = (),
    schema: Mapping[str, Any] | None = None,
) -> Product:
    """Give the catalog its new revision and digest, and write the audit row that the revision can be rebuilt from."""
    effect = {"put": list(put), "removed": list(removed)} | ({} if schema is None else {"schema": schema})
    digest = chained_digest(product.digest, effect)
    after = replace(product, revision=product.revision + 1, digest=digest)
    about = {"action": change.action, "digest": digest, "pending": list(pending), "details": change.details}
    document = {**effect, **{name: value for name, value in about.items() if value}}
    connection.execute(update(products).where(products.c.id == product.id).values(revision=after.revision, digest=after.digest))
    ids = {*removed, *(each["id"] for each in put)}
    update_id = next(iter(ids)) if len(ids) == 1 else None
    entry = AuditEntry(change.kind, change.actor, change.now, document, product.id, after.revision, update_id=update_id)
    append(connection, [entry])
    return after


def chained_digest(before: str, effect: Mapping[str, Any]) -> str:
    """The digest of a catalog after a change, from the digest before it and what the change did."""
    return digest_of(before, write_json(effect))


def find_updates(connection: Connection, ids: Sequence[str]) -> dict[str, StoredUpdate]:
    """The updates with some ids, whatever product they are of."""
    found: dict[str, StoredUpdate] = {}
    for start in range(0, len(ids), _BATCH):
        query = select(updates).where(updates.c.id.in_(ids[start : start + _BATCH]))
        found |= {row.id: stored(row) for row in connection.execute(query)}
    return found


def _for_product(product: Product, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its product filled in."""
    if document.get("product", product.id) != product.id:
        message = f"the update is for the product {quote(str(document['product']))}, not {quote(product.id)}"
        raise ConflictError(message, "leave `product` out, or change the catalog of that product")
    return {**document, "product": product.id}


def _check(connection: Connection, product: Product, documents: Sequence[Mapping[str, Any]], options: Options) -> list[Update]:
    """The updates of some documents, as part of the whole catalog."""
    catalog = load_catalog(documents, product.schema, options)
    neighbours = _with_versions(connection, product, catalog)
    if neighbours:
        load_catalog([each.document for each in neighbours], product.schema, options).changing(documents)
    return list(catalog)


def _with_versions(connection: Connection, product: Product, catalog: Catalog) -> list[StoredUpdate]:
    """The other updates of the product that have a precedence of the new ones."""
    keys = sorted({each.version.key for each in catalog})
    found: list[StoredUpdate] = []
    for start in range(0, len(keys), _BATCH):
        query = select(updates).where(
            updates.c.product == product.id, updates.c.version_key.in_(keys[start : start + _BATCH]), ~updates.c.is_removed
        )
        found.extend(stored(row) for row in connection.execute(query))
    return [each for each in found if catalog.find(each.id) is None]


def _becomes(product: Product, checked: Update, known: StoredUpdate | None, given: NewUpdate) -> StoredUpdate:
    """The row of an update that is put; what reports of failure did to it stays."""
    if known is not None and known.product != product.id:
        raise ConflictError(f"the id {quote(checked.id)} is taken", "choose another one; ids are unique over all products")
    document = checked.to_plain()
    return StoredUpdate(
        id=checked.id,
        product=product.id,
        document=document,
        image=given.image,
        pause_on_failures=document.get("rollout", {}).get("pause_on_failures"),
        is_verified=given.is_verified,
        is_held=known is not None and known.is_held,
        is_removed=False,
        round=0 if known is None else known.round,
        revision=product.revision + 1,
    )


def _write_row(connection: Connection, each: StoredUpdate) -> None:
    row = {
        "id": each.id,
        "product": each.product,
        "version_key": Version.parse(each.document["version"]).key,
        "document": each.document,
        "image": each.image,
        "pause_on_failures": each.pause_on_failures,
        "is_verified": each.is_verified,
        "is_held": each.is_held,
        "is_removed": each.is_removed,
        "round": each.round,
        "revision": each.revision,
    }
    changed = [name for name in row if name not in {"id", "product"}]
    if not insert_or_change(connection, updates, row, changed, updates.c.product == each.product):
        raise ConflictError(f"the id {quote(each.id)} is taken", "choose another one; ids are unique over all products")


def _pending(changed: Iterable[StoredUpdate]) -> list[StoredUpdate]:
    """Updates that wait for their images."""
    return [each for each in changed if not each.is_verified and not each.is_removed]
