"""Functions, methods and operators: those that engines compute exactly, each with the checks that the language asks for.

Integers stay within ±(2^53-1) and numbers finite, or the result is unknown. So a check stands around every operation whose result
may leave its range.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from policy_lang.fleet.builder import Builder, E, Form, Operation
from policy_lang.fleet.relations import require, to_double
from policy_lang.fleet.rows import microseconds
from policy_lang.fleet.values import InexpressibleError, Value
from policy_lang.rollout.bucket import percent_to_buckets
from policy_lang.types.core import Apply, Constant
from policy_lang.types.decode import LARGEST_INTEGER
from policy_lang.types.functions.lists import ITEM
from policy_lang.types.functions.rollout import ROLLOUT
from policy_lang.types.functions.row import Form as Written
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, MATCHES, STARTS_WITH
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import Kind
from policy_lang.types.patterns import Pattern
from policy_lang.versions.ranges import VersionRange

_Values: TypeAlias = Sequence[Value[E]]

_LARGEST_DOUBLE = 1.7976931348623157e308
_FIRST_MOMENT = microseconds(datetime.min.replace(tzinfo=UTC))
_LAST_MOMENT = microseconds(datetime.max.replace(tzinfo=UTC))
_LONGEST = _LAST_MOMENT - _FIRST_MOMENT
"""A duration beyond this moves every moment out of the calendar."""


def apply(builder: Builder[E], node: Apply, operands: _Values[E]) -> Value[E]:
    """A row applied to its operands.

    Raises:
        InexpressibleError: the engine does not compute the row, or not exactly.
    """
    function = node.function
    if function is SATISFIES:
        return _satisfies(builder, node, operands[0])
    if function is ROLLOUT:
        return _rollout(builder, node, operands)
    if function in _TEXT_TESTS:
        return _text_test(builder, node, operands)
    if function is MATCHES:
        return _search(builder, node, operands)
    if function is ITEM:
        return _item(builder, node, operands)
    if function.is_host:
        raise InexpressibleError(f"the host's function `{function.name}`")
    if function.form is Written.OPERATOR:
        return _operator(builder, node, operands)
    match function.name, tuple(parameter.kinds for parameter in function.parameters):
        case "length", (Kind.STRING,) if Operation.LENGTH in builder.can:
            require(Form.TEXT, operands)
            return Value(Form.INTEGER, lambda: builder.length(operands[0].build()), operands[0].weight + 1)
        case "length", (Kind.LIST,) if Operation.LISTS in builder.can:
            require(Form.LIST, operands)
            return Value(Form.INTEGER, lambda: builder.count(operands[0].build()), operands[0].weight + 1)
        case "bucket", _:
            return _bucket(builder, operands)
        case _:
            raise InexpressibleError(f"`{function.name}`")


def _satisfies(builder: Builder[E], node: Apply, version: Value[E]) -> Value[E]:
    """Each bound is where membership changes, so a range is a few intervals of keys."""
    allowed = node.args[1]
    if not (isinstance(allowed, Constant) and isinstance(allowed.value, VersionRange)):
        raise InexpressibleError("`satisfies` with a range that is not literal")
    require(Form.KEY, [version])
    keys = [bound.key for bound in allowed.value.bounds]
    intervals = [(low, keys[at + 1] if at + 1 < len(keys) else None) for at, low in enumerate(keys) if at % 2 == 0]

    def build() -> E:
        if not intervals:
            nothing = builder.literal(False, Form.BOOLEAN)
            return builder.choose(builder.is_known(version.build()), nothing, builder.null(Form.BOOLEAN))
        parts = [_between(builder, version, low, high) for low, high in intervals]
        return parts[0] if len(parts) == 1 else builder.either(parts)

    return Value(Form.BOOLEAN, build, (version.weight + 4) * 2 * (len(intervals) or 1))


def _between(builder: Builder[E], version: Value[E], low: str, high: str | None) -> E:
    from_low = builder.negation(builder.less(version.build(), builder.literal(low, Form.KEY), Form.KEY))
    if high is None:
        return from_low
    return builder.both([from_low, builder.less(version.build(), builder.literal(high, Form.KEY), Form.KEY)])


def _bucket(builder: Builder[E], operands: _Values[E]) -> Value[E]:
    if Operation.BUCKET not in builder.can:
        raise InexpressibleError(Operation.BUCKET)
    require(Form.TEXT, operands)
    key, salt = operands
    return Value(Form.INTEGER, lambda: builder.bucket(key.build(), salt.build()), key.weight + salt.weight + 8)


def _rollout(builder: Builder[E], node: Apply, operands: _Values[E]) -> Value[E]:
    percent = node.args[2]
    if not isinstance(percent, Constant) or percent.value is None:
        raise InexpressibleError("`rollout` of a percent that is not literal")
    place, share = _bucket(builder, operands[:2]), percent_to_buckets(percent.value)
    share_literal = partial(builder.literal, share, Form.INTEGER)
    return Value(Form.BOOLEAN, lambda: builder.less(place.build(), share_literal(), Form.INTEGER), place.weight + 2)


_TEXT_TESTS = {STARTS_WITH: Operation.PREFIX, ENDS_WITH: Operation.SUFFIX, INCLUDES: Operation.PART}


def _text_test(builder: Builder[E], node: Apply, operands: _Values[E]) -> Value[E]:
    operation = _TEXT_TESTS[node.function]
    if operation not in builder.can:
        raise InexpressibleError(operation)
    require(Form.TEXT, operands)
    tests: dict[Operation, Callable[[E, E], E]] = {
        Operation.PREFIX: builder.starts_with,
        Operation.SUFFIX: builder.ends_with,
        Operation.PART: builder.contains,
    }
    test, (text, part) = tests[operation], operands
    return Value(Form.BOOLEAN, lambda: test(text.build(), part.build()), 2 * (text.weight + part.weight) + 3)


def _search(builder: Builder[E], node: Apply, operands: _Values[E]) -> Value[E]:
    pattern, text = node.args[1], operands[0]
    if Operation.SEARCH not in builder.can or not isinstance(pattern, Constant) or not isinstance(pattern.value, Pattern):
        raise InexpressibleError(Operation.SEARCH)
    require(Form.TEXT, [text])
    source, flags = pattern.value.source, pattern.value.flags
    return Value(Form.BOOLEAN, lambda: builder.search(text.build(), source, flags), text.weight + 4)


def _item(builder: Builder[E], node: Apply, operands: _Values[E]) -> Value[E]:
    position = node.args[1]
    is_literal = isinstance(position, Constant) and type(position.value) is int and position.value >= 0
    if not is_literal or Operation.LISTS not in builder.can:
        raise InexpressibleError("an item at a computed position")
    assert isinstance(position, Constant)  # noqa: S101  the line above says so; for the type checker
    require(Form.LIST, operands[:1])
    items, at = operands[0], position.value
    return Value(items.items, lambda: builder.item(items.build(), at), items.weight + 1)


def _operator(builder: Builder[E], node: Apply, operands: _Values[E]) -> Value[E]:
    kinds = tuple(parameter.kinds for parameter in node.function.parameters)
    match node.function.name, kinds:
        case ("+" | "-" | "*" | "%" | "&" | "|" | "^") as op, (Kind.INT, Kind.INT):
            return _on_integers(builder, op, operands)
        case ("+" | "-" | "*" | "/" | "%") as op, (Kind.INT | Kind.FLOAT, Kind.INT | Kind.FLOAT):
            return _on_numbers(builder, op, operands, is_small=kinds == (Kind.INT, Kind.INT))
        case "negate", (Kind.INT | Kind.FLOAT,):
            return _minus(builder, _zero(builder, operands[0]), operands[0])
        case "~", (Kind.INT,):
            return _on_integers(builder, "-", (Value(Form.INTEGER, lambda: builder.literal(-1, Form.INTEGER)), *operands))
        case ("+" | "-") as op, (Kind.TIMESTAMP, Kind.DURATION):
            return _moved(builder, op, operands, node.args[1])
        case "+", (Kind.DURATION, Kind.TIMESTAMP):
            return _moved(builder, "+", operands[::-1], node.args[0])
        case "-", (Kind.TIMESTAMP, Kind.TIMESTAMP):
            require(Form.MICROSECONDS, operands)
            return _minus(builder, *operands)
        case name, _:
            raise InexpressibleError(f"`{name}`")


def _zero(builder: Builder[E], beside: Value[E]) -> Value[E]:
    """A zero of the form of a number."""
    if beside.form is Form.DOUBLE:
        return Value(Form.DOUBLE, lambda: builder.literal(0.0, Form.DOUBLE))
    require(Form.INTEGER, [beside])
    return Value(Form.INTEGER, lambda: builder.literal(0, Form.INTEGER))


def _minus(builder: Builder[E], left: Value[E], right: Value[E]) -> Value[E]:
    """A difference that cannot leave its range."""
    form = left.form or Form.INTEGER
    weight = left.weight + right.weight + 1
    return Value(form, lambda: builder.calculate("-", left.build(), right.build(), form), weight)


def _on_integers(builder: Builder[E], op: str, operands: _Values[E]) -> Value[E]:
    if op in "&|^" and Operation.BITS not in builder.can:
        raise InexpressibleError(Operation.BITS)
    require(Form.INTEGER, operands)
    left, right = operands
    weight = 4 * (left.weight + right.weight) + 8
    if op == "*":
        return Value(Form.INTEGER, lambda: _product(builder, left, right), weight)
    result = partial(_calculate, builder, op, left, right, Form.INTEGER)
    if op == "%":
        return Value(Form.INTEGER, result, weight)
    return Value(Form.INTEGER, lambda: _ranged(builder, result(), LARGEST_INTEGER, Form.INTEGER), weight)


def _product(builder: Builder[E], left: Value[E], right: Value[E]) -> E:
    """A product of integers, by way of DOUBLEs: it is exact there wherever it is in range, and out of range wherever it is not."""
    product = builder.calculate("*", builder.to_double(left.build()), builder.to_double(right.build()), Form.DOUBLE)
    return builder.to_integer(_ranged(builder, product, float(LARGEST_INTEGER), Form.DOUBLE))


def _on_numbers(builder: Builder[E], op: str, operands: _Values[E], *, is_small: bool) -> Value[E]:
    """Arithmetic in IEEE doubles; a quotient of two integers is in range everywhere."""
    wanted = Operation.REMAINDER if op == "%" else Operation.FLOATS
    if wanted not in builder.can and not (is_small and op == "/"):
        raise InexpressibleError(wanted)
    left, right = (to_double(builder, each) for each in operands)
    result = partial(_calculate, builder, op, left, right, Form.DOUBLE)
    weight = 4 * (left.weight + right.weight) + 8
    if op == "%" or is_small:
        return Value(Form.DOUBLE, result, weight)
    return Value(Form.DOUBLE, lambda: _ranged(builder, result(), _LARGEST_DOUBLE, Form.DOUBLE), weight)


def _moved(builder: Builder[E], op: str, operands: _Values[E], length: object) -> Value[E]:
    """A timestamp moved by a literal duration."""
    if not isinstance(length, Constant) or length.value is None or abs(microseconds(length.value)) > _LONGEST:
        raise InexpressibleError("a timestamp moved by a computed duration")
    require(Form.MICROSECONDS, operands)
    moment, by = operands

    def build() -> E:
        moved = builder.calculate(op, moment.build(), by.build(), Form.MICROSECONDS)
        return builder.within(moved, _FIRST_MOMENT, _LAST_MOMENT, Form.MICROSECONDS)

    return Value(Form.MICROSECONDS, build, 2 * moment.weight + 8)


def _calculate(builder: Builder[E], op: str, left: Value[E], right: Value[E], form: Form) -> E:
    return builder.calculate(op, left.build(), right.build(), form)


def _ranged(builder: Builder[E], value: E, largest: float, form: Form) -> E:
    return builder.within(value, -largest, largest, form)
