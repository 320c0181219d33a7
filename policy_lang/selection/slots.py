"""Slots: per attribute of a device, which updates it leaves, as bits of one int.

A slot is built from what each update of a product asks of one attribute. Its look-up gives a mask: the updates whose demand the
value meets, and those that ask nothing of the attribute. A value that is missing or of another type leaves only the latter: what is
unknown never meets a demand.

Devices choose their values, so only a few of them are remembered: a text that no policy names has one mask for all such texts.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
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


class Slot(NamedTuple):
    """One attribute.

    Attributes:
        path: the attribute.
        others: the updates that ask nothing of it, which every value leaves.
        ask: the mask of any raw value.
        named: where every value that is not named leaves just the others: the masks of the named ones.
    """

    path: Path
    others: int
    ask: Ask
    named: Mapping[str, int] | None = None


def build_slot(place: Place, demands: Mapping[int, Any], others: int, options: Options) -> Slot:
    """A slot from what each update asks.

    Args:
        place: its family and attribute.
        demands: what each update asks, by the number of its bit.
        others: the mask of the updates that ask nothing.
        options: the host's options.
    """
    family, path = place
    match family:
        case "text":
            return _text_slot(path, demands, others, options.max_text)
        case "prefix":
            return Slot(path, others, _prefixes(demands, others, options.max_text))
        case "bool":
            return Slot(path, others, _bools(demands, others))
        case "int":
            return Slot(path, others, _numbers(demands, others, decode_int))
        case "number":
            return Slot(path, others, _numbers(demands, others, decode_number))
        case _:
            return Slot(path, others, _versions(demands, others, decoder(VERSION, options)))


def bits(positions: Iterable[int]) -> int:
    """The mask of some positions; linear also for the many of a large catalog."""
    digits = bytearray()
    for at in positions:
        byte = at >> 3
        if byte >= len(digits):
            digits.extend(bytes(byte + 1 - len(digits)))
        digits[byte] |= 1 << (at & 7)
    return int.from_bytes(digits, "little")


def _text_slot(path: Path, demands: Mapping[int, Texts], others: int, longest: int) -> Slot:
    unnamed = others | bits(at for at, demand in demands.items() if demand.allowed is None)
    allowing: dict[str, list[int]] = {}
    excluding: dict[str, list[int]] = {}
    for at, demand in demands.items():
        for value in demand.excluded:
            excluding.setdefault(value, []).append(at)
        for value in (demand.allowed or frozenset()) - demand.excluded:
            allowing.setdefault(value, []).append(at)
    named = {
        value: (unnamed & ~bits(excluding.get(value, ()))) | bits(allowing.get(value, ()))
        for value in allowing.keys() | excluding.keys()
    }

    def ask(raw: Any) -> int:
        if type(raw) is not str:
            return others
        mask = named.get(raw)
        return mask if mask is not None else unnamed if unnamed == others or is_text(raw, longest) else others

    return Slot(path, others, ask, named if unnamed == others else None)


def _prefixes(demands: Mapping[int, Prefixes], others: int, longest: int) -> Ask:
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

    return ask


def _bools(demands: Mapping[int, Bools], others: int) -> Ask:
    true, false = (others | bits(at for at, demand in demands.items() if value in demand.allowed) for value in (True, False))

    def ask(raw: Any) -> int:
        value = decode_bool(raw)
        return others if value is None else true if value else false

    return ask


def _numbers(demands: Mapping[int, Interval], others: int, decode: Decoder) -> Ask:
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

    return ask


def _versions(demands: Mapping[int, Interval], others: int, decode: Decoder) -> Ask:
    points, masks = _regions(demands, others)

    def ask(raw: Any) -> int:
        version = decode(raw)
        return others if version is None else masks[_region(points, version.key)]

    return ask


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
