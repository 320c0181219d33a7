"""The surface tree with its types, turned into the core: the only place that knows both.

Every arm is a definition of one piece of syntax in terms of the core (docs/design.md, "Two trees").
"""

from typing import assert_never

from policy_lang.checker.scope import Scope, path_of
from policy_lang.checker.slots import Slot
from policy_lang.source import Span
from policy_lang.syntax import ast
from policy_lang.syntax.ast import Expr
from policy_lang.syntax.operators import ComparisonOp, UnaryOp
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
    Path,
)
from policy_lang.types.functions.lists import HAS_KEY, ITEM
from policy_lang.types.functions.lists import INCLUDES as LIST_INCLUDES
from policy_lang.types.functions.row import Function, Parameter
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, MATCHES, STARTS_WITH
from policy_lang.types.model import BOOL, FLOAT, INT, PLAIN_TYPES, STRING, Kind, Type, list_of
from policy_lang.types.patterns import Simple, simplify

_NEGATIONS = {
    ComparisonOp.NOT_EQUAL,
    ComparisonOp.NOT_IN,
    ComparisonOp.NOT_STARTS_WITH,
    ComparisonOp.NOT_ENDS_WITH,
    ComparisonOp.NOT_CONTAINS,
    ComparisonOp.LESS_EQUAL,
    ComparisonOp.GREATER_EQUAL,
}
_SIMPLE = {Simple.STARTS_WITH: STARTS_WITH, Simple.ENDS_WITH: ENDS_WITH, Simple.CONTAINS: INCLUDES}


def lower(expr: Expr, scope: Scope) -> Core:
    """The core of an expression whose types are settled."""
    span = expr.span
    match expr:
        case ast.Text(value):
            return Constant(scope.values.get(id(expr), value), slot_type(scope.slots[id(expr)]), span=span)
        case ast.Integer(value):
            return Constant(value, INT, span=span)
        case ast.Float(value):
            return Constant(value, FLOAT, span=span)
        case ast.Boolean(value):
            return Constant(value, BOOL, span=span)
        case ast.ListOf(items):
            return _list(tuple(lower(item, scope) for item in items), scope.slots[id(expr)], span)
        case ast.Name():
            return _fact((expr.name,), scope.slots[id(expr)], span)
        case ast.Member(base):
            return _apply(expr, (base,), scope) if id(expr) in scope.rows else _property(expr, scope)
        case ast.Index():
            return _property(expr, scope)
        case ast.Call(name, args):
            return _has(args[0], span, scope) if name == "has" else _apply(expr, args, scope)
        case ast.Method(base, _, args):
            return _apply(expr, (base, *args), scope)
        case ast.Unary(op, operand):
            return _unary(expr, op, operand, scope)
        case ast.Binary(_, left, right):
            return _apply(expr, (left, right), scope)
        case ast.Compare(op):
            positive = _compare(expr, scope)
            return Not(positive, span=span) if op in _NEGATIONS else positive
        case ast.And(items):
            return And(tuple(lower(item, scope) for item in items), span=span)
        case ast.Or(items):
            return Or(tuple(lower(item, scope) for item in items), span=span)
        case ast.Coalesce(items):
            return Coalesce(tuple(lower(item, scope) for item in items), span=span)
        case ast.Conditional(test, then, otherwise):
            return Choose(lower(test, scope), lower(then, scope), lower(otherwise, scope), span=span)
        case ast.Null() | ast.Regex():
            raise TypeError(expr)  # INVARIANT: inference reports both wherever no operator takes them
        case _:
            assert_never(expr)


def slot_type(slot: Slot) -> Type:
    """The type that a slot settled on, with its details."""
    if slot.declared is not None:
        return slot.declared
    kind = Kind(slot.kinds)
    if kind is Kind.LIST:
        return list_of(slot_type(slot.element) if slot.element is not None and slot.element.is_settled else STRING)
    return PLAIN_TYPES[kind]


def _list(items: tuple[Core, ...], slot: Slot, span: Span) -> Core:
    values = tuple(item.value for item in items if isinstance(item, Constant))
    return Constant(values, slot_type(slot), span=span) if len(values) == len(items) else ListOf(items, span=span)


def _fact(path: Path, slot: Slot, span: Span) -> Core:
    return Fact(path, slot_type(slot), slot.default, span=span)


def _property(expr: ast.Member | ast.Index, scope: Scope) -> Core:
    """A property of a root, or an item of a list that was computed."""
    path, slot = path_of(expr, scope), scope.slots[id(expr)]
    if isinstance(expr, ast.Index) and isinstance(expr.key, ast.Integer) and slot.kinds != Kind.OBJECT:
        position = Constant(expr.key.value, INT, span=expr.key.span)
        return Apply(ITEM, (lower(expr.base, scope), position), slot_type(slot), span=expr.span)
    if path is None:
        raise TypeError(expr)  # INVARIANT: only roots have properties; inference reports all others
    return _fact(path, slot, expr.span)


