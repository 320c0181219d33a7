"""Calls, methods, members and operators that rows define: relating the arguments of whichever overload it will be to the result."""

from policy_lang.checker import conflicts
from policy_lang.checker.constants import literal_value
from policy_lang.checker.relations import item_of
from policy_lang.checker.scope import Scope
from policy_lang.checker.slots import Slot
from policy_lang.source import Span
from policy_lang.suggest import did_you_mean
from policy_lang.syntax.ast import Call, Expr, Method, Regex, Text
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.functions.table import names
from policy_lang.types.model import ANYTHING, WRITTEN_AS_TEXT, Kind, Kinds

_PATTERN = "PL219"


def find_function(expr: Call, scope: Scope) -> tuple[Function, ...]:
    """The rows of a function, none where there is no such function, which is reported."""
    functions = scope.functions(Form.FUNCTION, expr.name)
    if not functions:
        known = [*names(Form.FUNCTION, scope.schema.functions), "has"]
        help_ = "write `!`" if expr.name == "not" else did_you_mean(expr.name, known)
        if scope.functions(Form.METHOD, expr.name):
            help_ = f"it is a method: `device.model.{expr.name}(…)`"
        help_ = help_ or f"the functions are {', '.join(known)}"
        scope.report("PL204", f"there is no function `{expr.name}`", expr.name_span, help_)
    return functions


def find_method(expr: Method, scope: Scope) -> tuple[Function, ...]:
    """The rows of a method, none where there is no such method, which is reported."""
    functions = scope.functions(Form.METHOD, expr.name)
    if not functions:
        known = names(Form.METHOD, scope.schema.functions)
        help_ = did_you_mean(expr.name, known) or f"the methods are {', '.join(known)}"
        if scope.functions(Form.MEMBER, expr.name):
            help_ = f"write `.{expr.name}` without parentheses"
        elif scope.functions(Form.FUNCTION, expr.name) or expr.name == "has":
            help_ = f"it is a function: `{expr.name}({scope.excerpt(expr.base).strip('`')})`"
        scope.report("PL204", f"there is no method `{expr.name}`", expr.name_span, help_)
    return functions


def takes(expr: Expr, name: str, functions: tuple[Function, ...], given: int, scope: Scope) -> bool:
    """Whether a row takes so many arguments; what stands before a dot is one."""
    function = functions[0]
    fewest, most = function.fewest, len(function.parameters)
    if fewest <= given <= most:
        return True
    own = 0 if function.form is Form.FUNCTION else 1
    wanted = str(most - own) if fewest == most else f"{fewest - own} to {most - own}"
    shown = ", ".join(parameter.name for parameter in function.parameters[own:])
    plural = "" if wanted == "1" else "s"
    message = f"`{name}` takes {wanted} argument{plural}, not {given - own}"
    scope.report("PL205", message, expr.span, f"write `{name}({shown})`")
    return False


def typed_positions(function: Function, given: int) -> list[int]:
    """The positions of the arguments that have a type; the others are literals that the row reads itself."""
    return [at for at in range(given) if function.parameters[at].read is None]


def relate(
    expr: Expr, name: str, functions: tuple[Function, ...], args: tuple[Expr, ...], slots: tuple[Slot, ...], scope: Scope
) -> Slot:
    """Relate the typed arguments of a row to its result.

    Args:
        expr: the call, method, member or operator.
        name: what to call it in findings.
        functions: its overloads; all take the same number of arguments.
        args: every argument, what stands before a dot first.
        slots: the slots of the typed ones.
        scope: the check.

    Returns:
        The slot of the result.
    """
    scope.rows[id(expr)] = functions
    typed = typed_positions(functions[0], len(args))
    for at in range(len(args)):
        if at not in typed:
            _read_literal(args[at], name, functions[0].parameters[at], scope)
    result = scope.network.slot(_results(functions))
    if functions[0].items is not None:
        scope.element(result).kinds = functions[0].items
    if any(slot.is_poisoned and slot.path is None for slot in slots):
        result.is_poisoned = True
        return result
    _prefer(functions, typed, slots)
    rows = tuple((*(function.parameters[at].kinds for at in typed), _result(function)) for function in functions)
    conflict = conflicts.operand_conflict(scope, name, tuple(args[at] for at in typed), expr.span)
    scope.network.relate((*slots, result), rows, expr.span, conflict)
    for function in functions:
        for at, parameter in enumerate(function.parameters):
            if parameter.is_element:
                item_of(expr, args[at], slots[at], slots[0], scope)
    _check_literals(name, functions[0], args, scope)
    return result


def _prefer(functions: tuple[Function, ...], typed: list[int], slots: tuple[Slot, ...]) -> None:
    """Of several overloads of a function the first is meant, where nothing else tells; what `version(…)` reads is a text."""
    if len(functions) > 1 and functions[0].form is not Form.OPERATOR:
        for at, slot in zip(typed, slots, strict=True):
            kinds = functions[0].parameters[at].kinds
            slot.preferred |= Kind.STRING if slot.path is not None and kinds & WRITTEN_AS_TEXT else kinds


def _results(functions: tuple[Function, ...]) -> Kinds:
    kinds = 0
    for function in functions:
        kinds |= _result(function)
    return kinds


def _result(function: Function) -> Kinds:
    return ANYTHING if function.is_element else function.result


def _read_literal(arg: Expr, name: str, parameter: Parameter, scope: Scope) -> None:
    """Read an argument that must be a literal: a range, a network, a regular expression, which is compiled later."""
    is_pattern = parameter.code == _PATTERN
    match arg:
        case Regex(pattern, flags) if is_pattern:
            scope.values[id(arg)] = (pattern, flags)
        case Text(value) if is_pattern:
            scope.values[id(arg)] = (value, "")
        case Text(value) if parameter.read is not None:
            try:
                scope.values[id(arg)] = parameter.read(value)
            except ValueError as error:
                scope.report(parameter.code, str(error), arg.span, parameter.hint)
        case _:
            example = "a regular expression or a text in quotes" if is_pattern else "a text in quotes"
            scope.report("PL217", f"the {parameter.name} of `{name}` is a literal", arg.span, f"write {example}")


def _check_literals(name: str, function: Function, args: tuple[Expr, ...], scope: Scope) -> None:
    """Check the arguments whose values are known already, one by one and together."""
    values = [scope.values.get(id(arg), literal_value(arg)) for arg in args]
    for arg, value, parameter in zip(args, values, function.parameters, strict=False):
        if parameter.is_literal and value is None:
            scope.report("PL217", f"the {parameter.name} of `{name}` is a literal", arg.span, "write the number itself")
        elif parameter.check is not None and value is not None and not _is_misfit(value, parameter):
            wrong = parameter.check(value)
            if wrong is not None:
                scope.report("PL218", wrong, arg.span, parameter.hint)
    required = values[: function.fewest]
    if function.check is not None and None not in required:
        wrong = function.check(*values, *(parameter.default for parameter in function.parameters[len(values) :]))
        if wrong is not None:
            scope.report("PL218", wrong, Span(args[0].span.start, args[-1].span.end), function.parameters[0].hint)


def _is_misfit(value: object, parameter: Parameter) -> bool:
    """Whether a literal is of another type than the parameter, which was reported."""
    return isinstance(value, bool) or isinstance(value, str) != bool(parameter.kinds & Kind.STRING)
