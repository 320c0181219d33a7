import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.never_offered import RULE


@pytest.mark.parametrize(
    "policy",
    [
        "device.version > update.version",
        "device.version == update.version",
        "device.version >= '2.0.0'",
        "satisfies(device.version, '^3.1')",
        "device.product == 'Atlas'",
        "device.version < update.version && device.product == 'boreas'",
        "device.pro && update.version < '1.0.0'",
    ],
)
def test_what_no_candidate_matches(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy}) == ["updates[0].policy"]


@pytest.mark.parametrize(
    "policy",
    [
        "true",
        "false",
        "1 == 2",
        "device.a < 5 && device.a > 7",
        "device.version < update.version",
        "device.version < '9.0.0' && device.product in ['atlas', 'boreas']",
        "device.version != update.version",
        "device.version >= '2.0.0-rc.1'",
        "device.version > update.version || device.pro",
        "device.productToken == 'atlas'",
        "rollout(0.5)",
    ],
)
def test_what_some_candidate_matches(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy}) == []


def test_a_downgrade_is_for_newer_devices_too() -> None:
    assert fields_of(RULE, {"policy": "device.version > update.version", "downgrade": "allow"}) == []
    (found,) = found_in(RULE, {"policy": "device.version == update.version", "downgrade": "allow"})
    assert found.message.endswith("those of `atlas` with another version than `2.0.0`")


def test_what_is_said() -> None:
    (found,) = found_in(RULE, {"policy": "device.version > update.version"})
    assert (
        found.message == "the policy takes no device that the update is offered to: those of `atlas` with a version before `2.0.0`"
    )
    assert found.help == "check the direction of each comparison with the version, and the product"
