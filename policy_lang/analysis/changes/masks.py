"""Which values of which properties give a policy a wanted result.

The candidates of each place are numbered, the present value is number 0, and a set of candidates is a mask, the bits of one int. A
*way* is a mask for some places: whatever candidate of each mask a device has there, the result is as wanted. A part of a policy has
several ways to a result. A conjunction is true by each combination of ways of its operands, where the masks of one place are
anded; a disjunction is true by each way of each operand. What is left is to find the way that changes the fewest places.

Combinations are bounded: where there are very many, only the cheapest go on. Then what is found holds, but may not be the nearest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from operator import or_
from typing import assert_never

from policy_lang.analysis.changes.ways import (
    ANYTHING,
    FALSE,
    NO_CHANGE,
    NO_RANK,
    TRUE,
    UNKNOWN,
    Chosen,
    ExhaustedError,
    Masks,
    Rank,
    Results,
    Row,
    Way,
    World,
    cheapest,
    result_of,
)
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    children,
)

_BEAM = 128
_WIDEST = 1024
_STEPS = 20


@dataclass(slots=True)
class Search:
    """Finds the ways of one policy.

    Attributes:
        world: the policy and the device.
        budget: how many steps are left, where a step is about a tenth of a microsecond.
        most: for how many combinations of candidates a single part may be evaluated.
        is_complete: whether every way was looked at.
    """

    world: World
    budget: int
    most: int = 4096
    is_complete: bool = True
    _known: dict[tuple[int, Results], list[Way]] = field(default_factory=dict)
    _tables: dict[int, list[Row]] = field(default_factory=dict)

    def ways(self, node: Core, wanted: Results) -> list[Way]:
        """The ways of a part of the policy to one of some results, the best first.

        Raises:
            ExhaustedError: that takes too long.
        """
        if wanted in {0, ANYTHING}:
            return [NO_CHANGE] if wanted else []
        key = (id(node), wanted)
        if key not in self._known:
            self._known[key] = self._ways(node, wanted)
        return self._known[key]

    def _ways(self, node: Core, wanted: Results) -> list[Way]:
        match node:
            case Constant(value):
                return [NO_CHANGE] if result_of(value) & wanted else []
            case Not(operand):
                return self.ways(operand, _negated(wanted))
            case And(items):
                return self._conjunction(items, wanted, negated=False)
            case Or(items):
                return self._conjunction(items, _negated(wanted), negated=True)
            case Choose(test, then, otherwise):
                parts = [self._both(self.ways(test, TRUE), self.ways(then, wanted))]
                parts.append(self._both(self.ways(test, FALSE), self.ways(otherwise, wanted)))
                return self._either([*parts, self.ways(test, UNKNOWN) if wanted & UNKNOWN else []])
            case Coalesce(items):
                return self._first_known(items, wanted)
            case Fact() | Has() | Compare() | In() | Apply() | ListOf():
                return self._leaf(node, wanted)
            case _:
                assert_never(node)

    def _conjunction(self, items: tuple[Core, ...], wanted: Results, *, negated: bool) -> list[Way]:
        """The ways of `a && b && …`, where each operand may stand negated: true where all are, false where one is."""

        def of(item: Core, results: Results) -> list[Way]:
            return self.ways(item, _negated(results) if negated else results)

        def each(results: Results) -> list[Way]:
            return self._all([of(item, results) for item in items])

        def one(results: Results) -> list[Way]:
            return self._either([of(item, results) for item in items])

        match wanted:
            case 1 | 5:  # true; not false
                return each(wanted)
            case 2 | 6:  # false; not true
                return one(wanted)
            case 4:
                return self._both(each(TRUE | UNKNOWN), one(UNKNOWN))
            case _:
                return self._either([each(TRUE), one(FALSE)])

    def _first_known(self, items: tuple[Core, ...], wanted: Results) -> list[Way]:
        """The ways of `a ?? b`: each item in turn decides where all before it are unknown."""
        found: list[list[Way]] = []
        before = [NO_CHANGE]
        for item in items:
            found.append(self._both(before, self.ways(item, wanted & ~UNKNOWN)))
            before = self._both(before, self.ways(item, UNKNOWN))
        return self._either([*found, before if wanted & UNKNOWN else []])

    def _leaf(self, node: Core, wanted: Results) -> list[Way]:
        """The ways of a part that is no logic: by trying its places."""
        if not self.world.places_of(node):
            return [NO_CHANGE] if self.world.result(node) & wanted else []
        if id(node) not in self._tables:
            self._tables[id(node)] = list(self._table(node))
        rows: dict[Chosen, int] = {}
        table = self._tables[id(node)]
        for row in table:
            if row.results & wanted:
                rows[row.others] = rows.get(row.others, 0) | row.mask
        last = table[0].last
        ways = [self._way({**dict(others), last: mask}) for others, mask in _grouped(rows)]
        return self._either([ways])

    def _table(self, node: Core) -> Iterator[Row]:
        """The results of a part for candidates of its places: for each choice of all places but the last, a mask for that."""
        *others, last = sorted(self.world.places_of(node), key=lambda place: len(self.world.costs(place)))
        count = len(self.world.costs(last))
        price = self.world.price(node)
        for chosen in self._choices(others, count):
            self._spend(count * price)
            bits = tuple((place, 1 << at) for place, at in chosen)
            for mask, result in zip(self.world.split(node, chosen, last), (TRUE, FALSE, UNKNOWN), strict=True):
                if mask:
                    yield Row(bits, last, mask, result)

    def _choices(self, places: Sequence[int], count: int) -> Iterator[list[tuple[int, int]]]:
        """Candidates for all of some places: every combination, or where these are too many, those with one change."""
        sizes = [len(self.world.costs(place)) for place in places]
        if reduce(lambda total, size: min(total * size, self.most + 1), sizes, count) <= self.most:
            yield from ([*zip(places, chosen, strict=True)] for chosen in product(*map(range, sizes)))
            return
        self.is_complete = False
        yield [(place, 0) for place in places]
        for changed, size in zip(places, sizes, strict=True):
            for at in range(1, min(size, self.most // count)):
                yield [(place, at if place == changed else 0) for place in places]

    def _all(self, parts: list[list[Way]]) -> list[Way]:
        """The ways to all of some parts at once; those with one way come first, all together, then those with few."""
        if not all(parts):
            return []
        several = sorted((part for part in parts if len(part) > 1), key=len)
        found = self._together([part[0].masks for part in parts if len(part) == 1])
        work = sum(map(len, several)) * (_STEPS + 2 * len(several))
        beam = max(2, min(_BEAM, self.budget // (2 * work + 1)))
        for part in several:
            found = self._both(found, part, beam)
        return found

    def _together(self, parts: list[Masks]) -> list[Way]:
        """The one way that is several at once, or none."""
        masks: Masks = {}
        for part in parts:
            self._spend(2 * len(part))
            for place, mask in part.items():
                masks[place] = masks.get(place, mask) & mask
                if not masks[place]:
                    return []
        return [self._way(masks)]

    def _both(self, left: list[Way], right: list[Way], beam: int = _BEAM) -> list[Way]:
        """The ways to two parts at once."""
        found: dict[int, Way] = {}
        for one in left:
            for other in right:
                self._spend(_STEPS + len(one.masks) // 4)
                way = self._meet(one, other)
                if way is not None:
                    found.setdefault(way.mark, way)
        return self._best(found.values(), beam)

    def _meet(self, one: Way, other: Way) -> Way | None:
        """The way that is both, None where a place has no candidate left."""
        masks, rank, mark = dict(one.masks), one.rank, one.mark
        for place, mask in other.masks.items():
            before = masks.get(place)
            both = mask if before is None else before & mask
            if not both:
                return None
            if both != before:
                masks[place] = both
                mark ^= _mark(place, both) ^ (0 if before is None else _mark(place, before))
                rank = rank.plus(self._rank(place, both)).minus(NO_RANK if before is None else self._rank(place, before))
        return Way(rank, masks, mark)

    def _either(self, parts: list[list[Way]]) -> list[Way]:
        """The ways to any of some parts; those that are about one place are one way together."""
        single: Masks = {}
        found: dict[int, Way] = {}
        for way in (way for part in parts for way in part):
            self._spend(_STEPS)
            if not way.masks:
                return [NO_CHANGE]
            if len(way.masks) == 1:
                ((place, mask),) = way.masks.items()
                single[place] = single.get(place, 0) | mask
            else:
                found.setdefault(way.mark, way)
        together = [self._way({place: mask}) for place, mask in single.items()]
        if any(not way.masks for way in together):
            return [NO_CHANGE]
        return self._best([*together, *found.values()], _WIDEST)

    def _best(self, ways: Iterable[Way], count: int) -> list[Way]:
        ordered = sorted(ways, key=_rank)
        if len(ordered) > count:
            self.is_complete = False
        return ordered[:count]

    def _way(self, masks: Masks) -> Way:
        """A way with its rank; a place where every candidate will do does not matter."""
        kept = {place: mask for place, mask in masks.items() if mask.bit_count() < len(self.world.costs(place))}
        rank, mark = NO_RANK, 0
        for place, mask in kept.items():
            rank = rank.plus(self._rank(place, mask))
            mark ^= _mark(place, mask)
        return Way(rank, kept, mark)

    def _rank(self, place: int, mask: int) -> Rank:
        """What a mask for a place changes."""
        if mask & 1:
            return NO_RANK
        return Rank(int(self.world.is_fixed(place)), 1, self.world.costs(place)[cheapest(mask)])

    def _spend(self, steps: int) -> None:
        self.budget -= steps
        if self.budget < 0:
            raise ExhaustedError


def parts_of(node: Core) -> Iterator[Core]:
    """The parts of a policy that are no logic."""
    match node:
        case Not() | And() | Or() | Choose() | Coalesce():
            for child in children(node):
                yield from parts_of(child)
        case _:
            yield node


def _mark(place: int, mask: int) -> int:
    """A number that tells a mask for a place from others; the hash of the int itself repeats every 61 bits."""
    return hash((place, mask.to_bytes(mask.bit_length() // 8 + 1, "little")))


def _negated(results: Results) -> Results:
    """The results whose negations are some."""
    return (results & UNKNOWN) | (results & TRUE) << 1 | (results & FALSE) >> 1


def _rank(way: Way) -> Rank:
    return way.rank


def _grouped(rows: dict[Chosen, int]) -> Iterator[tuple[Chosen, int]]:
    """Rows that differ in the candidates of one first place only, as one."""
    by_mask: dict[tuple[Chosen, int], list[tuple[int, int]]] = {}
    for others, mask in rows.items():
        if others:
            by_mask.setdefault((others[1:], mask), []).append(others[0])
        else:
            yield others, mask
    for (rest, mask), firsts in by_mask.items():
        yield ((firsts[0][0], reduce(or_, (first for _, first in firsts))), *rest), mask
