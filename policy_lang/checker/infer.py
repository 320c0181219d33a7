"""The type of every expression: relations between slots, one rule per node.

Nothing is decided here for good. Each rule says what may fit; `settle` chooses where several types stay possible, and reports the
properties of which nothing tells the type.
"""

from typing import assert_never

from policy_lang.checker import conflicts
from policy_lang.checker.scope import Scope, needs_object, path_of
from policy_lang.checker.slots import Relation, Row, Slot
from policy_lang.diagnostics.model import Label
from policy_lang.source import Span
from policy_lang.suggest import did_you_mean
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
from policy_lang.types.core import path_text
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.functions.table import names
from policy_lang.types.model import ANYTHING, NUMBER, ORDERED, SCALAR, WRITTEN_AS_TEXT, Kind, Kinds
from policy_lang.types.times import read_duration
from policy_lang.versions.version import Version

_EQUAL_ROWS: tuple[Row, ...] = (
    (NUMBER, NUMBER),
    *((kind, kind) for kind in (Kind.BOOL, Kind.STRING, Kind.VERSION, Kind.TIMESTAMP, Kind.DURATION)),
)
_ORDER_ROWS = tuple(row for row in _EQUAL_ROWS if row[0] & ORDERED)
_BRANCH_ROWS: tuple[Row, ...] = (
    (Kind.INT, Kind.INT, Kind.INT),
    (Kind.FLOAT, NUMBER, Kind.FLOAT),
    (NUMBER, Kind.FLOAT, Kind.FLOAT),
    *((kind, kind, kind) for kind in Kind if not kind & NUMBER),
)
_MEMBERSHIP_ROWS: tuple[Row, ...] = ((SCALAR, Kind.LIST), (Kind.STRING, Kind.OBJECT))
_TEXT_OPERATORS = {
    ComparisonOp.STARTS_WITH: "startsWith",
    ComparisonOp.NOT_STARTS_WITH: "startsWith",
    ComparisonOp.ENDS_WITH: "endsWith",
    ComparisonOp.NOT_ENDS_WITH: "endsWith",
    ComparisonOp.CONTAINS: "includes",
    ComparisonOp.NOT_CONTAINS: "includes",
}
_LITERALS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "undefined": "null", "nil": "null"}


def infer(expr: Expr, scope: Scope) -> Slot:
    """The slot of an expression, with everything below it related."""
    slot = _infer(expr, scope)
    scope.slots[id(expr)] = slot
    return slot


def condition(expr: Expr, scope: Scope) -> Slot:
    """The slot of an expression that must be true or false."""
    slot = infer(expr, scope)
    scope.network.narrow(slot, Kind.BOOL, expr.span, conflicts.condition_conflict(scope, expr))
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
            scope.report("PL215", "`null` stands only beside `==` and `!=`", expr.span, "write `has(…)` or `??` to speak of what is missing")
            return scope.poison()
        case Regex():
            help_ = "compare with it: `device.model == /^X1/`, or call `.matches(…)`"
            scope.report("PL216", "a regular expression stands only beside `==` and `!=`", expr.span, help_)
            return scope.poison()
        case ListOf(items):
            return _list(expr, items, scope)
        case Name(name):
            return _name(expr, name, scope)
        case Member():
            return _member(expr, scope)
        case Index():
            return _index(expr, scope)
        case Call():
            return _call(expr, scope)
        case Method():
            return _method(expr, scope)
        case Unary():
            return _unary(expr, scope)
        case Binary(op, left, right):
            return _apply(expr, op, scope.functions(Form.OPERATOR, op), (left, right), scope)
        case Compare():
            return _compare(expr, scope)
        case And(items) | Or(items):
            for item in items:
                condition(item, scope)
            return scope.network.slot(Kind.BOOL)
        case Coalesce(items):
            return _branches("??", items, expr.span, scope)
        case Conditional(test, then, otherwise):
            condition(test, scope)
            return _branches("? :", (then, otherwise), expr.span, scope)
        case _:
            assert_never(expr)


