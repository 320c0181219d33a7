"""PL345: `==`, `!=` and `in` on numbers with a fraction."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.constants import literal_value
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Binary, Compare, Expr, ListOf
from policy_lang.syntax.operators import EQUALITY_OPS, BinaryOp, ComparisonOp

_OPS = EQUALITY_OPS | {ComparisonOp.IN, ComparisonOp.NOT_IN}


def check(compare: Compare, subject: PolicySubject) -> Iterator[Found]:
    """A literal with a fraction, or the result of a division, on either side or in the list."""
    if compare.op not in _OPS:
        return
    quotient = next((side for side in (compare.left, compare.right) if _is_division(side)), None)
    fraction = next((each for side in (compare.left, compare.right) for each in _values(side) if _is_fraction(each)), None)
    if quotient is not None:
        help_ = "multiply the other side instead, so that both are whole, or ask for a range with `>=` and `<`"
        yield Found(f"`{compare.op}` takes the quotient {subject.excerpt(quotient)} exactly", quotient.span, help_)
    elif fraction is not None:
        help_ = "ask for a range with `>=` and `<`, or have the device send a whole number; a version is text"
        yield Found(f"`{compare.op}` takes the fraction {subject.excerpt(fraction)} exactly", fraction.span, help_)


def _values(side: Expr) -> tuple[Expr, ...]:
    return side.items if isinstance(side, ListOf) else (side,)


def _is_division(side: Expr) -> bool:
    return isinstance(side, Binary) and side.op is BinaryOp.DIVIDE


def _is_fraction(expr: Expr) -> bool:
    value = literal_value(expr)
    return isinstance(value, float) and not value.is_integer()


RULE = NodeRule(
    code="PL345",
    name="float_equality",
    category=Category.OPERATORS,
    severity=Severity.WARNING,
    title="fractions are compared for equality",
    nodes=(Compare,),
    check=check,
)
