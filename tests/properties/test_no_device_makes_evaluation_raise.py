from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import SCHEMA, anything, compiled, policies, times, wild_devices

from policy_lang.compiler.policy import Now
from policy_lang.types.schema import Schema


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])
def test_no_device_makes_evaluation_raise(schema: Schema | None) -> None:
    """Evaluation never raises because of what a device sent; `explain` and `matches` agree with `evaluate`."""

    @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(policies(), wild_devices(), wild_devices() | anything(), times())
    def law(text: str, device: Any, update: Any, now: Now) -> None:
        policy = compiled(text, schema)
        result = policy.evaluate(device, update, now)
        assert result in {True, False, None}
        explanation = policy.explain(device, update, now)
        assert explanation.result is result
        assert bool(explanation.causes) is (result is None)
        assert str(explanation)
        assert explanation.to_plain()["result"] is result

    law()