def _text(value: str, scope: Scope) -> Slot:
    """A text literal means what its place expects; `now - '7d'` expects a time, and the text says which kind."""
    slot = scope.network.slot(WRITTEN_AS_TEXT)
    slot.fallback = Kind.DURATION if read_duration(value) is not None else Kind.TIMESTAMP
    return slot


def _list(expr: ListOf, items: tuple[Expr, ...], scope: Scope) -> Slot:
    """A list holds one type; ints and numbers mix."""
    slot = scope.network.slot(Kind.LIST)
    element = scope.element(slot)
    for item in items:
        item_slot = infer(item, scope)
        conflict = conflicts.branch_conflict(scope, "[…]", (item, items[0]), item.span)
        scope.network.relate((item_slot, element), _EQUAL_ROWS, item.span, conflict)
    if not items:
        scope.report("PL209", "an empty list stands only after `in`", expr.span, "write what the list holds")
        slot.is_poisoned = True
    return slot


def _name(expr: Name, name: str, scope: Scope) -> Slot:
    root = scope.root(name)
    if root is not None:
        return root
    known = scope.schema.device.members
    if name in _LITERALS:
        help_: str | None = f"did you mean `{_LITERALS[name]}`?"
    elif name in known or did_you_mean(name, scope.schema.all_roots) is None:
        help_ = did_you_mean(name, known) if known and name not in known and scope.schema.device.is_open is False else None
        help_ = help_ or f"did you mean `device.{name}`?"
    else:
        help_ = did_you_mean(name, scope.schema.all_roots)
    scope.report("PL202", f"`{name}` is not known", expr.span, help_)
    return scope.poison()


def _base(expr: Expr, scope: Scope) -> Slot:
    """The slot of what stands before a dot; reading a property of it is no use of its own value."""
    return infer(expr, scope)


def _member(expr: Member, scope: Scope) -> Slot:
    base = _base(expr.base, scope)
    if base.is_poisoned:
        return scope.poison()
    functions = scope.functions(Form.MEMBER, expr.name)
    possible = 0
    for function in functions:
        possible |= function.parameters[0].kinds
    if base.kinds & possible and not (base.declared is not None and base.kinds == Kind.OBJECT):
        if base.is_settled or base.path is None or expr.name == "length":
            return _apply(expr, f".{expr.name}", functions, (expr.base,), scope)
        return _undecided_member(expr, base, functions, scope)
    if base.kinds & Kind.OBJECT == 0:
        return _no_member(expr, base, scope)
    scope.network.narrow(base, Kind.OBJECT, expr.span, conflicts.use_conflict(scope, expr.base, Kind.OBJECT, expr.span))
    return scope.poison() if base.is_poisoned else scope.member(base, expr.name, expr.name_span)


def _undecided_member(expr: Member, base: Slot, functions: tuple[Function, ...], scope: Scope) -> Slot:
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
    kind = _kind_name(base)
    is_method = any(base.kinds & row.parameters[0].kinds for row in scope.functions(Form.METHOD, expr.name))
    help_ = f"call it: `.{expr.name}(…)`" if is_method else did_you_mean(expr.name, _members_of(base.kinds))
    scope.report("PL204", f"{kind} has no member `{expr.name}`", expr.name_span, help_)
    return scope.poison()


def _members_of(kinds: Kinds) -> list[str]:
    from_rows = (row for form in (Form.MEMBER, Form.METHOD) for row in _all_rows(form) if row.parameters[0].kinds & kinds)
    return [row.name for row in from_rows]


def _all_rows(form: Form) -> list[Function]:
    from policy_lang.types.functions.table import LANGUAGE

    return [row for row in LANGUAGE if row.form is form]


def _kind_name(slot: Slot) -> str:
    name = f"`{path_text(slot.path)}` " if slot.path is not None else ""
    return f"{name}({Kind(slot.kinds).display})" if slot.is_settled else name.strip() or "this value"


