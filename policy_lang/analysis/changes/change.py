"""A change of a device: which properties, from what, to what; and the device that has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from policy_lang.compiler.explain import show_value
from policy_lang.compiler.facts import as_object
from policy_lang.suggest import shorten
from policy_lang.types.core import Path, path_text
from policy_lang.types.decode import describe

_MOST_ITEMS = 8
_DEEPEST = 8
_LARGEST_SHOWN = 10**300


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property, before and after.

    Attributes:
        path: the property, names only, `("device", "region")`.
        before: what the device sent; None where it is missing.
        after: what it would have to send; None where it would have to send nothing.
        was: the value before, for people: `'eu'`, `1.9.0`, `missing`.
        becomes: the value after, for people.
        is_any: whether any other value would do as well, because the policy asks for presence only.
    """

    path: Path
    before: Any
    after: Any
    was: str
    becomes: str
    is_any: bool = False

    @property
    def name(self) -> str:
        """The property as policies write it: `device.region`."""
        return path_text(self.path)

    @property
    def action(self) -> str:
        """What happens to the property: `add`, `change` or `remove`."""
        return "add" if self.before is None else "remove" if self.after is None else "change"

    def __str__(self) -> str:
        """One line: `device.region: 'eu' → 'us-west'`."""
        return f"{self.name}: {self.was} → {self.becomes}"

    @property
    def condition(self) -> str:
        """The same as a condition: `device.region is 'us-west' (is 'eu')`."""
        if self.is_any:
            return f"{self.name} is sent (it is {self.was})"
        return f"{self.name} is {self.becomes} (is {self.was})"

    def to_plain(self) -> dict[str, Any]:
        """The change as JSON values; what JSON cannot hold is described."""
        return {
            "property": self.name,
            "action": self.action,
            "from": plain_raw(self.before),
            "to": plain_raw(self.after),
            "anyValue": self.is_any,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """Changes of properties that together turn the result of a policy.

    Attributes:
        properties: the changes, parents before children; empty where nothing has to change.
        matches: whether the policy matches a device that has them.
    """

    properties: tuple[PropertyChange, ...]
    matches: bool

    def apply(self, device: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of a device with the changes; the device itself stays as it is."""
        changed = dict(as_object(device))
        for each in self.properties:
            changed = with_value(changed, each.path[1:], each.after)
        return changed

    def __str__(self) -> str:
        """The changes in one line."""
        return ", ".join(map(str, self.properties))

    def to_plain(self) -> dict[str, Any]:
        """The change as JSON values."""
        return {"matches": self.matches, "properties": [each.to_plain() for each in self.properties]}


def with_value(root: Mapping[str, Any], steps: Path, value: Any) -> dict[str, Any]:
    """A copy of an object with a value at a path of names; None takes it away.

    What is on the way and is no object is replaced by one, unless a value is taken away.
    """
    name, *rest = steps
    copy = dict(root)
    inner = copy.get(str(name))
    if rest:
        if value is not None or isinstance(inner, Mapping):
            copy[str(name)] = with_value(inner if isinstance(inner, Mapping) else {}, tuple(rest), value)
    elif value is None:
        copy.pop(str(name), None)
    else:
        copy[str(name)] = value
    return copy


def plain_raw(raw: Any, depth: int = 0) -> Any:
    """What a device sent, as JSON values, whatever it is."""
    match raw:
        case None | bool() | str():
            return raw
        case int() if abs(raw) < _LARGEST_SHOWN:
            return raw
        case float() if isfinite(raw):
            return raw
        case list() | tuple() if depth < _DEEPEST:
            return [plain_raw(item, depth + 1) for item in raw]
        case Mapping() if depth < _DEEPEST:
            return {str(name): plain_raw(item, depth + 1) for name, item in raw.items() if isinstance(name, str)}
        case _:
            return describe(raw)


def show_raw(raw: Any) -> str:
    """What a device sent, as people write it, short enough for one line."""
    match raw:
        case None:
            return "missing"
        case bool():
            return show_value(raw)
        case str():
            return show_value(shorten(raw))
        case int() | float() if abs(raw) < _LARGEST_SHOWN:
            return str(raw)
        case list() | tuple():
            return f"[{', '.join(_show_items(raw))}]"
        case _:
            return describe(raw)


def _show_items(items: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    yield from map(_show_item, items[:_MOST_ITEMS])
    if len(items) > _MOST_ITEMS:
        yield "…"


def _show_item(item: Any) -> str:
    if item is None:
        return "null"
    return describe(item) if isinstance(item, list | tuple | Mapping) else show_raw(item)
