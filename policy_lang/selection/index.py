"""The selection index: which updates can match a device, without asking each of them.

The updates of a product are bits of one int, the lowest version first, so that the highest bit is tried first. A policy that is a
conjunction of tests of single attributes leaves its demands in one slot per attribute; a disjunction over several attributes is a
slot of its own. A look-up ands the slots' masks, and stops when nothing is left. The version comes first: most devices are up to
date, and no bit is left after it.

What a slot cannot say (a regular expression, arithmetic) is left out of the masks, and the update's own policy is asked for the few
bits that remain. An update whose policy the slots say completely is *exact*, and is not asked.

Source: docs/design.md, "Selection".
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from policy_lang.catalog.update import Update
from policy_lang.compiler.plan import ALWAYS, NEVER, Plan
from policy_lang.options import Options
from policy_lang.selection.slots import (
    Interval,
    Lookup,
    Texts,
    any_slot,
    bool_slot,
    number_slot,
    text_slot,
    version_slot,
)
from policy_lang.types.core import Path
from policy_lang.types.decode import decode_int, decode_number, version_cache
from policy_lang.versions.version import Version

_FEWEST = 9
"""A smaller group has no slots: asking each policy is faster."""

_MOST_CLAUSES = 4
"""Disjunctions over several attributes that one policy has in the index; more are left to the policy."""


class _Demand(NamedTuple):
    """What a test asks of one attribute; `family` is the kind of its slot."""

    family: str
    path: Path
    value: Any


class Group:
    """The updates of one product, ready to be looked up; immutable.

    Attributes:
        updates: in ascending precedence; the position of an update is its bit.
    """

    __slots__ = ("_downgrades", "_exact", "_keys", "_never", "_slots", "updates")

    def __init__(self, updates: Iterable[Update], options: Options) -> None:
        """Build the slots."""
        self.updates = tuple(sorted(updates, key=lambda update: update.version.key))
        self._keys = [update.version.key for update in self.updates]
        self._downgrades = _bits(at for at, update in enumerate(self.updates) if update.allows_downgrade)
        self._slots: tuple[Lookup, ...] = ()
        self._exact = 0
        self._never = _bits(at for at, update in enumerate(self.updates) if update.is_paused)
        if len(self.updates) >= _FEWEST:
            builder = _Builder(options, len(self.updates))
            for at, update in enumerate(self.updates):
                builder.add(at, update)
            self._slots, self._exact = builder.slots(), builder.exact
            self._never |= builder.never

    def candidates(self, key: str) -> Iterator[Update]:
        """The updates that a device could get by the key of its version alone, in descending precedence."""
        return map(self.updates.__getitem__, _descending(self._candidates(key)))

    def likely(self, device: Mapping[str, Any], key: str) -> Iterator[tuple[Update, bool]]:
        """The candidates that the slots leave, in descending precedence, and whether the policy is certainly true.

        Args:
            device: what the device sent.
            key: the key of its version.
        """
        mask = self._candidates(key) & ~self._never
        for slot in self._slots:
            if not mask:
                return
            mask &= slot(device)
        exact, updates = self._exact, self.updates
        while mask:
            at = mask.bit_length() - 1
            bit = 1 << at
            mask ^= bit
            yield updates[at], bool(exact & bit)

    def _candidates(self, key: str) -> int:
        """The updates above a version, and the rollbacks at any other."""
        above = bisect_right(self._keys, key)
        newer = (1 << len(self._keys)) - (1 << above)
        if not self._downgrades:
            return newer
        older = self._downgrades & ((1 << above) - 1)
        return newer | (older & ~(1 << (above - 1)) if above and self._keys[above - 1] == key else older)


class _Builder:
    """Collects what each update asks, attribute by attribute."""

    def __init__(self, options: Options, count: int) -> None:
        self.exact, self.never = 0, 0
        self._options = options
        self._everything = (1 << count) - 1
        self._demands: dict[tuple[str, Path], dict[int, Any]] = {}
        self._clauses: list[dict[tuple[str, Path], dict[int, Any]]] = []

    def add(self, at: int, update: Update) -> None:
        """Take the demands of one update's bound policy."""
        plan, constants = update.bound.plan()
        if plan == NEVER:
            self.never |= 1 << at
            return
        is_exact, clauses = True, 0
        for test in plan[1] if plan[0] == "and" else () if plan == ALWAYS else (plan,):
            demands = [_demand(part, constants) for part in (test[1] if test[0] == "or" else (test,))]
            if len(demands) == 1 and demands[0] is not None:
                self._take(self._demands, at, demands[0])
            elif None not in demands and clauses < _MOST_CLAUSES:
                self._take_clause(clauses, at, [demand for demand in demands if demand is not None])
                clauses += 1
            else:
                is_exact = False
                self._take_hint(at, test, constants)
        self.exact |= is_exact << at

    def slots(self) -> tuple[Lookup, ...]:
        """The slots: versions first, then the attributes that most updates ask about."""
        ordered = sorted(self._demands.items(), key=lambda item: (item[0][0] != "version", -len(item[1])))
        singles = [self._slot(place, demands, self._without(demands)) for place, demands in ordered]
        return (*singles, *map(self._clause_slot, self._clauses))

    def _take(self, places: dict[tuple[str, Path], dict[int, Any]], at: int, demand: _Demand) -> None:
        demands = places.setdefault((demand.family, demand.path), {})
        demands[at] = demand.value if at not in demands else _both(demand.family, demands[at], demand.value)

    def _take_clause(self, number: int, at: int, demands: list[_Demand]) -> None:
        if number == len(self._clauses):
            self._clauses.append({})
        for demand in demands:
            place = (demand.family, demand.path)
            alternatives = self._clauses[number].setdefault(place, {})
            alternatives.setdefault(at, []).append(demand.value)

    def _take_hint(self, at: int, test: Plan, constants: list[Any]) -> None:
        """A table of alternatives is no conjunction, yet its first text must be one of the table's."""
        match test:
            case ("table", (path, *_), _, table):
                self._take(self._demands, at, _Demand("text", path, Texts(frozenset(constants[table]))))
            case _:
                pass

    def _without(self, demands: Iterable[int]) -> int:
        """The updates that ask nothing of an attribute."""
        return self._everything & ~_bits(demands)

    def _clause_slot(self, clause: dict[tuple[str, Path], dict[int, Any]]) -> Lookup:
        asking = {at for demands in clause.values() for at in demands}
        parts = [
            self._slot(place, {at: values[number] for at, values in demands.items() if number < len(values)}, 0)
            for place, demands in clause.items()
            for number in range(max(map(len, demands.values())))
        ]
        return any_slot(parts, self._without(asking))

    def _slot(self, place: tuple[str, Path], demands: dict[int, Any], others: int) -> Lookup:
        family, path = place
        match family:
            case "text":
                return text_slot(path, demands, others, self._options.max_text)
            case "bool":
                return bool_slot(path, demands, others)
            case "int":
                return number_slot(path, demands, others, decode_int)
            case "number":
                return number_slot(path, demands, others, decode_number)
            case _:
                return version_slot(path, demands, others, version_cache(lenient=self._options.lenient_versions))