def _index(expr: Index, scope: Scope) -> Slot:
    base = _base(expr.base, scope)
    if base.is_poisoned:
        return scope.poison()
    match expr.key:
        case Text(key):
            scope.network.narrow(base, Kind.OBJECT, expr.span, needs_object(scope, base, expr.span))
            return scope.poison() if base.is_poisoned else scope.member(base, key, expr.key.span)
        case Integer():
            scope.network.narrow(base, Kind.LIST, expr.span, conflicts.use_conflict(scope, expr.base, Kind.LIST, expr.span))
            return scope.poison() if base.is_poisoned else scope.element(base)
        case _:
            scope.report("PL217", "an index is a literal", expr.key.span, "write a name in quotes, or a position counted from 0")
            return scope.poison()


def _call(expr: Call, scope: Scope) -> Slot:
    if expr.name == "has":
        return _has(expr, scope)
    functions = scope.functions(Form.FUNCTION, expr.name)
    if not functions:
        known = [*names(Form.FUNCTION, scope.schema.functions), "has"]
        help_ = "write `!`" if expr.name == "not" else did_you_mean(expr.name, known)
        if scope.functions(Form.METHOD, expr.name):
            help_ = f"it is a method: `device.model.{expr.name}(…)`"
        help_ = help_ or f"the functions are {', '.join(known)}"
        scope.report("PL204", f"there is no function `{expr.name}`", expr.name_span, help_)
        return _infer_all(expr.args, scope)
    return _apply(expr, expr.name, functions, expr.args, scope)


def _has(expr: Call, scope: Scope) -> Slot:
    """`has` asks for presence, so its argument needs no type."""
    if len(expr.args) != 1:
        scope.report("PL205", f"`has` takes 1 argument, not {len(expr.args)}", expr.span, "write for example `has(device.region)`")
        return _infer_all(expr.args, scope)
    property_(expr.args[0], "has", scope)
    return scope.network.slot(Kind.BOOL)


def property_(expr: Expr, name: str, scope: Scope) -> Slot:
    """The slot of an expression that must be a property path, as for `has` and `== null`."""
    slot = infer(expr, scope)
    path = path_of(expr, scope)
    if not slot.is_poisoned and (path is None or len(path) == 1 or id(expr) in scope.rows):
        scope.report("PL206", f"`{name}` takes a property, not {scope.excerpt(expr)}", expr.span, "write for example `device.region`")
    return slot


def _infer_all(args: tuple[Expr, ...], scope: Scope) -> Slot:
    """Look into the arguments of a call that cannot be typed, for more findings."""
    for arg in args:
        if not isinstance(arg, Regex | Null):
            infer(arg, scope).is_poisoned = True
    return scope.poison()


def _method(expr: Method, scope: Scope) -> Slot:
    functions = scope.functions(Form.METHOD, expr.name)
    if functions:
        return _apply(expr, expr.name, functions, (expr.base, *expr.args), scope)
    known = names(Form.METHOD, scope.schema.functions)
    if scope.functions(Form.MEMBER, expr.name):
        help_: str | None = f"write `.{expr.name}` without parentheses"
    elif scope.functions(Form.FUNCTION, expr.name) or expr.name == "has":
        help_ = f"it is a function: `{expr.name}({scope.excerpt(expr.base).strip('`')})`"
    else:
        help_ = did_you_mean(expr.name, known) or f"the methods are {', '.join(known)}"
    scope.report("PL204", f"there is no method `{expr.name}`", expr.name_span, help_)
    return _infer_all((expr.base, *expr.args), scope)


def _unary(expr: Unary, scope: Scope) -> Slot:
    match expr.op:
        case UnaryOp.NOT:
            condition(expr.operand, scope)
            return scope.network.slot(Kind.BOOL)
        case UnaryOp.NEGATE:
            return _apply(expr, "-", scope.functions(Form.OPERATOR, "negate"), (expr.operand,), scope)
        case UnaryOp.COMPLEMENT:
            return _apply(expr, "~", scope.functions(Form.OPERATOR, "~"), (expr.operand,), scope)
        case UnaryOp.PLUS:
            slot = infer(expr.operand, scope)
            scope.network.narrow(slot, NUMBER, expr.span, conflicts.operand_conflict(scope, "+", (expr.operand,), expr.span))
            return slot
        case _:
            assert_never(expr.op)


