"""Where the agent is, as one value, kept in one file.

The file is replaced as a whole before each step that must not be forgotten: before the image is downloaded, before it is applied,
and before the outcome is reported. So after a crash the file says which step was the last to begin.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from policy_lang.agent.files import Files, save
from policy_lang.types.times import read_timestamp
from policy_lang.versions.version import Version

_FORMAT = 1
_LARGEST = 256 * 1024
_MOST_RECORDS = 16


class Phase(StrEnum):
    """The step that began last."""

    IDLE = "idle"
    DOWNLOADING = "downloading"
    VERIFIED = "verified"
    APPLYING = "applying"
    REPORTING = "reporting"


@dataclass(frozen=True, slots=True)
class Task:
    """An update on its way to the device.

    Attributes:
        update: its id.
        version: what the device runs once it is applied.
        checksum: the SHA-256 of the image, in lower-case hex.
        image: where the image lies once it is verified.
        previous: what the device ran when it was offered.
        offered_at: when it was offered last.
        runs: how often the script was started.
        started_at: when the script was started last.
    """

    update: str
    version: str
    checksum: str
    image: str
    previous: str
    offered_at: datetime
    runs: int = 0
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended, and why in a few words; a final one is not tried again, whatever the number of attempts."""

    success: bool
    detail: str
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What became of an update on this device, so that it is not tried for ever.

    Attributes:
        update, version, checksum: the update; another checksum makes another one.
        previous: what the device ran before.
        failures: how often it failed.
        successes: how often the script said that it was applied.
        is_seen: whether the device was seen running its version since.
        is_final: whether it must not be tried again.
        detail: how it ended last.
    """

    update: str
    version: str
    checksum: str
    previous: str
    failures: int = 0
    successes: int = 0
    is_seen: bool = False
    is_final: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that outlives the process.

    Attributes:
        phase: the step that began last.
        last_due: when the last check-in was due, without jitter.
        wake_at: when the next step may begin; None for at once.
        errors: how many errors came in a row.
        task: the update on its way; None while idle.
        outcome: what is to be reported.
        records: what became of earlier updates, the latest last.
    """

    phase: Phase = Phase.IDLE
    last_due: datetime | None = None
    wake_at: datetime | None = None
    errors: int = 0
    task: Task | None = None
    outcome: Outcome | None = None
    records: tuple[Record, ...] = ()

    def checked(self) -> "State":
        """The state itself, if its parts fit together.

        Raises:
            ValueError: a phase lacks what it is about.
        """
        if (self.task is None) != (self.phase is Phase.IDLE) or (self.outcome is None) != (self.phase is not Phase.REPORTING):
            raise ValueError("the parts do not fit together")
        return self

    def record_of(self, update: str, version: str, checksum: str) -> Record | None:
        """What became of an update, if it is still the same one."""
        found = (each for each in self.records if (each.update, each.version, each.checksum) == (update, version, checksum))
        return next(found, None)

    def with_record(self, record: Record) -> "State":
        """Remember what became of an update, in place of what was remembered of it."""
        others = tuple(each for each in self.records if each.update != record.update)
        return replace(self, records=(*others, record)[-_MOST_RECORDS:])


class StateError(Exception):
    """The file of the state is not one."""


def load_state(path: Path) -> State:
    """The state in a file; a new one where there is no file.

    Raises:
        StateError: the file is not one of ours, or was damaged.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except FileNotFoundError:
        return State()
    try:
        return _decode(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StateError(f"the state in `{path}` is damaged: {type(error).__name__}") from error


def save_state(files: Files, path: Path, state: State) -> None:
    """Put the state into its file, durably: all of it or nothing."""
    save(files, path, encode_state(state))


def encode_state(state: State) -> bytes:
    """The state as JSON."""
    return json.dumps({"format": _FORMAT, **asdict(state)}, default=datetime.isoformat, indent=1).encode()


def _decode(raw: Mapping[str, Any]) -> State:
    """The state from JSON; whatever does not fit raises."""
    fields = dict(raw)
    if fields.pop("format") != _FORMAT:
        raise ValueError("the format is not known")
    state = State(**fields)
    return State(
        phase=Phase(state.phase),
        last_due=_moment(state.last_due),
        wake_at=_moment(state.wake_at),
        errors=_count(state.errors),
        task=None if state.task is None else _task(fields["task"]),
        outcome=None if state.outcome is None else Outcome(**fields["outcome"]),
        records=tuple(map(_record, fields["records"])),
    ).checked()


def _task(raw: Mapping[str, Any]) -> Task:
    task = Task(**raw)
    offered_at = _moment(task.offered_at)
    if offered_at is None or not all(isinstance(each, str) for each in (task.update, task.checksum, task.image)):
        raise ValueError("a task is not complete")
    for version in (task.version, task.previous):
        Version.parse(version)
    return replace(task, offered_at=offered_at, started_at=_moment(task.started_at), runs=_count(task.runs))


def _record(raw: Mapping[str, Any]) -> Record:
    record = Record(**raw)
    for version in (record.version, record.previous):
        Version.parse(version)
    return replace(record, failures=_count(record.failures), successes=_count(record.successes), is_seen=record.is_seen is True)


def _moment(raw: object) -> datetime | None:
    if raw is None:
        return None
    moment = read_timestamp(str(raw))
    if moment is None:
        raise ValueError("a time is not valid")
    return moment


def _count(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise ValueError("a count is not valid")
    return raw
