import pytest

from policy_lang.analysis.sets.atoms import Compared, Fixed, Keyed, Present, Within, demand_of, known, unknown
from policy_lang.analysis.sets.formulas import FAILS, HOLDS, Formula, Relation, all_of, member, related, some_of
from policy_lang.analysis.sets.states import BAD, MISSING, States
from policy_lang.analysis.sets.truth import ANY, FALSE, KNOWN, TRUE, UNKNOWN
from policy_lang.analysis.sets.variables import Variable, Variables
from policy_lang.source import Span
from policy_lang.types.core import Comparison, Fact
from policy_lang.types.model import INT, OPEN_OBJECT, STRING, Kind

VARIABLES = Variables()


def number(name: str, default: int | None = None) -> Variable:
    return VARIABLES.fact(Fact(("device", name), INT, default, span=Span(0, 0)))


A, B, D = number("a"), number("b"), number("d", 3)
LOW, HIGH = A.known.bounds
SMALL = Within(A, (LOW, 5), (5, HIGH))
HALF = Within(A, (LOW, 5), (7, HIGH))
WITH_DEFAULT = Within(D, (LOW, 5), (5, HIGH))
GONE = MISSING | BAD


def states(variable: Variable, *bounds: int, flags: int = 0) -> Formula:
    return member(variable.index, States(bounds, flags))


@pytest.mark.parametrize(
    ("atom", "truths", "formula"),
    [
        (SMALL, ANY, HOLDS),
        (SMALL, TRUE, states(A, LOW, 5)),
        (SMALL, FALSE, states(A, 5, HIGH)),
        (SMALL, UNKNOWN, states(A, flags=GONE)),
        (SMALL, TRUE | UNKNOWN, states(A, LOW, 5, flags=GONE)),
        (SMALL, KNOWN, states(A, LOW, HIGH)),
        (HALF, UNKNOWN, states(A, 5, 7, flags=GONE)),
        (WITH_DEFAULT, TRUE, states(D, LOW, 5, flags=MISSING)),
        (WITH_DEFAULT, FALSE, states(D, 5, HIGH)),
        (WITH_DEFAULT, UNKNOWN, states(D, flags=BAD)),
        (Fixed(TRUE), TRUE | UNKNOWN, HOLDS),
        (Fixed(TRUE), FALSE, FAILS),
        (Present(A), TRUE, states(A, LOW, HIGH, flags=BAD)),
        (Present(A), FALSE, states(A, flags=MISSING)),
        (Present(A), UNKNOWN, FAILS),
    ],
)
def test_what_one_property_must_be(atom: Fixed | Within | Present, truths: int, formula: Formula) -> None:
    assert demand_of(atom, truths) == formula


def test_comparisons_of_two_properties() -> None:
    both = all_of((known(A), known(B)))
    less = Compared(Comparison.LESS, A, B)
    assert demand_of(less, TRUE) == all_of((related(Relation.LESS, A.index, B.index), both))
    assert demand_of(less, FALSE) == all_of((related(Relation.AT_MOST, B.index, A.index), both))
    assert demand_of(less, KNOWN) == both
    assert demand_of(less, UNKNOWN) == some_of((unknown(A), unknown(B)))
    equal = Compared(Comparison.EQUAL, A, B)
    assert demand_of(equal, TRUE) == all_of((related(Relation.EQUAL, A.index, B.index), both))
    assert demand_of(equal, FALSE) == all_of((related(Relation.DIFFERENT, A.index, B.index), both))


def test_a_total_function_is_known_with_its_argument() -> None:
    text = VARIABLES.fact(Fact(("device", "t"), STRING, span=Span(0, 0)))
    length = VARIABLES.application("length", Kind.INT, (text,), bounds=(0, 9), is_total=True)
    short = Within(length, (0, 3), (3, 9))
    assert demand_of(short, TRUE) == states(length, 0, 3)
    assert demand_of(short, KNOWN) == known(text)
    assert demand_of(short, UNKNOWN) == unknown(text)
    assert demand_of(short, TRUE | UNKNOWN) == some_of((states(length, 0, 3), unknown(text)))


def test_a_key_of_an_object() -> None:
    holder = VARIABLES.fact(Fact(("device", "o"), OPEN_OBJECT, span=Span(0, 0)))
    inner = VARIABLES.presence(("device", "o", "k"))
    keyed = Keyed(holder, inner)
    assert demand_of(keyed, TRUE) == states(inner, 0, 1)
    assert demand_of(keyed, FALSE) == all_of((known(holder), states(inner, flags=MISSING)))
    assert demand_of(keyed, UNKNOWN) == unknown(holder)
