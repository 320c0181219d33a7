"""Slots: per attribute of a device, which updates it leaves, as bits of one int.

A slot is built from what each update of a product asks of one attribute. Its look-up gives a mask: the updates whose demand the
value meets, and those that ask nothing of the attribute. A value that is missing or of another type leaves only the latter: what is
unknown never meets a demand.

Nothing that a device sends is kept: a text that no policy names has one mask for all such texts.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from policy_lang.compiler.facts import walk
from policy_lang.types.core import Path
from policy_lang.types.decode import Decoder, VersionCache, decode_bool, is_text
from policy_lang.versions.version import Version

Lookup: TypeAlias = Callable[[Mapping[str, Any]], int]
"""From a device to the mask of the updates that its attribute leaves."""


class Texts(NamedTuple):
    """A demand on a text: one of some, or any but some.

    Attributes:
        allowed: the texts that meet it; None for every text that is not excluded.
        excluded: the texts that do not.
    """

    allowed: frozenset[str] | None
    excluded: frozenset[str] = frozenset()

    def __and__(self, other: "Texts") -> "Texts":
        """Both demands."""
        excluded = self.excluded | other.excluded
        if self.allowed is None or other.allowed is None:
            return Texts(other.allowed if self.allowed is None else self.allowed, excluded)
        return Texts(self.allowed & other.allowed, excluded)


class Interval(NamedTuple):
    """A demand on a number or on the key of a version: between two bounds; None is no bound.

    Attributes:
        low: the least value.
        is_low_open: whether the least value itself is outside.
        high: the greatest value.
        is_high_open: whether the greatest value itself is outside.
    """

    low: Any = None
    is_low_open: bool = False
    high: Any = None
    is_high_open: bool = False

    def __and__(self, other: "Interval") -> "Interval":
        """Both demands."""
        low, is_low_open = max(_lows(self, other), key=_low_order, default=(None, False))
        high, is_high_open = min(_highs(self, other), key=_high_order, default=(None, False))
        return Interval(low, is_low_open, high, is_high_open)


def _lows(*intervals: Interval) -> list[tuple[Any, bool]]:
    return [(each.low, each.is_low_open) for each in intervals if each.low is not None]


def _highs(*intervals: Interval) -> list[tuple[Any, bool]]:
    return [(each.high, each.is_high_open) for each in intervals if each.high is not None]


def _low_order(bound: tuple[Any, bool]) -> tuple[Any, bool]:
    return bound


def _high_order(bound: tuple[Any, bool]) -> tuple[Any, bool]:
    value, is_open = bound
    return value, not is_open


def text_slot(path: Path, demands: Mapping[int, Texts], others: int, longest: int) -> Lookup:
    """A slot of a text.

    Args:
        path: the attribute.
        demands: what each update asks, by the number of its bit.
        others: the mask of the updates that ask nothing.
        longest: the longest text, in bytes.
    """
    values = {value for demand in demands.values() for value in (demand.allowed or frozenset()) | demand.excluded}
    masks = dict.fromkeys(values, others)
    unnamed = others
    for bit, demand in demands.items():
        if demand.allowed is None:
            unnamed |= 1 << bit
    for value in values:
        masks[value] |= unnamed
    for bit, demand in demands.items():
        for value in demand.excluded:
            masks[value] &= ~(1 << bit)
        for value in (demand.allowed or frozenset()) - demand.excluded:
            masks[value] |= 1 << bit
    read = _reader(path)

    def lookup(device: Mapping[str, Any]) -> int:
        raw = read(device)
        if type(raw) is not str:
            return others
        mask = masks.get(raw)
        return mask if mask is not None else unnamed if unnamed == others or is_text(raw, longest) else others

    return lookup


def bool_slot(path: Path, demands: Mapping[int, bool | None], others: int) -> Lookup:
    """A slot of a bool; arguments as for `text_slot`."""
    masks = {wanted: others | _mask(bit for bit in demands if demands[bit] is wanted) for wanted in (True, False)}
    read = _reader(path)

    def lookup(device: Mapping[str, Any]) -> int:
        value = decode_bool(read(device))
        return others if value is None else masks[value]

    return lookup


def number_slot(path: Path, demands: Mapping[int, Interval], others: int, decode: Decoder) -> Lookup:
    """A slot of a number, decoded as an int or as any number; other arguments as for `text_slot`."""
    points, masks = _regions(demands, others)
    read = _reader(path)

    def lookup(device: Mapping[str, Any]) -> int:
        value = decode(read(device))
        return others if value is None else masks[_region(points, value)]

    return lookup


def version_slot(path: Path, demands: Mapping[int, Interval], others: int, versions: VersionCache) -> Lookup:
    """A slot of a version, by its key; arguments as for `text_slot`."""
    points, masks = _regions(demands, others)
    read = _reader(path)

    def lookup(device: Mapping[str, Any]) -> int:
        raw = read(device)
        version = versions[raw] if type(raw) is str else raw if type(raw) is Version else None
        return others if version is None else masks[_region(points, version.key)]

    return lookup


def any_slot(lookups: Iterable[Lookup], others: int) -> Lookup:
    """A slot of a disjunction over several attributes: one of them is enough."""
    parts = tuple(lookups)

    def lookup(device: Mapping[str, Any]) -> int:
        mask = others
        for part in parts:
            mask |= part(device)
        return mask

    return lookup


def _reader(path: Path) -> Callable[[Mapping[str, Any]], Any]:
    """The raw value of an attribute of the device."""
    steps = path[1:]
    if len(steps) == 1:
        name = steps[0]
        return lambda device: device.get(name)  # type: ignore[arg-type]  # plans have names only
    return lambda device: walk(device, steps)


def _mask(bits: Iterable[int]) -> int:
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


def _region(points: list[Any], value: Any) -> int:
    """The region of a value: an odd one is a point itself, an even one lies between two points."""
    at = bisect_left(points, value)
    return 2 * at + (at < len(points) and points[at] == value)


def _regions(demands: Mapping[int, Interval], others: int) -> tuple[list[Any], list[int]]:
    """The points where demands begin or end, and the mask of each region."""
    points = sorted({bound for each in demands.values() for bound in (each.low, each.high) if bound is not None})
    turned = [0] * (2 * len(points) + 2)
    for bit, each in demands.items():
        first = 0 if each.low is None else _region(points, each.low) + each.is_low_open
        last = 2 * len(points) if each.high is None else _region(points, each.high) - each.is_high_open
        if first <= last:
            turned[first] ^= 1 << bit
            turned[last + 1] ^= 1 << bit
    masks, current = [], 0
    for change in turned[:-1]:
        current ^= change
        masks.append(current | others)
    return points, masks
