"""A policy and a device as the search sees them: places, their candidates, and what a part gives for some of these."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy_lang.analysis.changes.change import PropertyChange, show_raw, with_value
from policy_lang.analysis.changes.columns import Column, Split, column, property_of, split
from policy_lang.analysis.changes.places import ROOT, overlapping, paths_read, place_of
from policy_lang.analysis.changes.values import Candidate, candidates
from policy_lang.analysis.changes.ways import Results, result_of
from policy_lang.analysis.changes.wish import Wishes
from policy_lang.analysis.changes.wishes import collect
from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import Closure, Facts, walk
from policy_lang.options import Options
from policy_lang.suggest import shorten
from policy_lang.types.core import Core, Fact, Path
from policy_lang.types.decode import decoder, items_of
from policy_lang.types.model import Kind, Type

_MOST_CANDIDATES = 1200
_LOOKED_UP, _EVALUATED, _OVERLAID = 1, 6, 60
_LONGEST_LIST = 64
_QUOTED = Kind.STRING | Kind.LIST | Kind.OBJECT


class DeviceWorld:
    """One policy, folded, and one device.

    Attributes:
        places: the properties that can be changed, parents before children.
    """

    def __init__(self, core: Core, facts: Facts, options: Options, roots: tuple[str, ...], fixed: Sequence[Path]) -> None:
        """Find the places and what each could hold.

        Args:
            core: the policy, with everything folded that does not depend on the device.
            facts: the values of the roots.
            options: the host's options.
            roots: their names.
            fixed: properties that should be changed last.
        """
        self._facts, self._options, self._roots, self._at = facts, options, roots, roots.index(ROOT)
        self._device: Mapping[str, Any] = facts[self._at]
        wishes = collect(core, facts, options, roots)
        inside: dict[Path, list[Wishes]] = {}
        for path, each in wishes.items():
            place = place_of(path)
            if place is not None:
                inside.setdefault(place, []).append(each)
        self.places: list[Path] = sorted(inside)
        self._candidates = [list(self._candidates_of(place, inside[place])) for place in self.places]
        self._costs = [[each.cost for each in candidates_] for candidates_ in self._candidates]
        self._types = {path: each.type for path, each in wishes.items()}
        self._fixed = [any(place[: len(path)] == path for path in fixed) for place in self.places]
        self._overlapping = overlapping(self.places)
        self._columns: dict[tuple[Path, Type, bool], Column] = {}
        self._compiled: dict[int, Closure] = {}
        self._read: dict[int, list[int]] = {}
        self._changed: dict[tuple[int, int], Facts] = {}

    def places_of(self, node: Core) -> Sequence[int]:
        """The places that a part of the policy reads, or that are around or inside what it reads."""
        if id(node) not in self._read:
            paths = paths_read(node, self._key_of)
            self._read[id(node)] = sorted({at for path in paths for at in self._around(place_of(path) or path)})
        return self._read[id(node)]

    def costs(self, place: int) -> Sequence[float]:
        """The cost of each candidate of a place."""
        return self._costs[place]

    def is_fixed(self, place: int) -> bool:
        """Whether a place should be changed last."""
        return self._fixed[place]

    def result(self, node: Core) -> Results:
        """The present result of a part of the policy."""
        return result_of(self._closure(node)(self._facts))

    def price(self, node: Core) -> int:
        """How many steps it takes to evaluate a part for one candidate."""
        if len(self.places_of(node)) > 1:
            return _OVERLAID + len(self._device) // 8
        return _LOOKED_UP if property_of(node) is not None else _EVALUATED

    def split(self, node: Core, chosen: Sequence[tuple[int, int]], last: int) -> Split:
        """The results of a part with some candidates chosen, for all candidates of a last place."""
        fact = None if chosen else property_of(node)
        if fact is not None:
            return split(node, self._column(fact, last))
        true = false = unknown = 0
        for at, value in enumerate(self._values(node, chosen, last)):
            if value is None:
                unknown |= 1 << at
            elif value:
                true |= 1 << at
            else:
                false |= 1 << at
        return Split(true, false, unknown)

    def _values(self, node: Core, chosen: Sequence[tuple[int, int]], last: int) -> Iterator[Any]:
        evaluate = self._closure(node)
        changes = [(place, at) for place, at in chosen if at]
        for at in range(len(self._costs[last])):
            yield evaluate(self._with_all([*changes, (last, at)]) if changes else self._facts_with(last, at))

    def _column(self, fact: Fact, place: int) -> Column:
        """The values of a property for all candidates of its place, worked out once."""
        key = (fact.path, fact.type, fact.default is None)
        if key not in self._columns:
            self._columns[key] = column(list(self._values(fact, (), place)))
        return self._columns[key]

    def changes(self, chosen: Mapping[int, int]) -> tuple[PropertyChange, ...]:
        """The changes that some candidates are, parents before children; those that take a value away come first."""
        return tuple(self._change(place, at) for place, at in self._in_order(chosen.items()))

    def _closure(self, node: Core) -> Closure:
        """The closure of a part, made once."""
        if id(node) not in self._compiled:
            self._compiled[id(node)] = compile_expr(node, self._options, self._roots)
        return self._compiled[id(node)]

    def _around(self, path: Path) -> Sequence[int]:
        """The places that are a path, around it or inside it."""
        known = (self._overlapping.get(path[:length]) for length in range(len(path), 1, -1))
        return self._overlapping.get(path) or next((found for found in known if found), ())

    def _key_of(self, key: Core) -> str | None:
        value = self._closure(key)(self._facts)
        return value if isinstance(value, str) else None

    def _raw(self, place: Path) -> Any:
        return walk(self._device, place[1:])

    def _candidates_of(self, place: Path, wishes: Sequence[Wishes]) -> Iterator[Candidate]:
        """The present value, then what could be there instead, the cheapest first, each once."""
        raw = self._raw(place)
        yield Candidate(raw, 0)
        seen = {_key(raw)}
        found = [each for one in wishes for each in self._of_property(one, place, raw)]
        for each in sorted(found, key=lambda each: each.cost)[:_MOST_CANDIDATES]:
            if _key(each.raw) not in seen:
                seen.add(_key(each.raw))
                yield each

    def _of_property(self, wishes: Wishes, place: Path, raw: Any) -> Iterator[Candidate]:
        """The candidates of a property as candidates of the place that it is in."""
        inside = wishes.path[len(place) :]
        if not inside:
            yield from candidates(wishes, raw, self._options)
            return
        for each in candidates(wishes, walk(raw, inside), self._options):
            yield Candidate(_put_inside(raw, inside, each.raw), each.cost, each.is_any and raw is None)
        if raw is not None:
            yield Candidate(None, 5.0)

    def _facts_with(self, place: int, at: int) -> Facts:
        """The facts with one candidate, made once."""
        if not at:
            return self._facts
        if (place, at) not in self._changed:
            self._changed[place, at] = self._with_all([(place, at)])
        return self._changed[place, at]

    def _with_all(self, chosen: Sequence[tuple[int, int]]) -> Facts:
        device: Mapping[str, Any] = self._device
        for place, at in self._in_order(chosen):
            if at:
                device = with_value(device, self.places[place][1:], self._candidates[place][at].raw)
        return (*self._facts[: self._at], device, *self._facts[self._at + 1 :])

    def _in_order(self, chosen: Any) -> list[tuple[int, int]]:
        """INVARIANT: places are numbered by path, so a parent is changed before its children."""
        return sorted(chosen)

    def _change(self, place: int, at: int) -> PropertyChange:
        path, before, after = self.places[place], self._candidates[place][0].raw, self._candidates[place][at]
        type_ = self._types.get(path)
        becomes = "any value" if after.is_any else self._show(after.raw, type_)
        return PropertyChange(path, before, after.raw, self._show(before, type_), becomes, after.is_any)

    def _show(self, raw: Any, type_: Type | None) -> str:
        """A raw value for people; a text that stands for a number, a version or a time is shown as that."""
        if not isinstance(raw, str) or type_ is None or type_.kind & _QUOTED or decoder(type_, self._options)(raw) is None:
            return show_raw(raw)
        return shorten(raw)


def _key(raw: Any) -> Any:
    """What tells one candidate from another; values that no candidate is like are all the same."""
    match raw:
        case None | bool() | int() | float() | str():
            return type(raw), raw
        case list() if len(raw) <= _LONGEST_LIST:
            return tuple(map(_key, raw))
        case Mapping() if not len(raw):
            return "empty"
        case _:
            return object()


def _put_inside(raw: Any, steps: Path, value: Any) -> Any:
    """A copy of a value with another one at a path inside it; lists grow as far as needed."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, str):
        inner = dict(raw) if isinstance(raw, Mapping) else {}
        inner[step] = _put_inside(inner.get(step), rest, value)
        return inner
    items = list(items_of(raw) or ())
    if step < max(len(items), _LONGEST_LIST):
        items += [None] * (step + 1 - len(items))
        items[step] = _put_inside(items[step], rest, value)
    return items
