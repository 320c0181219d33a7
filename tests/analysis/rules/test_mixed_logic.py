import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.mixed_logic import RULE


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.a && device.b || device.c", "(device.a && device.b) || device.c"),
        ("device.a || device.b && device.c", "device.a || (device.b && device.c)"),
        ("device.a && device.b || (device.c && device.d)", "(device.a && device.b) || (device.c && device.d)"),
        (
            "device.a && device.b || device.c && device.d || device.a && device.d",
            "(device.a && device.b) || (device.c && device.d) || (device.a && device.d)",
        ),
        ("(device.a) && (device.b) || device.c", "((device.a) && (device.b)) || device.c"),
        ("device.a /* why */ && device.b || device.c", "(device.a /* why */ && device.b) || device.c"),
    ],
)
def test_the_fix_writes_the_parentheses_of_the_grammar(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


def test_one_finding_for_each_disjunction() -> None:
    policy = "device.a && device.b || device.c && device.d"
    (found,) = findings(RULE, policy)
    assert marked(RULE, policy) == ["device.a && device.b"]
    assert found.message == "`&&` and `||` stand side by side: `device.a && device.b` is one operand of the `||`"
    assert fixes(RULE, policy) == ["add the parentheses that are meant by precedence"]


@pytest.mark.parametrize(
    "policy",
    [
        "device.a && (device.b || device.c)",
        "(device.a && device.b) || device.c",
        "( /* both */ device.a && device.b // of them\n ) || device.c",
        "device.a || device.b || device.c",
        "device.a && device.b ? device.c : device.d",
    ],
)
def test_parentheses_settle_it(policy: str) -> None:
    assert findings(RULE, policy) == []
