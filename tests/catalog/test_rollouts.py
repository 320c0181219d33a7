from datetime import UTC, datetime, timedelta

import pytest

from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.catalog.rollouts import read_rollout
from policy_lang.rollout.plan import Rollout

START = datetime(2026, 5, 1, tzinfo=UTC)
WRITTEN = "2026-05-01T00:00:00Z"


def read(rollout: object) -> tuple[Rollout, list[tuple[str, str | None]]]:
    """The rollout that is read, and the findings as code and field."""
    findings = Findings(None)
    record = Record(findings, (), {"rollout": rollout}, ("rollout",))
    return read_rollout(record, findings), [(each.code, each.field) for each in findings.found]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, Rollout()),
        ({"percent": 5}, Rollout(buckets=50_000)),
        ({"percent": 0}, Rollout(buckets=0)),
        ({"percent": 100}, Rollout()),
        ({"percent": 100, "ramp": "4d", "start": WRITTEN}, Rollout(ramp=timedelta(days=4), start=START)),
        ({"start": WRITTEN, "end": "2026-05-02T00:00:00Z"}, Rollout(start=START, end=START + timedelta(days=1))),
        ({"max_devices": 0}, Rollout(max_devices=0)),
        ({"pause_on_failures": 0}, Rollout(pause_on_failures=0)),
        ({"max_per_period": 3, "period": "PT1H"}, Rollout(max_per_period=3, period=timedelta(hours=1))),
    ],
)
def test_a_right_rollout_is_read(written: object, expected: Rollout) -> None:
    assert read(written) == (expected, [])


def test_an_update_without_a_rollout_goes_to_everybody() -> None:
    findings = Findings(None)
    assert read_rollout(Record(findings, (), {}, ()), findings) == Rollout()
    assert not findings.found


def test_all_devices_without_a_ramp_need_no_id() -> None:
    assert not read({"percent": 100})[0].has_percent


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, [("PL506", "rollout")]),
        (5, [("PL506", "rollout")]),
        ({"percnt": 5}, [("PL504", "rollout.percnt")]),
        ({"percent": None}, [("PL506", "rollout.percent")]),
        ({"percent": "5%"}, [("PL506", "rollout.percent")]),
        ({"percent": 101}, [("PL507", "rollout.percent")]),
        ({"ramp": "4d"}, [("PL507", "rollout.ramp")]),
        ({"ramp": "0d", "start": WRITTEN}, [("PL507", "rollout.ramp")]),
        ({"ramp": "4d", "start": "May"}, [("PL507", "rollout.start")]),
        ({"max_per_period": 3}, [("PL507", "rollout.max_per_period")]),
        ({"period": "1h"}, [("PL507", "rollout.period")]),
        ({"max_per_period": "3", "period": "soon"}, [("PL506", "rollout.max_per_period"), ("PL507", "rollout.period")]),
        ({"max_devices": True}, [("PL506", "rollout.max_devices")]),
        ({"max_devices": -1}, [("PL507", "rollout.max_devices")]),
        ({"pause_on_failures": -1}, [("PL507", "rollout.pause_on_failures")]),
        ({"start": WRITTEN, "end": WRITTEN}, [("PL510", "rollout.end")]),
        ({"start": WRITTEN, "end": "2025-05-01T00:00:00Z"}, [("PL510", "rollout.end")]),
        ({"start": "May", "end": WRITTEN}, [("PL507", "rollout.start")]),
    ],
)
def test_a_wrong_rollout_is_refused(written: object, expected: list[tuple[str, str]]) -> None:
    assert read(written)[1] == expected
