import pytest
from linting import findings, fixed, fixes, marked, subject_of

from policy_lang.analysis.rules.constant_part import RULE, check
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.policy import check as check_policy
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.source import Source
from policy_lang.syntax.parser import parse
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.model import Kind
from policy_lang.types.schema import Schema


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("1 + 2 > 2", "true"),
        ("'a' == 'b'", "false"),
        ("true && device.pro", "device.pro"),
        ("device.pro && true", "device.pro"),
        ("device.pro || false || device.beta", "device.pro || device.beta"),
        ("(1 < 2) && device.pro && device.beta", "device.pro && device.beta"),
        ("device.pro && device.beta && ('a' != 'b')", "device.pro && device.beta"),
        ("device.pro || (true && device.beta)", "device.pro || device.beta"),
        ("device.pro && (false || (device.beta || device.x == 1))", "device.pro && (device.beta || device.x == 1)"),
        ("!(device.a == 'a' && true)", "!(device.a == 'a')"),
        ("true ? device.pro : device.beta", "device.pro"),
        ("device.memory == (1 > 2 ? device.a : device.b + 0)", "device.memory == device.b + 0"),
        ("device.memory > 1 && (!true ? device.pro : device.beta)", "device.memory > 1 && device.beta"),
        ("device.pro == (1 < 2)", "device.pro == true"),
        ("device.pro ?? (1 < 2)", "device.pro ?? true"),
        ("bool('TRUE')", "true"),
    ],
)
def test_the_fix_leaves_what_counts(policy: str, after: str) -> None:
    assert fixed(RULE, policy) == after


@pytest.mark.parametrize(
    ("policy", "part", "message"),
    [
        ("device.pro || 1 < 2", "1 < 2", "the condition `1 < 2` reads no property, so it is always true"),
        ("device.pro && false", "false", "the condition `false` reads no property, so it is always false"),
        ("device.pro && 1 / 0 > 2", "1 / 0 > 2", "the condition `1 / 0 > 2` reads no property, so it is always unknown"),
        (
            "device.pro && (true && !false)",
            "true && !false",
            "the condition `true && !false` reads no property, so it is always true",
        ),
    ],
)
def test_the_outermost_part_is_reported(policy: str, part: str, message: str) -> None:
    assert marked(RULE, policy) == [part]
    assert findings(RULE, policy)[0].message == message


@pytest.mark.parametrize(
    "policy", ["device.pro || true", "device.pro && 1 > 2", "device.pro && 1 / 0 > 2", "[1 < 2].includes(device.a)"]
)
def test_no_fix_throws_conditions_away(policy: str) -> None:
    assert len(findings(RULE, policy)) == 1
    assert fixes(RULE, policy) in ([], ["write `true`"])


def test_the_help_says_what_an_operand_does() -> None:
    helps = [findings(RULE, policy)[0].help for policy in ("device.a || true", "device.a && false", "device.a && true", "1 < 2")]
    assert helps == [
        "nothing else counts in this `||`; remove what is not meant",
        "nothing else counts in this `&&`; remove what is not meant",
        "ask for a property, or leave the condition out",
        "ask for a property, or write the result",
    ]


def test_a_default_that_took_the_comparison_along() -> None:
    (found,) = findings(RULE, "device.region ?? 'none' != 'us'")
    assert found.help == "`??` takes the whole comparison for its default: write `(device.region ?? 'none') != 'us'`"
    assert found.fix is None


@pytest.mark.parametrize(
    "policy",
    [
        "true",
        "false",
        "device.memory >= 64 * 1024",
        "device.pro == true",
        "device.pro ?? false",
        "device.pro ? true : false",
        "rollout(5)",
        "inWindow('01:00', '05:00')",
        "now > '2026-01-01T00:00:00Z'",
        "has(device.tier)",
        "device.x in []",
    ],
)
def test_what_reads_a_property_or_is_no_condition(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_where_a_branch_has_another_type() -> None:
    assert fixes(RULE, "(true ? device.version.major : 0.5) + 1 > 2") == []


def test_no_fix_where_the_other_branch_makes_a_text_a_version() -> None:
    """As texts `'1.4.2' < '1.10.0'` is false."""
    assert fixes(RULE, "(false ? device.version : '1.4.2') < '1.10.0'") == []
    assert fixed(RULE, "(false ? device.model : 'a') == device.id") == "'a' == device.id"


def test_no_fix_that_would_leave_a_property_without_a_type() -> None:
    assert fixes(RULE, "(true ? device.a : 1) == device.b") == []


def test_no_fix_that_would_lose_a_comment() -> None:
    assert fixes(RULE, "device.pro && /* why */ true") == []
    assert fixes(RULE, "device.pro /* why */ && device.beta && true") == ["leave `true` out"]


def test_a_function_of_the_host_may_change_its_mind() -> None:
    row = Function("isHoliday", Form.FUNCTION, (), Kind.BOOL, lambda: True, "whether today is one", "isHoliday()", is_host=True)
    schema = Schema().with_function(row)
    parsed = parse(Source("isHoliday() && device.pro"))
    core = check_policy(parsed, schema)
    assert list(check(PolicySubject(parsed.source, parsed.tree, (), core, schema, DEFAULT_OPTIONS))) == []
    assert list(check(subject_of("true && device.pro")))
