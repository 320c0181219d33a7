from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.analysis.sets.formulas import Formula, Relation, all_of, member, related, some_of
from policy_lang.analysis.sets.search import Budget, Verdict, search
from policy_lang.analysis.sets.states import States, contains
from policy_lang.analysis.sets.variables import Variables
from policy_lang.source import Span
from policy_lang.types.core import Fact
from policy_lang.types.model import INT

COUNT, VALUES = 3, range(4)
SIGNS = {Relation.EQUAL: int.__eq__, Relation.DIFFERENT: int.__ne__, Relation.LESS: int.__lt__, Relation.AT_MOST: int.__le__}


def variables() -> Variables:
    made = Variables()
    for number in range(COUNT):
        made.fact(Fact(("device", f"v{number}"), INT, span=Span(0, 0)))
    return made


def formula(random: Random, depth: int) -> Formula:
    which = random.random()
    if depth and which < 0.7:
        parts = [formula(random, depth - 1) for _ in range(random.randrange(1, 4))]
        return all_of(parts) if which < 0.4 else some_of(parts)
    if which < 0.8:
        left, right = random.sample(range(COUNT), 2)
        return related(random.choice(list(Relation)), left, right)
    bounds = tuple(sorted(random.sample(range(5), 2)))
    return member(random.randrange(COUNT), States(bounds, 0))


def is_true(formula: Formula, values: tuple[int, ...]) -> bool:
    match formula:
        case (int() as variable, States(bounds), int()):
            return contains(bounds, values[variable])
        case (Relation() as relation, int() as left, int() as right, int()):
            return bool(SIGNS[relation](values[left], values[right]))
        case _:
            items = [is_true(item, values) for item in formula.items]
            return all(items) if type(formula).__name__ == "All" else any(items)


@given(st.integers(0, 2**32))
def test_the_search_agrees_with_trying_everything(seed: int) -> None:
    random = Random(seed)  # noqa: S311  test data
    wanted = all_of([member(number, States((0, len(VALUES)), 0)) for number in range(COUNT)] + [formula(random, 4)])
    found = any(is_true(wanted, values) for values in product(VALUES, repeat=COUNT))
    verdict, domains = search(wanted, variables(), Budget(100_000))
    assert verdict in ({Verdict.POSSIBLE} if found else {Verdict.NEVER, Verdict.POSSIBLE})
    assert bool(domains) == (verdict is Verdict.POSSIBLE)


@given(st.integers(0, 2**32))
def test_without_relations_the_search_is_exact(seed: int) -> None:
    random = Random(seed)  # noqa: S311  test data
    parts = [member(number, States((0, len(VALUES)), 0)) for number in range(COUNT)]
    wanted = all_of([*parts, *(without_relations(random, 3) for _ in range(3))])
    found = any(is_true(wanted, values) for values in product(VALUES, repeat=COUNT))
    assert (search(wanted, variables(), Budget(100_000))[0] is Verdict.POSSIBLE) == found


def without_relations(random: Random, depth: int) -> Formula:
    made = formula(random, depth)
    return without_relations(random, depth) if "Relation" in repr(made) else made


@given(st.integers(0, 2**32), st.integers(0, 60))
def test_a_small_budget_proves_nothing_wrong(seed: int, steps: int) -> None:
    random = Random(seed)  # noqa: S311  test data
    wanted = all_of([member(number, States((0, len(VALUES)), 0)) for number in range(COUNT)] + [formula(random, 4)])
    if any(is_true(wanted, values) for values in product(VALUES, repeat=COUNT)):
        assert search(wanted, variables(), Budget(steps))[0] is not Verdict.NEVER


@pytest.mark.parametrize("steps", [0, 1, 3, 7])
def test_a_budget_ends_the_search(steps: int) -> None:
    wanted = all_of(
        some_of([all_of([member(0, States((at, at + 1), 0)), member(1, States((at, at + 1), 0))]) for at in range(2, 9)])
        for _ in range(3)
    )
    assert search(wanted, variables(), Budget(steps)) == (Verdict.UNDECIDED, ())
    assert search(wanted, variables(), Budget(1000))[0] is Verdict.POSSIBLE
