"""Lowering: a bound policy as one expression of an engine, with exactly the answers of the reference.

Each node is lowered from its lowered operands, by one file for each subject: `reads` (properties), `relations` (comparison,
membership, choice), `computations` (functions and operators). What the engine cannot say exactly is *deferred*: it becomes a
look-up by the columns that it depends on, which `policy_lang.fleet.lookups` fills with what the reference closures say about the
distinct values of these columns.

A deferred node swallows its parents as long as they depend on the same columns: `device.model == /^X[0-9]/ && device.model != 'X1'`
is one look-up. It is decided before anything is built, so that only look-ups that are needed are ever filled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar, assert_never

from policy_lang.fleet.bindings import Bound, columns_of_path
from policy_lang.fleet.builder import Builder, E, Form, Operation, Plain
from policy_lang.fleet.columns import Column, Columns
from policy_lang.fleet.computations import apply
from policy_lang.fleet.reads import Reader
from policy_lang.fleet.relations import choose, coalesce, compare, membership, membership_in_list, never, require, unify
from policy_lang.fleet.rows import LARGEST_STORED, microseconds
from policy_lang.fleet.values import FORMS, Deferral, InexpressibleError, Value
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
    children,
    descendants,
    type_of,
)
from policy_lang.types.functions.lists import HAS_KEY
from policy_lang.types.model import Type
from policy_lang.versions.version import Version

HEAVIEST = 2000
"""The most nodes of one expression; range checks repeat their operand, so nested arithmetic grows fast."""


Made_co = TypeVar("Made_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A node to decide in Python.

    Attributes:
        bound: the policy that it is part of.
        node: the node.
        columns: the columns that it depends on, in the order of the table.
        form: what the answers are in the engine.
        deferral: what is to blame, and where.
    """

    bound: Bound
    node: Core
    columns: tuple[Column, ...]
    form: Form
    deferral: Deferral


class Lookups(Protocol[Made_co]):
    """Turns look-ups into expressions."""

    def lookup(self, wanted: Lookup) -> Made_co:
        """The expression of a look-up.

        Raises:
            UnsupportedError: this engine cannot be looked up, or has too many distinct values.
        """
        ...


@dataclass(slots=True)
class Lowering(Generic[E]):
    """Lowers policies for one table.

    Attributes:
        builder: makes the expressions.
        columns: the columns of the table.
        lookups: answers what the engine cannot.
    """

    builder: Builder[E]
    columns: Columns
    lookups: Lookups[E]
    _order: dict[Column, int] = field(init=False)

    def __post_init__(self) -> None:
        """Number the columns, so that look-ups name them in the order of the table."""
        self._order = {column: number for number, column in enumerate(self.columns.rows)}

    def lower(self, bound: Bound) -> E:
        """The policy as an expression: true, false or NULL for each device.

        Raises:
            UnsupportedError: a part of it cannot be said exactly, and not looked up either.
        """
        return _Pass(self, bound).value(bound.core).build()

    def is_native(self, bound: Bound) -> bool:
        """Whether the engine says the policy itself, and nothing of it as a whole is looked up."""
        return _Pass(self, bound).value(bound.core).deferral is None

    def in_order(self, columns: frozenset[Column]) -> tuple[Column, ...]:
        """Some columns in the order of the table."""
        return tuple(sorted(columns, key=self._order.__getitem__))


