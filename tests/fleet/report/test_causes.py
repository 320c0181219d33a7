from typing import Any

import pytest

from policy_lang.fleet.loop import Loop
from policy_lang.fleet.report.causes import find_causes
from policy_lang.fleet.report.model import Cause
from policy_lang.fleet.survey import Result
from policy_lang.pipeline import compile_policy


def _found(text: str, devices: list[dict[str, Any]], **given: Any) -> tuple[tuple[Cause, ...], int]:
    return find_causes(Loop(devices), Result(compile_policy(text), **given))


def test_each_property_says_whether_it_is_missing_or_bad() -> None:
    devices: list[dict[str, Any]] = [{"a": 1, "b": 1}, {"a": 5}, {"a": "x"}, {"b": "x"}, {}, {"a": 9, "b": 9}]
    causes, computed = _found("device.a > 2 && device.b > 2", devices)
    assert causes == (Cause("device.b", 3, 1, 1), Cause("device.a", 2, 1, 0))
    assert computed == 0


def test_a_device_that_is_false_all_the_same_is_not_counted() -> None:
    assert _found("device.a > 2 && device.b > 2", [{"a": 1}]) == ((), 0)


def test_a_computation_without_a_result_has_no_property_to_blame() -> None:
    assert _found("10 / device.a > 2", [{"a": 0}, {}]) == ((Cause("device.a", 1, 0, 1),), 1)


def test_what_a_constant_stands_in_for_is_no_cause() -> None:
    assert _found("(device.a ?? 0) > 2 || device.b > 2", [{}]) == ((Cause("device.b", 1, 0, 1),), 0)
    assert _found("(device.a ?? device.c) > 2 && device.c > 1", [{}])[0] == (Cause("device.a", 1, 0, 0), Cause("device.c", 1, 0, 0))


@pytest.mark.parametrize(
    ("update", "cause"),
    [(None, (2, 0)), ({"version": "2"}, (0, 2)), ({"version": "2.0.0"}, None)],
)
def test_the_update_may_be_the_cause(update: dict[str, Any] | None, cause: tuple[int, int] | None) -> None:
    causes, _ = _found("device.version < update.version", [{"version": "1.0.0"}, {}], update=update)
    found = {each.property: (each.missing, each.bad) for each in causes}
    assert found == {"device.version": (1, 0)} | ({} if cause is None else {"update.version": cause})


def test_the_time_may_be_the_cause() -> None:
    causes, _ = _found("device.seen < now", [{"seen": "2026-01-01T00:00:00Z"}])
    assert causes == (Cause("now", 1, 0, 1),)
