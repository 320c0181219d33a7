"""Which updates a device could get, in the order in which they are tried: the interface, and the plain scan that defines it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.versions.version import Version


class Candidates(Protocol):
    """Finds the candidates of a device; every implementation gives the same ones in the same order as `Scan`."""

    def of(self, product: str, version: Version) -> Iterable[Update]:
        """The updates of a product that a device with a version could get, in descending precedence.

        Args:
            product: the product of the device.
            version: the version that it has.

        Returns:
            The updates with a greater version, and those with `downgrade: allow` at any version but that one.
        """
        ...

    def likely(self, product: str, version: Version, device: Mapping[str, Any]) -> Iterable[tuple[Update, bool]]:
        """The candidates that are not paused and whose policy may be true for a device, in the same order.

        Args:
            product: the product of the device.
            version: the version that it has.
            device: what it sent.

        Returns:
            The updates, each with whether its policy is certainly true, so that it need not be asked. None is left out whose policy
            is true.
        """
        ...


class Scan:
    """Looks at every update of the product."""

    def __init__(self, catalog: Catalog) -> None:
        """Take the updates as the catalog sorts them."""
        self._updates = {product: catalog.for_product(product) for product in catalog.products}

    def of(self, product: str, version: Version) -> Iterator[Update]:
        """The candidates, one after the other."""
        key = version.key
        for update in self._updates.get(product, ()):
            if update.version.key > key or (update.allows_downgrade and update.version.key != key):
                yield update

    def likely(self, product: str, version: Version, device: Mapping[str, Any]) -> Iterator[tuple[Update, bool]]:  # noqa: ARG002
        """The candidates, of whose policies nothing is known."""
        for update in self.of(product, version):
            if not update.is_paused:
                yield update, False
