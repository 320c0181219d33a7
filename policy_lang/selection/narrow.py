"""One function per product that asks the slots: each attribute is read once, and the slots follow without a call in between.

When few updates are left, asking their policies is faster than asking more slots, so the function stops there. Of many updates the
bits are not counted: that takes longer than the slots that it would save.

The function is generated for a *shape*, which says how many attributes, slots and clauses there are; products of the same shape
share its code. Attributes, masks and tables are bound by name, so nothing of a policy gets into the text.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from policy_lang.compiler.facts import walk
from policy_lang.selection.slots import Slot
from policy_lang.types.core import Path

Narrow: TypeAlias = Callable[[Mapping[str, Any], int], int]
"""From a device and the mask of its candidates to those that the slots leave; its complement where not every slot was asked."""

_Shape: TypeAlias = tuple[tuple[bool, ...], tuple[tuple[int, bool], ...], tuple[tuple[tuple[int, bool], ...], ...], bool]
"""Whether each attribute is plain, the attribute of each slot and whether its values are named, the same for each clause, and
whether bits are counted."""

_SHAPES = 1_024

_FEW = 4
"""Fewer updates than these are asked themselves."""

_COUNTED = 1_000
"""In a mask of so many updates counting bits costs about as much as asking a slot."""


class Clause(NamedTuple):
    """Slots of which one is enough.

    Attributes:
        slots: none of them lets others pass.
        others: the updates that have no such clause.
    """

    slots: tuple[Slot, ...]
    others: int


def generate_narrow(slots: tuple[Slot, ...], clauses: tuple[Clause, ...], count: int) -> Narrow:
    """The function that asks some slots, then some clauses, and stops when few updates are left.

    Args:
        slots: those that leave least come first.
        clauses: after them.
        count: how many updates there are.
    """
    every = [*slots, *(slot for clause in clauses for slot in clause.slots)]
    paths = list(dict.fromkeys(slot.path for slot in every))
    number = {path: at for at, path in enumerate(paths)}

    def shape_of(slot: Slot) -> tuple[int, bool]:
        return number[slot.path], slot.named is not None

    shape = (
        tuple(len(path) == len(("device", "name")) for path in paths),
        tuple(map(shape_of, slots)),
        tuple(tuple(map(shape_of, clause.slots)) for clause in clauses),
        count <= _COUNTED,
    )
    arguments = [*map(_reader, paths), *map(_asked, every), *(slot.others for slot in slots), *(each.others for each in clauses)]
    narrow: Narrow = _factory(shape)(_carefully(slots, clauses), *arguments)
    return narrow


def _reader(path: Path) -> Any:
    """What reads an attribute: its name below the device, else a function."""
    steps = path[1:]
    return steps[0] if len(steps) == 1 else lambda device: walk(device, steps)


def _asked(slot: Slot) -> Any:
    return slot.ask if slot.named is None else slot.named.get


def _carefully(slots: tuple[Slot, ...], clauses: tuple[Clause, ...]) -> Narrow:
    """The same without short cuts, for a device that sends what cannot be looked up, such as a list for a text."""

    def narrow(device: Mapping[str, Any], mask: int) -> int:
        for slot in slots:
            mask &= slot.ask(walk(device, slot.path[1:]))
        for clause in clauses:
            left = clause.others
            for slot in clause.slots:
                left |= slot.ask(walk(device, slot.path[1:]))
            mask &= left
        return mask

    return narrow


@lru_cache(maxsize=_SHAPES)
def _factory(shape: _Shape) -> Callable[..., Narrow]:
    plain, slots, clauses, _ = shape
    count = len(slots) + sum(map(len, clauses))
    names = ["careful", *(f"n{at}" for at in range(len(plain))), *(f"s{at}" for at in range(count))]
    names += [*(f"o{at}" for at in range(len(slots))), *(f"c{at}" for at in range(len(clauses)))]
    source = "\n".join((f"def make({', '.join(names)}):", *_body(shape), "    return narrow"))
    namespace: dict[str, Any] = {}
    exec(compile(source, "<slots>", "exec"), namespace)  # noqa: S102  numbered names only
    make: Callable[..., Narrow] = namespace["make"]
    return make


def _body(shape: _Shape) -> Iterator[str]:
    plain, slots, clauses, is_counted = shape
    stop = f"if mask.bit_count() < {_FEW}: return ~mask" if is_counted else "if not mask: return mask"
    yield "    def narrow(device, mask):"
    yield "        try:"
    read: set[int] = set()
    for at, (attribute, is_named) in enumerate(slots):
        yield from _read(attribute, plain, read)
        yield f"            mask &= s{at}(v{attribute}{f', o{at}' if is_named else ''})"
        yield f"            {stop}"
    at = len(slots)
    for number, clause in enumerate(clauses):
        terms = [f"c{number}"]
        for attribute, is_named in clause:
            yield from _read(attribute, plain, read)
            terms.append(f"s{at}(v{attribute}{', 0' if is_named else ''})")
            at += 1
        yield f"            mask &= {' | '.join(terms)}"
    yield "            return mask"
    yield "        except TypeError:"
    yield "            return careful(device, mask)"


def _read(attribute: int, plain: tuple[bool, ...], read: set[int]) -> Iterator[str]:
    if attribute not in read:
        read.add(attribute)
        yield f"            v{attribute} = {f'device.get(n{attribute})' if plain[attribute] else f'n{attribute}(device)'}"
