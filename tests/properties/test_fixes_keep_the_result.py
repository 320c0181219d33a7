import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from strategies import SCHEMA, Situation, compiled, policies, situations

from policy_lang.analysis.edits import apply_edits
from policy_lang.analysis.fixes import fix_policy
from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.registry import RULES, rulebook
from policy_lang.source import Source
from policy_lang.types.schema import Schema

PLANTED = (
    *("device.region == null", "null != device.site.name", "(device.tags[0] == null)", "!(device.pro == null)"),
    *("'eu' == device.region", "256 <= device.memory", "'1.4.2' > device.version", "true == device.pro"),
    *(
        "true && device.pro",
        "device.pro || false",
        "(1 < 2 ? device.pro : false)",
        "device.memory > 0 && 1 + 1 == 2",
        "!true || device.pro",
    ),
    *(
        "!!device.pro",
        "!(device.memory < 256)",
        "!(device.region == 'eu')",
        "!(device.memory >= 64 && device.pro)",
        "!!(device.load > 1.5)",
    ),
    *("device.region == 'eu' || device.region == 'us-east'", "device.flags != 1 && device.flags != 2 && device.flags != 6"),
    *("device.memory == 256 || device.pro || device.memory == 512", "device.version == '1.4.2' || device.version == '1.5.0'"),
    *("device.pro && device.memory > 64 || device.load < 2", "device.pro || device.memory > 64 && device.region == 'eu'"),
    *(
        "device.bootloader == '1.4.2+build.5'",
        "device.version in ['1.4.2+build.5', '2.1.0']",
        "satisfies(device.version, '>=1.0.0+a <2')",
    ),
    *("device.model <> 'X'", "device.model >< 'pro'", "device.tags <> 'eu'", "device.slots >< 6"),
    *("device.memory << 2 >= 256", "device.memory == (2 ^ 8)", "device.flags >> 1 > 1", "(device.flags & 2) == 2"),
    *(
        "device.model == /X100/",
        "device.model != /^X100/",
        "device.model == /pro$/",
        "device.region == /^(us-west|eu)$/",
        "/x/ == device.model",
    ),
    *("device.model.matches(/beta/)", "device.model == /^X[0-9]+$/", "device.model == /^$/"),
    *("device.site.name == '\\u202eeu'", "device.pro /* \u202e */", "device.model == 'a\u2066b'"),
    *("device.pro && device.pro", "device.memory > 64 && device.memory > 32", "device.pro || device.pro && device.load > 1"),
    *(
        "device.memory > 512 && device.memory < 64",
        "device.memory > 0 || device.memory <= 0",
        "device.region != 'eu' || device.region == 'eu'",
    ),
    *("device.version < '2.0.0' && device.version < '1.0.0'", "has(device.memory) && device.memory > 3", "device.pro == true"),
    *("rollout(0)", "rollout(100)", "rollout(0.05)", "device.pro // allow(null_comparison): no\n", "(device.load ?? 0.5) > 0.1"),
)
"""One policy, or more, for each rule that has fixes, and for others around which fixes are made."""

SHAPES = (
    "{}",
    "({}) && ({})",
    "({}) || ({})",
    "!({})",
    "({}) ? ({}) : ({})",
    "(({}) ?? ({}))",
    "({}) == ({})",
    "{} && {}",
    "{} || {}",
)


@st.composite
def planted(draw: st.DrawFn) -> str:
    """A policy with mistakes: some of the above, put together with random policies."""
    shape = draw(st.sampled_from(SHAPES))
    parts: SearchStrategy[str] = st.sampled_from(PLANTED) | policies()
    first = draw(st.sampled_from(PLANTED))
    return shape.format(*[first, *(draw(parts) for _ in range(shape.count("{}") - 1))])


def check(text: str, schema: Schema | None, some: list[Situation]) -> None:
    """Each fix alone and all together give what the policy gave."""
    before = compiled(text, schema)
    findings = [each for each in lint_policy(text, schema) if each.fix is not None]
    fixed = {apply_edits(text, each.fix.edits): each.rule for each in findings if each.fix is not None}
    fixed[fix_policy(Source(text), rulebook(RULES), schema).text] = "all together"
    for after, rule in fixed.items():
        event(str(rule))
        policy = compiled(after, schema)
        for each in some:
            expected = before.evaluate(each.device, each.update, each.now)
            assert policy.evaluate(each.device, each.update, each.now) is expected, (rule, text, after, each)


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])
@pytest.mark.parametrize("text", PLANTED)
def test_fixes_of_single_mistakes_keep_the_result(text: str, schema: Schema | None) -> None:
    """A fix never changes the result: not true, false or unknown of any device."""

    @settings(max_examples=40, deadline=None)
    @given(situations())
    def law(some: list[Situation]) -> None:
        check(text, schema, some)

    law()


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])
def test_fixes_keep_the_result(schema: Schema | None) -> None:
    """A fix never changes the result, alone or together with all others, in whatever it stands."""

    @settings(max_examples=300, deadline=None)
    @given(planted() | policies(), situations())
    def law(text: str, some: list[Situation]) -> None:
        check(text, schema, some)

    law()


def test_every_rule_with_fixes_is_tried() -> None:
    """The planted mistakes reach each fixable rule, so that the law is about all of them."""
    reached = {
        each.rule for text in PLANTED for schema in (SCHEMA, None) for each in lint_policy(text, schema) if each.fix is not None
    }
    assert reached == {rule.name for rule in RULES if rule.is_fixable}