def _has(expr: Expr, span: Span, scope: Scope) -> Core:
    path = path_of(expr, scope)
    if path is None:
        raise TypeError(expr)  # INVARIANT: inference takes property paths only
    return Has(path, span=span)


def _unary(expr: ast.Unary, op: UnaryOp, operand: Expr, scope: Scope) -> Core:
    match op:
        case UnaryOp.NOT:
            return Not(lower(operand, scope), span=expr.span)
        case UnaryOp.PLUS:
            return lower(operand, scope)
        case UnaryOp.NEGATE | UnaryOp.COMPLEMENT:
            result = _apply(expr, (operand,), scope)
            return _signed(result) if op is UnaryOp.NEGATE and isinstance(result, Apply) else result
        case _:
            assert_never(op)


def _signed(node: Apply) -> Core:
    """A negative literal is a constant, so that lists of them are."""
    operand = node.args[0]
    if isinstance(operand, Constant):
        return Constant(node.function.python(operand.value), node.type, span=node.span)
    return node


def _apply(expr: Expr, args: tuple[Expr, ...], scope: Scope) -> Core:
    """The row that the types of the arguments choose, applied to them."""
    function = _choose(scope.rows[id(expr)], args, scope)
    lowered = tuple(_argument(arg, parameter, scope) for arg, parameter in zip(args, function.parameters, strict=False))
    defaults = tuple(_default(parameter, expr.span) for parameter in function.parameters[len(args) :])
    if function is LIST_INCLUDES:
        return In(lowered[1], lowered[0], span=expr.span)
    if function is MATCHES:
        return _search(lowered[0], lowered[1], expr.span)
    implicit = tuple(_fact(path, scope.property(path), expr.span) for path in function.implicit)
    return Apply(function, (*implicit, *lowered, *defaults), _result_type(function), span=expr.span)


def _choose(functions: tuple[Function, ...], args: tuple[Expr, ...], scope: Scope) -> Function:
    for function in functions:
        typed = [(arg, parameter) for arg, parameter in zip(args, function.parameters, strict=False) if parameter.read is None]
        if all(scope.slots[id(arg)].kinds & parameter.kinds for arg, parameter in typed):
            return function
    raise TypeError(functions)  # INVARIANT: inference leaves at least one row


def _argument(arg: Expr, parameter: Parameter, scope: Scope) -> Core:
    return lower(arg, scope) if parameter.read is None else Constant(scope.values[id(arg)], STRING, span=arg.span)


def _default(parameter: Parameter, span: Span) -> Core:
    return Constant(parameter.default, STRING, span=span)


def _result_type(function: Function) -> Type:
    return list_of(PLAIN_TYPES[function.items]) if function.items is not None else PLAIN_TYPES[function.result]


def _compare(expr: ast.Compare, scope: Scope) -> Core:
    """The comparison without its negation."""
    left, right, span = expr.left, expr.right, expr.span
    match expr.op:
        case ComparisonOp.EQUAL | ComparisonOp.NOT_EQUAL:
            return _equality(expr, scope)
        case ComparisonOp.LESS | ComparisonOp.GREATER_EQUAL:
            return Compare(Comparison.LESS, lower(left, scope), lower(right, scope), span=span)
        case ComparisonOp.GREATER | ComparisonOp.LESS_EQUAL:
            return Compare(Comparison.LESS, lower(right, scope), lower(left, scope), span=span)
        case ComparisonOp.IN | ComparisonOp.NOT_IN:
            return _membership(left, right, span, scope)
        case _:
            return _apply(expr, (left, right), scope)


def _equality(expr: ast.Compare, scope: Scope) -> Core:
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(other, ast.Null):
            return Not(_has(one, expr.span, scope), span=expr.span)
        if isinstance(other, ast.Regex):
            return _search(lower(one, scope), Constant(scope.values[id(other)], STRING, span=other.span), expr.span)
    return Compare(Comparison.EQUAL, lower(expr.left, scope), lower(expr.right, scope), span=expr.span)


def _membership(needle: Expr, haystack: Expr, span: Span, scope: Scope) -> Core:
    if scope.slots[id(haystack)].kinds == Kind.OBJECT:
        return Apply(HAS_KEY, (lower(needle, scope), lower(haystack, scope)), BOOL, span=span)
    return In(lower(needle, scope), lower(haystack, scope), span=span)


def _search(text: Core, pattern: Core, span: Span) -> Core:
    """A search for a pattern; one without any operator is a text operation (docs/spec.md, "Regular expressions")."""
    if not isinstance(pattern, Constant):
        raise TypeError(pattern)  # INVARIANT: patterns are literals
    simple = simplify(pattern.value.source, pattern.value.flags)
    if simple is None:
        return Apply(MATCHES, (text, pattern), BOOL, span=span)
    operation, texts = simple
    if operation is Simple.EQUALS:
        return In(text, Constant(texts, list_of(STRING), span=pattern.span), span=span)
    tests = tuple(Apply(_SIMPLE[operation], (text, Constant(each, STRING, span=pattern.span)), BOOL, span=span) for each in texts)
    return tests[0] if len(tests) == 1 else Or(tests, span=span)
