"""Comparison, membership and choice, and how values of different forms meet."""

from collections.abc import Sequence

from policy_lang.fleet.builder import Builder, E, Form, Operation
from policy_lang.fleet.values import InexpressibleError, Value
from policy_lang.types.core import Comparison

_NUMBERS = frozenset({Form.INTEGER, Form.DOUBLE})
_ORDERED = frozenset({Form.INTEGER, Form.DOUBLE, Form.TEXT, Form.KEY, Form.MICROSECONDS})


def require(form: Form, values: Sequence[Value[E]]) -> None:
    """Refuse operands of another form, which only deferred or odd nodes have."""
    if any(value.form is not form for value in values):
        raise InexpressibleError(f"a value that is no {form}")


def unify(builder: Builder[E], values: Sequence[Value[E]]) -> tuple[Form, list[Value[E]]]:
    """The values in one form: numbers as DOUBLEs where the two kinds meet, which is exact for integers of the language."""
    forms = {value.form for value in values}
    if len(forms) == 1 and (form := forms.pop()) is not None and form is not Form.LIST:
        return form, list(values)
    if forms <= _NUMBERS and forms:
        return Form.DOUBLE, [to_double(builder, value) for value in values]
    raise InexpressibleError("values that the engine cannot compare")


def to_double(builder: Builder[E], value: Value[E]) -> Value[E]:
    """A number as a DOUBLE."""
    if value.form is Form.DOUBLE:
        return value
    require(Form.INTEGER, [value])
    return Value(Form.DOUBLE, lambda: builder.to_double(value.build()), value.weight + 1)


def compare(builder: Builder[E], op: Comparison, left: Value[E], right: Value[E]) -> Value[E]:
    """Equality or order."""
    form, (lhs, rhs) = unify(builder, (left, right))
    weight = lhs.weight + rhs.weight + 1
    if op is Comparison.EQUAL:
        return Value(Form.BOOLEAN, lambda: builder.equal(lhs.build(), rhs.build(), form), weight)
    if form not in _ORDERED:
        raise InexpressibleError(f"the order of values that are {form}")
    return Value(Form.BOOLEAN, lambda: builder.less(lhs.build(), rhs.build(), form), weight)


def membership(builder: Builder[E], needle: Value[E], items: Sequence[Value[E]]) -> Value[E]:
    """Membership in a list whose items are known one by one."""
    if not items:
        return Value(Form.BOOLEAN, lambda: never(builder, needle.build()), needle.weight + 2)
    form, (first, *rest) = unify(builder, (needle, *_with_form(items, needle.form)))
    weight = sum(each.weight for each in (first, *rest)) + 1
    return Value(Form.BOOLEAN, lambda: builder.among(first.build(), [each.build() for each in rest], form), weight)


def _with_form(items: Sequence[Value[E]], form: Form | None) -> list[Value[E]]:
    """The items, the unknown ones as unknowns of the needle's form."""
    return [Value(form, each.build) if each.form is None and each.deferral is None else each for each in items]


def never(builder: Builder[E], value: E) -> E:
    """False for a known value, NULL for an unknown one."""
    return builder.choose(builder.is_known(value), builder.literal(False, Form.BOOLEAN), builder.null(Form.BOOLEAN))


def membership_in_list(builder: Builder[E], needle: Value[E], items: Value[E]) -> Value[E]:
    """Membership in a list of the device."""
    if Operation.LISTS not in builder.can or items.form is not Form.LIST or items.items is None:
        raise InexpressibleError(Operation.LISTS)
    fitting = to_double(builder, needle) if items.items is Form.DOUBLE else needle
    require(items.items, [fitting])
    return Value(Form.BOOLEAN, lambda: builder.includes(items.build(), fitting.build()), items.weight + fitting.weight + 1)


def choose(builder: Builder[E], test: Value[E], then: Value[E], otherwise: Value[E]) -> Value[E]:
    """`test ? then : otherwise`."""
    require(Form.BOOLEAN, [test])
    form, (one, other) = unify(builder, (then, otherwise))
    weight = test.weight + one.weight + other.weight + 1
    return Value(form, lambda: builder.choose(test.build(), one.build(), other.build()), weight)


def coalesce(builder: Builder[E], items: Sequence[Value[E]]) -> Value[E]:
    """The first item that is known."""
    form, values = unify(builder, items)
    return Value(form, lambda: builder.first_known([each.build() for each in values]), sum(each.weight for each in values) + 1)
