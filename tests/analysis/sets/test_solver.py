import pytest
from situations import core_of

from policy_lang.analysis.sets.search import Verdict
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import FALSE, TRUE, UNKNOWN
from policy_lang.types.core import And

PIGEONS = " && ".join(
    [f"device.p{at} in [1, 2, 3, 4, 5]" for at in range(6)]
    + [
        f"(device.p{one} != {hole} || device.p{other} != {hole})"
        for one in range(6)
        for other in range(one)
        for hole in range(1, 6)
    ]
)
"""Six pigeons in five holes: never true, and no short proof is known to the search."""


def test_questions_about_two_policies() -> None:
    canary = core_of("device.version < '2.0.0' && device.region == 'eu'")
    rest = core_of("device.version >= '2.0.0'")
    solver = Solver([canary, rest])
    assert solver.never((canary, TRUE), (rest, TRUE))
    assert not solver.never((canary, FALSE), (rest, TRUE))
    assert solver.never((canary, TRUE), (rest, UNKNOWN))
    assert not solver.is_free(rest)


def test_questions_about_parts() -> None:
    core = core_of("device.a < 5 && device.a < 7")
    assert isinstance(core, And)
    first, second = core.items
    solver = Solver([core])
    assert solver.never((first, TRUE), (second, FALSE | UNKNOWN))
    assert not solver.never((second, TRUE), (first, FALSE))
    assert solver.possible([(first, TRUE)]) is solver.possible([(first, TRUE)]) is Verdict.POSSIBLE
    assert solver.possible([]) is Verdict.POSSIBLE


def test_the_budget_is_one_for_all_questions() -> None:
    core = core_of(PIGEONS)
    solver = Solver([core], steps=400)
    assert solver.possible([(core, TRUE)]) is Verdict.UNDECIDED
    assert solver.possible([(core, FALSE)]) is Verdict.UNDECIDED
    assert not solver.never((core, TRUE))


@pytest.mark.parametrize("truths", [TRUE, FALSE, UNKNOWN])
def test_free_parts_need_no_steps(truths: int) -> None:
    core = core_of("device.a < 5 && device.b == 'x'")
    assert Solver([core], steps=1).possible([(core, truths)]) is Verdict.POSSIBLE
    constant = core_of("true || device.a < 5")
    assert Solver([constant], steps=1).possible([(constant, truths)]) is (Verdict.POSSIBLE if truths == TRUE else Verdict.NEVER)
