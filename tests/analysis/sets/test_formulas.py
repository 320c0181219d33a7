from policy_lang.analysis.sets.formulas import FAILS, HOLDS, All, Member, Relation, Some, all_of, member, related, some_of
from policy_lang.analysis.sets.states import BAD, NOWHERE, States

A, B = member(0, States((1, 2), 0)), member(1, States((1, 2), 0))


def test_what_holds_is_left_out_of_a_conjunction() -> None:
    assert all_of([HOLDS, HOLDS]) is HOLDS
    assert all_of([A, HOLDS]) is A
    assert all_of([A, FAILS]) is FAILS
    assert all_of([A, all_of([A, B])]) == All((A, A, B), 0b11)


def test_what_fails_is_left_out_of_a_disjunction() -> None:
    assert some_of([FAILS]) is FAILS
    assert some_of([A, FAILS]) is A
    assert some_of([A, HOLDS]) is HOLDS
    assert some_of([A, some_of([B, FAILS])]) == Some((A, B), 0b11)


def test_memberships_of_one_variable_become_one() -> None:
    other = member(0, States((2, 3, 7, 8), BAD))
    assert some_of([A, B, other]) == Some((Member(0, States((1, 3, 7, 8), BAD), 1), B), 0b11)
    assert some_of([A, other]) == Member(0, States((1, 3, 7, 8), BAD), 1)


def test_no_state_fails() -> None:
    assert member(0, NOWHERE) is FAILS
    assert related(Relation.LESS, 0, 2).mask == 0b101
