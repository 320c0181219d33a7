"""Bringing the store to what a catalog file says: one transaction and one revision for each product that differs.

The file is the truth: updates that it does not have are removed. What reports of failure paused stays paused, until somebody
resumes it. The file is read and checked as a whole first; where anything in it is wrong, nothing changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from policy_lang.catalog.catalog import Catalog, read_catalog
from policy_lang.catalog.update import Update
from policy_lang.documents.model import Document
from policy_lang.documents.read import read_document
from policy_lang.errors import CatalogError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.service.store.audit import Kind
from policy_lang.service.store.catalogs import StoredUpdate, list_updates
from policy_lang.service.store.changes import Change, NewUpdate, becoming, note_change, write
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import NotFoundError
from policy_lang.service.store.products import Product, add_product, get_product, list_products
from policy_lang.service.store.tables import audit, products
from policy_lang.service.store.tokens import NewToken, Scope, create_token, list_tokens

_ACTOR_PREFIX = "file:"


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A catalog file that was read and checked.

    Attributes:
        catalog: its updates.
        schema: what it declares, as JSON Schema; None where it declares nothing.
    """

    catalog: Catalog
    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What became of a product.

    Attributes:
        product: the product as it is now.
        put: the ids of updates that were added or changed.
        removed: the ids of updates that are no longer in the file.
    """

    product: Product
    put: tuple[str, ...]
    removed: tuple[str, ...]


def read_file(path: str | PathLike[str], options: Options = DEFAULT_OPTIONS) -> CatalogFile:
    """Read a catalog file.

    Args:
        path: YAML, TOML, JSON or JSON5; a compiled catalog does not say its schema.
        options: the host's options.

    Raises:
        CatalogError: the file cannot be read, or anything in it is wrong.
    """
    document = read_document(path, error=CatalogError)
    reading = read_catalog(document, options=options)
    if reading.catalog is None:
        raise CatalogError(reading.findings)
    return CatalogFile(reading.catalog, _schema_of(document))


def sync_catalog(database: Database, file: CatalogFile, *, actor: str, now: datetime) -> list[SyncReport]:
    """Bring the store to what a file says.

    Args:
        database: the store.
        file: the file, as it was read.
        actor: who does it, for the audit.
        now: the time.

    Returns:
        What became of each product that differed, in the order of their ids.

    Raises:
        ConflictError: an update was moved from one product to another.
        UnavailableError: the database does not answer; products that were done before stay done.
    """
    with database.reading() as connection:
        known = {product.id for product in list_products(connection)}
    reports = []
    for product_id in sorted(known | set(file.catalog.products)):
        with database.changing() as connection:
            reports.append(_sync_product(connection, product_id, file, Change("sync", actor, now)))
    return [report for report in reports if report is not None]


def create_first_tokens(database: Database, *, actor: str, now: datetime) -> list[NewToken]:
    """One device token for each product that has no token yet; their secrets are seen here and never again."""
    with database.changing() as connection:
        served = {token.product for token in list_tokens(connection)}
        missing = [product.id for product in list_products(connection) if product.id not in served]
        return [create_token(connection, each, Scope.DEVICE, actor=actor, now=now, note="first") for each in missing]


def followed_file(connection: Connection, product_id: str) -> str | None:
    """The name of the catalog file that a product was last read from; None where it never was in a file.

    Args:
        connection: for reading.
        product_id: the product.
    """
    of_files = audit.c.actor.startswith(_ACTOR_PREFIX), audit.c.product == product_id, audit.c.kind == str(Kind.CATALOG)
    actor = connection.execute(select(audit.c.actor).where(*of_files).order_by(audit.c.seq.desc()).limit(1)).scalar_one_or_none()
    return None if actor is None else actor.removeprefix(_ACTOR_PREFIX)


def actor_of(path: Path) -> str:
    """What the audit calls a catalog file that changes the store.

    >>> actor_of(Path("/etc/policy/catalog.yaml"))
    'file:catalog.yaml'
    """
    return f"{_ACTOR_PREFIX}{path.name}"


def _schema_of(document: Document) -> Mapping[str, Any] | None:
    """The schema that a catalog has, inside it or in a file beside it."""
    written = document.value.get("schema")
    if isinstance(written, str):
        found = read_document(Path(document.source.name).parent / written, error=CatalogError).value
        return dict(found)
    return written if written is None else dict(written)


def _sync_product(connection: Connection, product_id: str, file: CatalogFile, change: Change) -> SyncReport | None:
    """Bring one product to what the file says; None where it is there already."""
    product = _opened(connection, product_id, change)
    before = product.revision
    if product.schema != file.schema:
        product = _redeclare(connection, product, file.schema, change)
    known = {each.id: each for each in list_updates(connection, product_id)}
    new = [each for each in file.catalog.for_product(product_id) if _differs(each, known.get(each.id))]
    put = becoming(connection, product, [(each, NewUpdate(each.to_plain())) for each in new])
    gone = [replace(each, is_removed=True) for each in known.values() if _is_gone(each, file.catalog)]
    if put or gone:
        product = write(connection, product, [*put, *gone], change)
    return SyncReport(product, _ids(put), _ids(gone)) if product.revision != before else None


def _opened(connection: Connection, product_id: str, change: Change) -> Product:
    """The product, locked; a new one where the file names it first."""
    try:
        return get_product(connection, product_id, locked=True)
    except NotFoundError:
        return add_product(connection, product_id, actor=change.actor, now=change.now)


def _redeclare(connection: Connection, product: Product, schema: Mapping[str, Any] | None, change: Change) -> Product:
    """Give a product the schema of the file; its policies were checked against it with the file."""
    connection.execute(update(products).where(products.c.id == product.id).values(schema=schema))
    return note_change(connection, replace(product, schema=schema), change, schema=schema or {})


def _differs(new: Update, known: StoredUpdate | None) -> bool:
    return known is None or not known.is_verified or known.image is not None or dict(known.document) != new.to_plain()


def _is_gone(known: StoredUpdate, catalog: Catalog) -> bool:
    """Whether the file has an update no longer, or for another product."""
    update = catalog.find(known.id)
    return update is None or update.product != known.product


def _ids(updates: Iterable[StoredUpdate]) -> tuple[str, ...]:
    return tuple(each.id for each in updates)
