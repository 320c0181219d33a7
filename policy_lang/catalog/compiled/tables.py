"""What the policies of a catalog share: types, properties, rows of functions; each is written once and named by its number."""

from collections.abc import Hashable, Iterable, Mapping
from json import dumps
from typing import Any, NamedTuple

from policy_lang.catalog.compiled.problems import WrongFormError
from policy_lang.catalog.compiled.values import read_type, read_value, write_type, write_value
from policy_lang.source import Span
from policy_lang.types.core import Fact, Path
from policy_lang.types.functions.lists import HAS_KEY, ITEM
from policy_lang.types.functions.row import Function
from policy_lang.types.functions.table import LANGUAGE
from policy_lang.types.model import Type
from policy_lang.types.schema import Schema

ROWS = (*LANGUAGE, HAS_KEY, ITEM)
"""The rows of the language, with those that only syntax stands for."""


class Property(NamedTuple):
    """What a `Fact` has besides its place."""

    path: Path
    type: Type
    default: Any


class Numbers:
    """Gives each distinct thing a number, and keeps what is written for it."""

    def __init__(self) -> None:
        """Start without anything."""
        self.rows: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def of(self, plain: Any) -> int:
        """The number of something that is given as JSON values."""
        key = dumps(plain)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(plain)
        return self._numbers[key]


class WriteTables:
    """The tables while policies are written."""

    def __init__(self) -> None:
        """Start with empty tables."""
        self._types, self._facts, self._paths, self._functions = Numbers(), Numbers(), Numbers(), Numbers()
        self._known: dict[int, tuple[Any, int]] = {}

    def type(self, type_: Type) -> int:
        """The number of a type."""
        return self._of(type_, lambda: self._types.of(write_type(type_)))

    def function(self, function: Function) -> int:
        """The number of a row."""
        return self._of(function, lambda: self._functions.of(signature(function)))

    def fact(self, fact: Fact) -> int:
        """The number of a property."""
        return self._facts.of([list(fact.path), self.type(fact.type), write_value(fact.default, fact.type)])

    def path(self, path: Path) -> int:
        """The number of a path of which only the presence is asked."""
        return self._paths.of(list(path))

    def to_plain(self) -> dict[str, list[Any]]:
        """The tables as JSON values."""
        tables = {"types": self._types, "facts": self._facts, "paths": self._paths, "functions": self._functions}
        return {name: table.rows for name, table in tables.items()}

    def _of(self, thing: Any, number: Any) -> int:
        """The number of a thing that was met before by itself; the thing is kept, so that no other gets its identity."""
        if id(thing) not in self._known:
            self._known[id(thing)] = (thing, number())
        return self._known[id(thing)][1]


class ReadTables:
    """The tables while policies are read: from numbers to what they stand for; all of it is checked first.

    Attributes:
        types: types.
        facts: properties, with the type and the default that the schema declares where it does.
        paths: paths of which only the presence is asked.
        functions: rows of the language or of the host.
    """

    def __init__(self, plain: Any, schema: Schema) -> None:
        """Check the tables.

        Raises:
            WrongFormError: something in them is not valid, or does not fit the schema.
        """
        self._spans: dict[tuple[int, int], Span] = {}
        self._nodes: dict[tuple[int, Span], Fact] = {}
        try:
            rows = {name: plain[name] for name in ("types", "facts", "paths", "functions")}
            self.types = _numbered(map(read_type, rows["types"]))
            self.facts = _numbered(self._fact(raw, schema) for raw in rows["facts"])
            self.paths = _numbered(_path(raw, schema) for raw in rows["paths"])
            known = {_key(signature(row)): row for row in (*ROWS, *schema.functions)}
            self.functions = _numbered(known[_key(raw)] for raw in rows["functions"])
        except (KeyError, TypeError, ValueError) as error:
            raise WrongFormError("the tables are not valid") from error

    def span(self, start: int, end: int) -> Span:
        """A span; policies of one catalog have many at the same places."""
        key = (start, end)
        if key not in self._spans:
            self._spans[key] = Span(start, end)
        return self._spans[key]

    def fact(self, at: int, span: Span) -> Fact:
        """A property as a node; what many policies read at the same place is one object."""
        key = (at, span)
        if key not in self._nodes:
            path, type_, default = self.facts[at]
            self._nodes[key] = Fact(path, type_, default, span=span)
        return self._nodes[key]

    def _fact(self, raw: Any, schema: Schema) -> Property:
        raw_path, type_at, raw_default = raw
        path, type_ = _path(raw_path, schema), self.types[type_at]
        found = Property(path, type_, None if raw_default is None else read_value(raw_default, type_))
        declared = _declared(path, schema)
        if any(isinstance(step, int) for step in path) or declared not in (None, found[1:]):
            raise WrongFormError("a property is not what the schema declares")
        return found


def signature(function: Function) -> list[Any]:
    """What tells a row from all others, and changes where its meaning for the checker does."""
    parameters = [
        [each.name, int(each.kinds), each.is_element, each.is_literal, each.read is not None] for each in function.parameters
    ]
    implicit = [list(path) for path in function.implicit]
    return [function.form.value, function.name, parameters, int(function.result), implicit, function.items, function.is_host]


def _key(plain: Any) -> str:
    return dumps(plain)


def _numbered(things: Iterable[Any]) -> Mapping[int, Any]:
    """Things by their number: a mapping, for a list would take negative numbers too."""
    return dict(enumerate(things))


def _path(raw: Any, schema: Schema) -> Path:
    """A path below a root; what an object with fixed properties does not declare is refused."""
    if not raw or not all(type(step) in {str, int} for step in raw):
        raise WrongFormError("a path is not valid")
    _declared(tuple(raw), schema)
    return tuple(raw)


def _declared(path: Path, schema: Schema) -> tuple[Type, Any] | None:
    """The type and the default that the schema declares for a path; None where it leaves them open."""
    type_, default = schema.all_roots[str(path[0])], None
    for step in path[1:]:
        member = type_.members.get(str(step)) if isinstance(step, str) else None
        if member is None:
            if type_.is_open or isinstance(step, int):
                return None
            raise WrongFormError("a property is not declared")
        type_, default = member.type, member.default
    return type_, default