def _bits(positions: Iterable[int]) -> int:
    mask = 0
    for at in positions:
        mask |= 1 << at
    return mask


def _descending(mask: int) -> Iterator[int]:
    """The positions of the bits, highest first."""
    while mask:
        at = mask.bit_length() - 1
        mask ^= 1 << at
        yield at


def _both(family: str, one: Any, other: Any) -> Any:
    """Two demands of one update on one attribute; None is a demand that no bool meets."""
    return (one if one is other else None) if family == "bool" else one & other


def _demand(test: Plan, constants: list[Any]) -> _Demand | None:
    """What a test asks of one attribute of the device; None where a slot cannot say it."""
    match test:
        case ("text_is", path, at):
            return _Demand("text", path, Texts(frozenset({constants[at]})))
        case ("text_in", path, at):
            return _Demand("text", path, Texts(constants[at]))
        case ("text_is_not", path, at, _):
            return _Demand("text", path, Texts(None, frozenset({constants[at]})))
        case ("text_not_in", path, at, _):
            return _Demand("text", path, Texts(None, constants[at]))
        case ("bool", path, wanted):
            return _Demand("bool", path, wanted)
        case ("number", path, is_int, op, at) if op != "!=":
            return _Demand("int" if is_int else "number", path, _INTERVALS[op](constants[at]))
        case ("bounds", path, low, high):
            limits = Interval(None if low is None else constants[low], False, None if high is None else constants[high], True)
            return _Demand("version", path, limits)
        case _:
            return None


_INTERVALS: dict[str, Callable[[Any], Interval]] = {
    "==": lambda value: Interval(value, False, value, False),
    "<": lambda value: Interval(None, False, value, True),
    "<=": lambda value: Interval(None, False, value, False),
    ">": lambda value: Interval(value, True, None, False),
    ">=": lambda value: Interval(value, False, None, False),
}


class Index:
    """The `Candidates` of a catalog by their slots: the groups of all products.

    It is immutable, so that readers see one state whole while another is built beside it.
    """

    __slots__ = ("_groups", "_options")

    def __init__(self, groups: Mapping[str, Group], options: Options) -> None:
        """Take finished groups; `build` makes them."""
        self._groups = dict(groups)
        self._options = options

    @classmethod
    def build(cls, updates: Iterable[Update], options: Options) -> "Index":
        """Build the groups of a catalog's updates."""
        products: dict[str, list[Update]] = {}
        for update in updates:
            products.setdefault(update.product, []).append(update)
        return cls({product: Group(group, options) for product, group in products.items()}, options)

    def of(self, product: str, version: Version) -> Iterator[Update]:
        """The candidates; see `Candidates.of`."""
        group = self._groups.get(product)
        return iter(()) if group is None else group.candidates(version.key)

    def likely(self, product: str, version: Version, device: Mapping[str, Any]) -> Iterator[tuple[Update, bool]]:
        """The candidates that the slots leave; see `Candidates.likely`."""
        group = self._groups.get(product)
        return iter(()) if group is None else group.likely(device, version.key)

    def replacing(self, product: str, updates: Iterable[Update]) -> "Index":
        """An index with other updates of one product; all other groups are shared with this one."""
        groups = dict(self._groups)
        group = Group(updates, self._options)
        if group.updates:
            groups[product] = group
        else:
            groups.pop(product, None)
        return Index(groups, self._options)
