"""MC/DC by its definition: a flipped condition is put into the policy itself, and the policy is evaluated again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Situation, compiled, policies, situations

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import as_moment
from policy_lang.compiler.policy import Policy
from policy_lang.pipeline import compile_policy
from policy_lang.testing.conditions import Link, Logical, Probe
from policy_lang.testing.influence import Seen, look
from policy_lang.types.core import Constant, Core, map_children
from policy_lang.types.model import BOOL


def looked(policy: Policy, facts: tuple[Any, ...]) -> tuple[Logical, list[Seen]]:
    """What a policy as a whole shows for some facts."""
    probe = Probe(policy.core, policy.source, policy.options, policy.roots)
    leaves = probe.observe(facts)
    (decision, *_) = probe.decisions
    return look(decision, leaves[: len(list(decision.leaves()))])


def with_value(core: Core, seen: Seen, value: bool) -> Core:  # noqa: FBT001
    """The core with a constant in place of the outermost node of a term."""
    if core.span == seen.term.span:
        return Constant(value, BOOL, span=core.span)
    return map_children(core, lambda child: with_value(child, seen, value))


def decide(policy: Policy, seen: Seen, facts: tuple[Any, ...]) -> bool:
    """Whether the policy goes from true to false, or back, with the value of one condition."""
    outcomes = {compile_expr(with_value(policy.core, seen, value), policy.options, policy.roots)(facts) for value in (True, False)}
    return outcomes == {True, False}


@given(policies(), situations(4))
def test_conditions_that_decide_change_the_outcome_when_they_are_flipped(text: str, drawn: list[Situation]) -> None:
    """docs/testing.md: the decision would be false instead of true, had the condition been the other."""
    policy = compiled(text)
    for situation in drawn:
        facts = (situation.device, situation.update, as_moment(situation.now))
        outcome, terms = looked(policy, facts)
        assert outcome is policy.evaluate(situation.device, situation.update, situation.now)
        for seen in terms:
            if seen.term.link is Link.CONDITION:
                assert seen.decides is (seen.value is not None and decide(policy, seen, facts)), seen.term.text


@pytest.mark.parametrize(
    ("text", "device", "deciding"),
    [
        ("device.a && device.b", {"a": True, "b": True}, ["device.a", "device.b"]),
        ("device.a && device.b", {"a": True, "b": False}, ["device.b"]),
        ("device.a && device.b", {"a": False, "b": False}, []),
        ("device.a && device.b", {"a": False}, []),
        ("device.a || device.b", {"a": False, "b": False}, ["device.a", "device.b"]),
        ("device.a || device.b", {"a": True, "b": False}, ["device.a"]),
        ("device.a && (device.b || !device.c)", {"a": True, "b": False, "c": True}, ["device.b", "device.c"]),
        ("device.a ? device.b : device.c", {"a": True, "b": True, "c": False}, ["device.a", "device.b"]),
        ("device.a ? device.b : device.c", {"a": True, "b": True, "c": True}, ["device.b"]),
        ("device.a ? device.b : device.c", {"a": False, "b": True}, []),
        ("device.a ?? device.b", {"a": True, "b": False}, ["device.a"]),
        ("device.a ?? device.b", {"b": False}, ["device.b"]),
        ("(device.a && device.b) ?? true", {"a": True}, ["device.a"]),
        ("device.a && (device.a || device.b)", {"a": True, "b": False}, ["device.a", "device.a"]),
    ],
)
def test_which_conditions_decide(text: str, device: dict[str, bool], deciding: list[str]) -> None:
    _, terms = looked(compile_policy(text), (device, {}, None))
    assert [seen.term.text for seen in terms if seen.decides and seen.term.link is Link.CONDITION] == deciding


@given(st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=40))
def test_long_rows_are_as_short_ones(values: list[Logical]) -> None:
    """In a conjunction a condition decides where all others are true."""
    text = " && ".join(f"device.p{at}" for at in range(len(values)))
    policy = compile_policy(text)
    _, (whole, *terms) = looked(policy, ({f"p{at}": value for at, value in enumerate(values)}, {}, None))
    for at, seen in enumerate(terms):
        others = values[:at] + values[at + 1 :]
        assert seen.value is values[at]
        assert seen.decides is (seen.value is not None and all(value is True for value in others))
    assert whole.decides is (whole.value is not None)
