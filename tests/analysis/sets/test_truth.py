import pytest

from policy_lang.analysis.sets.truth import ANY, FALSE, KNOWN, TRUE, UNKNOWN, negated, truth_of


@pytest.mark.parametrize(("value", "truth"), [(True, TRUE), (False, FALSE), (None, UNKNOWN)])
def test_each_result_is_a_set_of_its_own(value: bool | None, truth: int) -> None:  # noqa: FBT001  a result of the language
    assert truth_of(value) == truth


def test_negation_swaps_true_and_false_and_leaves_unknown() -> None:
    assert [negated(each) for each in (0, TRUE, FALSE, KNOWN, UNKNOWN, TRUE | UNKNOWN, ANY)] == [
        *(0, FALSE, TRUE, KNOWN, UNKNOWN, FALSE | UNKNOWN, ANY)
    ]
