"""Slots: per attribute of a device, which updates it leaves, as bits of one int.

A slot is built from what each update of a product asks of one attribute. Its look-up gives a mask: the updates whose demand the
value meets, and those that ask nothing of the attribute. A value that is missing or of another type leaves only the latter: what is
unknown never meets a demand.

Devices choose their values, so only a few of them are remembered: a text that no policy names has one mask for all such texts.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from sys import intern
from typing import Any, NamedTuple, TypeAlias

from policy_lang.options import Options
from policy_lang.selection.demands import Bools, Interval, Place, Prefixes, Texts
from policy_lang.types.core import Path
from policy_lang.types.decode import Decoder, decode_bool, decode_int, decode_number, decoder, is_text
from policy_lang.types.model import VERSION

Ask: TypeAlias = Callable[[Any], int]
"""From the raw value of an attribute to the mask of the updates that it leaves."""

_REMEMBERED = 32
"""Masks of numbers that one slot keeps."""


class Kind(Enum):
    """What the masks of a slot say of a value that is not among the known ones."""

    NAMED = "just the others are left"
    TEXT = "ask"
    NUMBER = "ask; the known ones are good for an int"
    CALL = "ask; none is known"


_COSTS = {Kind.NAMED: 1.0, Kind.TEXT: 1.0, Kind.NUMBER: 1.5, Kind.CALL: 3.0}
"""What asking a slot costs, about, in look-ups of a text."""


class Slot(NamedTuple):
    """One attribute.

    Attributes:
        path: the attribute.
        others: the updates that ask nothing of it, which every value leaves.
        ask: the mask of any raw value.
        gain: how much of the updates it takes away, on average over the values that policies tell apart, for what asking costs.
        known: masks by the raw value, which give the same answer as `ask` without a call; of numbers only for those of class int.
        kind: what a value means that is not among the known ones.
    """

    path: Path
    others: int
    ask: Ask
    gain: float
    known: Mapping[Any, int]
    kind: Kind


def build_slot(place: Place, demands: Mapping[int, Any], others: int, size: int, options: Options) -> Slot:
    """A slot from what each update asks.

    Args:
        place: its family and attribute.
        demands: what each update asks, by the number of its bit.
        others: the mask of the updates that ask nothing.
        size: how many updates there are.
        options: the host's options.
    """
    family, path = place
    known: Mapping[Any, int] = {}
    kind = Kind.CALL
    match family:
        case "text":
            ask, known, kind = _texts(demands, others, options.max_text)
            masks: Collection[int] = known.values()
        case "prefix":
            ask, masks = _prefixes(demands, others, options.max_text)
        case "bool":
            ask, masks = _bools(demands, others)
        case "int":
            ask, masks, known = _numbers(demands, others, decode_int)
            kind = Kind.NUMBER
        case "number":
            ask, masks, known = _numbers(demands, others, decode_number)
            kind = Kind.NUMBER
        case _:
            ask, masks = _versions(demands, others, decoder(VERSION, options))
    left = sum(map(int.bit_count, masks)) / max(1, len(masks)) / size
    return Slot(path, others, ask, (1 - left) / _COSTS[kind], known, kind)


def bits(positions: Iterable[int]) -> int:
    """The mask of some positions; linear also for the many of a large catalog."""
    digits = bytearray()
    for at in positions:
        byte = at >> 3
        if byte >= len(digits):
            digits.extend(bytes(byte + 1 - len(digits)))
        digits[byte] |= 1 << (at & 7)
    return int.from_bytes(digits, "little")


def _texts(demands: Mapping[int, Texts], others: int, longest: int) -> tuple[Ask, Mapping[str, int], Kind]:
    unnamed = others | bits(at for at, demand in demands.items() if demand.allowed is None)
    allowing: dict[str, list[int]] = {}
    excluding: dict[str, list[int]] = {}
    for at, demand in demands.items():
        for value in demand.excluded:
            excluding.setdefault(value, []).append(at)
        for value in (demand.allowed or frozenset()) - demand.excluded:
            allowing.setdefault(value, []).append(at)
    named = {  # interned: products that name the same values share them, and a device whose values are interned finds them at once
        intern(value): (unnamed & ~bits(excluding.get(value, ()))) | bits(allowing.get(value, ()))
        for value in allowing.keys() | excluding.keys()
    }

    def ask(raw: Any) -> int:
        if type(raw) is not str:
            return others
        mask = named.get(raw)
        return mask if mask is not None else unnamed if unnamed == others or is_text(raw, longest) else others

    return ask, named, Kind.NAMED if unnamed == others else Kind.TEXT


def _prefixes(demands: Mapping[int, Prefixes], others: int, longest: int) -> tuple[Ask, Collection[int]]:
    """Of an update that asks for several prefixes, the longest one stands in the table; it must begin with the others."""
    starting: dict[str, list[int]] = {}
    for at, demand in demands.items():
        last = max(demand.prefixes, key=len)
        if all(map(last.startswith, demand.prefixes)):
            starting.setdefault(last, []).append(at)
    masks = {prefix: bits(positions) for prefix, positions in starting.items()}
    lengths = tuple(sorted({len(prefix) for prefix in masks}))

    def ask(raw: Any) -> int:
        if type(raw) is not str:
            return others
        mask = 0
        for length in lengths:
            mask |= masks.get(raw[:length], 0)
        return mask | others if mask and is_text(raw, longest) else others

    return ask, [mask | others for mask in masks.values()]


def _bools(demands: Mapping[int, Bools], others: int) -> tuple[Ask, Collection[int]]:
    true, false = (others | bits(at for at, demand in demands.items() if value in demand.allowed) for value in (True, False))

    def ask(raw: Any) -> int:
        value = decode_bool(raw)
        return others if value is None else true if value else false

    return ask, (true, false)


def _numbers(demands: Mapping[int, Interval], others: int, decode: Decoder) -> tuple[Ask, Collection[int], Mapping[int, int]]:
    points, masks = _regions(demands, others)
    remembered: dict[int, int] = {}

    def ask(raw: Any) -> int:
        is_int = type(raw) is int
        if is_int and raw in remembered:
            return remembered[raw]
        value = decode(raw)
        mask = others if value is None else masks[_region(points, value)]
        if is_int and len(remembered) < _REMEMBERED:
            remembered[raw] = mask
        return mask

    return ask, masks, remembered


def _versions(demands: Mapping[int, Interval], others: int, decode: Decoder) -> tuple[Ask, Collection[int]]:
    points, masks = _regions(demands, others)

    def ask(raw: Any) -> int:
        version = decode(raw)
        return others if version is None else masks[_region(points, version.key)]

    return ask, masks


def build_cut(demands: Mapping[int, Interval], others: int) -> Callable[[str], int]:
    """A slot for the version of the device itself, which is asked with its key."""
    points, masks = _regions(demands, others)
    return lambda key: masks[_region(points, key)]


def _region(points: list[Any], value: Any) -> int:
    """The region of a value: an odd one is a point itself, an even one lies between two points."""
    at = bisect_left(points, value)
    return 2 * at + (at < len(points) and points[at] == value)


def _regions(demands: Mapping[int, Interval], others: int) -> tuple[list[Any], list[int]]:
    """The points where demands begin or end, and the mask of each region."""
    points = sorted({bound for each in demands.values() for bound in (each.low, each.high) if bound is not None})
    turning: dict[int, list[int]] = {}
    for at, each in demands.items():
        first = 0 if each.low is None else _region(points, each.low) + each.is_low_open
        last = 2 * len(points) if each.high is None else _region(points, each.high) - each.is_high_open
        if first <= last:
            turning.setdefault(first, []).append(at)
            turning.setdefault(last + 1, []).append(at)
    masks, current = [], 0
    for region in range(2 * len(points) + 1):
        current ^= bits(turning.get(region, ()))
        masks.append(current | others)
    return points, masks
