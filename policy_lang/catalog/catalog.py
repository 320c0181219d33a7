"""A catalog: its updates, checked, in the order of the file and by product."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from policy_lang.catalog.update import Update
from policy_lang.catalog.validate import validate
from policy_lang.documents.model import Document
from policy_lang.documents.read import read_document
from policy_lang.errors import CatalogError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.schema import Schema

CatalogSource: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
"""A path to a catalog, or the catalog itself."""


class Catalog:
    """The updates that a service offers; immutable, and safe to share between threads.

    Attributes:
        updates: in the order of the catalog.
        schema: what the policies were compiled with.
        options: the host's options, for the policies and for the versions that devices send.
        document: where the catalog was written, so that more can be said about it; None for a mapping given by a program.
    """

    __slots__ = ("_by_id", "_by_product", "document", "options", "schema", "updates")

    def __init__(self, updates: tuple[Update, ...], schema: Schema, options: Options, document: Document | None) -> None:
        """Sort updates that were validated together; `load` is the way to get a catalog."""
        self.updates = updates
        self.schema = schema
        self.options = options
        self.document = document
        self._by_id = {update.id: update for update in updates}
        by_product: dict[str, list[Update]] = {}
        for update in sorted(updates, key=lambda update: update.version, reverse=True):
            by_product.setdefault(update.product, []).append(update)
        self._by_product = {product: tuple(group) for product, group in by_product.items()}

    @classmethod
    def load(cls, source: CatalogSource, *, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> "Catalog":
        """Read a catalog and check all of it.

        Args:
            source: the path of a YAML, TOML, JSON or JSON5 file, or the catalog as a mapping.
            schema: what devices send. It is taken in place of the `schema` of the catalog, which is then not read. Without either,
                the type of each property is inferred from its use.
            options: the host's options, for the policies and for the versions that devices send.

        Returns:
            The catalog, every policy compiled and bound to its update.

        Raises:
            CatalogError: the catalog cannot be read, or anything in it is wrong; every finding names the field, and the line and
                column where there is a file.

        Source: docs/spec.md, "Catalogs".

        >>> update = {"id": "release-7", "product": "thermostat", "version": "2.0.0", "policy": "device.pro == true"}
        >>> image = {"url": "https://example.com/7.bin", "checksum": "00" * 32}
        >>> [update.id for update in Catalog.load({"updates": [update | image]})]
        ['release-7']
        """
        if isinstance(source, Mapping):
            found = validate(source, None, folder=Path(), schema=schema, options=options)
            return cls(found.updates, found.schema, options, None)
        document = read_document(source, error=CatalogError)
        found = validate(document.value, document, folder=Path(source).parent, schema=schema, options=options)
        return cls(found.updates, found.schema, options, document)

    @property
    def products(self) -> tuple[str, ...]:
        """The products of the updates, sorted."""
        return tuple(sorted(self._by_product))

    def for_product(self, product: str) -> tuple[Update, ...]:
        """The updates of a product in descending precedence; none where the catalog does not know it."""
        return self._by_product.get(product, ())

    def find(self, update_id: str) -> Update | None:
        """The update with an id."""
        return self._by_id.get(update_id)

    def __len__(self) -> int:
        """How many updates there are."""
        return len(self.updates)

    def __iter__(self) -> Iterator[Update]:
        """The updates in the order of the catalog."""
        return iter(self.updates)

    def __repr__(self) -> str:
        """The catalog in a form for debugging."""
        return f"Catalog({', '.join(update.id for update in self.updates)})"
