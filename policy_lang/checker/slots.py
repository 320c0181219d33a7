"""Type inference by narrowing sets of kinds.

Every expression has a *slot*: the set of kinds that it may still have. A *relation* between slots is a table of rows, one row per
way in which the kinds may fit together (`int < number`, `text < text`, …). Narrowing keeps the rows that are still possible, and in
each slot the kinds of those rows; it repeats until nothing changes. So one mechanism serves declared and undeclared properties,
overloaded operators and literals whose type depends on their place, and order does not matter.

A relation without a possible row is a conflict. It is reported once and then ignored, so that one mistake gives one finding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from policy_lang.source import Span
from policy_lang.types.core import Path
from policy_lang.types.model import ANYTHING, NOTHING, Kind, Kinds, Type

Row: TypeAlias = tuple[Kinds, ...]
"""The kinds of a relation's slots in one way that they fit."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A use that narrowed a slot: where it was, and what was left."""

    span: Span
    kinds: Kinds


@dataclass(eq=False, slots=True)
class Slot:
    """What is known of the type of an expression or a property.

    Attributes:
        kinds: the kinds that are still possible.
        declared: the declared type, whose details are kept; None where the type is inferred.
        path: the property; None for other expressions.
        evidence: the uses that narrowed it, in order.
        element: the slot of what a list holds.
        members: the slots of the properties of an object.
        fallback: kinds to choose among where text is not possible: what a text literal can be read as.
        preferred: kinds to choose among where several stay possible.
        default: what the schema gives where the property is absent.
        is_poisoned: whether a conflict was reported about it, so that nothing more needs to be said.
    """

    kinds: Kinds = ANYTHING
    declared: Type | None = None
    path: Path | None = None
    evidence: list[Evidence] = field(default_factory=list)
    element: "Slot | None" = None
    members: dict[str, "Slot"] = field(default_factory=dict)
    preferred: Kinds = NOTHING
    fallback: Kinds = NOTHING
    default: Any = None
    is_poisoned: bool = False
    relations: list["Relation"] = field(default_factory=list, repr=False)

    @property
    def is_inferred_property(self) -> bool:
        """Whether it is a property whose type only its uses tell."""
        return self.path is not None and self.declared is None

    @property
    def is_settled(self) -> bool:
        """Whether exactly one kind is possible."""
        return self.kinds.bit_count() == 1

    def list_element(self) -> "Slot":
        """The slot of what the list holds, made when first asked for."""
        if self.element is None:
            items = None if self.declared is None else self.declared.items
            path = None if self.path is None else (*self.path, 0)
            self.element = Slot(ANYTHING if items is None else items.kind, items, path)
        return self.element


@dataclass(eq=False, slots=True)
class Relation:
    """How the kinds of some slots may fit together.

    Attributes:
        slots: the slots, as many as each row is long.
        rows: the ways that are still possible.
        span: the expression that relates them.
        conflict: reports that no way is left; gets the relation as it was before.
        is_dead: whether the conflict was reported.
    """

    slots: tuple[Slot, ...]
    rows: tuple[Row, ...]
    span: Span
    conflict: Callable[["Relation"], None]
    is_dead: bool = False

    def fits(self, row: Row) -> bool:
        """Whether a row is possible with what the slots may still be."""
        return all(slot.kinds & kinds for slot, kinds in zip(self.slots, row, strict=True))

    def wanted(self, slot: Slot) -> Kinds:
        """The kinds that a slot would need, given what the others may be."""
        at = self.slots.index(slot)
        others = [number for number in range(len(self.slots)) if self.slots[number] is not slot]
        rows = [row for row in self.rows if all(self.slots[number].kinds & row[number] for number in others)]
        return union(row[at] for row in rows)


class Network:
    """All slots and relations of a policy, and the narrowing."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.slots: list[Slot] = []
        self._waiting: list[Relation] = []

    def slot(self, kinds: Kinds = ANYTHING) -> Slot:
        """A new slot for an expression."""
        return self.add(Slot(kinds))

    def add(self, slot: Slot) -> Slot:
        """Take a slot into the network, so that it is settled at the end."""
        self.slots.append(slot)
        return slot

    def relate(self, slots: tuple[Slot, ...], rows: tuple[Row, ...], span: Span, conflict: Callable[[Relation], None]) -> None:
        """Add a relation and narrow everything that it touches."""
        relation = Relation(slots, rows, span, conflict)
        if any(slot.is_poisoned and slot.path is None for slot in slots):
            for slot in slots:
                slot.is_poisoned = slot.is_poisoned or not slot.is_settled
            return
        for slot in slots:
            slot.relations.append(relation)
        self._waiting.append(relation)
        self._run()

    def narrow(self, slot: Slot, kinds: Kinds, span: Span, conflict: Callable[[Relation], None]) -> None:
        """Leave a slot only some kinds."""
        self.relate((slot,), ((kinds,),), span, conflict)

    def settle(self, choose: Callable[[Slot], Kind | None], before: Callable[[], None]) -> None:
        """Choose a kind for each slot that has several, properties first; each choice narrows the rest.

        `before` is called ahead of each choice, for relations that wait until a slot is settled.
        """
        for slot in sorted(self.slots, key=lambda slot: slot.path is None):
            before()
            kind = None if slot.is_settled or slot.is_poisoned else choose(slot)
            if kind is not None:
                slot.kinds = kind
                self._waiting.extend(slot.relations)
                self._run()
        before()

    def _run(self) -> None:
        while self._waiting:
            relation = self._waiting.pop()
            if not relation.is_dead:
                self._narrow(relation)

    def _narrow(self, relation: Relation) -> None:
        rows = tuple(filter(relation.fits, relation.rows))
        if not rows:
            relation.is_dead = True
            relation.conflict(relation)
            for slot in relation.slots:
                slot.is_poisoned = slot.declared is None
            return
        relation.rows = rows
        for at, slot in enumerate(relation.slots):
            kinds = slot.kinds & union(row[at] for row in rows)
            if kinds != slot.kinds:
                slot.kinds = kinds
                slot.evidence.append(Evidence(relation.span, kinds))
                self._waiting.extend(other for other in slot.relations if other is not relation)


def union(kinds: Iterable[Kinds]) -> Kinds:
    """All the kinds of several sets."""
    result = NOTHING
    for each in kinds:
        result |= each
    return result
