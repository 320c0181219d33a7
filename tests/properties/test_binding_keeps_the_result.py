import pytest
from hypothesis import given, settings
from strategies import DEFAULTS_SCHEMA, SCHEMA, Situation, compiled, policies, situations

from policy_lang.types.schema import Schema


@pytest.mark.parametrize("schema", [SCHEMA, None, DEFAULTS_SCHEMA], ids=["declared", "inferred", "defaults"])
def test_binding_keeps_the_result(schema: Schema | None) -> None:
    """A policy bound to an update gives what it would give with that update, whatever it is later given."""

    @settings(max_examples=250, deadline=None)
    @given(policies(), situations(4))
    def law(text: str, some: list[Situation]) -> None:
        policy = compiled(text, schema)
        for each in some:
            bound = policy.bind(each.update)
            expected = policy.evaluate(each.device, each.update, each.now)
            assert bound.evaluate(each.device, {}, each.now) is expected, (text, each)
            assert bound.matches(each.device, None, each.now) is (expected is True), (text, each)
            assert bound.explain(each.device, None, each.now).result is expected, (text, each)

    law()


@settings(max_examples=500, deadline=None)
@given(policies(), situations())
def test_matching_is_a_true_result(text: str, some: list[Situation]) -> None:
    """A policy matches a device only where its result is true."""
    policy = compiled(text)
    for each in some:
        for now in (each.now, None):
            for update in (each.update, None):
                result = policy.evaluate(each.device, update, now)
                assert policy.matches(each.device, update, now) is (result is True), (text, each)
