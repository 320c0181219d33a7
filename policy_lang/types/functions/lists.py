"""Methods on lists, and keys of objects."""

from collections.abc import Mapping
from typing import Any

from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import SCALAR, Kind

_LIST = Parameter("list", Kind.LIST)


def includes(items: tuple[Any, ...], item: Any) -> bool | None:
    """Whether a list holds a value; unknown where an item is unknown and no other is the value."""
    return True if item in items else None if None in items else False


def _item(items: tuple[Any, ...], position: int) -> Any:
    return items[position] if 0 <= position < len(items) else None


def _has_key(key: str, value: Mapping[str, Any]) -> bool:
    """A key whose value is `null` is absent, as everywhere."""
    return value.get(key) is not None


INCLUDES = Function(
    "includes",
    Form.METHOD,
    (_LIST, Parameter("item", SCALAR, is_element=True)),
    Kind.BOOL,
    includes,
    "whether the list holds a value; also written `value in list` and `list >< value`",
    "device.tags.includes('beta') && 'beta' in device.tags",
)
HAS_KEY = Function(
    "in",
    Form.OPERATOR,
    (Parameter("key", Kind.STRING), Parameter("object", Kind.OBJECT)),
    Kind.BOOL,
    _has_key,
    "whether an object has a property",
    "'region' in device",
)
ITEM = Function(
    "[]",
    Form.OPERATOR,
    (_LIST, Parameter("position", Kind.INT)),
    Kind.STRING,
    _item,
    "the item at a position, counted from 0; unknown beyond the end",
    "device.tags[0] == 'beta'",
    is_element=True,
)

ROWS: tuple[Function, ...] = (
    INCLUDES,
    Function("length", Form.MEMBER, (_LIST,), Kind.INT, len, "how many items the list has", "device.model.split('-').length == 2"),
)
