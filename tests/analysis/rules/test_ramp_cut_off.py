import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.ramp_cut_off import RULE

START = "2026-05-08T00:00:00Z"


def test_an_end_inside_the_ramp() -> None:
    (found,) = found_in(RULE, {"rollout": {"start": START, "ramp": "8d", "end": "2026-05-10T00:00:00Z", "percent": 50}})
    assert found.path == ("updates", 0, "rollout", "end")
    assert found.message == "the rollout ends at 12.5 %, before its ramp reaches 50 %"
    assert found.help == "end it after `2026-05-16T00:00:00Z`, or shorten the ramp"


def test_a_ramp_beyond_the_calendar() -> None:
    assert fields_of(RULE, {"rollout": {"start": START, "ramp": "9000000d", "end": "2026-05-10T00:00:00Z"}}) == [
        "updates[0].rollout.end"
    ]


@pytest.mark.parametrize(
    "rollout", [{"start": START, "ramp": "2d", "end": "2026-05-10T00:00:00Z"}, {"start": START, "ramp": "2d"}, {"end": START}]
)
def test_what_is_fine(rollout: dict[str, object]) -> None:
    assert fields_of(RULE, {"rollout": rollout}, {}) == []