def _apply(expr: Expr, name: str, functions: tuple[Function, ...], args: tuple[Expr, ...], scope: Scope) -> Slot:
    """Relate the arguments of a row, whichever of its overloads it will be, to the result."""
    if not _check_count(expr, name, functions, args, scope):
        return _infer_all(args, scope)
    scope.rows[id(expr)] = functions
    parameters = functions[0].parameters
    typed = [at for at in range(len(args)) if parameters[at].read is None]
    for at in range(len(args)):
        if at not in typed:
            _read_literal(args[at], name, parameters[at], scope)
    slots = tuple(infer(args[at], scope) for at in typed)
    result = scope.network.slot(_results(functions))
    rows = tuple((*(function.parameters[at].kinds for at in typed), _result(function)) for function in functions)
    for at, slot in zip(typed, slots, strict=True):
        slot.preferred |= functions[0].parameters[at].kinds if len(functions) > 1 and functions[0].form is not Form.OPERATOR else 0
    if any(slot.is_poisoned for slot in slots):
        result.is_poisoned = not result.is_settled
        return result
    conflict = conflicts.operand_conflict(scope, name, tuple(args[at] for at in typed), expr.span)
    scope.network.relate((*slots, result), rows, expr.span, conflict)
    _relate_elements(expr, functions, args, slots, scope)
    _check_literals(name, functions[0], args, scope)
    return result


def _results(functions: tuple[Function, ...]) -> Kinds:
    kinds = 0
    for function in functions:
        kinds |= _result(function)
    return kinds


def _result(function: Function) -> Kinds:
    return ANYTHING if function.is_element else function.result


def _check_count(expr: Expr, name: str, functions: tuple[Function, ...], args: tuple[Expr, ...], scope: Scope) -> bool:
    function = functions[0]
    fewest, most = function.fewest, len(function.parameters)
    if fewest <= len(args) <= most:
        return True
    own = 0 if function.form is Form.FUNCTION else 1
    wanted = str(most - own) if fewest == most else f"{fewest - own} to {most - own}"
    shown = ", ".join(parameter.name for parameter in function.parameters[own:])
    plural = "" if wanted == "1" else "s"
    scope.report(
        "PL205", f"`{name}` takes {wanted} argument{plural}, not {len(args) - own}", expr.span, f"write `{name}({shown})`"
    )
    return False


def _relate_elements(
    expr: Expr, functions: tuple[Function, ...], args: tuple[Expr, ...], slots: tuple[Slot, ...], scope: Scope
) -> None:
    """Once the first argument turns out to be a list, relate what it holds to the arguments that are items."""
    for function in functions:
        for at, parameter in enumerate(function.parameters):
            if parameter.is_element:
                relate_element(expr, args[at], slots[at], slots[0], scope)


def relate_element(expr: Expr, item: Expr, slot: Slot, list_slot: Slot, scope: Scope) -> None:
    """Relate an item to what a list holds, as soon as it is known to be a list."""

    def decide() -> bool:
        if list_slot.kinds == Kind.LIST and not list_slot.is_poisoned:
            element = scope.element(list_slot)
            conflict = conflicts.item_conflict(scope, item, _container(expr, item), expr.span)
            scope.network.relate((slot, element), _EQUAL_ROWS, expr.span, conflict)
        return list_slot.is_settled

    if not decide():
        scope.pending.append(decide)


def _container(expr: Expr, item: Expr) -> Expr:
    match expr:
        case Compare(_, left, right):
            return right if left is item else left
        case Method(base):
            return base
        case _:
            return expr


def _read_literal(arg: Expr, name: str, parameter: Parameter, scope: Scope) -> None:
    """Read an argument that must be a literal: a range, a network, a regular expression."""
    match arg:
        case Text(value):
            text = value
        case Regex(pattern, flags) if parameter.code == "PL219":
            scope.values[id(arg)] = (pattern, flags)
            return
        case _:
            example = "a text in quotes" if parameter.code != "PL219" else "a regular expression or a text in quotes"
            scope.report("PL217", f"the {parameter.name} of `{name}` is a literal", arg.span, f"write {example}")
            return
    if parameter.code == "PL219":
        scope.values[id(arg)] = (text, "")
        return
    try:
        scope.values[id(arg)] = parameter.read(text) if parameter.read is not None else text
    except ValueError as error:
        scope.report(parameter.code, str(error), arg.span)


