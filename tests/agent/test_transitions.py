"""The machine alone: every decision about what an interrupted agent does, and laws about any history."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.agent import transitions
from policy_lang.agent.files import Files
from policy_lang.agent.offer import Offer
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Outcome, Phase, Record, State, Task, load_state, save_state
from policy_lang.agent.transitions import Apply, CheckIn, Report, Settle, Wait, next_step
from policy_lang.versions.version import Version

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
TOLD = Settings("https://h", Path("/state"))
NONE = timedelta()
OLD, NEW, OTHER = map(Version.parse, ("1.0.0", "2.0.0", "1.5.0"))
OFFER = Offer("https://h/2.bin", "ab" * 32, "release-2", NEW)
TASK = Task("release-2", "2.0.0", "ab" * 32, "/state/update.bin", "1.0.0", NOW, 1, NOW)
APPLYING = State(Phase.APPLYING, last_due=NOW, task=TASK)
RECORD = Record("release-2", "2.0.0", "ab" * 32, "1.0.0")


def test_each_phase_has_its_step() -> None:
    outcome = Outcome(success=True, detail="")
    steps = {
        Phase.IDLE: next_step(State(), TOLD, NOW, NONE),
        Phase.DOWNLOADING: next_step(replace(APPLYING, phase=Phase.DOWNLOADING), TOLD, NOW, NONE),
        Phase.VERIFIED: next_step(replace(APPLYING, phase=Phase.VERIFIED), TOLD, NOW, NONE),
        Phase.APPLYING: next_step(APPLYING, TOLD, NOW, NONE),
        Phase.REPORTING: next_step(replace(APPLYING, phase=Phase.REPORTING, outcome=outcome), TOLD, NOW, NONE),
    }
    assert steps == {
        Phase.IDLE: CheckIn(),
        Phase.DOWNLOADING: CheckIn(),
        Phase.VERIFIED: Apply(TASK),
        Phase.APPLYING: Settle(TASK),
        Phase.REPORTING: Report(TASK, outcome),
    }


@pytest.mark.parametrize("phase", [*Phase])
def test_an_error_is_waited_out_in_every_phase(phase: Phase) -> None:
    state = State(phase, last_due=NOW, task=TASK, outcome=Outcome(success=True, detail=""))
    late = transitions.after_error(state, NOW, timedelta(minutes=5))
    assert next_step(late, TOLD, NOW, NONE) == Wait(NOW + timedelta(minutes=5))
    assert not isinstance(next_step(late, TOLD, NOW + timedelta(minutes=5), NONE), Wait)
    assert late.errors == 1


@pytest.mark.parametrize(
    ("running", "is_repeatable", "runs", "phase", "success"),
    [
        (NEW, True, 1, Phase.REPORTING, True),
        (NEW, False, 1, Phase.REPORTING, True),
        (OLD, True, 1, Phase.VERIFIED, None),
        (OLD, True, 2, Phase.VERIFIED, None),
        (OLD, True, 3, Phase.REPORTING, False),
        (OLD, False, 1, Phase.REPORTING, False),
        (OTHER, True, 1, Phase.REPORTING, False),
        (OTHER, False, 1, Phase.REPORTING, False),
    ],
)
def test_after_an_interruption_the_version_decides(
    running: Version, is_repeatable: bool, runs: int, phase: Phase, success: bool | None  # noqa: FBT001  a row of the table
) -> None:  # fmt: skip
    state = replace(APPLYING, task=replace(TASK, runs=runs))
    after = transitions.after_interruption(state, running, replace(TOLD, is_repeatable=is_repeatable))
    assert after.phase is phase
    assert (None if after.outcome is None else after.outcome.success) is success


@pytest.mark.parametrize(
    ("record", "running", "reason"),
    [
        (None, OLD, None),
        (replace(RECORD, checksum="cd" * 32, failures=9), OLD, None),
        (replace(RECORD, version="2.0.1", failures=9), OLD, None),
        (replace(RECORD, failures=2), OLD, None),
        (replace(RECORD, failures=3, detail="why"), OLD, "it failed 3 times (why)"),
        (replace(RECORD, is_final=True, failures=1, detail="why"), OLD, "why"),
        (replace(RECORD, successes=1), OLD, "it was installed, and the device still runs 1.0.0"),
        (replace(RECORD, successes=1), OTHER, None),
        (replace(RECORD, successes=1, is_seen=True), OLD, None),
        (replace(RECORD, successes=3, is_seen=True), OLD, "it was installed 3 times and does not stay"),
        (None, NEW, "the device runs 2.0.0 already"),
    ],
)
def test_what_is_refused(record: Record | None, running: Version, reason: str | None) -> None:
    state = State(records=() if record is None else (record,))
    found = transitions.refusal(state, OFFER, running, TOLD)
    assert found == reason or (reason is not None and found == f"{reason}; it is not tried again until it changes")


def test_what_runs_settles_what_is_remembered() -> None:
    older = replace(RECORD, update="release-1", version="1.0.0", previous="0.9.0", is_seen=True)
    state = transitions.after_version(State(records=(older, RECORD)), NEW)
    assert state.records == (replace(RECORD, is_seen=True),)


def test_the_records_stay_few() -> None:
    state = State()
    for number in range(50):
        state = state.with_record(replace(RECORD, update=f"release-{number}"))
    assert [record.update for record in state.records] == [f"release-{number}" for number in range(34, 50)]


def test_a_time_that_a_wrong_clock_has_left_is_set_anew() -> None:
    """Without it, an agent that was once started in the year 2099 would wait until then."""
    far = NOW + timedelta(days=9000)
    assert transitions.at_start(State(last_due=far, wake_at=far), TOLD, NOW, NONE) == State(wake_at=NOW)
    waiting = State(last_due=NOW, wake_at=NOW + timedelta(hours=23))
    assert transitions.at_start(waiting, TOLD, NOW, NONE) == waiting


@dataclass
class World:
    """A device and its agent in a history of anything: a model without files and network."""

    told: Settings
    state: State
    running: Version
    now: datetime
    runs: dict[str, int]

    def live(self, event: tuple[str, Any]) -> None:
        """Take the next step, with an event that says how the outside behaves."""
        kind, value = event
        step = next_step(self.state, self.told, self.now, NONE)
        match step:
            case Wait(until):
                assert until > self.now
                self.now = min(until, self.now + timedelta(hours=value % 30))
            case CheckIn():
                self._check_in(kind, value)
            case Apply(task):
                self._apply(task, kind)
            case Settle():
                self.state = transitions.after_interruption(self.state, self.running, self.told)
            case Report():
                self.state = (
                    self._error(value)
                    if kind == "error"
                    else transitions.after_report(self.state)
                )  # fmt: skip
        self.state.checked()

    def _error(self, value: int) -> State:
        return transitions.after_error(self.state, self.now, timedelta(minutes=1 + value))

    def _check_in(self, kind: str, value: int) -> None:
        self.state = transitions.after_version(self.state, self.running)
        offer = Offer("https://h/x", f"{value % 3:064x}", f"release-{value % 2}", Version.parse(f"{value % 4 + 1}.0.0"))
        if kind == "error":
            self.state = self._error(value)
        elif kind == "nothing" or transitions.refusal(self.state, offer, self.running, self.told):
            self.state = transitions.after_no_offer(self.state, self.told, self.now)
        else:
            self.state = transitions.after_offer(self.state, offer, self.running, self.told, self.now)
            if kind == "bad":
                self.state = transitions.after_outcome(self.state, Outcome(success=False, detail="wrong image"))
            elif kind != "slow":
                self.state = transitions.after_verification(self.state)

    def _apply(self, task: Task, kind: str) -> None:
        assert transitions.refusal(self.state, _offer(task), self.running, self.told) is None
        self.state = transitions.before_script(self.state, self.running, self.now)
        self.runs[task.checksum] = self.runs.get(task.checksum, 0) + 1
        if kind in {"good", "killed late"}:
            self.running = Version.parse(task.version)
        if not kind.startswith("killed"):
            outcome = Outcome(success=kind in {"good", "lie"}, detail=kind)
            self.state = transitions.after_outcome(self.state, outcome)


def _offer(task: Task) -> Offer:
    return Offer("https://h/x", task.checksum, task.update, Version.parse(task.version))


_EVENTS = st.tuples(
    st.sampled_from(["good", "bad", "lie", "slow", "error", "nothing", "killed early", "killed late"]), st.integers(0, 47)
)


@given(st.lists(_EVENTS, max_size=120), st.booleans())
@settings(max_examples=300)
def test_any_history_keeps_the_laws(events: list[tuple[str, Any]], is_repeatable: bool) -> None:  # noqa: FBT001  drawn
    """Each state fits together, the script runs only for what is not refused, and time always moves on."""
    told = replace(TOLD, is_repeatable=is_repeatable)
    world = World(told, transitions.at_start(State(), told, NOW, NONE), OLD, NOW, {})
    for event in events:
        world.live(event)


@given(st.sampled_from(["bad", "lie", "killed early"]), st.integers(1, 4))
def test_an_update_that_never_works_is_tried_a_bounded_number_of_times(kind: str, attempts: int) -> None:
    told = replace(TOLD, attempts=attempts)
    world = World(told, transitions.at_start(State(), told, NOW, NONE), OLD, NOW, {})
    for _ in range(400):
        world.live((kind, 1))
    assert sum(world.runs.values()) <= attempts**2
    assert world.state.phase is Phase.IDLE
    assert world.now > NOW + timedelta(days=9)


@given(st.lists(_EVENTS, max_size=60))
@settings(max_examples=100)
def test_every_state_survives_its_file(tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, Any]]) -> None:
    path = tmp_path_factory.getbasetemp() / "state.json"
    world = World(TOLD, transitions.at_start(State(), TOLD, NOW, NONE), OLD, NOW, {})
    for event in events:
        world.live(event)
    save_state(Files(), path, world.state)
    assert load_state(path) == world.state
