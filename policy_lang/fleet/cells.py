"""Cells as SQL: what a survey asks of each device, as expressions over the table, and how their values are read back.

A cell becomes *inner* expressions, computed once for each device, and *outer* ones over those, by which devices are counted. Two
layers, because an engine computes an expression that stands in several branches of a CASE once for each of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from sqlglot import exp

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.compiler.facts import ROOTS, walk
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.assignment import bind_core, gates, is_candidate, of_product, policy_of
from policy_lang.fleet.bindings import bind_policy, column_of
from policy_lang.fleet.builder import Form
from policy_lang.fleet.columns import Columns, Names
from policy_lang.fleet.dialects.base import binary, number
from policy_lang.fleet.model import Given
from policy_lang.fleet.query import Query
from policy_lang.fleet.rows import BAD, device_reader
from policy_lang.fleet.settled import PLAIN, facts_of
from policy_lang.fleet.survey import (
    Absent,
    Cell,
    Chosen,
    GoesBack,
    IsCandidate,
    IsProduct,
    Nothing,
    Result,
    Stage,
    State,
    Value,
    show,
)
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source, Span
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    Not,
    Or,
)
from policy_lang.types.functions.row import Form as Written
from policy_lang.types.functions.row import Function, Parameter
from policy_lang.types.functions.table import rows
from policy_lang.types.model import ANYTHING, BOOL, INT, STRING, VERSION, Kind

_NOWHERE: Final = Span(0, 0)
_ID: Final = Fact(("device", "id"), STRING, span=_NOWHERE)
_VERSION: Final = Fact(("device", "version"), VERSION, span=_NOWHERE)
_REASONS: Final = tuple(Nothing)
_STATES: Final = (None, Absent.BAD, Absent.MISSING)
_IS_WHOLE: Final = Function(
    "known",
    Written.FUNCTION,
    (Parameter("value", ANYTHING),),
    Kind.BOOL,
    lambda value: None if isinstance(value, tuple) and None in value else True,
    "whether a value and all its items are known",
    "true",
)
"""Asked of lists and objects, of which NULL says too little; it is decided in Python."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell as SQL.

    Attributes:
        inner: what is computed for each device.
        read: the value of the cell, from the values of what it is counted by.
        outer: what devices are counted by, made from the inner columns.
    """

    inner: tuple[exp.Expr, ...]
    read: Callable[[Sequence[Any]], Any]
    outer: Callable[[Sequence[exp.Expr]], Sequence[exp.Expr]] = field(default=list)


class Asking:
    """Turns cells into SQL for one statement."""

    def __init__(self, query: Query, columns: Columns) -> None:
        """Take the statement that the expressions become part of."""
        self._query = query
        self._builder = query.builder
        self._columns = columns

    def ask(self, cell: Cell) -> Asked:
        """A cell as SQL."""
        match cell:
            case Result(policy, facts, now, roots):
                bound = bind_policy(policy, self._columns, facts, now, roots)
                return Asked((self._query.condition(bound),), _read_result)
            case Chosen(catalog):
                return Asked((self._choice(cell),), lambda values: _choice_of(catalog, values[0]))
            case Value(path):
                return self._value(path)
            case State():
                return self._state(cell)
            case Stage():
                return self._stage(cell)
            case IsCandidate(update, catalog):
                return self._test(And((of_product(update.product), is_candidate(update)), span=_NOWHERE), catalog)
            case IsProduct(product, catalog):
                return self._test(of_product(product), catalog)
            case GoesBack(chosen):
                return self._goes_back(chosen)
            case _:
                assert_never(cell)

    def id(self) -> exp.Expr:
        """The id of a device, NULL where it has no usable one."""
        is_usable = self._core(Not(_is_empty_id(), span=_NOWHERE), DEFAULT_OPTIONS)
        return self._builder.first_true([(is_usable, self._core(_ID, DEFAULT_OPTIONS))], self._builder.null(Form.TEXT))

    def has(self, name: str) -> exp.Expr:
        """Whether a device sent a property."""
        return self._core(Has(("device", name), span=_NOWHERE), DEFAULT_OPTIONS)

    def _core(self, core: Core, options: Options) -> exp.Expr:
        """A piece of the core as an expression."""
        policy = Policy(core, Source("", "<survey>"), "", options, ROOTS)
        return self._query.condition(bind_policy(policy, self._columns))

    def _test(self, core: Core, catalog: Catalog) -> Asked:
        return Asked((self._core(core, catalog.options),), lambda values: bool(values[0]))

    # --- Which update

    def _choice(self, chosen: Chosen) -> exp.Expr:
        """The place of the update in the catalog, or a negative number for the reason why there is none."""
        catalog = chosen.catalog
        products = [
            (self._core(of_product(product), catalog.options), self._choice_of_product(chosen, catalog.for_product(product)))
            for product in catalog.products
        ]
        has_product = self._core(_has_product(), catalog.options)
        other = self._builder.first_true([(has_product, reason_number(Nothing.UNKNOWN_PRODUCT))], reason_number(Nothing.NO_PRODUCT))
        return self._builder.first_true(products, other) if products else other

    def _choice_of_product(self, chosen: Chosen, updates: Sequence[Update]) -> exp.Expr:
        """One CASE: what no update can admit first, then the updates from the newest on, then why none admits the device."""
        catalog, given = chosen.catalog, Given(None, chosen.now, chosen.roots)
        at = {update.id: place for place, update in enumerate(catalog.updates)}
        running = list(gates(list(updates), self._columns, given))
        is_known = self._builder.is_known(self._core(_VERSION, catalog.options))
        candidates = self._core(Or(tuple(map(is_candidate, updates)), span=_NOWHERE), catalog.options)
        cases = [
            (self._builder.negation(is_known), reason_number(Nothing.NO_VERSION)),
            (self._builder.negation(candidates), reason_number(Nothing.UP_TO_DATE)),
            *((self._query.condition(bound), number(at[update.id])) for update, bound in running),
            *self._complete([update for update, _ in running], given),
            *((self._is_unknown(update, given), reason_number(Nothing.POLICY_UNKNOWN)) for update, _ in running),
        ]
        return self._builder.first_true(cases, reason_number(Nothing.NO_MATCH))

    def _complete(self, updates: Sequence[Update], given: Given) -> Iterator[tuple[exp.Expr, exp.Expr]]:
        """Most devices have all that the policies read; their policies are known, and are not asked once more."""
        facts = facts_of([bind_core(update, policy_of(update, self._columns), self._columns, given) for update in updates])
        if facts:
            known = [self._builder.is_known(self._query.condition(fact)) for fact in facts]
            yield self._builder.both(known), reason_number(Nothing.NO_MATCH)

    def _is_unknown(self, update: Update, given: Given) -> exp.Expr:
        """Whether the policy of a candidate is unknown."""
        policy = self._query.condition(bind_core(update, policy_of(update, self._columns), self._columns, given))
        candidate = self._query.condition(bind_core(update, is_candidate(update), self._columns, given))
        return self._builder.both([candidate, self._builder.negation(self._builder.is_known(policy))])

    def _goes_back(self, chosen: Chosen) -> Asked:
        """Only an update that allows it is ever older than the device."""
        catalog = chosen.catalog
        allowing = [(place, update) for place, update in enumerate(catalog.updates) if update.allows_downgrade]
        if not allowing:
            return Asked((), lambda _: False)
        older = [self._core(_is_older(update), catalog.options) for _, update in allowing]

        def outer(columns: Sequence[exp.Expr]) -> list[exp.Expr]:
            choice, *tests = columns
            cases = [(binary(exp.EQ, choice.copy(), number(place)), test) for (place, _), test in zip(allowing, tests, strict=True)]
            return [self._builder.first_true(cases, exp.false())]

        return Asked((self._choice(chosen), *older), lambda values: bool(values[0]), outer)

    # --- Properties

    def _value(self, path: Names) -> Asked:
        """The physical columns of a property; the device that they stand for is made again in Python."""
        column = column_of(("device", *path), self._columns)
        if column is None:
            return Asked((), lambda _: Absent.MISSING)
        device_of = device_reader((column,))
        physical = tuple(self._builder.name_of(name) for name in column.physical)
        return Asked(physical, lambda values: _shown(walk(device_of(values), path)))

    def _state(self, cell: State) -> Asked:
        """0 for known, 1 for a bad value, 2 for missing."""
        fact, options = cell.fact, cell.policy.options
        is_plain = fact.type.kind & PLAIN
        value = self._core(fact if is_plain else Apply(_IS_WHOLE, (fact,), BOOL, span=_NOWHERE), options)
        is_known = self._builder.is_known(value)
        has = self._core(Has(fact.path, span=_NOWHERE), options)
        state = self._builder.first_true([(is_known, number(0)), (has, number(1))], number(2))
        return Asked((state,), lambda values: _STATES[values[0]])

    def _stage(self, cell: Stage) -> Asked:
        """The bucket is computed once; which stage it is in is told from it."""
        (row,) = rows(Written.FUNCTION, "bucket")
        place = self._core(Apply(row, (_ID, Constant(cell.salt, STRING, span=_NOWHERE)), INT, span=_NOWHERE), DEFAULT_OPTIONS)
        is_usable = self._core(Not(_is_empty_id(), span=_NOWHERE), DEFAULT_OPTIONS)
        bucket = self._builder.first_true([(is_usable, place)], self._builder.null(Form.INTEGER))

        def outer(columns: Sequence[exp.Expr]) -> list[exp.Expr]:
            (found,) = columns
            below = [(binary(exp.LT, found.copy(), number(bound)), number(at)) for at, bound in enumerate(cell.bounds)]
            is_there = self._builder.is_known(found.copy())
            return [self._builder.first_true([*below, (is_there, number(len(below)))], self._builder.null(Form.INTEGER))]

        return Asked((bucket,), lambda values: values[0], outer)


def reason_number(nothing: Nothing) -> exp.Expr:
    """What stands for a reason where updates are numbered."""
    return number(-1 - _REASONS.index(nothing))


def _choice_of(catalog: Catalog, at: int) -> str | Nothing:
    return catalog.updates[at].id if at >= 0 else _REASONS[-1 - at]


def _read_result(values: Sequence[Any]) -> bool | None:
    return None if values[0] is None else bool(values[0])


def _shown(raw: Any) -> str | Absent:
    if raw is None:
        return Absent.MISSING
    return Absent.BAD if raw is BAD else show(raw)


def _is_empty_id() -> Core:
    return Compare(Comparison.EQUAL, _ID, Constant("", STRING, span=_NOWHERE), span=_NOWHERE)


def _is_older(update: Update) -> Core:
    """Whether an update is older than the version of the device."""
    return Compare(Comparison.LESS, Constant(update.version, VERSION, span=_NOWHERE), _VERSION, span=_NOWHERE)


def _has_product() -> Core:
    """Whether the device sent a product that is a text, and not empty."""
    product, token = (Fact(("device", name), STRING, span=_NOWHERE) for name in ("product", "productToken"))
    empty = Constant("", STRING, span=_NOWHERE)
    usable = [Not(Compare(Comparison.EQUAL, fact, empty, span=_NOWHERE), span=_NOWHERE) for fact in (product, token)]
    return Choose(Has(product.path, span=_NOWHERE), *usable, span=_NOWHERE)
