"""The types of the language.

Inference narrows sets of kinds, so a kind is a bit. A `Type` is one kind with its details: what a
list holds, what an object has, which texts an enumeration allows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias


class Kind(IntEnum):
    """The kinds of values; each is a bit, and joined by `|` they are a set of kinds, a plain int."""

    BOOL = 1
    INT = 2
    FLOAT = 4
    STRING = 8
    VERSION = 16
    TIMESTAMP = 32
    DURATION = 64
    LIST = 128
    OBJECT = 256

    @property
    def display(self) -> str:
        """What people call it."""
        return _DISPLAY[self]


Kinds: TypeAlias = int
"""A set of kinds, joined by `|`; plain ints, for `enum.Flag` is slow and inference narrows sets all the time."""

_DISPLAY = {
    Kind.BOOL: "bool",
    Kind.INT: "int",
    Kind.FLOAT: "number",
    Kind.STRING: "text",
    Kind.VERSION: "version",
    Kind.TIMESTAMP: "timestamp",
    Kind.DURATION: "duration",
    Kind.LIST: "list",
    Kind.OBJECT: "object",
}


def each_kind(kinds: Kinds) -> list[Kind]:
    """The kinds of a set."""
    return [kind for kind in Kind if kind & kinds]


def display_kinds(kinds: Kinds) -> str:
    """What people call a set of kinds: `number`, `text or version`."""
    shown = kinds & ~Kind.INT if kinds & Kind.FLOAT else kinds
    return " or ".join(kind.display for kind in each_kind(shown))


NOTHING: Kinds = 0
NUMBER: Kinds = Kind.INT | Kind.FLOAT
WRITTEN_AS_TEXT: Kinds = Kind.STRING | Kind.VERSION | Kind.TIMESTAMP | Kind.DURATION
ORDERED: Kinds = NUMBER | WRITTEN_AS_TEXT
SCALAR: Kinds = ORDERED | Kind.BOOL
ANYTHING: Kinds = SCALAR | Kind.LIST | Kind.OBJECT


@dataclass(frozen=True, slots=True)
class Type:
    """A kind with its details.

    Attributes:
        kind: exactly one kind.
        items: what a list holds.
        values: the texts that an enumeration allows, in the order of the schema; None allows every text.
        members: the declared properties of an object.
        is_open: whether an object may have properties that are not declared; their types are inferred.
    """

    kind: Kind
    items: "Type | None" = None
    values: tuple[str, ...] | None = None
    members: Mapping[str, "Property"] = field(default_factory=dict, hash=False)
    is_open: bool = False

    @property
    def display(self) -> str:
        """What people call it: `text`, `list of int`."""
        return f"list of {self.items.display}" if self.items is not None else self.kind.display


@dataclass(frozen=True, slots=True)
class Property:
    """A declared property of an object.

    Attributes:
        type: what it holds.
        is_required: whether every device has it.
        default: the value to take where it is absent, decoded; None where there is none.
        description: what the schema says of it.
    """

    type: Type
    is_required: bool = False
    default: Any = None
    description: str = ""


BOOL = Type(Kind.BOOL)
INT = Type(Kind.INT)
FLOAT = Type(Kind.FLOAT)
STRING = Type(Kind.STRING)
VERSION = Type(Kind.VERSION)
TIMESTAMP = Type(Kind.TIMESTAMP)
DURATION = Type(Kind.DURATION)
OPEN_OBJECT = Type(Kind.OBJECT, is_open=True)

PLAIN_TYPES: dict[Kind, Type] = {each.kind: each for each in (BOOL, INT, FLOAT, STRING, VERSION, TIMESTAMP, DURATION, OPEN_OBJECT)}


def list_of(items: Type) -> Type:
    """The type of a list."""
    return Type(Kind.LIST, items=items)


def leaves(members: Mapping[str, Property], prefix: str) -> Iterator[tuple[str, Property]]:
    """Every declared property below an object, with its dotted path."""
    for name, member in members.items():
        path = f"{prefix}.{name}"
        yield path, member
        yield from leaves(member.type.members, path)
