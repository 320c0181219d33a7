"""The agent as a state machine: which step comes next, and what each result changes. Nothing here waits, reads or writes.

    idle ──offer──→ downloading ──image is right──→ verified ──hour is right──→ applying
      ↑                                                                            │
      └───────────acknowledged─────────── reporting ←──────────script ended────────┘

Every other way leads back: an error outside keeps the phase and waits, a wrong image or a failed script is reported as a failure,
and an offer that is gone is forgotten.

What an agent that was killed does next follows from the phase alone:

- downloading: check in again. The address of the image may have expired, and the server may have changed its mind. Bytes that are
  there already are used if the offer is the same.
- verified: verify again, then apply.
- applying: nobody saw how the script ended. If it still runs, wait. Then the version that the device runs decides: the new one is a
  success. The old one means that the script did not come to its end: it is run again if it may be (`scripts.repeat`), a bounded
  number of times, and is a failure otherwise. Any other version is a failure.
- reporting: report again. A server counts a report once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from policy_lang.agent.offer import Offer
from policy_lang.agent.schedule import answered_due, next_due
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Outcome, Phase, Record, State, Task
from policy_lang.versions.version import Version

_LONGEST_WAIT = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done before a moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Ask for an update."""


@dataclass(frozen=True, slots=True)
class Apply:
    """Verify the image again and run the script."""

    task: Task


