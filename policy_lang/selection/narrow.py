"""The function that asks the slots of a product: each attribute is read once, and the slots follow without a call in between.

When few updates are left, asking their policies is faster than asking more slots, so the function stops there. Of many updates the
bits are not counted: that takes longer than the slots that it would save.

The function is generated for a *shape*, which says which attributes, slots and clauses there are. Products of the same shape share
it, and bring their masks in one tuple: of a large catalog little is in the processor's caches, so what counts is how few objects of
its own a product has to touch.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import count
from types import CodeType, FunctionType
from typing import Any, NamedTuple, TypeAlias

from policy_lang.compiler.facts import walk
from policy_lang.selection.slots import Kind, Slot
from policy_lang.types.core import Path

Ask: TypeAlias = Callable[[Mapping[str, Any], int, tuple[Any, ...]], int]
"""From a device, the mask of its candidates and the masks of a product to those that the slots leave."""

_Attribute: TypeAlias = tuple[int, Kind]
"""The number of a slot's attribute, and how it is asked."""

_Shape: TypeAlias = tuple[tuple[Path, ...], tuple[_Attribute, ...], tuple[tuple[_Attribute, ...], ...], bool]
"""The attributes, those of the slots and of each clause, and whether bits are counted."""

_OWN = ("device", "name")
"""How the path of an attribute looks that is the device's own, and in no object or list below it."""

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


class Narrow:
    """Asks some slots, then some clauses, and stops when few updates are left.

    Attributes:
        ask: the generated function; it raises TypeError where a device sends what cannot be looked up, such as a list for a text.
        masks: what it is to be called with.
    """

    __slots__ = ("_clauses", "_slots", "ask", "masks")

    def __init__(self, slots: tuple[Slot, ...], clauses: tuple[Clause, ...], size: int) -> None:
        """Generate the function, or take that of another product.

        Args:
            slots: those that leave least come first.
            clauses: after them.
            size: how many updates there are.
        """
        self._slots = slots
        self._clauses = clauses
        every = [*slots, *(slot for clause in clauses for slot in clause.slots)]
        paths = list(dict.fromkeys(slot.path for slot in every))
        number = {path: at for at, path in enumerate(paths)}

        def attribute(slot: Slot) -> _Attribute:
            return number[slot.path], slot.kind

        asked = tuple(map(attribute, slots)), tuple(tuple(map(attribute, clause.slots)) for clause in clauses)
        self.ask = _generated((tuple(paths), *asked, size <= _COUNTED))
        self.masks = tuple(_masks(slots, clauses))

    def ask_carefully(self, device: Mapping[str, Any], mask: int) -> int:
        """The same for any device, without short cuts."""
        for slot in self._slots:
            mask &= slot.ask(walk(device, slot.path[1:]))
        for clause in self._clauses:
            left = clause.others
            for slot in clause.slots:
                left |= slot.ask(walk(device, slot.path[1:]))
            mask &= left
        return mask


def _masks(slots: tuple[Slot, ...], clauses: tuple[Clause, ...]) -> Iterator[Any]:
    """What `_body` numbers, in the same order."""
    for slot in slots:
        yield from _masks_of(slot)
    for clause in clauses:
        yield clause.others
        for slot in clause.slots:
            yield from _masks_of(slot)


def _masks_of(slot: Slot) -> Iterator[Any]:
    if slot.kind is not Kind.CALL:
        yield slot.known
    yield slot.others if slot.kind is Kind.NAMED else slot.ask


@lru_cache(maxsize=_SHAPES)
def _generated(shape: _Shape) -> Ask:
    module = compile("\n".join(("def ask(device, mask, masks):", *_body(shape))), "<slots>", "exec")
    code = next(each for each in module.co_consts if isinstance(each, CodeType))
    # The names of attributes come from policies, so they become constants of the code and never a part of its text.
    steps = {f"n{at}": path[1] if len(path) == len(_OWN) else path[1:] for at, path in enumerate(shape[0])}
    constants = tuple(steps.get(each, each) if isinstance(each, str) else each for each in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), {"walk": walk, "int": int})


def _body(shape: _Shape) -> Iterator[str]:
    paths, slots, clauses, is_counted = shape
    plain = [len(path) == len(_OWN) for path in paths]
    stop = f"if mask.bit_count() < {_FEW}: return ~mask" if is_counted else "if not mask: return mask"
    number = count()
    read: set[int] = set()
    for attribute in slots:
        yield from _read(attribute[0], plain, read)
        yield from _found(attribute, number)
        yield "    mask &= found"
        yield f"    {stop}"
    for clause in clauses:
        yield f"    left = masks[{next(number)}]"
        for attribute in clause:
            yield from _read(attribute[0], plain, read)
            yield from _found(attribute, number)
            yield "    left |= found"
        yield "    mask &= left"
    yield "    return mask"


def _read(at: int, plain: list[bool], read: set[int]) -> Iterator[str]:
    if at not in read:
        read.add(at)
        own, below = f"device.get('n{at}')", f"walk(device, 'n{at}')"
        yield f"    v{at} = {own if plain[at] else below}"


def _found(attribute: _Attribute, number: Iterator[int]) -> Iterator[str]:
    """What a slot leaves: known, or asked for."""
    at, kind = attribute
    if kind is Kind.CALL:
        yield f"    found = masks[{next(number)}](v{at})"
        return
    yield f"    found = masks[{next(number)}].get(v{at}){f' if v{at}.__class__ is int else None' if kind is Kind.NUMBER else ''}"
    yield f"    if found is None: found = masks[{next(number)}]{'' if kind is Kind.NAMED else f'(v{at})'}"
