"""What is wished of one property."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from policy_lang.types.core import Path
from policy_lang.types.model import NUMBER, Kind, Type
from policy_lang.versions.version import Version

MOST_POINTS = 800
"""How many values are kept for one property."""

_PYTHON_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.BOOL: (bool,),
    Kind.STRING: (str,),
    Kind.VERSION: (Version,),
    Kind.TIMESTAMP: (datetime,),
    Kind.DURATION: (timedelta,),
    Kind.LIST: (),
    Kind.OBJECT: (),
}

_LARGEST = 1e300
"""Numbers beyond are no use as guesses, and their differences are not finite."""


@dataclass(slots=True)
class Wishes:
    """What a policy wishes of one property.

    Attributes:
        path: the property.
        type: what it is read as; None where only its presence is asked for.
        points: values it is compared with, in the order of the policy.
        pooled: other values of its type that the policy mentions.
        starts: what it, a text, is asked to start with.
        parts: what it, a text, is asked to contain, and texts that fit its patterns.
        ends: what it, a text, is asked to end with.
        elements: values that it, a list, is asked to hold.
        positions: items that it, a list, is asked to have at a position.
        lengths: how many items it, a list, is asked to have.
        is_ordered: whether it, a text, is compared by order.
    """

    path: Path
    type: Type | None = None
    points: dict[Any, Any] = field(default_factory=dict)
    pooled: dict[Any, Any] = field(default_factory=dict)
    starts: dict[Any, Any] = field(default_factory=dict)
    parts: dict[Any, Any] = field(default_factory=dict)
    ends: dict[Any, Any] = field(default_factory=dict)
    elements: dict[Any, Any] = field(default_factory=dict)
    positions: dict[tuple[int, Any], None] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)
    is_ordered: bool = False

    def point(self, value: Any) -> None:
        """Take a value, once."""
        put(self.points, value)

    def element(self, value: Any) -> None:
        """Take an item, once."""
        put(self.elements, value)


def is_of(value: Any, type_: Type | None) -> bool:
    """Whether a value is one of a type; a guess may be of another."""
    if type_ is None or (isinstance(value, bool) and type_.kind is not Kind.BOOL):
        return False
    if type_.kind & NUMBER:
        return isinstance(value, int | float) and -_LARGEST < value < _LARGEST
    return isinstance(value, _PYTHON_TYPES[type_.kind])


def put(values: dict[Any, Any], value: Any) -> None:
    """Keep a value once; versions that differ in build metadata are two."""
    if len(values) < MOST_POINTS and not isinstance(value, Mapping):
        values.setdefault(value.text if isinstance(value, Version) else value, value)
