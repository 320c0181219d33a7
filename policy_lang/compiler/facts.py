"""What a policy is evaluated on: the roots as one tuple, and how a path reads from them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from policy_lang.types.core import Core, Fact, Path
from policy_lang.types.decode import items_of
from policy_lang.types.times import read_timestamp

Facts: TypeAlias = tuple[Any, ...]
"""The values of the roots: `device`, `update`, `now`, then the host's own, in the order of `ROOTS` and the schema."""

Closure: TypeAlias = Callable[[Facts], Any]
"""A compiled node: from facts to its value, or to None for unknown."""

Place: TypeAlias = tuple[int, str]
"""Where a plain property is: the position of its root, and its name there."""

ROOTS = ("device", "update", "now")
_NOTHING: Mapping[str, Any] = {}


def as_object(value: Any) -> Mapping[str, Any]:
    """A root that must be an object; anything else has no properties, so that everything read from it is unknown."""
    return value if isinstance(value, Mapping) else _NOTHING


def as_moment(now: object) -> datetime | None:
    """The evaluation time in UTC.

    Raises:
        ValueError: the time has no zone, or its text is not RFC 3339; the caller is wrong then, not the device.
    """
    if now is None:
        return None
    moment = read_timestamp(now) if isinstance(now, str) else now if isinstance(now, datetime) else None
    if moment is None or moment.utcoffset() is None:
        raise ValueError(f"now must be a timestamp with an offset, such as 2026-01-31T00:00:00Z, not {now!s}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"now must be a timestamp with an offset that UTC has too, not {now!s}") from error


def plain_place(node: Core, roots: tuple[str, ...]) -> Place | None:
    """The place of a property directly below a root and without a default; None for every other node."""
    match node:
        case Fact((str(root), str(name)), _, None):
            return roots.index(root), name
        case _:
            return None


def reader(path: Path, roots: tuple[str, ...]) -> Callable[[Facts], Any]:
    """A function from facts to the raw value at a path, None where anything on the way is missing or of another shape."""
    at = roots.index(str(path[0]))
    steps = path[1:]
    if not steps:
        return lambda facts: facts[at]
    if len(steps) == 1 and isinstance(steps[0], str):
        name = steps[0]
        return lambda facts: facts[at].get(name)
    return lambda facts: walk(facts[at], steps)


def walk(value: Any, steps: Path) -> Any:
    """The raw value behind some steps."""
    for step in steps:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            items = items_of(value)
            value = items[step] if items is not None and step < len(items) else None
        if value is None:
            return None
    return value
