import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.no_version_guard import RULE

BOUNDED = [
    "false",
    "device.version < '3.0.0'",
    "device.version <= update.version",
    "update.version >= device.version",
    "!(device.version > '3.0.0')",
    "device.version == '2.1.0'",
    "'2.1.0' == device.version",
    "device.version in ['2.1.0', '2.2.0']",
    "device.version.major < 3",
    "device.version.major == 2 && device.pro == true",
    "satisfies(device.version, '2.x')",
    "!satisfies(device.version, '>=3.0.0')",
    "device.pro == true && (satisfies(device.version, '2.x') || device.version == '3.0.0')",
    "!(device.version > '3.0.0' || device.pro == true)",
    "device.pro == true ? device.version < '3.0.0' : device.version < '2.5.0'",
    "device.version < '3.0.0' ? device.pro == true : false",
    "device.version >= '3.0.0' ? device.version < '4.0.0' : device.pro == true",
    "(device.version < '3.0.0') ?? false",
]
OPEN = [
    "true",
    "device.pro == true",
    "device.version > update.version",
    "device.version >= '2.1.0'",
    "device.version != '2.1.0'",
    "device.version not in ['2.1.0']",
    "!(device.version < '3.0.0')",
    "satisfies(device.version, '>=2.1.0')",
    "!satisfies(device.version, '2.x')",
    "device.version < '3.0.0' || device.pro == true",
    "device.pro == true ? device.version < '3.0.0' : true",
    "satisfies(device.bootloader, '2.x')",
    "device.version.minor < 3",
    "(device.pro ?? true)",
    "has(device.region) && device.region ^= 'eu'",
]


@pytest.mark.parametrize("policy", OPEN)
def test_a_downgrade_without_an_upper_bound(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy, "downgrade": "allow"}) == ["updates[0].downgrade"]


@pytest.mark.parametrize("policy", BOUNDED)
def test_a_downgrade_of_some_versions(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy, "downgrade": "allow"}) == []


def test_what_is_said() -> None:
    (found,) = found_in(RULE, {"policy": "device.pro == true", "downgrade": "allow"})
    assert found.message == "devices of every later version may go back to `2.0.0`"
    assert found.related == ((("updates", 0, "policy"), "no upper bound of `device.version`"),)


@pytest.mark.parametrize("policy", OPEN)
def test_selection_bounds_all_other_updates(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy}) == []
