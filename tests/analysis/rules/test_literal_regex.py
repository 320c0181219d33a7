import pytest
from linting import findings, fixed, fixes, marked
from strategies import SCHEMA

from policy_lang.analysis.rules.literal_regex import RULE


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.model == /^a$/", "device.model == 'a'"),
        ("device.model != /^a$/", "device.model != 'a'"),
        ("/^a/ == device.model", "device.model ^= 'a'"),
        ("device.model != /^a/", "device.model ^!= 'a'"),
        ("device.model == /b$/", "device.model $= 'b'"),
        (r"device.model != /\-b$/", "device.model $!= '-b'"),
        ("device.model == /^(a|b)$/", "device.model in ['a', 'b']"),
        ("device.model != /^(?:a|b)$/", "device.model not in ['a', 'b']"),
        ("device.model.matches(/^a/)", "device.model ^= 'a'"),
        ("device.model.matches('^a$') == device.pro", "(device.model == 'a') == device.pro"),
        ("!device.model.matches(/^a/)", "!(device.model ^= 'a')"),
        ("(device.model ?? 'ab') == /^a/", "(device.model ?? 'ab') ^= 'a'"),
        ("(device.pro ? device.model : 'b') == /^it's$/", "(device.pro ? device.model : 'b') == \"it's\""),
    ],
)
def test_the_fix_is_an_operator(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


def test_what_is_reported() -> None:
    policy = r"device.pro && device.model == /^X100\-pro$/"
    (found,) = findings(RULE, policy)
    assert marked(RULE, policy) == [r"/^X100\-pro$/"]
    assert found.message == r"the regular expression `/^X100\-pro$/` is plain text"
    assert found.help == "write `==`, which needs no escapes"


@pytest.mark.parametrize(
    "policy",
    [
        "device.model == /a/",
        "device.model == /a|b/",
        "device.model == /^(a|b)/",
        "device.model == /(a|b)$/",
        "device.model == /^a$/i",
        "device.model == /^a.c$/",
        "device.model == 'a'",
        "device.model.matches(/^a+/)",
        "device.model.includes('a')",
    ],
)
def test_other_patterns(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_that_would_not_compile_or_would_lose_a_comment() -> None:
    """An enumeration takes no other text than its own."""
    assert fixes(RULE, "device.region == /^us$/", SCHEMA) == []
    assert len(findings(RULE, "device.region == /^us$/", SCHEMA)) == 1
    assert fixes(RULE, "device.model /* why */ == /^a$/") == []
