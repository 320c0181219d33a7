import json
from pathlib import Path
from typing import Any

import pytest

from policy_lang.agent.state import State, StateError, load_state

TASK: dict[str, Any] = {
    "update": "release-2",
    "version": "2.0.0",
    "checksum": "ab" * 32,
    "image": "/state/update.bin",
    "previous": "1.0.0",
    "offered_at": "2026-05-01T09:00:00+00:00",
    "runs": 0,
    "started_at": None,
}
RECORD: dict[str, Any] = {"update": "release-2", "version": "2.0.0", "checksum": "ab" * 32, "previous": "1.0.0"}
GOOD: dict[str, Any] = {
    "format": 1,
    "phase": "verified",
    "last_due": None,
    "wake_at": None,
    "errors": 0,
    "task": TASK,
    "outcome": None,
    "records": [RECORD],
}


def write(path: Path, value: Any) -> Path:
    """A file with a state."""
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_a_state(tmp_path: Path) -> None:
    state = load_state(write(tmp_path / "state.json", GOOD))
    assert state.task is not None
    assert state.records[0].update == "release-2"


def test_a_missing_file_is_a_new_state(tmp_path: Path) -> None:
    assert load_state(tmp_path / "state.json") == State()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        {**GOOD, "format": 2},
        {**GOOD, "phase": "sleeping"},
        {**GOOD, "phase": "idle"},
        {**GOOD, "task": None},
        {**GOOD, "outcome": {"success": True, "detail": ""}},
        {**GOOD, "phase": "reporting"},
        {**GOOD, "errors": -1},
        {**GOOD, "errors": True},
        {**GOOD, "wake_at": "tomorrow"},
        {**GOOD, "wake_at": 7},
        {**GOOD, "extra": 1},
        {**GOOD, "task": {**TASK, "version": "2.0"}},
        {**GOOD, "task": {**TASK, "checksum": None}},
        {**GOOD, "task": {**TASK, "offered_at": None}},
        {**GOOD, "task": {**TASK, "runs": "1"}},
        {**GOOD, "records": None},
        {**GOOD, "records": [{**RECORD, "version": 2}]},
        {**GOOD, "records": [{**RECORD, "failures": None}]},
        "[" * 100_000,
        {**GOOD, "records": [RECORD] * 5000},
    ],
)
def test_a_damaged_file_is_no_state(tmp_path: Path, value: Any) -> None:
    with pytest.raises(StateError, match="is damaged"):
        load_state(write(tmp_path / "state.json", value))
