"""Counting fast in columns: who is true, then who lacks nothing, then who is left.

An engine that works on columns computes every operand of a conjunction for all devices, but each test of a CASE only for those that
no test before it took. Most devices have everything that a policy reads, and then the policy is known: a device for which it is not
true and that lacks nothing is one for which it is false. Only the few others are asked once more.
"""

from collections.abc import Iterable
from typing import Final

from sqlglot import exp

from policy_lang.fleet.bindings import Bound
from policy_lang.fleet.builder import Form
from policy_lang.fleet.query import Query
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Core,
    Fact,
    Has,
    In,
    Not,
    Or,
    descendants,
)
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, STARTS_WITH
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import Kind

PLAIN: Final = Kind.BOOL | Kind.INT | Kind.FLOAT | Kind.STRING | Kind.VERSION | Kind.TIMESTAMP | Kind.DURATION
"""The types of which NULL says all about unknown."""

FEWEST: Final = 4
"""A conjunction of fewer properties gains nothing."""

_TOTAL: Final = frozenset({STARTS_WITH, ENDS_WITH, INCLUDES, SATISFIES})
"""Functions that have a result for all values."""


def facts_of(bounds: Iterable[Bound]) -> list[Bound] | None:
    """The properties that some policies read, if the policies are known wherever all of these are; None where that is not sure."""
    nodes = [(bound, node) for bound in bounds for node in descendants(bound.core)]
    if not all(gives_known(node) for _, node in nodes):
        return None
    facts = {(node.path, node.type): bound._replace(core=node) for bound, node in nodes if isinstance(node, Fact)}
    return list(facts.values())


def gives_known(node: Core) -> bool:
    """Whether a node is known where its operands are; properties are asked for themselves."""
    match node:
        case Constant(value):
            return value is not None and not (isinstance(value, tuple) and None in value)
        case Fact(_, type_, default):
            return bool(type_.kind & PLAIN) and default is None
        case Has() | Not() | And() | Or() | Compare() | In() | Choose() | Coalesce():
            return True
        case Apply(function):
            return function in _TOTAL
        case _:
            return False


def settled(query: Query, bound: Bound) -> exp.Expr:
    """A bound policy: true, false or NULL, the usual devices first where the engine gains by that."""
    answer, builder = query.condition(bound), query.builder
    facts = facts_of([bound]) if builder.is_columnar and isinstance(bound.core, And) else None
    if facts is None or len(facts) < FEWEST or not all(map(query.is_native, facts)):
        return answer
    lacks_nothing = builder.both([builder.is_known(query.condition(fact)) for fact in facts])
    cases = [(answer, exp.true()), (lacks_nothing, exp.false()), (builder.negation(answer.copy()), exp.false())]
    return builder.first_true(cases, builder.null(Form.BOOLEAN))
