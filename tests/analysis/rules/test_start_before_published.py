import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.start_before_published import RULE

PUBLISHED = "2026-05-08T06:00:00Z"


@pytest.mark.parametrize("rollout", [{"start": "2025-05-08T06:00:00Z"}, {"start": "2026-05-05T06:00:00Z", "ramp": "7d"}])
def test_a_start_before_the_publication(rollout: dict[str, str]) -> None:
    assert fields_of(RULE, {}, {"published": PUBLISHED, "rollout": rollout}) == ["updates[1].rollout.start"]


def test_what_is_said() -> None:
    (found,) = found_in(RULE, {"published": PUBLISHED, "rollout": {"start": "2026-05-08T06:00:00+02:00"}})
    assert found.message == "the rollout starts at `2026-05-08T04:00:00Z`, before the update was published"
    assert found.help == "check the date, its year above all"
    assert found.related == ((("updates", 0, "published"), "published here"),)


@pytest.mark.parametrize(
    "update",
    [
        {"published": PUBLISHED},
        {"published": PUBLISHED, "rollout": {"start": PUBLISHED}},
        {"published": PUBLISHED, "rollout": {"start": "2026-06-01T00:00:00Z", "ramp": "7d"}},
        {"rollout": {"start": "2019-01-01T00:00:00Z"}},
        {"published": PUBLISHED, "rollout": {"start": "2025-05-08T06:00:00Z", "ramp": "7d"}},  # another rule says more of it
    ],
)
def test_what_is_fine(update: dict[str, object]) -> None:
    assert fields_of(RULE, update) == []
