"""Properties: a column read as the type that the policy expects, and whether the device sent it."""

from collections.abc import Callable
from typing import Generic

from policy_lang.fleet.bindings import column_of, columns_of_path, names_of
from policy_lang.fleet.builder import Builder, E, Form, Operation
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.values import FORMS, InexpressibleError, Value
from policy_lang.options import Options
from policy_lang.types.core import Fact, Path
from policy_lang.types.decode import LARGEST_INTEGER
from policy_lang.types.model import ANYTHING, Kind, Type

_LARGEST_DOUBLE = 1.7976931348623157e308
_ITEMS = {Storage.BOOLEAN: Form.BOOLEAN, Storage.INTEGER: Form.INTEGER, Storage.DOUBLE: Form.DOUBLE, Storage.TEXT: Form.TEXT}
_ITEM_KINDS = {Kind.BOOL: Form.BOOLEAN, Kind.INT: Form.INTEGER, Kind.STRING: Form.TEXT}
_READABLE: dict[Storage, int] = {
    Storage.BOOLEAN: Kind.BOOL,
    Storage.INTEGER: Kind.INT | Kind.FLOAT,
    Storage.DOUBLE: Kind.INT | Kind.FLOAT,
    Storage.TEXT: ANYTHING & ~Kind.OBJECT,
    Storage.TIMESTAMP: Kind.TIMESTAMP,
    Storage.DURATION: Kind.DURATION,
    Storage.LIST: Kind.LIST,
    Storage.JSON: ANYTHING,
    Storage.OBJECT: Kind.OBJECT,
    Storage.OTHER: 0,
}
"""The kinds that a column may hold a value of; read as any other, every value is a bad one."""


