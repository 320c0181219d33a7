"""The decision for one device: the first candidate, newest first, that passes every gate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import EVERYBODY, Update
from policy_lang.compiler.facts import as_moment, as_object
from policy_lang.rollout.ledger import Grant, Ledger, Limits, MemoryLedger
from policy_lang.rollout.plan import Activity
from policy_lang.selection.candidates import Candidates, Group, prepare, prepare_row
from policy_lang.selection.checkin import device_id_of, product_of
from policy_lang.selection.index import Index
from policy_lang.selection.model import Decision, Reason
from policy_lang.selection.trace import Accountant, Given
from policy_lang.types.decode import decoder, version_cache
from policy_lang.types.model import VERSION
from policy_lang.versions.version import Version

_OFFERED: Final = Reason.OFFERED
_NO_MATCH: Final = Reason.NO_MATCH
_UP_TO_DATE: Final = Reason.UP_TO_DATE


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
        self._groups = self._candidates.groups
        self._options = catalog.options
        self._keys = version_cache(lenient=catalog.options.lenient_versions).sort_keys
        self._read_version = decoder(VERSION, catalog.options)
        self._account = Accountant(catalog.options)

    def changing(self, catalog: Catalog) -> "Selector":
        """A selector of a changed catalog, with the same ledger; this one goes on as it is.

        The products that both catalogs share, as `Catalog.changing` leaves them, are not indexed again. A host puts the new
        selector in the place of the old one by one assignment: a check-in sees the one or the other, and waits for neither.

        Args:
            catalog: the catalog after the change; one with other options is indexed anew.
        """
        if not isinstance(self._candidates, Index) or catalog.options != self._options:
            return Selector(catalog, self.ledger)
        return Selector(catalog, self.ledger, candidates=self._candidates.following(self.catalog, catalog))

    def select(self, device: object, now: datetime | str | None = None, roots: Mapping[str, Any] | None = None) -> Decision:
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
        moment = None if now is None else as_moment(now)
        if type(device) is not dict:
            return self._select_carefully(dict(as_object(device)), moment, roots)
        try:
            group = self._groups[device["product"]]
            key: str = self._keys[device["version"]]  # type: ignore[assignment]  # the next line refuses None
            is_behind = group.newest > key
        except (KeyError, TypeError):
            return self._select_carefully(device, moment, roots)
        rows = group.rows
        if rows is None:
            return self._choose(group, group.likely(device, key), key, device, moment, roots)
        if not is_behind:  # there are no rollbacks among rows
            return Decision((None, _UP_TO_DATE, self._account, device, moment, roots, group, key, None))
        grants: dict[str, Grant] | None = None
        for row in rows:
            own, test, constants, update = row
            if test is None:
                test, constants = prepare_row(row)
            if own > key and test(constants, device, None, moment, roots):
                if update.rollout is EVERYBODY:
                    break
                grants = {} if grants is None else grants
                if self._lets_in(update, device, moment, grants):
                    break
        else:
            return Decision((None, _NO_MATCH, self._account, device, moment, roots, group, key, grants))
        return Decision((update, _OFFERED, self._account, device, moment, roots, group, key, grants))

    def _select_carefully(self, device: Mapping[str, Any], now: datetime | None, roots: Mapping[str, Any] | None) -> Decision:
        """The decision for a device that has no product or no version, or whose version was not seen before."""
        product = product_of(device)
        group = None if product is None else self._groups.get(product)
        version: Version | None = self._read_version(device.get("version"))
        if group is not None and version is not None:
            mask = group.likely(device, version.key)
            if device.get("product") is None:  # found by its `productToken`
                mask = mask | group.by_name if mask < 0 else mask & ~group.by_name
            return self._choose(group, mask, version.key, device, now, roots)
        given: Given = (device, now, roots, None, "", None)
        if product is None:
            return Decision((None, Reason.NO_PRODUCT, self._account, *given))
        reason = Reason.UNKNOWN_PRODUCT if group is None else Reason.NO_VERSION
        return Decision((None, reason, self._account, *given))

    def _choose(
        self, group: Group, mask: int, key: str, device: Mapping[str, Any], now: datetime | None, roots: Mapping[str, Any] | None
    ) -> Decision:
        """Try the candidates that `Group.likely` left; one that does not admit the device is passed over."""
        grants: dict[str, Grant] | None = None
        exact, tests = group.exact, group.tests
        if mask < 0:
            mask, exact = ~mask, 0
        while mask:
            at = mask.bit_length() - 1
            bit = 1 << at
            is_true = exact & bit
            if not is_true:
                test = tests[2 * at]
                if test is None:
                    test = prepare(group, at)
                is_true = test(tests[2 * at + 1], device, None, now, roots)
            if is_true:
                update = group.updates[at]
                if update.rollout is EVERYBODY:
                    return Decision((update, _OFFERED, self._account, device, now, roots, group, key, grants))
                grants = {} if grants is None else grants
                if self._lets_in(update, device, now, grants):
                    return Decision((update, _OFFERED, self._account, device, now, roots, group, key, grants))
            mask ^= bit
        has_candidates = group.newest > key or next(group.of(key), None) is not None
        reason = _NO_MATCH if has_candidates else _UP_TO_DATE
        return Decision((None, reason, self._account, device, now, roots, group, key, grants))

    def _lets_in(self, update: Update, device: Mapping[str, Any], now: datetime | None, grants: dict[str, Grant]) -> bool:
        """Whether the rollout of a candidate whose policy is true admits the device; the ledger's answer is kept for the trace."""
        rollout = update.rollout
        device_id = device_id_of(device, self._options)
        if not (rollout.activity(now) is Activity.ACTIVE and rollout.admits(device_id, update.id, now)):
            return False
        if not rollout.is_limited:
            return True
        grant = Grant.NO_ID if device_id is None else self.ledger.grant(update.id, device_id, Limits.of(rollout), now)
        grants[update.id] = grant
        return grant.admits
