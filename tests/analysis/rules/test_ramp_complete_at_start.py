import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.ramp_complete_at_start import RULE

PUBLISHED = "2026-05-08T06:00:00Z"


@pytest.mark.parametrize("start", ["2025-05-08T06:00:00Z", "2026-05-01T06:00:00Z"])
def test_a_ramp_that_spares_nobody(start: str) -> None:
    update = {"published": PUBLISHED, "rollout": {"start": start, "ramp": "7d"}}
    assert fields_of(RULE, update) == ["updates[0].rollout.start"]


def test_what_is_said() -> None:
    (found,) = found_in(RULE, {"published": PUBLISHED, "rollout": {"start": "2025-05-08T06:00:00Z", "ramp": "7d", "percent": 50}})
    assert found.message == "the ramp was complete at `2025-05-15T06:00:00Z`, before the update was published"
    assert found.help == "check the date, its year above all; as it is, the whole share gets the update at once"


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"published": PUBLISHED, "rollout": {"start": "2026-05-01T06:00:01Z", "ramp": "7d"}},
        {"published": PUBLISHED, "rollout": {"start": "2025-05-08T06:00:00Z"}},
        {"rollout": {"start": "2019-05-08T06:00:00Z", "ramp": "7d"}},
    ],
)
def test_what_is_fine(update: dict[str, object]) -> None:
    assert fields_of(RULE, update) == []
