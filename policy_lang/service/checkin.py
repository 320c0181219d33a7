"""The check-in: a device says what it is, and is told which update it gets.

Source: docs/service.md, "Check-in".
"""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from typing import Any

from structlog.typing import FilteringBoundLogger

from policy_lang.rollout.ledger import Grant
from policy_lang.selection.checkin import raw_product
from policy_lang.selection.model import Decision
from policy_lang.service.authorization import Identity
from policy_lang.service.bodies import read_object
from policy_lang.service.endpoint import Endpoint, Request
from policy_lang.service.offers import NOTHING, Offers
from policy_lang.service.problems import Problem, unavailable
from policy_lang.service.rates import Rates
from policy_lang.service.registry import Served
from policy_lang.service.replay import decision_entry
from policy_lang.service.service import Service
from policy_lang.service.store.deferred import Deferral
from policy_lang.service.thread_ledger import AskedOnLoopError
from policy_lang.service.threads import Threads

_WHOLE = 1 - 1e-9
"""One, but for what adding up fractions loses."""

_DEFERRED = frozenset({Grant.MAX_DEVICES, Grant.MAX_PER_PERIOD})


class CheckIn(Endpoint):
    """The address where devices ask for updates."""

    kind = "checkin"

    def __init__(
        self, service: Service, rates: Rates, failures: Rates, log: FilteringBoundLogger, *, threads: Threads, offers: Offers
    ) -> None:
        """Prepare; `threads` are where a ledger may block, `offers` makes the answers."""
        super().__init__(service, rates, failures, log)
        self._threads = threads
        self._offers = offers
        audit = service.settings.audit
        self._share = float(audit == "all") if isinstance(audit, str) else float(audit)
        self._is_awaited = audit == "all"
        self._due = 0.0

    async def answer(self, request: Request, identity: Identity, body: bytes) -> bytes:
        """The offer, or `{}`."""
        device = read_object(body)
        _settle_product(device, identity, request.secret or b"")
        self._slow_down(request, identity, device.get("id"))
        served = request.snapshot.products.get(identity.product)
        if served is None:
            raise unavailable("the catalog is not loaded")
        try:
            decision = served.selector.select(device, request.now)
        except AskedOnLoopError:
            decision = await self._threads.run(served.selector.select, device, request.now)
        return await self._finish(request, served, device, decision)

    async def _finish(self, request: Request, served: Served, device: dict[str, Any], decision: Decision) -> bytes:
        """Note what was decided, and answer."""
        update = decision.update
        request.reason = decision.reason.value
        answer = NOTHING
        if update is not None:
            request.update = update.id
            answer = await self._offers.answer(served, update, request.now)
        self._service.metrics.decided(served.product, request.update or "", request.reason)
        if decision.grants:
            self._note_limits(decision.grants, device, request.now)
        if self._is_sampled():
            await self._audit(request, served, device, decision)
        return answer

    async def _audit(self, request: Request, served: Served, device: Mapping[str, Any], decision: Decision) -> None:
        """Keep a decision; where all are kept, before it is answered."""
        device_id = request.device if isinstance(request.device, str) else None
        entry = decision_entry(
            decision,
            device,
            request.now,
            product=served.product,
            revision=served.revision,
            digest=served.digest,
            device_id=device_id,
        )
        if self._is_awaited:
            await self._service.recorder.commit(entry)
        else:
            self._service.recorder.keep(entry)

    def _note_limits(self, grants: Mapping[str, Grant], device: Mapping[str, Any], now: datetime) -> None:
        """Count what a ledger refused, and note who waits for it."""
        for update_id, grant in grants.items():
            if not grant.admits:
                self._service.metrics.limited(update_id, grant.value)
            if grant in _DEFERRED:
                self._service.recorder.defer(Deferral(update_id, device["id"], grant.value, now))

    def _is_sampled(self) -> bool:
        """Whether this decision is kept: of each hundred with a share of 0.05, five."""
        self._due += self._share
        if self._due < _WHOLE:
            return False
        self._due -= 1
        return True


def _settle_product(device: dict[str, Any], identity: Identity, secret: bytes) -> None:
    """Make sure that the device is of the token's product, and let it say so.

    Ioto agents send their token for the product; it is replaced, so that no secret gets into an audit. Beside a `product`, nothing
    depends on `productToken`, which may still be the token that was good before.

    Raises:
        Problem: 403, the device is of another product.
    """
    product = identity.product
    for name in ("product", "productToken"):
        said = device.get(name)
        if isinstance(said, str) and said != product and compare_digest(said.encode(), secret):
            device[name] = product
    said = raw_product(device)
    if said is not None and said != product:
        raise Problem(HTTPStatus.FORBIDDEN, "the token is of another product than the device")
    device["product"] = product
    if "productToken" in device:
        device["productToken"] = product
