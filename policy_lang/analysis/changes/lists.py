"""The lists that a property could hold instead: items put in, taken out, or set at a position."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, combinations
from typing import Any, TypeAlias

from policy_lang.analysis.changes.inverse import text_of
from policy_lang.analysis.changes.wish import Wishes
from policy_lang.compiler.explain import plain_value
from policy_lang.options import Options
from policy_lang.types.decode import Decoder, decoder, items_of
from policy_lang.types.model import STRING, Kind

Items: TypeAlias = tuple[Any, ...]
"""The raw items of a list."""

Edit: TypeAlias = Callable[[Items], Items]
"""One change of a list."""

_MOST_PAIRED = 12
_MOST_POOLED = 4
_LONGEST = 64
_FILLERS = {
    Kind.INT: 0,
    Kind.FLOAT: 0,
    Kind.BOOL: False,
    Kind.VERSION: "1.0.0",
    Kind.TIMESTAMP: "2026-01-01T00:00:00Z",
    Kind.DURATION: "1d",
}


def list_values(wishes: Wishes, raw: Any, options: Options) -> Iterator[tuple[Any, float]]:
    """Lists that a property could hold, each with how many edits lead to it.

    Args:
        wishes: what the policy wishes of the list.
        raw: what the device sent.
        options: how items are read.
    """
    item_type = (wishes.type.items if wishes.type is not None else None) or STRING
    decode = decoder(item_type, options)
    present = tuple(items_of(raw) or ())
    readable = tuple(item for item in present if decode(item) is not None)
    others: list[tuple[Items, float]] = [(readable, 0.5)] if len(readable) < len(present) else []
    for base, effort in ((present, 0.0), *others, ((), 2.0)):
        for items, edits in _edited(wishes, base, decode, _FILLERS.get(item_type.kind, "item")):
            yield _encoded(items, raw), edits + effort


def _edited(wishes: Wishes, base: Items, decode: Decoder, filler: Any) -> Iterator[tuple[Items, float]]:
    puts, takes = _edits(wishes, base, decode)
    yield base, 0.5
    yield (), 3
    for edit in (*puts, *takes):
        yield edit(base), 1
    for one, other in combinations((*puts, *takes)[:_MOST_PAIRED], 2):
        yield other(one(base)), 2
    for several in (takes, puts, (*takes, *puts)):
        yield _all(several, base), 1 + len(several)
    for length in sorted(wishes.lengths):
        for near in (length - 1, length, length + 1):
            if 0 <= near <= _LONGEST:
                for items in (base, _all(puts, base), _all(takes, base)):
                    yield _resized(items, near, filler), 1 + abs(near - len(base))


def _edits(wishes: Wishes, base: Items, decode: Decoder) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """What puts an item in, and what takes one out."""
    held = [decode(item) for item in base]
    pooled = [value for value in wishes.pooled.values() if value not in wishes.elements.values()]
    wanted = [*wishes.elements.values(), *pooled[:_MOST_POOLED]]
    puts: Iterator[Edit] = chain(
        (_put(value) for value in wanted if value not in held),
        (edit(at, value) for at, value in wishes.positions if value is not None for edit in (_set, _insert)),
    )
    takes: Iterator[Edit] = (_take(value, decode) for value in dict.fromkeys(held) if value is not None and value in wanted)
    return tuple(puts), tuple(takes)


def _put(value: Any) -> Edit:
    return lambda items: (*items, plain_value(value))


def _take(value: Any, decode: Decoder) -> Edit:
    return lambda items: tuple(item for item in items if decode(item) != value)


def _set(position: int, value: Any) -> Edit:
    def edit(items: Items) -> Items:
        plain = plain_value(value)
        longer = [*items, *[plain] * (position + 1 - len(items))] if position < _LONGEST else [*items]
        if position < len(longer):
            longer[position] = plain
        return tuple(longer)

    return edit


def _insert(position: int, value: Any) -> Edit:
    return lambda items: (*items[:position], plain_value(value), *items[position:])


def _all(edits: Sequence[Edit], items: Items) -> Items:
    for edit in edits:
        items = edit(items)
    return items


def _resized(items: Items, length: int, filler: Any) -> Items:
    return (*items[:length], *[filler] * (length - len(items)))


def _encoded(items: Items, raw: Any) -> Any:
    """The list in the style of the device: a JSON array, that as text, or text with commas."""
    if not isinstance(raw, str):
        return list(items)
    texts = [text_of(item) for item in items]
    if (
        raw.lstrip().startswith("[")
        or texts == [""]
        or any("," in text or text != text.strip() or text.startswith("[") for text in texts)
    ):
        return json.dumps(list(items), ensure_ascii=False, default=text_of)
    return (", " if ", " in raw or "," not in raw else ",").join(texts)
