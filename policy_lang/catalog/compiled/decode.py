"""From JSON values to a core tree, strictly: every node has the shape and the types that the checker gives it, or is refused."""

from collections.abc import Callable
from typing import Any

from policy_lang.catalog.compiled.problems import WrongFormError
from policy_lang.catalog.compiled.tables import ReadTables
from policy_lang.catalog.compiled.values import read_read, read_value
from policy_lang.source import Span
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    type_of,
)
from policy_lang.types.functions.row import Function
from policy_lang.types.model import NUMBER, ORDERED, SCALAR, STRING, Kind, Type

_FEWEST = 2


def decode(raw: Any, tables: ReadTables, length: int) -> Core:
    """The core tree that was written.

    Args:
        raw: the JSON values.
        tables: what the trees of the catalog share.
        length: the length of the policy's text, in which all spans lie.

    Raises:
        WrongFormError: this is no core tree.
    """
    try:
        core = _Decoder(tables, length).node(raw)
    except WrongFormError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise WrongFormError("a policy is not valid") from error
    _require(_is_bool(core))
    return core


class _Decoder:
    """Reads one tree; a part of another shape raises one of several errors, which `decode` turns into one."""

    def __init__(self, tables: ReadTables, length: int) -> None:
        self._tables = tables
        self._length = length

    def node(self, raw: Any) -> Core:
        letter, start, end, *parts = raw
        return _ARMS[letter](self, self._span(start, end), *parts)

    def _span(self, start: Any, end: Any) -> Span:
        if type(start) is not int or type(end) is not int or not 0 <= start <= end <= self._length:
            raise WrongFormError("a span is not valid")
        return self._tables.span(start, end)

    def constant(self, span: Span, type_at: Any, raw: Any) -> Core:
        type_ = self._tables.types[type_at]
        return Constant(read_value(raw, type_), type_, span=span)

    def fact(self, span: Span, at: Any) -> Core:
        return self._tables.fact(at, span)

    def presence(self, span: Span, at: Any) -> Core:
        return Has(self._tables.paths[at], span=span)

    def negation(self, span: Span, operand: Any) -> Core:
        return Not(self._condition(operand), span=span)

    def conjunction(self, span: Span, *items: Any) -> Core:
        return And(self._conditions(items), span=span)

    def disjunction(self, span: Span, *items: Any) -> Core:
        return Or(self._conditions(items), span=span)

    def _conditions(self, items: tuple[Any, ...]) -> tuple[Core, ...]:
        _require(len(items) >= _FEWEST)
        return tuple(map(self._condition, items))

    def _condition(self, raw: Any) -> Core:
        node = self.node(raw)
        _require(_is_bool(node))
        return node

    def list(self, span: Span, *items: Any) -> Core:
        return ListOf(self._alike(items, 1), span=span)

    def default(self, span: Span, *items: Any) -> Core:
        return Coalesce(self._alike(items, _FEWEST), span=span)

    def _alike(self, items: tuple[Any, ...], fewest: int) -> tuple[Core, ...]:
        """Nodes of one type."""
        nodes = tuple(map(self.node, items))
        first, *others = map(type_of, nodes)
        _require(len(nodes) >= fewest and all(_fit(first, other) for other in others))
        return nodes

    def equality(self, span: Span, left: Any, right: Any) -> Core:
        return self._compare(Comparison.EQUAL, SCALAR, span, left, right)

    def order(self, span: Span, left: Any, right: Any) -> Core:
        return self._compare(Comparison.LESS, ORDERED, span, left, right)

    def _compare(self, op: Comparison, kinds: int, span: Span, left: Any, right: Any) -> Core:
        one, other = self._alike((left, right), _FEWEST)
        _require(bool(type_of(one).kind & kinds))
        return Compare(op, one, other, span=span)

    def membership(self, span: Span, needle: Any, haystack: Any) -> Core:
        one, many = self.node(needle), self.node(haystack)
        items = type_of(many).items
        _require(items is not None and _fit(type_of(one), items))
        return In(one, many, span=span)

    def choice(self, span: Span, test: Any, then: Any, otherwise: Any) -> Core:
        return Choose(self._condition(test), *self._alike((then, otherwise), _FEWEST), span=span)

    def application(self, span: Span, function_at: Any, type_at: Any, *raws: Any) -> Core:
        function, type_ = self._tables.functions[function_at], self._tables.types[type_at]
        count = len(function.implicit)
        _require(len(raws) == count + len(function.parameters))
        implicit = [self.node(raw) for raw in raws[:count]]
        _require(all(isinstance(arg, Fact) and arg.path == path for arg, path in zip(implicit, function.implicit, strict=True)))
        given = [self._argument(raw, function, at) for at, raw in enumerate(raws[count:])]
        _require(_is_result(type_, function, given))
        return Apply(function, (*implicit, *given), type_, span=span)

    def _argument(self, raw: Any, function: Function, at: int) -> Core:
        parameter = function.parameters[at]
        if parameter.read is not None:
            letter, start, end, value = raw
            _require(letter == "r")
            return Constant(read_read(value, function), STRING, span=self._span(start, end))
        node = self.node(raw)
        kind = type_of(node).kind
        _require(bool(kind & parameter.kinds) or (kind is Kind.INT and bool(Kind.FLOAT & parameter.kinds)))
        _require(isinstance(node, Constant) or not parameter.is_literal)
        return node


_ARMS: dict[str, Callable[..., Core]] = {
    "c": _Decoder.constant,
    "f": _Decoder.fact,
    "h": _Decoder.presence,
    "!": _Decoder.negation,
    "&": _Decoder.conjunction,
    "|": _Decoder.disjunction,
    "l": _Decoder.list,
    "d": _Decoder.default,
    "==": _Decoder.equality,
    "<": _Decoder.order,
    "in": _Decoder.membership,
    "?": _Decoder.choice,
    "a": _Decoder.application,
}


def _is_bool(node: Core) -> bool:
    return type_of(node).kind is Kind.BOOL


def _fit(one: Type, other: Type) -> bool:
    """Whether values of two types stand side by side: of one kind, ints and floats mixed."""
    return one.kind is other.kind or bool(one.kind & NUMBER and other.kind & NUMBER)


def _is_result(type_: Type, function: Function, given: list[Core]) -> bool:
    """Whether a type is that of a row's result; an item of a list that mixes ints and floats is a number."""
    if function.is_element:
        items = (type_of(given[0]).items or STRING).kind
        return type_.kind is items or (type_.kind is Kind.FLOAT and items is Kind.INT)
    return type_.kind is function.result and (
        function.items is None or (type_.items is not None and type_.items.kind is function.items)
    )


def _require(is_right: bool) -> None:  # noqa: FBT001  the condition itself
    if not is_right:
        raise WrongFormError("a policy is not valid")
