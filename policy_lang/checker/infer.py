"""The type of every expression: relations between slots, one rule per node.

Nothing is decided here for good: each rule says what may fit, and `settle` chooses where several types stay possible.
"""

from typing import assert_never

from policy_lang.checker import calls, conflicts, members, relations
from policy_lang.checker.scope import Scope, path_of
from policy_lang.checker.slots import Slot
from policy_lang.suggest import nearest
from policy_lang.syntax.ast import (
    And,
    Binary,
    Boolean,
    Call,
    Coalesce,
    Compare,
    Conditional,
    Expr,
    Float,
    Index,
    Integer,
    ListOf,
    Member,
    Method,
    Name,
    Null,
    Or,
    Regex,
    Text,
    Unary,
)
from policy_lang.syntax.operators import ComparisonOp, UnaryOp
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.model import NUMBER, WRITTEN_AS_TEXT, Kind
from policy_lang.types.times import read_duration

_TEXT_OPERATORS = {
    ComparisonOp.STARTS_WITH: "startsWith",
    ComparisonOp.NOT_STARTS_WITH: "startsWith",
    ComparisonOp.ENDS_WITH: "endsWith",
    ComparisonOp.NOT_ENDS_WITH: "endsWith",
    ComparisonOp.CONTAINS: "includes",
    ComparisonOp.NOT_CONTAINS: "includes",
}
_LITERALS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "undefined": "null", "nil": "null"}


def condition(expr: Expr, scope: Scope) -> Slot:
    """The slot of an expression that must be true or false."""
    slot = infer(expr, scope)
    scope.network.narrow(slot, Kind.BOOL, expr.span, conflicts.condition_conflict(scope, expr))
    return slot


def infer(expr: Expr, scope: Scope) -> Slot:
    """The slot of an expression, with everything below it related."""
    slot = _infer(expr, scope)
    scope.slots[id(expr)] = slot
    return slot


def settle(scope: Scope) -> None:
    """Choose the types that stay open: text for what was compared with text, number for numbers."""

    def before() -> None:
        scope.pending = [pending for pending in scope.pending if not pending()]

    scope.network.settle(_choose, before)


def _choose(slot: Slot) -> Kind | None:
    kinds = slot.kinds & slot.preferred or slot.kinds
    if not kinds & Kind.STRING:
        kinds = kinds & slot.fallback or kinds
    if slot.members and kinds & Kind.OBJECT:
        return Kind.OBJECT
    if kinds & ~NUMBER == 0:
        return Kind.FLOAT if kinds & Kind.FLOAT else Kind.INT
    if kinds & ~WRITTEN_AS_TEXT == 0 and kinds & Kind.STRING:
        return Kind.STRING
    return Kind(kinds) if kinds.bit_count() == 1 else None


def _infer(expr: Expr, scope: Scope) -> Slot:
    match expr:
        case Text(value):
            return _text(value, scope)
        case Integer():
            return scope.network.slot(Kind.INT)
        case Float():
            return scope.network.slot(Kind.FLOAT)
        case Boolean():
            return scope.network.slot(Kind.BOOL)
        case Null():
            help_ = "write `has(…)` or `??` to speak of what is missing"
            return _misplaced("PL215", "`null` stands only beside `==` and `!=`", expr, help_, scope)
        case Regex():
            help_ = "compare with it: `device.model == /^X1/`, or call `.matches(…)`"
            return _misplaced("PL216", "a regular expression stands only beside `==` and `!=`", expr, help_, scope)
        case ListOf(items):
            return _list(expr, items, scope)
        case Name(name):
            return _name(expr, name, scope)
        case Member(base, name):
            return _member(expr, base, name, scope)
        case Index(base):
            slot = infer(base, scope)
            return scope.poison() if slot.is_poisoned else members.index(expr, slot, scope)
        case Call(name, args):
            return _has(expr, scope) if name == "has" else _apply(expr, name, calls.find_function(expr, scope), args, scope)
        case Method(base, name, args):
            return _apply(expr, name, calls.find_method(expr, scope), (base, *args), scope)
        case Unary(op, operand):
            return _unary(expr, op, operand, scope)
        case Binary(op, left, right):
            return _apply(expr, op, scope.functions(Form.OPERATOR, op), (left, right), scope)
        case Compare():
            return _compare(expr, scope)
        case And(items) | Or(items):
            for item in items:
                condition(item, scope)
            return scope.network.slot(Kind.BOOL)
        case Coalesce(items):
            return _branches("??", expr, items, scope)
        case Conditional(test, then, otherwise):
            condition(test, scope)
            return _branches("? :", expr, (then, otherwise), scope)
        case _:
            assert_never(expr)


def _text(value: str, scope: Scope) -> Slot:
    """A text literal means what its place expects; `now - '7d'` expects a time, and the text says which kind."""
    slot = scope.network.slot(WRITTEN_AS_TEXT)
    slot.fallback = Kind.DURATION if read_duration(value) is not None else Kind.TIMESTAMP
    return slot


def _misplaced(code: str, message: str, expr: Expr, help_: str, scope: Scope) -> Slot:
    scope.report(code, message, expr.span, help_)
    return scope.poison()


def _list(expr: ListOf, items: tuple[Expr, ...], scope: Scope) -> Slot:
    """A list holds one type; ints and numbers mix."""
    slot = scope.network.slot(Kind.LIST)
    element = scope.element(slot)
    for item in items:
        conflict = conflicts.branch_conflict(scope, "[…]", (item, items[0]), item.span)
        scope.network.relate((infer(item, scope), element), relations.EQUAL_ROWS, item.span, conflict)
    if not items:
        scope.report("PL209", "an empty list stands only after `in`", expr.span, "write what the list holds")
        slot.is_poisoned = True
    return slot


