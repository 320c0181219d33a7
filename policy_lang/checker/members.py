"""What stands after a dot or in brackets: a property of an object, an item of a list, or a member such as `.length`."""

from policy_lang.checker import conflicts
from policy_lang.checker.scope import Scope
from policy_lang.checker.slots import Slot
from policy_lang.suggest import did_you_mean
from policy_lang.syntax.ast import Expr, Index, Integer, Member, Text
from policy_lang.types.core import path_text
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.functions.table import LANGUAGE
from policy_lang.types.model import Kind, Kinds

_LENGTH = "length"


def member_rows(expr: Member, base: Slot, scope: Scope) -> tuple[Function, ...]:
    """The rows of a member where it is certainly one, none where it is or may be a property."""
    functions = scope.functions(Form.MEMBER, expr.name)
    is_object = base.declared is not None and base.declared.kind is Kind.OBJECT
    if is_object or not base.kinds & _receivers(functions):
        return ()
    return functions if base.is_settled or base.path is None or expr.name == _LENGTH else ()


def member(expr: Member, base: Slot, scope: Scope) -> Slot:
    """The slot of a property of an object."""
    functions = scope.functions(Form.MEMBER, expr.name)
    if base.declared is None and base.path is not None and base.kinds & _receivers(functions):
        return _undecided(expr, base, functions, scope)
    if not base.kinds & Kind.OBJECT:
        return _no_member(expr, base, scope)
    if base.path is None:
        return _no_properties(expr, base, scope)
    scope.network.narrow(base, Kind.OBJECT, expr.span, conflicts.use_conflict(scope, expr.base, Kind.OBJECT, expr.span))
    return scope.member(base, expr.name, expr.name_span)


def index(expr: Index, base: Slot, scope: Scope) -> Slot:
    """The slot of a property by its name in brackets, or of an item by its position."""
    match expr.key:
        case Text() if base.path is None:
            return _no_properties(expr, base, scope)
        case Text(key):
            _narrow(expr, base, Kind.OBJECT, scope)
            return scope.poison() if base.is_poisoned else scope.member(base, key, expr.key.span)
        case Integer():
            _narrow(expr, base, Kind.LIST, scope)
            return scope.poison() if base.is_poisoned else scope.element(base)
        case _:
            scope.report("PL217", "an index is a literal", expr.key.span, "write a name in quotes, or a position counted from 0")
            return scope.poison()


def _narrow(expr: Index, base: Slot, kind: Kind, scope: Scope) -> None:
    scope.network.narrow(base, kind, expr.span, conflicts.use_conflict(scope, expr.base, kind, expr.span))


def _receivers(functions: tuple[Function, ...]) -> Kinds:
    kinds = 0
    for function in functions:
        kinds |= function.parameters[0].kinds
    return kinds


def _undecided(expr: Member, base: Slot, functions: tuple[Function, ...], scope: Scope) -> Slot:
    """`device.fw.major`: of a version where another use says so, else a property of an object."""
    slot = scope.member(base, expr.name, expr.name_span)

    def decide() -> bool:
        if base.kinds == Kind.VERSION:
            scope.rows[id(expr)] = functions
            conflict = conflicts.use_conflict(scope, expr, functions[0].result, expr.span)
            scope.network.narrow(slot, functions[0].result, expr.span, conflict)
        return base.is_settled

    scope.pending.append(decide)
    return slot


def _no_member(expr: Member, base: Slot, scope: Scope) -> Slot:
    """A member that a text, a version or a list does not have."""
    is_method = any(base.kinds & row.parameters[0].kinds for row in scope.functions(Form.METHOD, expr.name))
    help_ = f"call it: `.{expr.name}(…)`" if is_method else did_you_mean(expr.name, _names(base.kinds))
    scope.report("PL204", f"{_shown(base, expr.base, scope)} has no member `{expr.name}`", expr.name_span, help_)
    return scope.poison()


def _no_properties(expr: Member | Index, base: Slot, scope: Scope) -> Slot:
    """A property of something computed: only what a device or an update sent has properties."""
    scope.network.narrow(base, Kind.OBJECT, expr.span, lambda _: None)
    message = f"{scope.excerpt(expr.base)} is computed, and has no properties"
    scope.report("PL206", message, expr.span, "read the property first, for example `device.a.c ?? device.b.c`")
    return scope.poison()


def _names(kinds: Kinds) -> list[str]:
    """What may stand after the dot of a value."""
    return [row.name for row in LANGUAGE if row.form in {Form.MEMBER, Form.METHOD} and row.parameters[0].kinds & kinds]


def _shown(base: Slot, expr: Expr, scope: Scope) -> str:
    name = scope.excerpt(expr) if base.path is None else f"`{path_text(base.path)}`"
    return f"{name} ({Kind(base.kinds).display})" if base.is_settled else name
