"""Each rewrite, alone and with the others, gives a tree with the same three-valued result for every device."""

from typing import Any

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import Facts, as_moment, as_object
from policy_lang.compiler.policy import Policy
from policy_lang.optimizer.optimize import REWRITES, Rewrite, optimize, rewrite
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema

SCHEMAS: list[Schema | None] = [None, strategies.SCHEMA, strategies.DEFAULTS_SCHEMA]
ALONE = [(each,) for each in REWRITES]
NAMES = [each.__name__ for each in REWRITES]


def check(core: Core, rewritten: Core, facts: list[Facts]) -> None:
    before, after = compile_expr(core, DEFAULT_OPTIONS), compile_expr(rewritten, DEFAULT_OPTIONS)
    for each in facts:
        assert after(each) is before(each), rewritten


def facts_of(situations: list[strategies.Situation]) -> list[Facts]:
    return [(as_object(each.device), as_object(each.update), as_moment(each.now)) for each in situations]


# Random policies seldom ask twice of one property. These do little else: tests of a few properties, connected at random.
_TESTS: tuple[str, ...] = (
    *(
        "device.version < '1.5.0'",
        "device.version >= '1.4.2+build.5'",
        "device.version > '1.5.0-rc.1'",
        "device.version <= '2.1.0'",
    ),
    *(
        "device.version == '1.5.0'",
        "device.version != '1.4.2'",
        "device.version in ['1.0.0', '1.10.0']",
        "device.version not in []",
    ),
    *(
        "satisfies(device.version, '^1.4 || >=2.0.0-rc.1 <3')",
        "satisfies(device.version, '*')",
        "device.version < device.bootloader",
    ),
    *("device.region == 'eu'", "device.region != 'eu'", "device.region in ['eu', 'us-west']", "device.region not in ['us-east']"),
    *(
        "device.model == 'X100'",
        "device.model != 'X100'",
        "device.model in ['X100', 'eu', '']",
        "device.model not in ['beta', 'eu']",
    ),
    *("device.model < 'beta'", "device.model >= 'X100'", "device.model > 'X100'", "device.model == /^(eu|beta)$/"),
    *("device.memory < 256", "device.memory <= 256", "device.memory > 5", "device.memory >= 5", "device.memory == 64"),
    *("device.load < 1.5", "device.load >= 2", "device.load > 0.5", "device.load <= 2"),
    *("device.seen < '2026-03-01T23:30:00Z'", "device.seen == '2026-01-01T00:00:00Z'", "device.seen != '2026-03-02T12:00:00Z'"),
    *("device.uptime == '7d'", "device.uptime != '12h'", "device.uptime in ['7d', '36h']", "device.uptime > '45s'"),
    *("device.pro", "device.pro == true", "false == device.pro", "device.pro != true", "true", "false", "has(device.pro)"),
    *("(device.pro ?? false)", "(device.pro ? true : device.memory > 5)", "1 + 1 == 2", "'a' + 'b' in ['ab', 'c']", "1 / 0 > 1"),
)


@st.composite
def crowded(draw: st.DrawFn, depth: int = 3) -> str:
    """A policy that asks about the same few properties again and again."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(_TESTS))
    items = draw(st.lists(crowded(depth - 1), min_size=2, max_size=3))
    joined = draw(st.sampled_from([" && ", " || "])).join(f"({item})" for item in items)
    return draw(st.sampled_from(["", "!"])) + f"({joined})"


def compiled(text: str, schema: Schema | None = strategies.SCHEMA) -> Policy:
    return strategies.compiled(text, schema)


@pytest.mark.parametrize("rewrites", [*ALONE, REWRITES], ids=[*NAMES, "all"])
def test_on_random_policies(rewrites: tuple[Rewrite, ...]) -> None:
    @given(strategies.policies(), strategies.situations(6), st.sampled_from(SCHEMAS))
    @settings(max_examples=200, deadline=None)
    def law(text: str, situations: list[strategies.Situation], schema: Schema | None) -> None:
        core = compiled(text, schema).core
        check(core, rewrite(core, rewrites, DEFAULT_OPTIONS), facts_of(situations))

    law()


@pytest.mark.parametrize("rewrites", [*ALONE, REWRITES], ids=[*NAMES, "all"])
def test_on_policies_that_repeat_themselves(rewrites: tuple[Rewrite, ...]) -> None:
    @given(crowded(), strategies.situations(12), st.sampled_from(SCHEMAS[1:]))
    @settings(max_examples=250, deadline=None)
    def law(text: str, situations: list[strategies.Situation], schema: Schema | None) -> None:
        core = compiled(text, schema).core
        check(core, rewrite(core, rewrites, DEFAULT_OPTIONS), facts_of(situations))

    law()


@given(crowded(), strategies.situations(12), st.sampled_from(SCHEMAS[1:]))
@settings(max_examples=500, deadline=None)
def test_what_runs_is_what_was_written(text: str, situations: list[strategies.Situation], schema: Schema | None) -> None:
    """The optimized tree, generated and bound, gives what the reference gives on the tree of the checker."""
    policy = compiled(text, schema)
    check(policy.core, optimize(policy.core, DEFAULT_OPTIONS), facts_of(situations))
    for each in situations:
        expected = policy.evaluate_by_reference(each.device, each.update, each.now)
        assert policy.evaluate(each.device, each.update, each.now) is expected
        assert policy.matches(each.device, each.update, each.now) is (expected is True)
        assert policy.bind(each.update).evaluate(each.device, None, each.now) is expected
        assert policy.explain(each.device, each.update, each.now).result is expected


@given(strategies.policies() | crowded(), strategies.wild_devices(), strategies.wild_devices())
@settings(max_examples=400, deadline=None)
def test_on_anything_at_all(text: str, device: Any, update: Any) -> None:
    policy = compiled(text)
    check(policy.core, optimize(policy.core, DEFAULT_OPTIONS), [(as_object(device), as_object(update), None)])


@given(strategies.policies() | crowded())
@settings(max_examples=300, deadline=None)
def test_the_passes_come_to_an_end(text: str) -> None:
    """After the last pass there is nothing left to do."""
    optimized = optimize(compiled(text).core, DEFAULT_OPTIONS)
    assert optimize(optimized, DEFAULT_OPTIONS) == optimized
