"""Reading catalogs: the updates of a product as the store has them, as a `Catalog`, and what changed since a revision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from policy_lang.catalog.catalog import Catalog
from policy_lang.documents.problems import quote
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.service.store.errors import NotFoundError
from policy_lang.service.store.products import Product, get_product
from policy_lang.service.store.tables import updates


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update as the store has it.

    Attributes:
        id: its id, unique over all products and for ever.
        product: the product that it is for.
        document: what was put, as a catalog has it.
        image: where its image lies (`store`, `key`, `size`); None for an image that the `url` of the document names.
        pause_on_failures: with more failing devices than that, the update is held.
        is_verified: whether its image is known to be there; it is offered only then.
        is_held: whether reports of failure paused it.
        is_removed: whether it is no longer in the catalog.
        round: how often it was resumed.
        revision: the revision of the product's catalog at which it changed last.
    """

    id: str
    product: str
    document: Mapping[str, Any]
    image: Mapping[str, Any] | None
    pause_on_failures: int | None
    is_verified: bool
    is_held: bool
    is_removed: bool
    round: int
    revision: int

    @property
    def is_offered(self) -> bool:
        """Whether it is in the catalog that devices are served from."""
        return self.is_verified and not self.is_removed

    @property
    def effective(self) -> dict[str, Any]:
        """The document as the catalog has it: paused where reports of failure hold it."""
        return {**self.document, "paused": True} if self.is_held else dict(self.document)


@dataclass(frozen=True, slots=True)
class ProductState:
    """The whole catalog of a product at one moment.

    Attributes:
        product: the product with its schema, revision and digest.
        updates: those that are offered.
    """

    product: Product
    updates: tuple[StoredUpdate, ...]

    def catalog(self, options: Options = DEFAULT_OPTIONS) -> Catalog:
        """The catalog, checked and compiled.

        Raises:
            CatalogError: the store holds what this release does not accept.
        """
        return load_catalog([update.effective for update in self.updates], self.product.schema, options)


@dataclass(frozen=True, slots=True)
class CatalogChanges:
    """What a catalog of an earlier revision lacks.

    Attributes:
        product: the product as it is now.
        put: updates that were added or changed, as they are now.
        removed: ids that are not offered any more; some may never have been in the earlier catalog.
    """

    product: Product
    put: tuple[StoredUpdate, ...]
    removed: tuple[str, ...]

    def applied_to(self, catalog: Catalog) -> Catalog:
        """The catalog after the changes; only what changed is compiled.

        Args:
            catalog: of the earlier revision, with the schema that the product still has.

        Raises:
            CatalogError: the store holds what this release does not accept.
        """
        gone = [update_id for update_id in self.removed if catalog.find(update_id) is not None]
        return catalog.changing([update.effective for update in self.put], remove=gone)


def load_product(connection: Connection, product_id: str) -> ProductState:
    """The catalog of a product.

    Args:
        connection: for reading; all of it is seen at one moment.
        product_id: its id.

    Raises:
        NotFoundError: there is no such product.
    """
    product = get_product(connection, product_id)
    return ProductState(product, tuple(each for each in _of(connection, product_id) if each.is_offered))


def catalog_changes_since(connection: Connection, product_id: str, revision: int) -> CatalogChanges:
    """What changed in the catalog of a product, in sum.

    A change of the schema is not among it: compare `product.schema` with the one that the catalog was loaded with.

    Args:
        connection: for reading; all of it is seen at one moment.
        product_id: its id.
        revision: the revision that is known already.

    Raises:
        NotFoundError: there is no such product.
    """
    product = get_product(connection, product_id)
    query = select(updates).where(updates.c.product == product_id, updates.c.revision > revision).order_by(updates.c.revision)
    changed = [stored(row) for row in connection.execute(query)]
    removed = tuple(each.id for each in changed if not each.is_offered)
    return CatalogChanges(product, tuple(each for each in changed if each.is_offered), removed)


def get_update(connection: Connection, product_id: str, update_id: str) -> StoredUpdate:
    """One update of a product, a removed one too.

    Raises:
        NotFoundError: the product has none with that id, whether or not another product has.
    """
    row = connection.execute(select(updates).where(updates.c.id == update_id, updates.c.product == product_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no update {quote(update_id)}", "see `policy service updates list`")
    return stored(row)


def list_updates(connection: Connection, product_id: str, *, removed: bool = False) -> list[StoredUpdate]:
    """The updates of a product, the newest version first.

    Args:
        connection: for reading.
        product_id: its id.
        removed: whether those that are no longer in the catalog are listed too.
    """
    return [each for each in reversed(_of(connection, product_id)) if removed or not each.is_removed]


def load_catalog(documents: Iterable[Mapping[str, Any]], schema: Mapping[str, Any] | None, options: Options) -> Catalog:
    """A catalog of documents and a schema.

    Raises:
        CatalogError: anything in it is wrong.
    """
    declared = {} if schema is None else {"schema": schema}
    return Catalog.load({"updates": list(documents), **declared}, options=options)


def stored(row: Row[Any]) -> StoredUpdate:
    """The update of a row of the table."""
    return StoredUpdate(
        id=row.id,
        product=row.product,
        document=row.document,
        image=row.image,
        pause_on_failures=row.pause_on_failures,
        is_verified=row.is_verified,
        is_held=row.is_held,
        is_removed=row.is_removed,
        round=row.round,
        revision=row.revision,
    )


def _of(connection: Connection, product_id: str) -> list[StoredUpdate]:
    """All updates of a product by version, the lowest first; the order is Python's, so no collation has a say in it."""
    rows = connection.execute(select(updates).where(updates.c.product == product_id)).all()
    return [stored(row) for row in sorted(rows, key=lambda row: (row.version_key, row.id))]
