import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.fraction_percent import RULE


@pytest.mark.parametrize(
    ("percent", "buckets", "meant"), [(0.1, 1000, "10"), (0.05, 500, "5"), (0.9999, 9999, "99.99"), (0.0001, 1, "0.01")]
)
def test_a_percent_below_one(percent: float, buckets: int, meant: str) -> None:
    (found,) = found_in(RULE, {"rollout": {"percent": percent}})
    assert found.path == ("updates", 0, "rollout", "percent")
    assert found.message == f"`percent` is below one: {buckets} of a million devices"
    assert found.help == f"`percent` counts in hundredths: write `{meant}` if the fraction is meant"


@pytest.mark.parametrize("rollout", [{"percent": 0}, {"percent": 1}, {"percent": 2.5}, {"percent": 100}, {"max_devices": 3}])
def test_what_is_fine(rollout: dict[str, object]) -> None:
    assert fields_of(RULE, {"rollout": rollout}, {}) == []