@dataclass(frozen=True, slots=True)
class Settle:
    """Find out how a script ended that nobody watched."""

    task: Task


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the server how it ended."""

    task: Task
    outcome: Outcome


Step: TypeAlias = Wait | CheckIn | Apply | Settle | Report


def next_step(state: State, settings: Settings, now: datetime, delay: timedelta) -> Step:
    """What is to be done now.

    Args:
        state: where the agent is.
        settings: its schedule, and when it may apply.
        now: the time.
        delay: the jitter of the next check-in.
    """
    if state.wake_at is not None and now < state.wake_at:
        return Wait(state.wake_at)
    match state.phase:
        case Phase.IDLE:
            return _when_idle(state, settings, now, delay)
        case Phase.DOWNLOADING:
            return CheckIn()
        case Phase.VERIFIED:
            return _when_verified(_task(state), settings, now)
        case Phase.APPLYING:
            return Settle(_task(state))
        case Phase.REPORTING:
            return Report(_task(state), _outcome(state))
        case _:
            assert_never(state.phase)


def _when_idle(state: State, settings: Settings, now: datetime, delay: timedelta) -> Step:
    """Wait for the due time and its jitter; before the first check-in, and after an error, `wake_at` has said when."""
    if state.errors or state.last_due is None:
        return CheckIn()
    due = next_due(settings.schedule, settings.period, state.last_due) + delay
    return Wait(due) if now < due else CheckIn()


def _when_verified(task: Task, settings: Settings, now: datetime) -> Step:
    """Wait for the hours in which updates are applied; an offer that has become old is asked for again first."""
    window = settings.apply.at_or_after(now) or now
    if now < window:
        return Wait(window)
    return CheckIn() if abs(now - task.offered_at) > settings.period else Apply(task)


def at_start(state: State, settings: Settings, now: datetime, delay: timedelta) -> State:
    """Set the time of the first check-in, and set times anew that a clock that was wrong has left far in the future."""
    wake_at, last_due = state.wake_at, state.last_due
    if wake_at is not None and wake_at > now + max(_LONGEST_WAIT, settings.period + settings.jitter):
        wake_at = None
    if last_due is not None and last_due > now + settings.period:
        last_due = None
    if wake_at is None and last_due is None and state.phase is Phase.IDLE:
        wake_at = (settings.schedule.at_or_after(now) or now) + delay
    return replace(state, wake_at=wake_at, last_due=last_due)


def after_no_offer(state: State, settings: Settings, now: datetime) -> State:
    """The server has nothing for the device, or nothing that it takes."""
    due = answered_due(settings.schedule, settings.period, state.last_due, now)
    return State(last_due=due, records=state.records)


def after_offer(state: State, offer: Offer, running: Version, settings: Settings, now: datetime) -> State:
    """An offer is taken: download it. What is there of the same image is kept."""
    same = state.task is not None and state.task.checksum == offer.checksum
    runs, errors = (_task(state).runs, state.errors) if same else (0, 0)
    image = str(settings.image_path.absolute())
    task = Task(offer.update, offer.version.text, offer.checksum, image, running.text, now, runs)
    return replace(after_no_offer(state, settings, now), phase=Phase.DOWNLOADING, task=task, errors=errors)


def after_error(state: State, now: datetime, wait: timedelta) -> State:
    """Something outside failed: the same again, later."""
    return replace(state, errors=state.errors + 1, wake_at=now + wait)


def after_verification(state: State) -> State:
    """The image is complete and right. The errors count on until the script starts: an image that spoils on a bad disk is one."""
    return replace(state, phase=Phase.VERIFIED, wake_at=None)


def after_doubt(state: State) -> State:
    """The image is not right any more, or the device runs another version than the one that the offer was for: ask again."""
    return replace(state, phase=Phase.DOWNLOADING)


def before_script(state: State, running: Version, now: datetime) -> State:
    """The script is about to start."""
    task = replace(_task(state), runs=_task(state).runs + 1, started_at=now, previous=running.text)
    return replace(state, phase=Phase.APPLYING, task=task, errors=0, wake_at=None)


def after_interruption(state: State, running: Version, settings: Settings) -> State:
    """Nobody saw how the script ended, and it does not run any more: the version of the device decides."""
    task = _task(state)
    if running == Version.parse(task.version):
        return after_outcome(state, Outcome(success=True, detail="the device runs the new version"))
    if running == Version.parse(task.previous) and settings.is_repeatable and task.runs < settings.attempts:
        return replace(state, phase=Phase.VERIFIED, wake_at=None)
    again = f"was started {task.runs} times" if settings.is_repeatable else "may not run again"
    detail = f"the script was interrupted and {again}; the device runs {running.text}"
    return after_outcome(state, Outcome(success=False, detail=detail, is_final=not settings.is_repeatable))


def after_outcome(state: State, outcome: Outcome) -> State:
    """It ended: remember it, and report it."""
    task = _task(state)
    before = state.record_of(task.update, task.version, task.checksum)
    record = before or Record(task.update, task.version, task.checksum, task.previous)
    record = replace(
        record,
        previous=task.previous,
        failures=record.failures + (not outcome.success),
        successes=record.successes + outcome.success,
        is_seen=False,
        is_final=outcome.is_final,
        detail=outcome.detail,
    )
    return replace(state.with_record(record), phase=Phase.REPORTING, outcome=outcome, errors=0, wake_at=None)


def after_report(state: State) -> State:
    """The server knows: nothing is left to do until the next check-in."""
    return State(last_due=state.last_due, records=state.records)


def after_version(state: State, running: Version) -> State:
    """What the device runs settles what is remembered: its own update is seen, and what is older and was seen is forgotten."""
    kept = []
    for record in state.records:
        version = Version.parse(record.version)
        if version == running:
            kept.append(replace(record, is_seen=True))
        elif not (record.is_seen and version < running):
            kept.append(record)
    return replace(state, records=tuple(kept))


def refusal(state: State, offer: Offer, running: Version, settings: Settings) -> str | None:
    """Why an offer is not taken, or None: the guard against installing the same for ever.

    Downgrades are the server's to decide; they are refused only where the settings say so.
    """
    if offer.version == running:
        return f"the device runs {running.text} already"
    if offer.version < running and not settings.allows_downgrade:
        return f"it is older than {running.text}, and `update.downgrade` is `deny`"
    record = state.record_of(offer.update, offer.version.text, offer.checksum)
    if record is None:
        return None
    if record.is_final:
        return f"{record.detail}; it is not tried again until it changes"
    if record.failures >= settings.attempts:
        return f"it failed {record.failures} times ({record.detail}); it is not tried again until it changes"
    if record.successes >= settings.attempts:
        return f"it was installed {record.successes} times and does not stay; it is not tried again until it changes"
    if record.successes and not record.is_seen and running.text == record.previous:
        return f"it was installed, and the device still runs {running.text}; it is not tried again until it changes"
    return None


def _task(state: State) -> Task:
    """The update that a phase is about."""
    if state.task is None:
        raise AssertionError("every phase but idle has a task")
    return state.task


def _outcome(state: State) -> Outcome:
    if state.outcome is None:
        raise AssertionError("reporting has an outcome")
    return state.outcome
