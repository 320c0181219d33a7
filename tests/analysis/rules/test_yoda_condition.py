import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.yoda_condition import RULE


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("'a' == device.a", "device.a == 'a'"),
        ("'a' != device.a", "device.a != 'a'"),
        ("1 < device.a", "device.a > 1"),
        ("1 <= device.a", "device.a >= 1"),
        ("'1.2.0' > device.version", "device.version < '1.2.0'"),
        ("-3 >= device.a", "device.a <= -3"),
        ("true == device.pro", "device.pro == true"),
        ("null != device.a", "device.a != null"),
        ("/^a/ == device.a", "device.a == /^a/"),
        ("(1) < (device.a ?? 2)", "(device.a ?? 2) > (1)"),
        ("8 < device.a + 1 && device.b", "device.a + 1 > 8 && device.b"),
        ("1 < device.a && device.b < 2", "device.a > 1 && device.b < 2"),
        ("1 /* low */ < device.a", "device.a /* low */ > 1"),
        ("'a'=== device.a", "device.a=== 'a'"),
    ],
)
def test_the_fix_puts_the_literal_last(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


def test_what_is_reported() -> None:
    policy = "device.pro && 256 <= device.memory"
    (found,) = findings(RULE, policy)
    assert marked(RULE, policy) == ["256"]
    assert found.message == "the literal `256` stands before what it is compared with"
    assert found.help == "write `device.memory >= 256`"


@pytest.mark.parametrize(
    "policy",
    [
        "device.a == 'a'",
        "1 < device.a && device.a < 3",
        "device.b && 1 <= device.a && device.a <= 3",
        "'a' in device.tags",
        "'a' ^= device.a",
        "1 == 1",
        "device.version < update.version",
        "now - '7d' > update.published",
    ],
)
def test_other_comparisons(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_that_would_lose_a_comment() -> None:
    assert fixes(RULE, "1 < device /* the */ .a") == []
