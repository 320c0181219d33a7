"""The selection index: which updates can match a device, without asking each of them.

The updates of a product are bits of one int, the lowest version first, so that the highest bit is tried first. A policy that is a
conjunction of tests of single attributes leaves its demands in one slot per attribute; a disjunction over several attributes is a
clause of slots. The version of the device cuts off the updates that it has passed: for most devices nothing is left after that. The
slots' masks are anded then, those that leave least first, until few bits are left.

The policies of the bits that remain are asked, for a slot cannot say everything (a regular expression, arithmetic). An update whose
policy the slots say completely is *exact*, and is not asked where all slots were.

Source: docs/design.md, "Selection".
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.options import Options
from policy_lang.selection.candidates import Row, Tests, by_product, descending
from policy_lang.selection.demands import Demand, Demands, Interval, Place, demands_of
from policy_lang.selection.narrow import Clause, Narrow
from policy_lang.selection.slots import Slot, bits, build_cut, build_slot

_FEWEST = 9
"""A smaller group has no slots: asking each policy is faster."""

_MOST_CLAUSES = 4
"""Disjunctions over several attributes that one policy has in the index; more are left to the policy."""

_MOST_BOUNDS = 2_048
"""Distinct bounds that a slot has masks between; where there are more, memory would grow with their square."""

_DEMANDS = 16_384
"""Demands that are kept as one object however many updates have them."""

_REMEMBERED, _MOST_REMEMBERED = 64, 512
"""Versions of devices whose candidates a group remembers: a small one, and one of thousands of updates."""

_VERSION = ("version", ("device", "version"))
_PRODUCT = ("text", ("device", "product"))


class IndexedGroup:
    """The updates of one product, ready to be looked up; immutable.

    Attributes:
        updates: in ascending precedence; the position of an update is its bit.
        tests: what their policies ask.
        newest: the greatest key.
        exact: the updates whose policy the slots say completely.
        by_name: the updates that ask for the product by its name.
        demands: what the policy of each update asks, kept for the next group of the product; empty for a small group.
        rows: the updates of a small group, newest first.
    """

    __slots__ = (
        "_ask",
        "_asked",
        "_cut",
        "_cuts",
        "_downgrades",
        "_keys",
        "_masks",
        "_narrow",
        "by_name",
        "demands",
        "exact",
        "newest",
        "rows",
        "tests",
        "updates",
    )

    def __init__(self, updates: Iterable[Update], options: Options, known: "IndexedGroup | None" = None) -> None:
        """Build the slots.

        Args:
            updates: all of one product.
            options: the host's options.
            known: a group that has some of the same updates, whose demands need not be worked out again.
        """
        self.updates = tuple(sorted(updates, key=attrgetter("version.key")))
        self.tests: Tests = [None, None] * len(self.updates)
        self._keys = [update.version.key for update in self.updates]
        self._downgrades = bits(at for at, update in enumerate(self.updates) if update.allows_downgrade)
        self._cuts: dict[str, int] = {}
        self._cut: Callable[[str], int] | None = None
        self.newest = self._keys[-1] if self._keys else ""
        self.exact = 0
        self.by_name = 0
        self.rows: tuple[Row, ...] | None = None
        self._narrow = Narrow((), (), 0)
        self._asked = bits(at for at, update in enumerate(self.updates) if not update.is_paused)
        self.demands: tuple[Demands, ...] = ()
        if len(self.updates) >= _FEWEST:
            seen = {} if known is None else dict(zip(known.updates, known.demands, strict=False))
            self.demands = tuple(seen.get(update) or _asked_by(update) for update in self.updates)
            builder = _Builder(options, self.demands)
            self._asked &= ~builder.never
            self.by_name = bits(at for at, each in enumerate(self.demands) if each.is_by_name)
            self._cut = builder.build_cut()
            self._narrow, self.exact = builder.build()
        elif not self._downgrades:
            active = (update for update in reversed(self.updates) if not update.is_paused)
            self.rows = tuple([update.version.key, None, None, update] for update in active)
        self._ask, self._masks = self._narrow.ask, self._narrow.masks

    def of(self, key: str) -> Iterator[Update]:
        """The candidates; see `Group.of`."""
        return map(self.updates.__getitem__, descending(self._above(key)))

    def likely(self, device: Mapping[str, Any], key: str) -> int:
        """The candidates that the slots leave; see `Group.likely`."""
        mask = self._cuts.get(key)
        if mask is None:
            mask = self._above(key) & self._asked
            if self._cut is not None:
                mask &= self._cut(key)
            if len(self._cuts) < max(_REMEMBERED, min(len(self._keys) // 16, _MOST_REMEMBERED)):
                self._cuts[key] = mask
        if not mask:
            return 0
        try:
            return self._ask(device, mask, self._masks)
        except TypeError:
            return self._narrow.ask_carefully(device, mask)

    def _above(self, key: str) -> int:
        """The updates above a version, and the rollbacks at any other."""
        above = bisect_right(self._keys, key)
        if above == len(self._keys) and not self._downgrades:
            return 0
        newer = (1 << len(self._keys)) - (1 << above)
        if not self._downgrades:
            return newer
        older = self._downgrades & ((1 << above) - 1)
        return newer | (older & ~(1 << (above - 1)) if above and self._keys[above - 1] == key else older)


class _Builder:
    """Collects what each update asks, attribute by attribute."""

    def __init__(self, options: Options, demands: tuple[Demands, ...]) -> None:
        self.never = 0
        self._options = options
        self._everything = (1 << len(demands)) - 1
        self._inexact: set[int] = set()
        self._singles: dict[Place, dict[int, Any]] = {}
        self._clauses: list[dict[tuple[Place, int], dict[int, Any]]] = []
        for at, each in enumerate(demands):
            self._add(at, each)

    def build_cut(self) -> Callable[[str], int] | None:
        """What the version of the device leaves; it is asked first, together with the candidates above that version."""
        demands = self._singles.pop(_VERSION, None)
        return build_cut(demands, self._without(demands)) if demands is not None and self._fits([demands]) else None

    def build(self) -> tuple[Narrow, int]:
        """What asks the slots that are left, and the mask of the exact updates."""
        singles = [(place, demands) for place, demands in self._singles.items() if self._fits([demands])]
        slots = [self._slot(place, demands, self._without(demands)) for place, demands in singles]
        slots.sort(key=lambda slot: (-round(slot.gain, 1), str(slot.path)))  # roughly, so that more products have the same shape
        clauses = [self._clause(clause) for clause in self._clauses if self._fits(list(clause.values()))]
        exact = self._everything & ~bits(self._inexact)
        return Narrow(tuple(slots), tuple(clauses), self._everything.bit_count()), exact

    def _add(self, at: int, demands: Demands) -> None:
        """Take what one update asks; of a single attribute it asks once."""
        if demands.is_never:
            self.never |= 1 << at
        if not demands.is_exact or len(demands.clauses) > _MOST_CLAUSES:
            self._inexact.add(at)
        for place, value in demands.singles:
            self._singles.setdefault(place, {})[at] = value
        for number, clause in enumerate(demands.clauses[:_MOST_CLAUSES]):
            self._take_clause(number, at, clause)

    def _take_clause(self, number: int, at: int, clause: tuple[Demand, ...]) -> None:
        """Alternatives of one update that ask for the same attribute go into slots one after the other."""
        if number == len(self._clauses):
            self._clauses.append({})
        seen: dict[Place, int] = {}
        for place, value in clause:
            turn = seen[place] = seen.get(place, -1) + 1
            self._clauses[number].setdefault((place, turn), {})[at] = value

    def _fits(self, places: list[dict[int, Any]]) -> bool:
        """Whether each place has few enough bounds; else the updates are asked themselves."""
        if all(map(_has_few_bounds, places)):
            return True
        self._inexact.update(at for demands in places for at in demands)
        return False

    def _without(self, demands: Iterable[int]) -> int:
        """The updates that ask nothing of an attribute."""
        return self._everything & ~bits(demands)

    def _clause(self, clause: dict[tuple[Place, int], dict[int, Any]]) -> Clause:
        asking = {at for demands in clause.values() for at in demands}
        return Clause(tuple(self._slot(place, demands, 0) for (place, _), demands in clause.items()), self._without(asking))

    def _slot(self, place: Place, demands: dict[int, Any], others: int) -> Slot:
        return build_slot(place, demands, others, self._everything.bit_count(), self._options)


def _asked_by(update: Update) -> Demands:
    """What an update asks, once for each attribute; what it has in common with other updates is one object."""
    demands = demands_of(*update.bound.plan())
    merged: dict[Place, Any] = {}
    for place, value in demands.singles:
        merged[place] = merged[place] & value if place in merged else value
    if _VERSION in merged and not update.allows_downgrade:
        merged[_VERSION] = _unguarded(merged[_VERSION], update.version.key)
    is_by_name = _PRODUCT in merged and merged[_PRODUCT].allows(update.product)
    if is_by_name:
        del merged[_PRODUCT]
    singles = tuple(_interned(Demand(place, value)) for place, value in merged.items() if value is not None)
    clauses = tuple(tuple(map(_interned, clause)) for clause in demands.clauses)
    return demands._replace(singles=singles, clauses=clauses, is_by_name=is_by_name)


@lru_cache(maxsize=_DEMANDS)
def _interned(demand: Demand) -> Demand:
    return demand


def _has_few_bounds(demands: dict[int, Any]) -> bool:
    bounds = {bound for each in demands.values() if isinstance(each, Interval) for bound in (each.low, each.high)}
    return len(bounds) <= _MOST_BOUNDS


def _unguarded(interval: Interval, own: str) -> Interval | None:
    """A demand on the version without what every candidate meets, `device.version < update.version`; None where nothing is left."""
    if interval.high is None or interval.high < own:
        return interval
    return None if interval.low is None else interval._replace(high=None, is_high_open=False)


class Index:
    """The `Candidates` of a catalog by their slots.

    It is immutable, so that readers see one state whole while another is built beside it.

    Attributes:
        groups: by product.
    """

    __slots__ = ("_options", "groups")

    def __init__(self, groups: Mapping[str, IndexedGroup], options: Options) -> None:
        """Take finished groups; `build` makes them."""
        self.groups = groups
        self._options = options

    @classmethod
    def build(cls, updates: Iterable[Update], options: Options) -> "Index":
        """Build the groups of a catalog's updates."""
        return cls({product: IndexedGroup(group, options) for product, group in by_product(updates).items()}, options)

    def following(self, old: Catalog, new: Catalog) -> "Index":
        """The index of a changed catalog; the groups of products that both share are shared too."""
        groups = {product: group for product, group in self.groups.items() if new.for_product(product)}
        for product in new.products:
            updates = new.for_product(product)
            if product not in groups or updates is not old.for_product(product):
                groups[product] = IndexedGroup(updates, self._options, groups.get(product))
        return Index(groups, self._options)