class _Pass(Generic[E]):
    """One policy on its way through."""

    def __init__(self, lowering: Lowering[E], bound: Bound) -> None:
        self._lowering = lowering
        self._bound = bound
        self._builder = lowering.builder
        self._reader = Reader(lowering.builder, lowering.columns, bound.policy.options)

    def value(self, node: Core) -> Value[E]:
        """The node, natively or deferred."""
        operands = tuple(map(self.value, _operands(node)))
        columns = self._columns(node)
        blamed = next((each.deferral for each in operands if each.deferral is not None and each.deferral.columns == columns), None)
        if blamed is not None:
            return self._defer(node, blamed)
        try:
            value = self._native(node, operands)
        except InexpressibleError as error:
            return self._defer(node, Deferral(columns, node, error.what))
        return value if value.weight <= HEAVIEST else self._defer(node, Deferral(columns, node, "so much nested arithmetic"))

    def _native(self, node: Core, operands: Sequence[Value[E]]) -> Value[E]:
        builder = self._builder
        match node:
            case Constant(value, type_):
                return self._constant(value, type_)
            case Fact(default=None):
                return self._reader.fact(node)
            case Fact():
                return self._with_default(node)
            case Has():
                return self._reader.has(node.path)
            case Not():
                require(Form.BOOLEAN, operands)
                return Value(Form.BOOLEAN, lambda: builder.negation(operands[0].build()), operands[0].weight + 1)
            case And():
                require(Form.BOOLEAN, operands)
                return Value(Form.BOOLEAN, lambda: builder.both([each.build() for each in operands]), _weight(operands))
            case Or():
                require(Form.BOOLEAN, operands)
                return Value(Form.BOOLEAN, lambda: builder.either([each.build() for each in operands]), _weight(operands))
            case Compare(Comparison.EQUAL, Constant(str(text)), _) if not self._can_hold(text):
                return self._never(operands[1])
            case Compare(Comparison.EQUAL, _, Constant(str(text))) if not self._can_hold(text):
                return self._never(operands[0])
            case Compare(op):
                return compare(builder, op, *operands)
            case In(_, Constant(None)):
                return Value(Form.BOOLEAN, lambda: builder.null(Form.BOOLEAN))
            case In(_, Constant(items)):
                return membership(builder, operands[0], self._members(items, operands[0].form))
            case In(_, ListOf()):
                return membership(builder, operands[0], operands[1:])
            case In():
                return membership_in_list(builder, *operands)
            case Choose():
                return choose(builder, *operands)
            case Coalesce():
                return coalesce(builder, operands)
            case Apply(function, (Constant(str(key)), Fact(path))) if function is HAS_KEY:
                return self._reader.has_key(key, path)
            case Apply():
                return apply(builder, node, operands)
            case ListOf():
                raise InexpressibleError("a list of computed items")
            case _:
                assert_never(node)

    def _with_default(self, node: Fact) -> Value[E]:
        """A property that the schema gives a value where it is missing; where it is bad it stays unknown."""
        builder, is_present = self._builder, self._reader.has(node.path)
        form, (value, default) = unify(builder, (self._reader.fact(node), self._constant(node.default, node.type)))
        weight = value.weight + default.weight + is_present.weight + 1
        return Value(form, lambda: builder.first_true([(is_present.build(), value.build())], default.build()), weight)

    def _members(self, items: Sequence[object], form: Form | None) -> tuple[Value[E], ...]:
        """The items of a constant list; an unknown one has the needle's form, and a text that the engine cannot hold is none."""
        null = Value(form, lambda: self._builder.null(form or Form.BOOLEAN))
        held = (item for item in items if not isinstance(item, str) or self._can_hold(item))
        return tuple(null if item is None else self._plain(item) for item in held)

    def _never(self, value: Value[E]) -> Value[E]:
        """The equality of a text with one that the engine cannot hold."""
        require(Form.TEXT, [value])
        return Value(Form.BOOLEAN, lambda: never(self._builder, value.build()), value.weight + 2)

    def _can_hold(self, text: str) -> bool:
        return "\0" not in text or Operation.NUL in self._builder.can

    def _constant(self, value: object, type_: Type) -> Value[E]:
        if value is None:
            form = FORMS.get(type_.kind)
            return Value(form, lambda: self._builder.null(form or Form.BOOLEAN))
        return self._plain(value)

    def _plain(self, value: object) -> Value[E]:
        """A constant; one that the engine has no form for is of no use to its parent, which is deferred then."""
        match value:
            case bool():
                return self._literal(value, Form.BOOLEAN)
            case int():
                return self._literal(value, Form.INTEGER)
            case float():
                return self._literal(value, Form.DOUBLE)
            case str() if self._can_hold(value):
                return self._literal(value, Form.TEXT)
            case Version(key=key):
                return self._literal(key, Form.KEY)
            case datetime() | timedelta() if abs(microseconds(value)) <= LARGEST_STORED:
                return self._literal(microseconds(value), Form.MICROSECONDS)
            case _:
                return Value(None, lambda: self._builder.null(Form.BOOLEAN))

    def _literal(self, value: Plain, form: Form) -> Value[E]:
        return Value(form, lambda: self._builder.literal(value, form))

    def _columns(self, node: Core) -> frozenset[Column]:
        """The columns that a node depends on."""
        paths = {each.path for each in descendants(node) if isinstance(each, Fact | Has)}
        return frozenset(column for path in paths for column in columns_of_path(path, self._lowering.columns))

    def _defer(self, node: Core, deferral: Deferral) -> Value[E]:
        """The node as a look-up; one whose values have no form in an engine is of use to a deferred parent only."""
        form = FORMS.get(type_of(node).kind)
        wanted = Lookup(self._bound, node, self._lowering.in_order(deferral.columns), form or Form.BOOLEAN, deferral)
        return Value(form, lambda: self._lowering.lookups.lookup(wanted), deferral=deferral)


def _operands(node: Core) -> tuple[Core, ...]:
    """The nodes whose values a node is made of; constant lists and keys of objects have none of their own."""
    match node:
        case In(needle, Constant()):
            return (needle,)
        case In(needle, ListOf(items)):
            return (needle, *items)
        case Apply(function) if function is HAS_KEY:
            return ()
        case _:
            return children(node)


def _weight(operands: Sequence[Value[E]]) -> int:
    return 1 + sum(each.weight for each in operands)