def _check_literals(name: str, function: Function, args: tuple[Expr, ...], scope: Scope) -> None:
    """Check the arguments whose values are known already."""
    values = [scope.values.get(id(arg), literal_value(arg)) for arg in args]
    for arg, value, parameter in zip(args, values, function.parameters, strict=False):
        if parameter.is_literal and value is None:
            scope.report("PL217", f"the {parameter.name} of `{name}` is a literal", arg.span, "write the number itself")
        elif parameter.check is not None and value is not None and not _is_misfit(value, parameter):
            wrong = parameter.check(value)
            if wrong is not None:
                scope.report("PL218", wrong, arg.span)
    if function.check is not None:
        given = [*values, *(parameter.default for parameter in function.parameters[len(values) :])]
        wrong = None if None in given[:-1] else function.check(*given)
        if wrong is not None:
            scope.report("PL218", wrong, Span(args[0].span.start, args[-1].span.end))


def _is_misfit(value: object, parameter: Parameter) -> bool:
    """Whether a literal is of another type than the parameter, which was reported."""
    return isinstance(value, bool) or isinstance(value, str) != bool(parameter.kinds & Kind.STRING)


def literal_value(expr: Expr) -> str | int | float | bool | None:
    """The value of a literal, a signed number included; None for every other expression."""
    match expr:
        case Text(value) | Integer(value) | Float(value) | Boolean(value):
            return value
        case Unary(UnaryOp.NEGATE, Integer(number)) | Unary(UnaryOp.NEGATE, Float(number)):
            return -number
        case Unary(UnaryOp.PLUS, Integer(number)) | Unary(UnaryOp.PLUS, Float(number)):
            return number
        case _:
            return None


def _branches(operator: str, branches: tuple[Expr, ...], span: Span, scope: Scope) -> Slot:
    """The common type of several values: ints become numbers beside numbers."""
    result = infer(branches[0], scope)
    for at, branch in enumerate(branches[1:]):
        slot, before = infer(branch, scope), result
        result = scope.network.slot()
        if slot.is_poisoned or before.is_poisoned:
            result.is_poisoned = True
            continue
        conflict = conflicts.branch_conflict(scope, operator, (branches[at], branch), span)
        scope.network.relate((before, slot, result), _BRANCH_ROWS, span, conflict)
        _join_elements(before, slot, result, span, scope)
    return result


def _join_elements(left: Slot, right: Slot, result: Slot, span: Span, scope: Scope) -> None:
    """Lists that stand for each other hold the same."""

    def decide() -> bool:
        if result.kinds == Kind.LIST and not result.is_poisoned:
            element = scope.element(result)
            for side in (left, right):
                conflict = _ignore
                scope.network.relate((scope.element(side), element), tuple((kind, kind) for kind in Kind), span, conflict)
        return result.is_settled

    if not decide():
        scope.pending.append(decide)


def _ignore(relation: Relation) -> None:
    """The elements of lists that differ are reported where the lists are compared with something."""


def _compare(expr: Compare, scope: Scope) -> Slot:
    result = scope.network.slot(Kind.BOOL)
    match expr.op:
        case ComparisonOp.EQUAL | ComparisonOp.NOT_EQUAL:
            _equality(expr, scope)
        case ComparisonOp.IN | ComparisonOp.NOT_IN:
            _membership(expr, scope)
        case ComparisonOp.LESS | ComparisonOp.LESS_EQUAL | ComparisonOp.GREATER | ComparisonOp.GREATER_EQUAL:
            _order(expr, scope)
        case _:
            functions = scope.functions(Form.METHOD, _TEXT_OPERATORS[expr.op])
            return _apply(expr, expr.op, functions, (expr.left, expr.right), scope)
    return result


def _equality(expr: Compare, scope: Scope) -> None:
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(other, Null):
            property_(one, f"{expr.op} null", scope)
            return
        if isinstance(other, Regex):
            _search(expr, one, other, scope)
            return
    left, right = infer(expr.left, scope), infer(expr.right, scope)
    if not (left.is_poisoned or right.is_poisoned):
        scope.network.relate((left, right), _EQUAL_ROWS, expr.span, conflicts.compare_conflict(scope, expr.left, expr.right, expr.span))


