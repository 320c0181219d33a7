"""How a table stores devices: which column holds which property, and as what.

A property is named by its dotted path without the root: `region`, `site.floor`. A part of the path that holds a dot, a bracket or a
quote, or that ends like one of our own columns, stands in brackets: `site["a.b"]`. Beside a property's own column there may be two:

- `<p>__key`: the version key of a version (`policy_lang.versions.key`), NULL where the text is no version. Order and equality of
  versions use it; everything else about versions is asked of the text.
- `<p>__present`: whether the device sent the property at all. It tells a bad value from a missing one, because both are NULL in the
  property's own column. Without it, present is what is not NULL. For an object it has three states: true is an object, false is
  something else, NULL is missing; without it, an object is present where one of its properties is.

What is stored how:

    bool      BOOLEAN               version    text, and the key beside it
    int       BIGINT                timestamp  BIGINT, microseconds since 1970 in UTC
    number    DOUBLE                duration   BIGINT, microseconds
    text      VARCHAR               list       LIST of bool, int, number or text; a text with JSON where the engine has no lists
    object    a column for each property below it; JSON as text where its properties are not declared

NULL is unknown. A duration beyond ±292,271 years does not fit into microseconds and is stored as a bad value. An item of a list
that is not of the type of the list is NULL, and `has` of that item is false.

A table of others has none of the extra columns. Then every text is read as the text of a simple client: the fleet decodes the
distinct values of the column in Python.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

from policy_lang.types.model import Kind, Type
from policy_lang.types.schema import Schema

Names: TypeAlias = tuple[str, ...]
"""The path of a property without its root: `("site", "floor")`."""

KEY, PRESENT = "__key", "__present"
METADATA = "policy_lang.columns"
"""The key under which a Parquet file or an Arrow table keeps the JSON of its columns."""

_BRACKETED = re.compile(r'[.\[\]"]|__(?:key|present)$|^$')
_PART = re.compile(r'\.?([^.\[\]"]+)|\[("(?:[^"\\]|\\.)*")\]')


class Storage(StrEnum):
    """What a column holds."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DOUBLE = "double"
    TEXT = "text"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    LIST = "list"
    JSON = "json"
    OBJECT = "object"
    OTHER = "other"


PLAIN_ITEMS = frozenset({Storage.BOOLEAN, Storage.INTEGER, Storage.DOUBLE, Storage.TEXT})
"""What a list may hold to be stored as a list."""


