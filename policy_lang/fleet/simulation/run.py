"""The simulation: check-ins in the order of time, each decided by the real selector.

A device that gets nothing is passed over until the first moment at which any of its candidates could admit it, and for good where
none ever can. That changes nothing, because until then the selector would give the same answer; a law compares this with the plain
loop.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from heapq import heapify, heappop, heapreplace
from typing import Any, Final, TypeAlias

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.fleet.simulation.observing import LIMITS, ObservedLedger
from policy_lang.fleet.simulation.openings import Opening, opening_of, reads_now
from policy_lang.fleet.simulation.outcome import Binding, Simulation, UpdateOutcome
from policy_lang.fleet.simulation.timetable import DAY, Timetable, mix, place_of, to_microseconds, to_moment
from policy_lang.rollout.plan import in_utc
from policy_lang.selection.checkin import device_id_of, product_of
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Reason

Watcher: TypeAlias = Callable[[int, int], None]
"""Told which day is reached, of how many."""

_DRAWS: Final = 2**64
_FOR_GOOD: Final = frozenset({Reason.UP_TO_DATE, Reason.NO_PRODUCT, Reason.UNKNOWN_PRODUCT, Reason.NO_VERSION})


def simulate(
    catalog: Catalog,
    devices: Iterable[Mapping[str, Any]],
    *,
    start: datetime,
    days: int,
    checkins_per_day: int = 1,
    seed: int = 1,
    success: float = 1.0,
    progress: Watcher | None = None,
) -> Simulation:
    """Let a fleet check in for some days, and count who gets what.

    A device that is offered an update has its version from then on. The same arguments give the same result on every machine.

    Args:
        catalog: the updates.
        devices: what each device sends; they are copied.
        start: the first moment, with a zone.
        days: how many days of 24 hours, 1 or more.
        checkins_per_day: how often each device checks in, 1 or more.
        seed: what varies the times, and which installations fail.
        success: the share of installations that succeed, from 0 to 1; after a failure the device tries again at its next check-in.
        progress: told which day is reached.

    Raises:
        ValueError: an argument is out of range, `start` has no zone, or the days end after the year 9999.

    Source: docs/simulate.md.
    """
    if days < 1 or checkins_per_day < 1 or not 0 <= success <= 1:
        raise ValueError("days and checkins_per_day are 1 or more, success is from 0 to 1")
    timetable = Timetable(in_utc(start, "start"), days, checkins_per_day, seed)
    run = _Run(catalog, [dict(device) for device in devices], timetable, seed, success)
    return run.go(in_utc(start, "start"), days, progress)


class _Tally:
    """What was counted for one update."""

    def __init__(self, days: int) -> None:
        self.offered: set[int] = set()
        self.installed = self.failed = self.waiting = 0
        self.by_day = [0] * days
        self.first: int | None = None
        self.last: int | None = None

    def offer(self, at: int, time: int, day: int) -> None:
        """Count an offer, once for each device."""
        if at not in self.offered:
            self.offered.add(at)
            self.by_day[day] += 1
            self.first = time if self.first is None else self.first
            self.last = time


class _Run:
    """One simulation, from its start to its end."""

    def __init__(self, catalog: Catalog, devices: list[dict[str, Any]], timetable: Timetable, seed: int, success: float) -> None:
        self._catalog = catalog
        self._devices = devices
        self._timetable = timetable
        self._seed = seed
        self._threshold = int(success * _DRAWS)
        self._ledger = ObservedLedger()
        self._selector = Selector(catalog, self._ledger)
        self._ids = [device_id_of(device, catalog.options) for device in devices]
        self._places = [place_of(f"#{at}" if each is None else each) for at, each in enumerate(self._ids)]
        self._salts = {update.id: place_of(update.id) for update in catalog}
        self._products = [product_of(device) for device in devices]
        self._restless = {update.product for update in catalog if not update.is_paused and reads_now(update)}

    def go(self, start: datetime, days: int, progress: Watcher | None) -> Simulation:
        """Let all devices check in, day by day."""
        self._tallies = {update.id: _Tally(days) for update in self._catalog}
        self._versions = self._count_versions()
        adoption = [self._adoption()]
        queue = self._queue()
        for day in range(days):
            self._pass(queue, self._timetable.start + (day + 1) * DAY, day)
            adoption.append(self._adoption())
            if progress is not None:
                progress(day + 1, days)
        self._count_waiting(at for _, at, _ in queue)
        updates = tuple(self._outcome(update) for update in self._catalog)
        return Simulation(start, days, len(self._devices), tuple(adoption), updates)

    def _queue(self) -> list[tuple[int, int, int]]:
        """The next check-in of each device: when, whose, and the number that it has."""
        first, time, start = self._timetable.first, self._timetable.time, self._timetable.start
        numbers = [first(place, start) for place in self._places]
        queue = [(time(place, number), at, number) for at, (place, number) in enumerate(zip(self._places, numbers, strict=True))]
        heapify(queue)
        return queue

    def _pass(self, queue: list[tuple[int, int, int]], end: int, day: int) -> None:
        """Take the check-ins before a moment."""
        timetable, places = self._timetable, self._places
        while queue and queue[0][0] < end:
            time, at, number = queue[0]
            following = self._check_in(at, time, number, day)
            if following is None:
                heappop(queue)
            else:
                number = number + 1 if following <= time else max(timetable.first(places[at], following), number + 1)
                heapreplace(queue, (timetable.time(places[at], number), at, number))

    def _check_in(self, at: int, time: int, number: int, day: int) -> int | None:
        """Decide for a device; the moment from which another check-in can have another result, None where none can."""
        device = self._devices[at]
        self._ledger.may_open = False
        decision = self._selector.select(device, to_moment(time))
        update = decision.update
        if update is not None:
            self._offer(update, at, time, number, day)
            return time
        if decision.reason in _FOR_GOOD:
            return None
        if self._ledger.may_open or self._products[at] in self._restless:
            return time
        return self._reopening(decision, at)

    def _offer(self, update: Update, at: int, time: int, number: int, day: int) -> None:
        tally = self._tallies[update.id]
        tally.offer(at, time, day)
        if mix(self._places[at] ^ self._salts[update.id], self._seed, number) >= self._threshold:
            tally.failed += 1
            return
        tally.installed += 1
        device = self._devices[at]
        versions = self._versions[update.product]
        versions[_version_of(device)] -= 1
        device["version"] = str(update.version)
        versions[_version_of(device)] += 1

    def _reopening(self, decision: Decision, at: int) -> int | None:
        """The first moment at which a candidate could admit a device that got nothing."""
        # INVARIANT: no opening is `ANYTIME`: such candidates have a limit that just refused, or make their product restless.
        openings = (opening_of(step, self._ids[at]) for step in decision.trace)
        moments = [to_microseconds(opening) for opening in openings if isinstance(opening, datetime)]
        return min(moments, default=None)

    def _count_waiting(self, left: Iterable[int]) -> None:
        """Count for each update the devices that could still get it; the ones that were passed over for good never can."""
        self._ledger.is_closed = True
        end = to_moment(self._timetable.end)
        for at in left:
            decision = self._selector.select(self._devices[at], end)
            for step in decision.trace:
                if opening_of(step, self._ids[at]) is not Opening.NEVER:
                    self._tallies[step.update.id].waiting += 1

    def _count_versions(self) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {product: Counter() for product in self._catalog.products}
        for device, product in zip(self._devices, self._products, strict=True):
            if product in counts:
                counts[product][_version_of(device)] += 1
        return counts

    def _adoption(self) -> dict[str, dict[str, int]]:
        return {
            product: {version: count for version, count in counts.items() if count} for product, counts in self._versions.items()
        }

    def _outcome(self, update: Update) -> UpdateOutcome:
        tally = self._tallies[update.id]
        return UpdateOutcome(
            id=update.id,
            product=update.product,
            version=str(update.version),
            granted=len(tally.offered),
            installed=tally.installed,
            failed=tally.failed,
            by_day=tuple(tally.by_day),
            first=None if tally.first is None else to_moment(tally.first),
            last=None if tally.last is None else to_moment(tally.last),
            waiting=tally.waiting,
            bindings=self._bindings(update.id),
        )

    def _bindings(self, update_id: str) -> tuple[Binding, ...]:
        found = ((limit, self._ledger.refusals.get((update_id, limit))) for limit in sorted(LIMITS, key=lambda each: each.value))
        return tuple(
            Binding(limit.value, refusals.first, len(refusals.devices))
            for limit, refusals in found
            if refusals is not None and refusals.first is not None
        )


def _version_of(device: Mapping[str, Any]) -> str:
    """The version as the device sent it; what is no text is unknown."""
    raw = device.get("version")
    return raw if type(raw) is str else "unknown"
