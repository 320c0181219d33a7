"""Products: each has a schema, a catalog, and a revision that grows with every change of the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.problems import quote
from policy_lang.errors import CatalogError
from policy_lang.rollout.bucket import is_device_id
from policy_lang.service.store.audit import AuditEntry, Kind, append
from policy_lang.service.store.columns import digest_of
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.tables import counters, products
from policy_lang.service.store.times import from_micros, to_micros
from policy_lang.types.schema import Schema

FIRST_REVISION = 0
FIRST_DIGEST = digest_of("")
"""The digest of a catalog that never changed."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product.

    Attributes:
        id: what devices send as `product`.
        schema: what devices send, as JSON Schema; None where nothing is declared.
        revision: how often its catalog changed.
        digest: of all these changes, each over the one before.
        created: when, in UTC.
    """

    id: str
    schema: Mapping[str, Any] | None
    revision: int
    digest: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Revisions:
    """What a process compares with what it has loaded.

    Attributes:
        products: the revision of each product's catalog.
        tokens: how often any token changed.
    """

    products: Mapping[str, int]
    tokens: int


def add_product(
    connection: Connection, product_id: str, *, schema: Mapping[str, Any] | None = None, actor: str, now: datetime
) -> Product:
    """Add a product, with an empty catalog.

    Args:
        connection: inside a change.
        product_id: what devices send as `product`.
        schema: what devices send, as JSON Schema.
        actor: who does it, for the audit.
        now: the time.

    Raises:
        ConflictError: there is one with that id.
        CatalogError: the id is empty, or no text that can be sent.
        SchemaError: the schema is not usable.
    """
    if not product_id.strip() or not is_device_id(product_id):
        raise CatalogError([Diagnostic("PL507", f"{quote(product_id)} is no id of a product", help="give it a name")])
    if schema is not None:
        Schema.load(schema)
    if _find(connection, product_id) is not None:
        raise ConflictError(f"there is a product {quote(product_id)} already", "choose another id")
    product = Product(product_id, schema, FIRST_REVISION, FIRST_DIGEST, now)
    row = {"id": product_id, "schema": schema, "revision": FIRST_REVISION, "digest": FIRST_DIGEST, "created": to_micros(now)}
    connection.execute(insert(products).values(**row))
    append(connection, [AuditEntry(Kind.PRODUCT, actor, now, {"schema": schema}, product_id, FIRST_REVISION)])
    return product


def get_product(connection: Connection, product_id: str, *, locked: bool = False) -> Product:
    """One product.

    Args:
        connection: for reading, or inside a change.
        product_id: its id.
        locked: whether all other changes of its catalog wait until this change is over.

    Raises:
        NotFoundError: there is none.
    """
    row = _find(connection, product_id, locked=locked)
    if row is None:
        raise NotFoundError(f"there is no product {quote(product_id)}", "see `policy service product list`")
    return _product(row)


def list_products(connection: Connection) -> list[Product]:
    """All products, sorted by id."""
    return sorted(map(_product, connection.execute(select(products))), key=lambda product: product.id)


def read_revisions(connection: Connection) -> Revisions:
    """All revisions; cheap enough to be asked every second."""
    rows = connection.execute(select(products.c.id, products.c.revision))
    revisions = {row.id: row.revision for row in rows}
    return Revisions(revisions, connection.execute(select(counters.c.value).where(counters.c.name == "tokens")).scalar_one())


def _find(connection: Connection, product_id: str, *, locked: bool = False) -> Row[Any] | None:
    query = select(products).where(products.c.id == product_id)
    return connection.execute(query.with_for_update() if locked else query).one_or_none()


def _product(row: Row[Any]) -> Product:
    return Product(row.id, row.schema, row.revision, row.digest, from_micros(row.created))
