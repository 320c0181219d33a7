"""The registry: everything that a check-in is answered from, as one immutable snapshot.

A snapshot holds the catalog of every product, ready to select from, and every token that is valid. It is replaced as a whole, by
one assignment, so a check-in that took it sees one state of the database to its end, however long it takes and whatever changes
meanwhile. The database is asked for revisions often; only catalogs that changed are read, and of those only what changed is
compiled.

While the database cannot be reached, the last snapshot stays, and devices go on getting updates that no limit counts.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection
from structlog.typing import FilteringBoundLogger

from policy_lang.errors import PolicyError
from policy_lang.rollout.ledger import Ledger
from policy_lang.selection.engine import Selector
from policy_lang.service.authorization import Identity
from policy_lang.service.images.model import ImageLocation
from policy_lang.service.metrics import Metrics
from policy_lang.service.store.catalogs import StoredUpdate, catalog_changes_since, load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import StoreError
from policy_lang.service.store.products import Product, Revisions, get_product, read_revisions
from policy_lang.service.store.tokens import list_tokens
from policy_lang.service.threads import finish

Images: TypeAlias = Mapping[str, ImageLocation]


@dataclass(frozen=True, slots=True)
class Served:
    """One product as its devices are served.

    Attributes:
        product: its id.
        revision: of its catalog.
        digest: of all changes of its catalog, for audits.
        schema: what its devices send, as it was loaded.
        selector: chooses the update of a device.
        images: where the images of updates lie, by the id of the update; the others have a URL of their own.
        answers: what devices are sent, by the id of the update, filled as updates are offered.
    """

    product: str
    revision: int
    digest: str
    schema: Mapping[str, Any] | None
    selector: Selector
    images: Images
    answers: dict[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the database.

    Attributes:
        products: each product by its id.
        tokens: who may ask, by the digest of the secret; revoked tokens are not among them.
        revisions: what it was read at.
    """

    products: Mapping[str, Served]
    tokens: Mapping[str, Identity]
    revisions: Revisions


NOTHING: Final = Snapshot({}, {}, Revisions({}, -1))
"""Before the first load: nobody has a token."""


class Registry:
    """Keeps the snapshot up to date.

    Attributes:
        snapshot: take it once for a request, and answer from it alone.
    """

    def __init__(self, database: Database, ledger: Ledger, metrics: Metrics, log: FilteringBoundLogger) -> None:
        """Begin with nothing; `refresh` loads."""
        self.snapshot = NOTHING
        self._database = database
        self._ledger = ledger
        self._metrics = metrics
        self._log = log
        self._turn = asyncio.Lock()
        self._is_reachable = True

    @property
    def is_loaded(self) -> bool:
        """Whether there is a snapshot."""
        return self.snapshot is not NOTHING

    async def refresh(self) -> None:
        """Load what changed; when this returns, the snapshot is at least as new as the database was at the call.

        Raises:
            UnavailableError: the database cannot be reached.
            PolicyError: a catalog cannot be loaded and there is no earlier state of it.
        """
        async with self._turn:
            before = self.snapshot
            self.snapshot = await finish(self._load, before)
            self._note(before)
            self._metrics.refreshes.labels("same" if self.snapshot is before else "changed").inc()

    async def follow(self, seconds: float) -> None:
        """Refresh again and again, until the task is cancelled; failures are logged once and tried again."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except StoreError as error:
                self._metrics.refreshes.labels("failed").inc()
                if self._is_reachable:
                    self._log.error("database not reachable", problem=error.message, help=error.remedy)
                self._is_reachable = False
            except Exception:  # noqa: BLE001  a fault of ours must not end the task, or changes would never arrive again
                self._metrics.refreshes.labels("failed").inc()
                self._log.exception("internal error", kind="refresh")
            else:
                if not self._is_reachable:
                    self._log.info("database reachable again")
                self._is_reachable = True

    def _note(self, before: Snapshot) -> None:
        """Write a line for each catalog that check-ins are answered from since now."""
        for product, served in self.snapshot.products.items():
            if before.products.get(product) is not served:
                self._log.info("catalog loaded", product=product, revision=served.revision, updates=len(served.selector.catalog))

    def _load(self, before: Snapshot) -> Snapshot:
        """The snapshot after `before`; the same one where nothing changed."""
        with self._database.reading() as connection:
            revisions = read_revisions(connection)
            if revisions == before.revisions:
                return before
            loaded = {
                each: self._product(connection, before.products.get(each), each, at) for each, at in revisions.products.items()
            }
            has_same_tokens = revisions.tokens == before.revisions.tokens
            tokens = before.tokens if has_same_tokens else _tokens(connection)
        return Snapshot({each: served for each, served in loaded.items() if served is not None}, tokens, revisions)

    def _product(self, connection: Connection, old: Served | None, product: str, revision: int) -> Served | None:
        """A product as it is now; where its catalog cannot be loaded, as it was."""
        if old is not None and old.revision == revision:
            return old
        try:
            return self._whole(connection, product) if old is None else self._changed(connection, old)
        except PolicyError as error:
            self._log.error("catalog not loaded", product=product, revision=revision, problem=str(error))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  a fault of ours in one catalog must not keep a revoked token or another catalog from being seen
            self._log.exception("internal error", kind="catalog", product=product, revision=revision)
        return old

    def _whole(self, connection: Connection, product: str) -> Served:
        """A product, read from the start."""
        state = load_product(connection, product)
        selector = Selector(state.catalog(), self._ledger)
        return _served(state.product, selector, _images(state.updates))

    def _changed(self, connection: Connection, old: Served) -> Served:
        """A product after some changes."""
        if get_product(connection, old.product).schema != old.schema:
            return self._whole(connection, old.product)
        changes = catalog_changes_since(connection, old.product, old.revision)
        selector = old.selector.changing(changes.applied_to(old.selector.catalog))
        gone = {*changes.removed, *(update.id for update in changes.put)}
        images = {each: location for each, location in old.images.items() if each not in gone} | _images(changes.put)
        return _served(changes.product, selector, images)


def _served(product: Product, selector: Selector, images: Images) -> Served:
    """A product with its selector."""
    return Served(product.id, product.revision, product.digest, product.schema, selector, images)


def _images(updates: tuple[StoredUpdate, ...]) -> dict[str, ImageLocation]:
    """Where the images of updates lie."""
    return {update.id: ImageLocation.from_plain(update.image) for update in updates if update.image is not None}


def _tokens(connection: Connection) -> dict[str, Identity]:
    """The identities of all tokens that are not revoked."""
    return {
        token.digest: Identity(token.id, token.product, token.scope.value, token.digest, token.expires)
        for token in list_tokens(connection)
        if token.revoked is None
    }
