import pytest

from policy_lang.fleet.simulation.series import Series, adoption_series, precedence

DAYS = [{"1.0.0": 5, "0.9.0": 2, "x": 1}, {"1.0.0": 3, "1.0.0-rc.1": 4, "x": 1}]


def test_the_largest_versions_come_by_precedence() -> None:
    assert adoption_series(DAYS, 2) == [Series("1.0.0", (5, 3)), Series("1.0.0-rc.1", (0, 4)), Series(None, (3, 1))]


def test_all_versions_leave_no_rest() -> None:
    assert [each.version for each in adoption_series(DAYS, 4)] == ["1.0.0", "1.0.0-rc.1", "0.9.0", "x"]
    assert adoption_series([{}], 4) == []


@pytest.mark.parametrize(("less", "more"), [("x", "0.0.1"), ("1.9.0", "1.10.0"), ("1.0.0-rc.1", "1.0.0"), ("1.9", "1.9.1")])
def test_precedence(less: str, more: str) -> None:
    assert precedence(less) < precedence(more)
