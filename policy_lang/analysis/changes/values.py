"""The values that a property could have instead, each with what it costs: the nearest are the cheapest.

A value is raw, as a device sends it, in the style of the device: one that sends everything as text is offered texts.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any, NamedTuple

from policy_lang.analysis.changes.inverse import text_of
from policy_lang.analysis.changes.lists import list_values
from policy_lang.analysis.changes.order import SAMPLES, above, below, regions, sort_key
from policy_lang.analysis.changes.wish import Wishes
from policy_lang.options import Options
from policy_lang.types.decode import decoder
from policy_lang.types.model import NUMBER, WRITTEN_AS_TEXT, Kind, Type
from policy_lang.versions.version import Version


class Candidate(NamedTuple):
    """A value that a property could have.

    Attributes:
        raw: as a device sends it; None where it sends nothing.
        cost: how far it is from the present value; 0 for that itself.
        is_any: whether it stands for any value.
    """

    raw: Any
    cost: float
    is_any: bool = False


ANY = "any"
"""What is sent where any value would do."""

_BESIDE, _WISHED, _ASSEMBLED, _MENTIONED, _OTHER, _SAMPLE, _MISSING = 0.5, 1.0, 1.5, 2.0, 3.0, 3.5, 5.0
_MOST_ASSEMBLED = 200
_FAR = 3
"""How much farther a version is that nobody would write, such as `2.0.0-0`."""

_WORDS = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False}


def candidates(wishes: Wishes, raw: Any, options: Options) -> Iterator[Candidate]:
    """The values that a property could have instead of the present one.

    Args:
        wishes: what the policy wishes of it.
        raw: what the device sent.
        options: how values are read.
    """
    type_ = wishes.type
    if type_ is None:
        if raw is None:
            yield Candidate(ANY, _WISHED, is_any=True)
    elif type_.kind is Kind.OBJECT:
        if not isinstance(raw, Mapping):
            yield Candidate({}, _WISHED)
    else:
        decode = decoder(type_, options)
        yield from (each for each in _typed(wishes, type_, raw, options) if decode(each.raw) is not None)
    if raw is not None:
        yield Candidate(None, _MISSING)


def _typed(wishes: Wishes, type_: Type, raw: Any, options: Options) -> Iterator[Candidate]:
    """The values of a type; some may be outside what it allows."""
    present = decoder(type_, options)(raw)
    near = present if present is not None else _repaired(type_.kind, raw)
    match type_.kind:
        case Kind.BOOL:
            for value in (True, False):
                yield Candidate(_encoded(value, raw), _BESIDE if value is near else _WISHED)
        case Kind.STRING:
            yield from _texts(wishes, type_, raw)
        case Kind.LIST:
            for value, edits in list_values(wishes, raw, options):
                yield Candidate(value, edits)
        case _:
            yield from _ordered(wishes, type_.kind, near, raw)


def _ordered(wishes: Wishes, kind: Kind, near: Any, raw: Any) -> Iterator[Candidate]:
    """Numbers, versions and times: the points of the policy and what lies around them, the nearest first.

    Where there is no present value, near is what is near the first point.
    """
    points = {sort_key(value): value for value in (*_fitting(kind, wishes.points), *_fitting(kind, wishes.pooled))}
    found = regions([*points.values()]) or list(SAMPLES[kind])
    if near is not None and near is not raw and not any(sort_key(value) == sort_key(near) for value in found):
        found = sorted([*found, near], key=sort_key)
    start = near if near is not None else next(_fitting(kind, wishes.points), None)
    for rank, value in enumerate(sorted(found, key=_distance(found, points.values(), start))):
        yield Candidate(_encoded(value, raw), _WISHED + rank / (len(found) + 1))


def _fitting(kind: Kind, values: Mapping[Any, Any]) -> Iterator[Any]:
    """The values as ones of the kind: a whole property takes the whole numbers on either side."""
    for value in values.values():
        if kind & NUMBER and isinstance(value, float):
            whole = int(value)
            yield from (whole,) if whole == value else (whole, whole + 1, whole - 1) if kind is Kind.INT else (value,)
        else:
            yield value


def _distance(ascending: list[Any], points: Iterable[Any], near: Any) -> Callable[[Any], Any]:
    """How far a value is from the present one, as something to sort by.

    Numbers and times go by their difference. Versions go by the points between the two; of those between the same points a release
    is nearer than a prerelease. The first prerelease of all, as `2.0.0-0`, is a way to write a bound, and no point.
    """
    if near is None:
        return lambda _: 0
    if not isinstance(near, Version):
        return lambda value: abs(value - near)
    marks = sorted(point.key for point in points if point.prerelease != "0")
    keys = [version.key for version in ascending]

    def distance(value: Version) -> tuple[int, bool, int]:
        made_up = _FAR if value.prerelease.rpartition(".")[2] == "0" else 0
        return _apart(marks, value, near) + made_up, value.is_prerelease, _apart(keys, value, near)

    return distance


def _apart(keys: list[str], one: Version, other: Version) -> int:
    """How many of some versions, and of the gaps between them, two versions are apart."""
    places = [bisect_left(keys, version.key) + bisect_right(keys, version.key) for version in (one, other)]
    return abs(places[0] - places[1])


def _texts(wishes: Wishes, type_: Type, raw: Any) -> Iterator[Candidate]:
    """Texts: the wished ones, others that the policy mentions, and one that is different from all."""
    folded = raw.strip().casefold() if isinstance(raw, str) else None
    if type_.values is not None:
        for value in sorted(type_.values, key=lambda value: value not in wishes.points):
            yield Candidate(value, _text_cost(value, folded, _WISHED))
        return
    wished = list(_texts_of(wishes.points.values()))
    if wishes.is_ordered:
        beside = [near for value in wished for near in (*below(value), *above(value))]
        wished += [*regions([*wished, *([raw] if isinstance(raw, str) else [])]), *beside]
    for value in wished:
        yield Candidate(value, _text_cost(value, folded, _WISHED))
    for value in islice(_assembled(wishes, raw), _MOST_ASSEMBLED):
        yield Candidate(value, _text_cost(value, folded, _ASSEMBLED))
    pooled = list(_texts_of(wishes.pooled.values()))
    for value in pooled:
        yield Candidate(value, _text_cost(value, folded, _MENTIONED))
    yield Candidate(_unlike({*wished, *pooled, raw if isinstance(raw, str) else ""}), _OTHER)
    yield Candidate("", _SAMPLE)


def _assembled(wishes: Wishes, raw: Any) -> Iterator[str]:
    """Texts from all that they should start with, contain and end with, around the present one or without it."""
    together = "".join(_texts_of(wishes.parts.values()))
    present = (raw,) if isinstance(raw, str) else ()
    middles = dict.fromkeys(("", *present, *_texts_of(wishes.parts.values()), together, f"{together}-other"))
    starts, ends = (list(dict.fromkeys(("", *_texts_of(each.values())))) for each in (wishes.starts, wishes.ends))
    if wishes.starts or wishes.ends or wishes.parts:
        yield from ("".join(pieces) for pieces in product(starts, middles, ends))


def _text_cost(value: str, folded: str | None, cost: float) -> float:
    """A text that differs in case or blanks only is nearest."""
    return _BESIDE if value.strip().casefold() == folded else cost


def _texts_of(values: Iterable[Any]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _unlike(texts: Iterable[str]) -> str:
    """A text that is none of some."""
    taken = set(texts)
    names = ("other", *(f"other-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _encoded(value: Any, raw: Any) -> Any:
    """A value as the device would send it: as text where it sends this one as text, or where JSON has nothing else."""
    if isinstance(raw, str) or isinstance(value, Version | datetime | timedelta):
        return text_of(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _repaired(kind: Kind, raw: Any) -> Any:
    """What a value that cannot be read was probably meant to be."""
    if kind is Kind.BOOL:
        return _WORDS.get(str(raw).strip().lower()) if isinstance(raw, str | int) else None
    if not isinstance(raw, str) or not kind & (NUMBER | WRITTEN_AS_TEXT):
        return None
    try:
        return Version.parse_lenient(raw.strip()) if kind is Kind.VERSION else _number(kind, raw)
    except ValueError:
        return None


def _number(kind: Kind, raw: str) -> Any:
    if not kind & NUMBER:
        return None
    value = json.loads(raw.strip())
    return value if type(value) in {int, float} and abs(value) < 2**53 else None
