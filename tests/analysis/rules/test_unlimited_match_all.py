import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.unlimited_match_all import RULE


@pytest.mark.parametrize("policy", ["true", "device.pro == true || true", "!false && true", "!(false && device.pro == true)"])
def test_a_policy_that_is_always_true(policy: str) -> None:
    assert fields_of(RULE, {}, {"policy": policy}) == ["updates[1].policy"]


def test_what_is_said() -> None:
    (found,) = found_in(RULE, {"policy": "true", "rollout": {"percent": 100}})
    assert found.message == "`release-0` goes to every older device of `atlas` at once"


@pytest.mark.parametrize(
    "rollout",
    [
        {"percent": 5},
        {"max_devices": 100},
        {"max_per_period": 10, "period": "1d"},
        {"start": "2026-05-08T00:00:00Z"},
        {"end": "2026-05-08T00:00:00Z"},
        {"start": "2026-05-08T00:00:00Z", "ramp": "7d"},
    ],
)
def test_a_rollout_that_holds_devices_back(rollout: dict[str, object]) -> None:
    assert fields_of(RULE, {"policy": "true", "rollout": rollout}) == []


@pytest.mark.parametrize(
    "policy", ["false", "device.version < update.version", "has(device.pro) || !true", "true && device.pro == true"]
)
def test_what_is_fine(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy}) == []