class Reader(Generic[E]):
    """Reads the columns of one table for one policy."""

    def __init__(self, builder: Builder[E], columns: Columns, options: Options) -> None:
        """Take the engine, the table, and the limits of the policy."""
        self._builder = builder
        self._columns = columns
        self._options = options

    def fact(self, node: Fact) -> Value[E]:
        """A property decoded to its type; of its default the lowering takes care."""
        column = column_of(node.path, self._columns)
        if column is None or column.path != names_of(node.path):
            raise InexpressibleError("a property inside JSON")
        return self._item(column, node) if len(node.path) > len(column.path) + 1 else self._decoded(column, node.type)

    def has(self, path: Path) -> Value[E]:
        """Whether a property is present."""
        names = names_of(path)
        steps = path[1 + len(names) :]
        column = column_of(path, self._columns)
        if column is not None and column.path != names:
            raise InexpressibleError("a property inside JSON")
        if steps:
            return self._has_item(column, steps)
        present = [self._present(each) for each in columns_of_path(path, self._columns)]
        return Value(Form.BOOLEAN, lambda: _any(self._builder, [build() for build in present]), len(present) + 1)

    def has_key(self, key: str, path: Path) -> Value[E]:
        """Whether an object has a property; unknown where it is no object."""
        below = self._columns.below(names_of(path))
        owner = column_of(path, self._columns)
        if not below or (owner is not None and owner.storage is not Storage.OBJECT):
            raise InexpressibleError("a key of an object inside JSON")
        inner = self.has((*path, key)) if columns_of_path((*path, key), self._columns) else None
        any_below = [self._is_object(each) if each is owner else self._present(each) for each in below]
        return Value(Form.BOOLEAN, lambda: self._key(inner, any_below), len(below) + 3)

    def _key(self, inner: Value[E] | None, present: list[Callable[[], E]]) -> E:
        builder = self._builder
        has = builder.literal(False, Form.BOOLEAN) if inner is None else inner.build()
        is_object = _any(builder, [build() for build in present])
        return builder.first_true([(is_object, has)], builder.null(Form.BOOLEAN))

    def _present(self, column: Column) -> Callable[[], E]:
        """Whether one column says that something is there; an object's flag does so when it is false, too."""
        builder = self._builder
        if column.present is None:
            return lambda: builder.is_stored(column.name)
        name = column.present
        return lambda: builder.either([builder.is_stored(column.name), builder.flag(name)])

    def _is_object(self, column: Column) -> Callable[[], E]:
        return lambda: self._builder.flag(column.name)

    def _has_item(self, column: Column | None, steps: Path) -> Value[E]:
        match column, steps:
            case Column(storage=Storage.LIST), (int(position),) if Operation.LISTS in self._builder.can:
                builder = self._builder
                return Value(Form.BOOLEAN, lambda: builder.is_known(builder.item(builder.column(column), position)), 3)
            case _:
                raise InexpressibleError("an item of a list that is text")

    def _item(self, column: Column, node: Fact) -> Value[E]:
        """`device.tags[0]`."""
        position = node.path[-1]
        if len(node.path) != len(column.path) + 2 or not isinstance(position, int):
            raise InexpressibleError("an item of an item")
        items = self._list(column, node.type)
        return Value(items.items, lambda: self._builder.item(items.build(), position), items.weight + 1)

    def _decoded(self, column: Column, expected: Type) -> Value[E]:
        """The column where its storage has the type; a text that must be decoded is deferred, anything else is a bad value."""
        builder = self._builder
        match column.storage, expected.kind:
            case Storage.BOOLEAN, Kind.BOOL:
                return Value(Form.BOOLEAN, lambda: builder.column(column))
            case Storage.INTEGER, Kind.INT | Kind.FLOAT:
                return self._integer(column)
            case Storage.DOUBLE, Kind.FLOAT:
                return self._double(column)
            case Storage.DOUBLE, Kind.INT:
                whole = self._double(column)
                return Value(Form.INTEGER, lambda: self._whole(whole.build()), whole.weight + 8)
            case Storage.TEXT, Kind.STRING:
                return self._text(column, expected)
            case Storage.TEXT, Kind.VERSION:
                return self._version(column)
            case (Storage.TIMESTAMP, Kind.TIMESTAMP) | (Storage.DURATION, Kind.DURATION):
                return Value(Form.MICROSECONDS, lambda: builder.column(column))
            case Storage.LIST, Kind.LIST:
                return self._list(column, expected.items)
            case storage, kind if not kind & _READABLE[storage]:
                form = FORMS.get(kind)
                return Value(form, lambda: builder.null(form or Form.BOOLEAN))
            case _:
                raise InexpressibleError(f"a {column.storage} column read as {expected.display}")

    def _integer(self, column: Column) -> Value[E]:
        builder, largest = self._builder, LARGEST_INTEGER
        if column.is_checked:
            return Value(Form.INTEGER, lambda: builder.column(column))
        return Value(Form.INTEGER, lambda: builder.within(builder.column(column), -largest, largest, Form.INTEGER), 4)

    def _double(self, column: Column) -> Value[E]:
        builder, largest = self._builder, _LARGEST_DOUBLE
        if column.is_checked:
            return Value(Form.DOUBLE, lambda: builder.column(column))
        return Value(Form.DOUBLE, lambda: builder.within(builder.column(column), -largest, largest, Form.DOUBLE), 4)

    def _whole(self, value: E) -> E:
        builder, largest = self._builder, float(LARGEST_INTEGER)
        return builder.to_integer(builder.within(builder.whole(value), -largest, largest, Form.DOUBLE))

    def _text(self, column: Column, expected: Type) -> Value[E]:
        builder = self._builder
        if expected.values is not None and not _keeps_to(column, expected.values):
            return Value(Form.TEXT, lambda: self._enumerated(column, expected.values or ()), len(expected.values) + 4)
        if column.is_checked:
            return Value(Form.TEXT, lambda: builder.column(column))
        return Value(Form.TEXT, lambda: builder.short(builder.column(column), self._options.max_text), 4)

    def _enumerated(self, column: Column, allowed: tuple[str, ...]) -> E:
        """The text where it is one of the declared values."""
        builder = self._builder
        texts = [builder.literal(text, Form.TEXT) for text in allowed if "\0" not in text or Operation.NUL in builder.can]
        if not texts:
            return builder.null(Form.TEXT)
        is_allowed = builder.among(builder.column(column), texts, Form.TEXT)
        return builder.first_true([(is_allowed, builder.column(column))], builder.null(Form.TEXT))

    def _version(self, column: Column) -> Value[E]:
        if column.key is None or self._columns.lenient_versions != self._options.lenient_versions:
            raise InexpressibleError("a version whose key is not stored")
        return Value(Form.KEY, lambda: self._builder.key(column))

    def _list(self, column: Column, items: Type | None) -> Value[E]:
        """A list whose items have the type that is expected; their values must be checked, for there is no guard for items."""
        held = _ITEMS.get(column.items) if column.items is not None else None
        wanted = None if items is None or items.values is not None else _ITEM_KINDS.get(items.kind, Form.DOUBLE)
        is_number = items is not None and items.kind is Kind.FLOAT and held in {Form.INTEGER, Form.DOUBLE}
        fits = held is not None and column.is_checked and (held is wanted or is_number) and column.storage is Storage.LIST
        if not fits or Operation.LISTS not in self._builder.can or (items is not None and not items.kind & _LIST_KINDS):
            raise InexpressibleError(Operation.LISTS)
        builder = self._builder
        return Value(Form.LIST, lambda: builder.column(column), items=held)


_LIST_KINDS = Kind.BOOL | Kind.INT | Kind.FLOAT | Kind.STRING


def _keeps_to(column: Column, allowed: tuple[str, ...]) -> bool:
    return column.values is not None and set(column.values) <= set(allowed)


def _any(builder: Builder[E], items: list[E]) -> E:
    return items[0] if len(items) == 1 else builder.either(items)
