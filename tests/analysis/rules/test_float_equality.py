import pytest
from linting import findings, marked

from policy_lang.analysis.rules.float_equality import RULE


@pytest.mark.parametrize(
    ("policy", "part", "message"),
    [
        ("device.load == 0.1", "0.1", "`==` takes the fraction `0.1` exactly"),
        ("0.1 != device.load", "0.1", "`!=` takes the fraction `0.1` exactly"),
        ("device.load == -0.1", "-0.1", "`==` takes the fraction `-0.1` exactly"),
        ("device.band in [2, 2.4, 5.5]", "2.4", "`in` takes the fraction `2.4` exactly"),
        ("device.band not in [2.4]", "2.4", "`not in` takes the fraction `2.4` exactly"),
        ("device.memory / 1024 == 1", "device.memory / 1024", "`==` takes the quotient `device.memory / 1024` exactly"),
        ("device.memory / 1024 in [1, 2]", "device.memory / 1024", "`in` takes the quotient `device.memory / 1024` exactly"),
        ("0.5 == (device.memory / 3)", "device.memory / 3", "`==` takes the quotient `device.memory / 3` exactly"),
    ],
)
def test_exact_comparisons(policy: str, part: str, message: str) -> None:
    assert marked(RULE, policy) == [part]
    assert findings(RULE, policy)[0].message == message


@pytest.mark.parametrize(
    "policy",
    [
        "device.load < 0.1",
        "device.load == 2.0",
        "device.load == 1e3",
        "device.memory == 1",
        "device.band in [2, 5]",
        "device.a == 'a'",
    ],
)
def test_whole_numbers_and_orders(policy: str) -> None:
    assert findings(RULE, policy) == []