def _name(expr: Name, name: str, scope: Scope) -> Slot:
    root = scope.root(name)
    if root is not None:
        return root
    meant = _LITERALS.get(name) or _near_name(name, scope) or f"device.{name}"
    return _misplaced("PL202", f"`{name}` is not known", expr, f"did you mean `{meant}`?", scope)


def _near_name(name: str, scope: Scope) -> str | None:
    """The root or declared property that a bare name is most like; a property's own name comes before a similar root."""
    device = scope.schema.device
    if name in device.members:
        return f"device.{name}"
    root = nearest(name, scope.schema.all_roots)
    declared = None if root is not None or device.is_open else nearest(name, device.members)
    return root if declared is None else f"device.{declared}"


def _member(expr: Member, base: Expr, name: str, scope: Scope) -> Slot:
    slot = infer(base, scope)
    if slot.is_poisoned:
        return scope.poison()
    functions = members.member_rows(expr, slot, scope)
    return calls.relate(expr, f".{name}", functions, (base,), (slot,), scope) if functions else members.member(expr, slot, scope)


def _has(expr: Call, scope: Scope) -> Slot:
    """`has` asks for presence, so its argument needs no type."""
    if len(expr.args) == 1:
        _property(expr.args[0], "has", scope)
    else:
        scope.report("PL205", f"`has` takes 1 argument, not {len(expr.args)}", expr.span, "write for example `has(device.region)`")
        _look_into(expr.args, scope)
    return scope.network.slot(Kind.BOOL)


def _property(expr: Expr, name: str, scope: Scope) -> None:
    """An expression that must be a property path, as for `has` and `== null`."""
    slot, path = infer(expr, scope), path_of(expr, scope)
    if not slot.is_poisoned and (path is None or len(path) == 1 or id(expr) in scope.rows):
        scope.report(
            "PL206", f"`{name}` takes a property, not {scope.excerpt(expr)}", expr.span, "write for example `device.region`"
        )


def _look_into(exprs: tuple[Expr, ...], scope: Scope) -> Slot:
    """Look for findings in the arguments of a call that cannot be typed itself."""
    for expr in exprs:
        if not isinstance(expr, Regex | Null):
            slot = infer(expr, scope)
            slot.is_poisoned = slot.is_poisoned or slot.declared is None
    return scope.poison()


def _apply(expr: Expr, name: str, functions: tuple[Function, ...], args: tuple[Expr, ...], scope: Scope) -> Slot:
    if not functions or not calls.takes(expr, name, functions, len(args), scope):
        return _look_into(args, scope)
    slots = tuple(infer(args[at], scope) for at in calls.typed_positions(functions[0], len(args)))
    return calls.relate(expr, name, functions, args, slots, scope)


def _unary(expr: Unary, op: UnaryOp, operand: Expr, scope: Scope) -> Slot:
    match op:
        case UnaryOp.NOT:
            condition(operand, scope)
            return scope.network.slot(Kind.BOOL)
        case UnaryOp.NEGATE:
            return _apply(expr, "-", scope.functions(Form.OPERATOR, "negate"), (operand,), scope)
        case UnaryOp.COMPLEMENT:
            return _apply(expr, "~", scope.functions(Form.OPERATOR, "~"), (operand,), scope)
        case UnaryOp.PLUS:
            slot = infer(operand, scope)
            scope.network.narrow(slot, NUMBER, expr.span, conflicts.operand_conflict(scope, "+", (operand,), expr.span))
            return slot
        case _:
            assert_never(op)


def _branches(operator: str, expr: Expr, items: tuple[Expr, ...], scope: Scope) -> Slot:
    return relations.branches(operator, items, tuple(infer(item, scope) for item in items), expr.span, scope)


def _compare(expr: Compare, scope: Scope) -> Slot:
    match expr.op:
        case ComparisonOp.EQUAL | ComparisonOp.NOT_EQUAL:
            _equality(expr, scope)
        case ComparisonOp.IN | ComparisonOp.NOT_IN:
            _membership(expr, scope)
        case ComparisonOp.LESS | ComparisonOp.LESS_EQUAL | ComparisonOp.GREATER | ComparisonOp.GREATER_EQUAL:
            left, right = infer(expr.left, scope), infer(expr.right, scope)
            if not (left.is_poisoned or right.is_poisoned):
                relations.order(expr, left, right, scope)
        case _:
            functions = scope.functions(Form.METHOD, _TEXT_OPERATORS[expr.op])
            return _apply(expr, expr.op, functions, (expr.left, expr.right), scope)
    return scope.network.slot(Kind.BOOL)


def _equality(expr: Compare, scope: Scope) -> None:
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(other, Null):
            _property(one, f"{expr.op} null", scope)
            return
        if isinstance(other, Regex):
            _search(expr, one, other, scope)
            return
    left, right = infer(expr.left, scope), infer(expr.right, scope)
    if not (left.is_poisoned or right.is_poisoned):
        relations.equality(expr, left, right, scope)


def _search(expr: Compare, text: Expr, regex: Regex, scope: Scope) -> None:
    """`device.model == /^X1/`: a search in a text."""
    slot = infer(text, scope)
    scope.values[id(regex)] = (regex.pattern, regex.flags)
    scope.network.narrow(slot, Kind.STRING, expr.span, conflicts.operand_conflict(scope, f"{expr.op} /…/", (text,), expr.span))


def _membership(expr: Compare, scope: Scope) -> None:
    needle = infer(expr.left, scope)
    if isinstance(expr.right, ListOf) and not expr.right.items:
        scope.slots[id(expr.right)] = relations.empty_membership(expr, needle, scope)
        return
    haystack = infer(expr.right, scope)
    if not (needle.is_poisoned or haystack.is_poisoned):
        relations.membership(expr, needle, haystack, scope)
