"""The decision for one device: the first candidate, newest first, that passes every gate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import EVERYBODY, Update
from policy_lang.compiler.facts import as_moment, as_object
from policy_lang.rollout.ledger import Grant, Ledger, Limits, MemoryLedger
from policy_lang.rollout.plan import Activity
from policy_lang.selection.candidates import Candidates
from policy_lang.selection.checkin import CheckIn, device_id_of, product_of
from policy_lang.selection.index import Index
from policy_lang.selection.model import Decision, Reason
from policy_lang.selection.trace import Replay
from policy_lang.types.decode import decoder
from policy_lang.types.model import VERSION
from policy_lang.versions.version import Version


class Selector:
    """Chooses updates from one catalog; safe to share between threads if its ledger is.

    Attributes:
        catalog: the updates.
        ledger: where grants are counted.
    """

    def __init__(self, catalog: Catalog, ledger: Ledger | None = None, *, candidates: Candidates | None = None) -> None:
        """Prepare what does not depend on a device.

        Args:
            catalog: the updates.
            ledger: where grants are counted; a new one in memory without it.
            candidates: how candidates are found; by an index without it.
        """
        self.catalog = catalog
        self.ledger: Ledger = MemoryLedger() if ledger is None else ledger
        self._candidates: Candidates = Index.build(catalog, catalog.options) if candidates is None else candidates
        self._products = frozenset(catalog.products)
        self._options = catalog.options
        self._read_version = decoder(VERSION, catalog.options)
        self._limits = {update.id: Limits.of(update.rollout) for update in catalog if update.rollout.is_limited}

    def select(self, device: object, now: datetime | str | None = None, *, roots: Mapping[str, Any] | None = None) -> Decision:
        """Choose the update for a device that checks in, and record the grant if its number is limited.

        Args:
            device: what the device sent; anything but an object has no product and gets nothing.
            now: the time: an aware datetime, RFC 3339 text, or None for unknown.
            roots: the values of the host's own roots.

        Returns:
            The update and the reason; the trace is worked out when it is asked for.

        Raises:
            ValueError: `now` has no zone, or is no timestamp. Nothing that a device sends raises.

        Source: docs/spec.md, "Selecting an update".
        """
        checkin = CheckIn(as_object(device), as_moment(now), roots)
        product = product_of(checkin.device)
        if product is None:
            return self._nothing(Reason.NO_PRODUCT, checkin)
        if product not in self._products:
            return self._nothing(Reason.UNKNOWN_PRODUCT, checkin)
        version: Version | None = self._read_version(checkin.device.get("version"))
        if version is None:
            return self._nothing(Reason.NO_VERSION, checkin)
        return self._choose(checkin, product, version)

    def _nothing(self, reason: Reason, checkin: CheckIn) -> Decision:
        """The decision where no candidate can be looked for."""
        return Decision(None, reason, Replay(checkin, self._options, self._candidates, None, {}))

    def _choose(self, checkin: CheckIn, product: str, version: Version) -> Decision:
        """Try the candidates; one that does not admit the device is passed over."""
        grants: dict[str, Grant] = {}
        replay = Replay(checkin, self._options, self._candidates, version, grants)
        device, now, roots = checkin
        for update, is_certain in self._candidates.likely(product, version, device):
            if (is_certain or update.bound.matches(device, None, now, roots=roots)) and self._lets_in(update, checkin, grants):
                return Decision(update, Reason.OFFERED, replay)
        has_candidates = next(iter(self._candidates.of(product, version)), None) is not None
        return Decision(None, Reason.NO_MATCH if has_candidates else Reason.UP_TO_DATE, replay)

    def _lets_in(self, update: Update, checkin: CheckIn, grants: dict[str, Grant]) -> bool:
        """Whether the rollout of a candidate whose policy is true admits the device."""
        rollout = update.rollout
        if rollout is EVERYBODY:
            return True
        if rollout.activity(checkin.now) is not Activity.ACTIVE:
            return False
        device_id = device_id_of(checkin.device, self._options)
        return rollout.admits(device_id, update.id, checkin.now) is True and self._is_granted(
            update, device_id, checkin.now, grants
        )

    def _is_granted(self, update: Update, device_id: str | None, now: datetime | None, grants: dict[str, Grant]) -> bool:
        """Whether the limits of a candidate leave room; the ledger's answer is recorded for the trace."""
        limits = self._limits.get(update.id)
        if limits is None:
            return True
        grant = Grant.NO_ID if device_id is None else self.ledger.grant(update.id, device_id, limits, now)
        grants[update.id] = grant
        return grant.admits
