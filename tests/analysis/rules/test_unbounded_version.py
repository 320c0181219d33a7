from dataclasses import replace

import pytest
from linting import findings, marked, subject_of

from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.analysis.rules.unbounded_version import RULE

OPEN = [
    "device.version >= '1.4.0'",
    "device.version > update.version",
    "device.pro && device.version != '1.4.0'",
    "!device.version.isPrerelease",
    "device.version < update.version || device.version > '3.0.0'",
    "(device.version < update.version) ?? true",
]
FINE = [
    "device.version < update.version",
    "device.version >= '1.4.0' && device.version < update.version",
    "satisfies(device.version, '^1.4')",
    "device.version == '1.4.0'",
    "device.pro",
    "has(device.version)",
    "device.bootloader > '1.4.0'",
    "true",
]


@pytest.mark.parametrize("policy", OPEN)
def test_a_policy_that_goes_on_for_ever(policy: str) -> None:
    assert marked(RULE, policy) == ["device.version"]


@pytest.mark.parametrize("policy", FINE)
def test_a_policy_that_ends_or_does_not_speak_of_versions(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_the_first_use_is_pointed_at() -> None:
    (found,) = findings(RULE, "device.pro && device.version > '1.0.0' && device.version != '2.0.0'")
    assert found.span.start == len("device.pro && ")


@pytest.mark.parametrize("policy", OPEN)
def test_selection_bounds_the_policies_of_a_catalog(policy: str) -> None:
    assert list(RULE.check(replace(subject_of(policy), is_in_catalog=True))) == []


def test_who_knows_where_a_policy_stands() -> None:
    policy = "device.version >= '1.4.0'"
    image = {"url": "https://example.com/a.bin", "checksum": "5a" + "7c01d9" * 10 + "5a"}
    update = {"id": "a-2", "product": "a", "version": "2.0.0", "policy": policy, **image}
    assert [each.code for each in lint_policy(policy, rules=[RULE])] == ["PL335"]
    assert lint_catalog({"updates": [update]}, rules=[RULE]) == []
