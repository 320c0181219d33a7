import pytest

from policy_lang.analysis.sets.formulas import Related, Relation
from policy_lang.analysis.sets.orders import Bounds
from policy_lang.analysis.sets.relations import can_hold
from policy_lang.analysis.sets.states import States
from policy_lang.analysis.sets.variables import Variable, Variables
from policy_lang.source import Span
from policy_lang.types.core import Fact
from policy_lang.types.model import FLOAT, INT, Type

SIGNS = {"<": Relation.LESS, "<=": Relation.AT_MOST, "==": Relation.EQUAL, "!=": Relation.DIFFERENT}


def holds(text: str, values: dict[str, Bounds], types: dict[str, Type] | None = None) -> bool:
    """Whether relations such as `a < b` can hold; properties are ints without bounds where nothing else is said."""
    relations = [line.split() for line in text.split(", ")]
    names = sorted({name for left, _, right in relations for name in (left, right)})
    variables = Variables()
    made = {name: variables.fact(Fact(("device", name), (types or {}).get(name, INT), span=Span(0, 0))) for name in names}
    domains = [States(values.get(name, variable.known.bounds), 0) for name, variable in made.items()]
    return can_hold([_related(made[left], sign, made[right]) for left, sign, right in relations], domains, variables.all)


def _related(left: Variable, sign: str, right: Variable) -> Related:
    return Related(SIGNS[sign], left.index, right.index, 0)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a < b, b < a", {}),
        ("a < a", {}),
        ("a != a", {}),
        ("a < b, b <= c, c < a", {}),
        ("a <= b, b <= c, c <= a, a != c", {}),
        ("a == b, b == c, a < c", {}),
        ("a == b", {"a": (1, 2), "b": (2, 3)}),
        ("a <= b, b <= a", {"a": (1, 2), "b": (2, 3)}),
        ("a < b", {"a": (5, 9), "b": (1, 6)}),
        ("a < b, b < c", {"a": (5, 9), "c": (1, 7)}),
        ("a < b, b < c", {"a": (0, 1, 5, 6), "c": (0, 2)}),
        ("a != b", {"a": (1, 2), "b": (1, 2)}),
        ("a != b, a != c", {"a": (1, 3), "b": (1, 2), "c": (2, 3)}),
    ],
)
def test_what_cannot_hold(text: str, values: dict[str, Bounds]) -> None:
    assert not holds(text, values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a < b, b < c, a < c", {}),
        ("a <= b, b <= c, c <= a", {}),
        ("a < b", {"a": (5, 9), "b": (1, 7)}),
        ("a < b, b < c", {"a": (5, 9), "c": (1, 8)}),
        ("a != b", {"a": (1, 2), "b": (1, 3)}),
        ("a != b, b == c", {"a": (1, 2)}),
        ("a < b, a != b", {"a": (1, 2), "b": (2, 3)}),
    ],
)
def test_what_can_hold(text: str, values: dict[str, Bounds]) -> None:
    assert holds(text, values)


def test_ints_and_numbers_mix() -> None:
    types = {"x": FLOAT}
    between = (1.25, 1.75)
    assert not holds("n == x", {"x": between}, types)
    assert not holds("x == n", {"x": between}, types)
    assert holds("x == n", {"x": (1.25, 2.5)}, types)
    assert holds("x == n", {}, types)
    assert not holds("a == n", {"a": between}, {"a": FLOAT})
    assert holds("a == n", {"a": (1.25, 2.5)}, {"a": FLOAT})
    assert not holds("n < x, x < m", {"n": (1, 2), "m": (1, 2)}, types)
    assert not holds("n < x, x < m", {"n": (2, 9), "m": (1, 3)}, types)
    assert holds("n < x, x < m", {"n": (1, 2), "m": (2, 3)}, types)


def test_nothing_is_above_the_last_value() -> None:
    assert not holds("a < b", {"a": (2**53 - 1, 2**53)})


def test_without_relations_and_with_too_many() -> None:
    assert can_hold([], [], [])
    assert holds(", ".join(f"a{at} < a{at + 1}" for at in range(60)) + ", a60 < a0", {})
