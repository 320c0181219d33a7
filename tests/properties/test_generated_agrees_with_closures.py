"""The generated code, bound or not, gives the result of the reference closures: true, false and unknown alike."""

from typing import Any

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.compiler.policy import Policy
from policy_lang.types.schema import Schema

SCHEMAS: list[Schema | None] = [None, strategies.SCHEMA, strategies.DEFAULTS_SCHEMA]


def check(policy: Policy, device: Any, update: Any, now: Any) -> None:
    expected = policy.evaluate_by_reference(device, update, now)
    bound = policy.bind(update)
    assert policy.evaluate(device, update, now) is expected, policy.python
    assert policy.matches(device, update, now) is (expected is True), policy.python
    assert bound.evaluate(device, None, now) is expected, bound.python
    assert bound.matches(device, None, now) is (expected is True), bound.python
    assert bound.evaluate_by_reference(device, None, now) is expected


@given(strategies.policies(), strategies.situations(10), st.sampled_from(SCHEMAS))
@settings(max_examples=700, deadline=None)
def test_on_devices_of_the_vocabulary(text: str, situations: list[strategies.Situation], schema: Schema | None) -> None:
    policy = strategies.compiled(text, schema)
    for situation in situations:
        check(policy, situation.device, situation.update, situation.now)


@given(strategies.policies(), strategies.wild_devices(), strategies.wild_devices())
@settings(max_examples=1000, deadline=None)
def test_on_anything_at_all(text: str, device: Any, update: Any) -> None:
    check(strategies.compiled(text), device, update, None)


ALTERNATIVES = " || ".join(
    f"(device.model == 'm{at % 5}' && device.region == 'r{at % 3}' && device.version >= '1.{at}.0')" for at in range(9)
)


@given(
    st.sampled_from(["m0", "m3", "x", None, 5]),
    st.sampled_from(["r0", "r1", "x", None]),
    st.sampled_from(["1.0.0", "1.4.0", "2.0.0", "x", None]),
)
def test_a_table_of_alternatives(model: Any, region: Any, version: Any) -> None:
    device = {"model": model, "region": region, "version": version}
    check(strategies.compiled(ALTERNATIVES, None), device, {}, None)


@pytest.mark.parametrize("depth", [10, 60])
def test_deep_policies(depth: int) -> None:
    text = "device.a == 1"
    for level in range(depth // 2):
        text = f"({text} {'&&' if level % 2 else '||'} device.b{level} == {level})"
    for a in (1, 2, None):
        check(strategies.compiled(text, None), {"a": a, **{f"b{level}": level for level in range(0, depth, 3)}}, {}, None)
