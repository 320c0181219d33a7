from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from strategies import SCHEMA, Situation, compiled, policies, situations

from policy_lang.types.schema import Schema


def lesser(properties: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The object without one property or another, or with it unreadable."""
    for name in properties:
        yield {key: value for key, value in properties.items() if key != name}
        yield {**properties, name: None}
        yield {**properties, name: {}}


def with_less(situation: Situation) -> Iterator[Situation]:
    """What is left when something is not known."""
    for device in lesser(situation.device):
        yield Situation(device, situation.update, situation.now)
    for update in lesser(situation.update):
        yield Situation(situation.device, update, situation.now)
    yield Situation(situation.device, situation.update, None)
    yield Situation({}, {}, None)


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])
def test_less_knowledge_never_flips_a_result(schema: Schema | None) -> None:
    """No operator can match because data is absent: without `has` and `??`, a property less keeps the result or loses it."""

    @settings(max_examples=500, deadline=None)
    @given(policies(presence=False), situations(3))
    def law(text: str, some: list[Situation]) -> None:
        policy = compiled(text, schema)
        for each in some:
            before = policy.evaluate(each.device, each.update, each.now)
            for less in with_less(each):
                assert policy.evaluate(less.device, less.update, less.now) in {before, None}, (text, each, less)

    law()
