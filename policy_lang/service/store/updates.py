"""The changes of a catalog that people make: put, remove, pause, resume, another policy, a verified image.

Each checks the catalog as a whole, writes its audit row and gives the catalog a new revision, in the transaction of its caller and
under the lock of the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from policy_lang.documents.problems import quote
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.service.store.catalogs import StoredUpdate, get_update, load_catalog, stored
from policy_lang.service.store.changes import Change, NewUpdate, note_change, put_documents, write
from policy_lang.service.store.errors import NotFoundError
from policy_lang.service.store.products import Product, get_product
from policy_lang.service.store.tables import products, updates
from policy_lang.types.schema import Schema


def put_update(
    connection: Connection,
    product_id: str,
    document: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    image: Mapping[str, Any] | None = None,
    is_verified: bool = True,
    options: Options = DEFAULT_OPTIONS,
) -> StoredUpdate:
    """Add an update, or put it in the place of the one with its id.

    Args:
        connection: inside a change.
        product_id: whose catalog.
        document: the update as a catalog file has it; `product` may be left out.
        actor: who does it, for the audit.
        now: the time.
        image: where its image lies, as JSON values.
        is_verified: whether the image is known to be there; an update that is not verified is not offered.
        options: the host's options, for the policy.

    Raises:
        NotFoundError: there is no such product.
        CatalogError: anything in the document is wrong, or contradicts the rest of the catalog.
        ConflictError: the id is that of another product's update, or the document names another product.
    """
    product = get_product(connection, product_id, locked=True)
    (new,) = put_documents(connection, product, [NewUpdate(document, image, is_verified)], options)
    return _write_one(connection, product, new, Change("put", actor, now))


def put_updates(
    connection: Connection,
    product_id: str,
    documents: Sequence[Mapping[str, Any]],
    *,
    actor: str,
    now: datetime,
    options: Options = DEFAULT_OPTIONS,
) -> list[StoredUpdate]:
    """Put several updates at once: one revision, one row of the audit, all of them or none; see `put_update`."""
    product = get_product(connection, product_id, locked=True)
    new = put_documents(connection, product, [NewUpdate(each) for each in documents], options)
    after = write(connection, product, new, Change("put", actor, now)) if new else product
    return [replace(each, revision=after.revision) for each in new]


def remove_update(connection: Connection, product_id: str, update_id: str, *, actor: str, now: datetime) -> StoredUpdate:
    """Take an update out of the catalog; its id stays taken, its grants and reports stay.

    Raises:
        NotFoundError: the catalog has no such update.
    """
    product, known = _locked(connection, product_id, update_id)
    return _write_one(connection, product, replace(known, is_removed=True), Change("remove", actor, now))


def pause_update(connection: Connection, product_id: str, update_id: str, *, actor: str, now: datetime) -> StoredUpdate:
    """Hold an update back; pausing it again changes nothing.

    Raises:
        NotFoundError: the catalog has no such update.
    """
    product, known = _locked(connection, product_id, update_id)
    if known.document["paused"]:
        return known
    paused = replace(known, document={**known.document, "paused": True})
    return _write_one(connection, product, paused, Change("pause", actor, now))


def resume_update(connection: Connection, product_id: str, update_id: str, *, actor: str, now: datetime) -> StoredUpdate:
    """Offer an update again, whoever or whatever paused it; the failures that were reported so far pause it no more.

    Resuming one that is not paused changes nothing.

    Raises:
        NotFoundError: the catalog has no such update.
    """
    product, known = _locked(connection, product_id, update_id)
    if not known.effective["paused"]:
        return known
    resumed = replace(known, document={**known.document, "paused": False}, is_held=False, round=known.round + 1)
    return _write_one(connection, product, resumed, Change("resume", actor, now))


def change_policy(
    connection: Connection,
    product_id: str,
    update_id: str,
    policy: str,
    *,
    actor: str,
    now: datetime,
    options: Options = DEFAULT_OPTIONS,
) -> StoredUpdate:
    """Give an update another policy; its grants stay.

    Raises:
        NotFoundError: the catalog has no such update.
        CatalogError: the policy is wrong.
    """
    product, known = _locked(connection, product_id, update_id)
    new = NewUpdate({**known.document, "policy": policy}, known.image, known.is_verified)
    (changed,) = put_documents(connection, product, [new], options)
    return _write_one(connection, product, changed, Change("policy", actor, now))


def verify_update(connection: Connection, product_id: str, update_id: str, *, actor: str, now: datetime) -> StoredUpdate:
    """Note that the image of an update was found complete, so that it is offered from now on.

    Raises:
        NotFoundError: the catalog has no such update.
    """
    product, known = _locked(connection, product_id, update_id)
    if known.is_verified:
        return known
    return _write_one(connection, product, replace(known, is_verified=True), Change("verify", actor, now))


def change_schema(
    connection: Connection,
    product_id: str,
    schema: Mapping[str, Any] | None,
    *,
    actor: str,
    now: datetime,
    options: Options = DEFAULT_OPTIONS,
) -> Product:
    """Declare anew what devices of a product send; every policy of the catalog is checked against it.

    Args:
        connection: inside a change.
        product_id: the product.
        schema: JSON Schema, or None to declare nothing.
        actor: who does it, for the audit.
        now: the time.
        options: the host's options, for the policies.

    Raises:
        NotFoundError: there is no such product.
        SchemaError: the schema is not usable.
        CatalogError: a policy of the catalog does not fit it.
    """
    product = get_product(connection, product_id, locked=True)
    if schema is not None:
        Schema.load(schema)
    rows = connection.execute(select(updates).where(updates.c.product == product_id, ~updates.c.is_removed))
    load_catalog([stored(row).document for row in rows], schema, options)
    connection.execute(update(products).where(products.c.id == product_id).values(schema=schema))
    return note_change(connection, replace(product, schema=schema), Change("schema", actor, now), schema=schema or {})


def _locked(connection: Connection, product_id: str, update_id: str) -> tuple[Product, StoredUpdate]:
    """A product, locked, and an update in its catalog."""
    product = get_product(connection, product_id, locked=True)
    known = get_update(connection, product_id, update_id)
    if known.is_removed:
        raise NotFoundError(f"the update {quote(update_id)} was removed", "put it again")
    return product, known


def _write_one(connection: Connection, product: Product, each: StoredUpdate, change: Change) -> StoredUpdate:
    after = write(connection, product, [each], change)
    return replace(each, revision=after.revision)