def _search(expr: Compare, text: Expr, regex: Regex, scope: Scope) -> None:
    """`device.model == /^X1/`: a search in a text."""
    slot = infer(text, scope)
    scope.values[id(regex)] = (regex.pattern, regex.flags)
    if not slot.is_poisoned:
        conflict = conflicts.operand_conflict(scope, f"{expr.op} /…/", (text,), expr.span)
        scope.network.narrow(slot, Kind.STRING, expr.span, conflict)


def _order(expr: Compare, scope: Scope) -> None:
    left, right = infer(expr.left, scope), infer(expr.right, scope)
    if left.is_poisoned or right.is_poisoned:
        return
    conflict = conflicts.compare_conflict(scope, expr.left, expr.right, expr.span)
    for slot, one, other in ((left, expr.left, expr.right), (right, expr.right, expr.left)):
        if _holds_inferred_property(one, scope) and any(map(_is_version, literal_texts(other))):
            scope.network.relate((slot,), ((Kind.VERSION,),), expr.span, _as_version(scope, one, conflict, expr))
    scope.network.relate((left, right), _ORDER_ROWS, expr.span, conflict)


def _as_version(scope: Scope, expr: Expr, otherwise: conflicts.Conflict, compare: Compare) -> conflicts.Conflict:
    """Ordering against a version literal makes a property a version; an earlier use that says otherwise is the conflict."""

    def conflict(relation: Relation) -> None:
        conflicts.use_conflict(scope, expr, Kind.VERSION, compare.span)(relation)

    return conflict


def _holds_inferred_property(expr: Expr, scope: Scope) -> bool:
    match expr:
        case Coalesce(items):
            return any(_holds_inferred_property(item, scope) for item in items)
        case Conditional(_, then, otherwise):
            return _holds_inferred_property(then, scope) or _holds_inferred_property(otherwise, scope)
        case _:
            return scope.slots[id(expr)].is_inferred_property


def literal_texts(expr: Expr) -> list[str]:
    """The text literals that an expression may come to, through `?:`, `??` and lists."""
    return [text.value for text in literal_nodes(expr)]


def literal_nodes(expr: Expr) -> list[Text]:
    """The nodes of those literals."""
    match expr:
        case Text():
            return [expr]
        case Coalesce(items) | ListOf(items):
            return [node for item in items for node in literal_nodes(item)]
        case Conditional(_, then, otherwise):
            return [*literal_nodes(then), *literal_nodes(otherwise)]
        case _:
            return []


def _is_version(text: str) -> bool:
    try:
        Version.parse(text)
    except ValueError:
        return False
    return True


def _membership(expr: Compare, scope: Scope) -> None:
    needle = infer(expr.left, scope)
    if isinstance(expr.right, ListOf) and not expr.right.items:
        scope.slots[id(expr.right)] = scope.network.slot(Kind.LIST)
        needle.preferred |= Kind.STRING
        scope.network.narrow(needle, SCALAR, expr.span, conflicts.use_conflict(scope, expr.left, SCALAR, expr.span))
        return
    haystack = infer(expr.right, scope)
    if needle.is_poisoned or haystack.is_poisoned:
        return
    haystack.preferred |= Kind.LIST
    conflict = conflicts.operand_conflict(scope, expr.op, (expr.left, expr.right), expr.span)
    scope.network.relate((needle, haystack), _MEMBERSHIP_ROWS, expr.span, conflict)
    relate_element(expr, expr.left, needle, haystack, scope)


def undetermined(scope: Scope, expr: Expr, slot: Slot) -> None:
    """Report a property whose type nothing tells."""
    shown = scope.excerpt(expr)
    scope.report(
        "PL209",
        f"the type of {shown} cannot be told from this policy",
        expr.span,
        f"declare it in a schema, or write `string({shown.strip('`')})`, `number(…)` or `version(…)`",
        related=tuple(Label(use.span, "used here") for use in slot.evidence[:1] if use.span != expr.span),
    )
    slot.is_poisoned = True
