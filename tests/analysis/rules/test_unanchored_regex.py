import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.unanchored_regex import RULE


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("device.model == /x1/", "`/x1/` matches anywhere in `device.model`"),
        ("device.model != /x[0-9]/", "`/x[0-9]/` matches anywhere in `device.model`"),
        ("/x1|x2/i == device.model", "`/x1|x2/i` matches anywhere in `device.model`"),
        ("device.model.matches(/X[^0-9]/)", "`/X[^0-9]/` matches anywhere in `device.model`"),
        ("device.model.matches('x1')", "`'x1'` matches anywhere in `device.model`"),
        ("device.model == /^us-|eu-/", "the alternative `eu-` of `/^us-|eu-/` matches anywhere in `device.model`"),
        ("device.model == /(?:^us-|eu-)/", "the alternative `eu-` of `/(?:^us-|eu-)/` matches anywhere in `device.model`"),
        ("device.model == /((a|b)x|^c)/", "the alternative `(a|b)x` of `/((a|b)x|^c)/` matches anywhere in `device.model`"),
        (r"device.model == /x\^|[$]/", r"`/x\^|[$]/` matches anywhere in `device.model`"),
        ("device.model == /(a)(b)/", "`/(a)(b)/` matches anywhere in `device.model`"),
        ("device.model.matches('')", "`''` matches anywhere in `device.model`"),
        ("device.model == /(?P<kind>a|^b)/", "the alternative `a` of `/(?P<kind>a|^b)/` matches anywhere in `device.model`"),
        ("device.model == /us-.*/", "`/us-.*/` matches anywhere in `device.model`"),
        ("device.model == /.+-lab/", "`/.+-lab/` matches anywhere in `device.model`"),
        ("device.model == /[]|]x/", "`/[]|]x/` matches anywhere in `device.model`"),
    ],
)
def test_what_matches_anywhere(policy: str, message: str) -> None:
    assert [found.message for found in findings(RULE, policy)] == [message]


def test_it_points_at_the_pattern() -> None:
    assert marked(RULE, "device.pro && device.model == /x1/i") == ["/x1/i"]


@pytest.mark.parametrize(
    ("policy", "help_"),
    [
        ("device.model == /x1/", "anchor it, for example `/^x1$/`, or write `.includes('x1')`"),
        ("device.model == /x1/i", "anchor it, for example `/^x1$/`, or write `.*` where anything may stand"),
        ("device.model == /us-.*/", "anchor it, for example `/^us-.*$/`, or write `.*` where anything may stand"),
        ("device.model == /us|eu/", "anchor all alternatives together: `/^(…|…)$/`"),
    ],
)
def test_help(policy: str, help_: str) -> None:
    assert findings(RULE, policy)[0].help == help_


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.model == /x1/", "device.model.includes('x1')"),
        (r"device.model != /x\.1/", "!device.model.includes('x.1')"),
        ("(device.model ?? 'a') == /a/", "(device.model ?? 'a').includes('a')"),
        ("(device.model != /a/) == device.pro", "!device.model.includes('a') == device.pro"),
        ("device.model.matches('a')", "device.model.includes('a')"),
    ],
)
def test_plain_text_is_a_search_for_text(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


@pytest.mark.parametrize("policy", ["device.model == /us|eu/", "device.model == /x1/i", "device.model == /* why */ /x1/"])
def test_no_fix_for_others(policy: str) -> None:
    assert len(findings(RULE, policy)) == 1
    assert fixes(RULE, policy) == []


@pytest.mark.parametrize(
    "policy",
    [
        "device.model == /^x1/",
        "device.model == /x1$/",
        "device.model == /^(us|eu)-/",
        "device.model == /(us|eu)-[0-9]$/",
        r"device.model == /\bbeta\b/",
        "device.model == /.*x1.*/",
        "device.model == /^us-|-eu$/",
        r"device.model == /\Ax1\z/",
        "device.model == 'x1'",
        "device.model.includes('x1')",
        "device.model ^= 'x1'",
    ],
)
def test_what_says_where_it_matches(policy: str) -> None:
    assert findings(RULE, policy) == []
