"""How the operators relate the types of their operands: the tables of rows, and the relations they make.

Nothing here looks below an operand: the slots are given.
"""

from collections.abc import Callable

from policy_lang.checker import conflicts
from policy_lang.checker.constants import literal_texts
from policy_lang.checker.scope import Scope
from policy_lang.checker.slots import Row, Slot
from policy_lang.source import Span
from policy_lang.syntax.ast import Coalesce, Compare, Conditional, Expr, Method
from policy_lang.types.model import NUMBER, ORDERED, SCALAR, Kind
from policy_lang.versions.version import Version

EQUAL_ROWS: tuple[Row, ...] = (
    (NUMBER, NUMBER),
    *((kind, kind) for kind in (Kind.BOOL, Kind.STRING, Kind.VERSION, Kind.TIMESTAMP, Kind.DURATION)),
)
_ORDER_ROWS = tuple(row for row in EQUAL_ROWS if row[0] & ORDERED)
_SAME_ROWS: tuple[Row, ...] = tuple((kind, kind) for kind in Kind)
_BRANCH_ROWS: tuple[Row, ...] = (
    (Kind.INT, Kind.INT, Kind.INT),
    (Kind.FLOAT, NUMBER, Kind.FLOAT),
    (NUMBER, Kind.FLOAT, Kind.FLOAT),
    *((kind, kind, kind) for kind in Kind if not kind & NUMBER),
)
_MEMBERSHIP_ROWS: tuple[Row, ...] = ((SCALAR, Kind.LIST), (Kind.STRING, Kind.OBJECT))


def equality(expr: Compare, left: Slot, right: Slot, scope: Scope) -> None:
    """`==` and `!=` take two values of one type; ints and numbers mix."""
    conflict = conflicts.compare_conflict(scope, expr.left, expr.right, expr.span)
    scope.network.relate((left, right), EQUAL_ROWS, expr.span, conflict)


def order(expr: Compare, left: Slot, right: Slot, scope: Scope) -> None:
    """`<` and its like; an undeclared property beside a version literal is a version, whatever else it could be."""
    conflict = conflicts.compare_conflict(scope, expr.left, expr.right, expr.span)
    for slot, one, other in ((left, expr.left, expr.right), (right, expr.right, expr.left)):
        if _holds_inferred_property(one, scope) and any(_is_version(text.value) for text in literal_texts(other)):
            scope.network.narrow(slot, Kind.VERSION, expr.span, conflicts.use_conflict(scope, one, Kind.VERSION, expr.span))
    scope.network.relate((left, right), _ORDER_ROWS, expr.span, conflict)


def membership(expr: Compare, needle: Slot, haystack: Slot, scope: Scope) -> None:
    """`in` takes a list, or the key of an object; an undeclared property is a list."""
    haystack.preferred |= Kind.LIST
    conflict = conflicts.operand_conflict(scope, expr.op, (expr.left, expr.right), expr.span)
    scope.network.relate((needle, haystack), _MEMBERSHIP_ROWS, expr.span, conflict)
    item_of(expr, expr.left, needle, haystack, scope)


def empty_membership(expr: Compare, needle: Slot, scope: Scope) -> Slot:
    """`in []`: nothing is in it, so nothing tells what it would hold."""
    needle.preferred |= Kind.STRING
    scope.network.narrow(needle, SCALAR, expr.span, conflicts.use_conflict(scope, expr.left, SCALAR, expr.span))
    return scope.network.slot(Kind.LIST)


def item_of(expr: Expr, item: Expr, slot: Slot, list_slot: Slot, scope: Scope) -> None:
    """Relate an item to what a list holds, as soon as it is known to be a list."""

    def relate() -> None:
        conflict = conflicts.item_conflict(scope, item, _container(expr, item), expr.span)
        scope.network.relate((slot, scope.element(list_slot)), EQUAL_ROWS, expr.span, conflict)

    _once_list(list_slot, relate, scope)


def branches(operator: str, exprs: tuple[Expr, ...], slots: tuple[Slot, ...], span: Span, scope: Scope) -> Slot:
    """The common type of several values: ints become numbers beside numbers."""
    result = slots[0]
    for at, slot in enumerate(slots[1:], start=1):
        before, result = result, scope.network.slot()
        if slot.is_poisoned or before.is_poisoned:
            result.is_poisoned = True
            continue
        conflict = conflicts.branch_conflict(scope, operator, (exprs[at - 1], exprs[at]), span)
        scope.network.relate((before, slot, result), _BRANCH_ROWS, span, conflict)
        _same_elements(before, slot, result, operator, exprs, scope)
    return result


def _same_elements(left: Slot, right: Slot, result: Slot, operator: str, exprs: tuple[Expr, ...], scope: Scope) -> None:
    """Lists that stand for each other hold the same."""
    span = exprs[0].span.cover(exprs[-1].span)

    def relate() -> None:
        for side in (left, right):
            conflict = conflicts.branch_conflict(scope, operator, exprs[:2], span)
            scope.network.relate((scope.element(side), scope.element(result)), _SAME_ROWS, span, conflict)

    _once_list(result, relate, scope)


def _once_list(slot: Slot, relate: Callable[[], None], scope: Scope) -> None:
    """Relate once a slot turns out to be a list, now or while the types are settled."""

    def decide() -> bool:
        if slot.kinds == Kind.LIST and not slot.is_poisoned:
            relate()
        return slot.is_settled

    if not decide():
        scope.pending.append(decide)


def _container(expr: Expr, item: Expr) -> Expr:
    """The list that an item is compared with."""
    match expr:
        case Compare(_, left, right):
            return right if left is item else left
        case Method(base):
            return base
        case _:
            return expr


def _holds_inferred_property(expr: Expr, scope: Scope) -> bool:
    match expr:
        case Coalesce(items):
            return any(_holds_inferred_property(item, scope) for item in items)
        case Conditional(_, then, otherwise):
            return _holds_inferred_property(then, scope) or _holds_inferred_property(otherwise, scope)
        case _:
            return scope.slots[id(expr)].is_inferred_property


def _is_version(text: str) -> bool:
    try:
        Version.parse(text)
    except ValueError:
        return False
    return True