@dataclass(frozen=True, slots=True)
class Column:
    """A property and where it is stored.

    Attributes:
        path: the property, without the root.
        name: the column that holds it; for `Storage.OBJECT` the one that says whether it is present.
        storage: what the column holds; a value of `OTHER` cannot be read, and is unknown.
        items: what a list holds.
        key: the column with the version key.
        present: the column that says whether the device sent the property.
        values: the texts that the column certainly keeps to; None where it may hold any.
        is_checked: no value of the column is over a limit of the language, for whoever wrote it saw to that. Otherwise the length
            of texts and the size of numbers are tested again.
    """

    path: Names
    name: str
    storage: Storage
    items: Storage | None = None
    key: str | None = None
    present: str | None = None
    values: tuple[str, ...] | None = None
    is_checked: bool = False

    @property
    def physical(self) -> Names:
        """The columns that say all about the property: its own, and the one that says whether it is present."""
        return (self.name,) if self.present is None else (self.name, self.present)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table of devices.

    Attributes:
        rows: one for each property.
        lenient_versions: whether the version keys were made as `Options.lenient_versions` reads; a policy that reads otherwise does
            not use them.
    """

    rows: tuple[Column, ...]
    lenient_versions: bool = False
    _by_path: Mapping[Names, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Index the columns by their path."""
        object.__setattr__(self, "_by_path", {column.path: column for column in self.rows})

    def find(self, path: Names) -> Column | None:
        """The column of a property, None where the table has none."""
        return self._by_path.get(path)

    def below(self, path: Names) -> tuple[Column, ...]:
        """The columns of an object and of everything below it, in the order of the table."""
        return tuple(column for column in self.rows if column.path[: len(path)] == path)

    @property
    def physical(self) -> tuple[str, ...]:
        """Every column of ours in the table, each once."""
        extra = (name for column in self.rows for name in (*column.physical, *([column.key] if column.key else [])))
        return tuple(dict.fromkeys(extra))

    def write(self) -> str:
        """The columns as JSON, for the metadata of a file."""
        rows = [{name: getattr(row, name) for name in Column.__slots__ if getattr(row, name)} for row in self.rows]
        return json.dumps({"columns": rows, "lenient_versions": self.lenient_versions})

    @classmethod
    def read(cls, text: str) -> Self:
        """The columns that `write` wrote.

        Raises:
            ValueError: the text is not of that form.
        """
        try:
            document = json.loads(text)
            return cls(tuple(map(_read_column, document["columns"])), document["lenient_versions"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("the description of the columns cannot be read") from error


def _read_column(row: Mapping[str, Any]) -> Column:
    items, values = row.get("items"), row.get("values")
    return Column(
        tuple(row["path"]),
        row["name"],
        Storage(row["storage"]),
        None if items is None else Storage(items),
        row.get("key"),
        row.get("present"),
        None if values is None else tuple(values),
        row.get("is_checked", False),
    )


def column_name(path: Names) -> str:
    """The name of the column of a property.

    >>> column_name(("site", "floor")), column_name(("site", "a.b"))
    ('site.floor', 'site["a.b"]')
    """
    return "".join(map(_part, path)).removeprefix(".")


def path_of(name: str) -> Names:
    """The property that a column is named after; a name that none would have stands for itself.

    >>> path_of('site["a.b"]'), path_of("odd[")
    (('site', 'a.b'), ('odd[',))
    """
    parts = tuple(json.loads(quoted) if quoted else plain for plain, quoted in _parts(name))
    return parts if column_name(parts) == name else (name,)


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """The parts of a name, each plain or quoted; incomplete where the name is odd."""
    at = 0
    while match := _PART.match(name, at):
        yield match[1] or "", match[2] or ""
        at = match.end()


def _part(part: str) -> str:
    return f"[{json.dumps(part, ensure_ascii=False)}]" if _BRACKETED.search(part) else f".{part}"


def columns_of_names(stored: Iterable[tuple[str, Storage, Storage | None]]) -> Columns:
    """The columns of a table that says nothing but names and types; keys and presence are told by their names.

    Args:
        stored: for each column its name, what it holds, and what its lists hold.
    """
    kinds = {name: (storage, items) for name, storage, items in stored}
    rows = [_column_of_name(name, storage, items, kinds) for name, (storage, items) in kinds.items() if not _is_extra(name, kinds)]
    objects = [
        Column(path_of(name.removesuffix(PRESENT)), name, Storage.OBJECT) for name in kinds if _is_object_presence(name, kinds)
    ]
    return Columns((*rows, *objects))


def _column_of_name(
    name: str, storage: Storage, items: Storage | None, kinds: Mapping[str, tuple[Storage, Storage | None]]
) -> Column:
    key, present = name + KEY, name + PRESENT
    has_key = storage is Storage.TEXT and kinds.get(key, (None,))[0] is Storage.TEXT
    has_present = kinds.get(present, (None,))[0] is Storage.BOOLEAN
    return Column(path_of(name), name, storage, items, key if has_key else None, present if has_present else None)


def _is_extra(name: str, kinds: Mapping[str, Any]) -> bool:
    is_key = name.endswith(KEY) and name.removesuffix(KEY) in kinds
    return is_key or (name.endswith(PRESENT) and name.removesuffix(PRESENT) in kinds) or _is_object_presence(name, kinds)


def _is_object_presence(name: str, kinds: Mapping[str, Any]) -> bool:
    """`site__present`, where there is no column `site` yet some below it."""
    owner = name.removesuffix(PRESENT)
    is_free = name.endswith(PRESENT) and owner not in kinds and kinds[name][0] is Storage.BOOLEAN
    return is_free and any(other.startswith((f"{owner}.", f"{owner}[")) for other in kinds)


def columns_of_schema(schema: Schema, *, lenient_versions: bool = False) -> Columns:
    """The columns in which an import stores the devices of a schema.

    Args:
        schema: the properties of the devices.
        lenient_versions: how the version keys are made.
    """
    taken: set[str] = set()
    return Columns(tuple(_columns_below((), schema.device, taken)), lenient_versions)


def _columns_below(path: Names, type_: Type, taken: set[str]) -> Iterator[Column]:
    for name, member in type_.members.items():
        below = (*path, name)
        if member.type.members:
            yield Column(below, free_name(column_name(below) + PRESENT, taken), Storage.OBJECT, is_checked=True)
            yield from _columns_below(below, member.type, taken)
        else:
            yield _column_of_type(below, member.type, taken)


def _column_of_type(path: Names, type_: Type, taken: set[str]) -> Column:
    storage, items = _storage(type_)
    name = free_name(column_name(path), taken)
    key = free_name(name + KEY, taken) if type_.kind is Kind.VERSION else None
    return Column(path, name, storage, items, key, free_name(name + PRESENT, taken), type_.values, is_checked=True)


def free_name(name: str, taken: set[str]) -> str:
    """The name, or one with a number behind it: most engines take `Model` and `model` for one column."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}#{number}"
    taken.add(free.casefold())
    return free


_STORAGES = {
    Kind.BOOL: Storage.BOOLEAN,
    Kind.INT: Storage.INTEGER,
    Kind.FLOAT: Storage.DOUBLE,
    Kind.STRING: Storage.TEXT,
    Kind.VERSION: Storage.TEXT,
    Kind.TIMESTAMP: Storage.TIMESTAMP,
    Kind.DURATION: Storage.DURATION,
    Kind.OBJECT: Storage.JSON,
}


def _storage(type_: Type) -> tuple[Storage, Storage | None]:
    """Lists of what has no plain form are JSON, and so is an object of which nothing is declared."""
    if type_.kind is not Kind.LIST:
        return _STORAGES[type_.kind], None
    items = Storage.TEXT if type_.items is None else _storage(type_.items)[0]
    is_plain = items in PLAIN_ITEMS and (type_.items is None or type_.items.kind is not Kind.VERSION)
    return (Storage.LIST, items) if is_plain else (Storage.JSON, None)
