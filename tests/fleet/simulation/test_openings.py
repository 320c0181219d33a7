from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.simulation.openings import Opening, opening_of
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Gate, Step

_IMAGE = {"url": "https://example.com/x.bin", "checksum": "ab" * 32}
_START = "2026-05-01T00:00:00Z"
_AT = datetime(2026, 5, 1, tzinfo=UTC)


def _step(rollout: dict[str, Any], device_id: str | None, now: datetime, policy: str = "true", **more: Any) -> Step:
    update = {"id": "u", "product": "p", "version": "2.0.0", "policy": policy, **_IMAGE, **more}
    catalog = Catalog.load({"updates": [{**update, "rollout": rollout} if rollout else update]})
    device = {"product": "p", "version": "1.0.0", **({} if device_id is None else {"id": device_id})}
    return Selector(catalog).select(device, now).trace[0]


@given(st.integers(0, 10**6), st.sampled_from([100, 70, 0.5]), st.sampled_from(["7d", "1s", "37m"]))
def test_a_ramp_opens_at_the_first_microsecond(number: int, percent: float, ramp: str) -> None:
    device_id = f"device-{number}"
    rollout = {"percent": percent, "start": _START, "ramp": ramp}
    step = _step(rollout, device_id, _AT)
    opening = opening_of(step, device_id)
    if opening is Opening.NEVER:
        assert _step(rollout, device_id, _AT + timedelta(days=999)).gate is Gate.OUTSIDE_ROLLOUT
        return
    assert isinstance(opening, datetime)
    assert _step(rollout, device_id, opening).gate is Gate.OFFERED
    assert _step(rollout, device_id, opening - timedelta(microseconds=1)).gate is Gate.OUTSIDE_ROLLOUT


@pytest.mark.parametrize(
    ("rollout", "policy", "gate", "wanted"),
    [
        ({"start": "2026-06-01T00:00:00Z"}, "true", Gate.NOT_STARTED, datetime(2026, 6, 1, tzinfo=UTC)),
        ({"end": "2026-04-01T00:00:00Z"}, "true", Gate.ENDED, Opening.NEVER),
        ({"percent": 0}, "true", Gate.OUTSIDE_ROLLOUT, Opening.NEVER),
        ({"start": _START, "ramp": "999999999d"}, "true", Gate.OUTSIDE_ROLLOUT, Opening.NEVER),
        ({"start": _START, "ramp": "9d", "end": "2026-05-01T00:00:01Z"}, "true", Gate.OUTSIDE_ROLLOUT, Opening.NEVER),
        ({"max_devices": 0}, "true", Gate.MAX_DEVICES, Opening.NEVER),
        ({"max_per_period": 0, "period": "1d"}, "true", Gate.MAX_PER_PERIOD, Opening.ANYTIME),
        ({}, "false", Gate.POLICY_FALSE, Opening.NEVER),
        ({}, "device.x", Gate.POLICY_UNKNOWN, Opening.NEVER),
        ({}, "now < timestamp('2026-01-01T00:00:00Z')", Gate.POLICY_FALSE, Opening.ANYTIME),
        ({}, "device.x && inWindow('01:00', '02:00')", Gate.POLICY_FALSE, Opening.ANYTIME),
        ({}, "true", Gate.OFFERED, Opening.ANYTIME),
    ],
)
def test_each_gate(rollout: dict[str, Any], policy: str, gate: Gate, wanted: object) -> None:
    step = _step(rollout, "device-1", _AT, policy)
    assert step.gate is gate
    assert opening_of(step, "device-1") == wanted


def test_a_paused_update_and_a_device_without_an_id() -> None:
    assert opening_of(_step({}, "d", _AT, paused=True), "d") is Opening.NEVER
    step = _step({"percent": 50}, None, _AT)
    assert step.gate is Gate.ROLLOUT_UNKNOWN
    assert opening_of(step, None) is Opening.NEVER
