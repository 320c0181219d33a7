"""The agent: takes the step that the state machine names, writes down what came of it, and goes on."""

import contextlib
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from policy_lang.agent import transitions
from policy_lang.agent.apply import Applier, Callback
from policy_lang.agent.clock import Clock, SystemClock
from policy_lang.agent.device import Device, read_device
from policy_lang.agent.download import fetch, is_right, partial_path
from policy_lang.agent.failures import ImageError, RejectedError, StoppedError, TransientError
from policy_lang.agent.files import Files
from policy_lang.agent.lock import is_script_running, only_agent
from policy_lang.agent.offer import Offer
from policy_lang.agent.requests import check_in, send_report
from policy_lang.agent.schedule import backoff, spread
from policy_lang.agent.script import Directive, Launcher, launch
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Outcome, Phase, State, StateError, Task, load_state, save_state
from policy_lang.agent.transitions import Apply, CheckIn, Report, Settle, Step, Wait
from policy_lang.agent.transport import HttpTransport, Transport
from policy_lang.versions.version import Version

_log = logging.getLogger(__name__)

_EVENTS = ("device:update",)
_LONGEST_SLEEP = timedelta(minutes=15)
_SETTLE_POLL = timedelta(seconds=1)
_MOST_REJECTIONS = 8


class Ending(StrEnum):
    """Why the agent ended."""

    STOPPED = "stopped"
    EXIT = "exit"
    RESTART = "restart"
    DONE = "done"


_ENDINGS = {Directive.EXIT: Ending.EXIT, Directive.RESTART: Ending.RESTART}


class Agent:
    """Keeps one device up to date; an agent runs once.

    Args:
        settings: what it is told.
        clock: the time; that of this machine where it is left out.
        transport: HTTP; a client of its own where it is left out.
        files: the disk.
        launcher: what starts the script.
        chance: random numbers, for jitter.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        transport: Transport | None = None,
        files: Files | None = None,
        launcher: Launcher = launch,
        chance: random.Random | None = None,
    ) -> None:
        """Prepare; nothing is read, written or sent yet, but the certificates of `tls.authority`."""
        self.settings = settings
        self._clock = clock or SystemClock()
        self._transport = transport or HttpTransport(settings)
        self._files = files or Files()
        self._applier = Applier(settings, self._clock, self._files, launcher)
        self._chance = chance or random.Random()  # noqa: S311  jitter is no secret
        self._callbacks: dict[str, list[Callback]] = {name: [] for name in _EVENTS}
        self._delay = timedelta()
        self._ending: Ending | None = None
        self.state = State()

    def on(self, event: str, callback: Callback) -> None:
        """Call a function when something happens.

        Args:
            event: `device:update`, when a verified image is about to be applied and before the script runs.
            callback: takes an `UpdateEvent`. What it raises makes the update a failure.

        Raises:
            ValueError: there is no such event.
        """
        if event not in self._callbacks:
            raise ValueError(f"there is no event {event!r}; there is {', '.join(map(repr, _EVENTS))}")
        self._callbacks[event].append(callback)

    def stop(self) -> None:
        """Ask the agent to end; may be called from a signal handler and from any thread. A running script goes on."""
        self._clock.stop()
        self._transport.interrupt()

    def run(self, *, once: bool = False) -> Ending:
        """Check in, update and report, for ever or for one round.

        Args:
            once: check in at once, follow an offer to its end without waiting, and return.

        Returns:
            Why it ended.

        Raises:
            LockedError: another agent runs on this device.
            OSError: the folder of the state cannot be used.
        """
        self._files.prepare(self.settings.state)
        self._files.prepare(self.settings.image_path.absolute().parent)
        with only_agent(self.settings.state):
            try:
                self._begin(once=once)
                return self._loop(once=once)
            except StoppedError:
                return Ending.STOPPED
            finally:
                self._transport.close()

    @property
    def _state_path(self) -> Path:
        return self.settings.state / "state.json"

    def _begin(self, *, once: bool) -> None:
        """Take up the state where it was left; one round waits for nothing."""
        try:
            self.state = load_state(self._state_path)
        except StateError as error:
            _log.error("%s; it is set aside, and the agent starts anew", error)
            self._files.replace(self._state_path, self._state_path.with_suffix(".damaged"))
            self._await_script()  # whatever the state said, two scripts never run at once
        if self.state.phase is not Phase.IDLE:
            _log.info("the agent goes on at %s", self.state.phase)
        self._roll()
        now = self._clock.now()
        state = replace(self.state, wake_at=None) if once else self.state
        begun = transitions.at_start(state, self.settings, now, self._delay)
        if begun != self.state:
            self._save(begun)

    def _roll(self) -> None:
        """Choose the jitter of the next check-in."""
        with contextlib.suppress(TransientError):  # a device without an id cannot check in; the next step says so
            self._delay = spread(read_device(self.settings).id, self.settings.jitter, self._chance)

    def _loop(self, *, once: bool) -> Ending:
        has_asked = False
        while not self._clock.is_stopped:
            step = transitions.next_step(self.state, self.settings, self._clock.now(), self._delay)
            if once and isinstance(step, Wait):
                if has_asked or self.state.phase is not Phase.IDLE:
                    return Ending.DONE
                step = CheckIn()
            has_asked = has_asked or isinstance(step, CheckIn)
            self._take(step)
            if self._ending is not None:
                return self._ending
        return Ending.STOPPED

    def _take(self, step: Step) -> None:
        """Take one step; an error outside is waited out, whatever the step was."""
        try:
            match step:
                case Wait(until):
                    self._wait(until - self._clock.now())
                case CheckIn():
                    self._check_in()
                case Apply(task):
                    self._apply(task)
                case Settle(task):
                    self._settle(task)
                case Report(task, outcome):
                    self._report(task, outcome)
                case _:
                    assert_never(step)
        except TransientError as error:
            self._postpone(str(error), error.retry_after)
        except OSError as error:
            self._postpone(f"the disk or the system fails: {error.strerror or error}", None)

    def _wait(self, time: timedelta) -> None:
        """Sleep a while; not for long, because the clock of a device may be set meanwhile."""
        self._clock.sleep(min(time, _LONGEST_SLEEP).total_seconds())

    def _postpone(self, reason: str, least: timedelta | None) -> None:
        """Wait before the next try: longer each time, and not shorter than the server asks."""
        if self._clock.is_stopped:
            raise StoppedError
        wait = max(backoff(self.state.errors + 1, self._chance), least or timedelta())
        _log.warning("%s; next try in %.0f s", reason, wait.total_seconds())
        postponed = transitions.after_error(self.state, self._clock.now(), wait)
        try:
            self._save(postponed)
        except OSError as error:
            _log.error("the state cannot be saved: %s", error.strerror or error)
            self.state = postponed

    def _save(self, state: State) -> None:
        save_state(self._files, self._state_path, state)
        self.state = state

    def _device(self) -> Device:
        """The device as it is now, and what that settles of what is remembered."""
        device = read_device(self.settings)
        self.state = transitions.after_version(self.state, device.version)
        return device

    def _check_in(self) -> None:
        device = self._device()
        now = self._clock.now()
        offer = check_in(self.settings, device, self._transport, now)
        self._roll()
        reason = None if offer is None else transitions.refusal(self.state, offer, device.version, self.settings)
        if offer is None or reason is not None:
            _log.info("nothing is offered") if offer is None else _log.warning("%s %s is refused: %s", *_names(offer), reason)
            self._forget_image(None)
            self._save(transitions.after_no_offer(self.state, self.settings, now))
            return
        _log.info("%s %s is offered, %s runs", *_names(offer), device.version)
        if offer.version < device.version:
            _log.warning("%s %s is a downgrade from %s, as the server decides", *_names(offer), device.version)
        self._forget_image(offer.checksum)
        self._save(transitions.after_offer(self.state, offer, device.version, self.settings, now))
        self._fetch(offer)

    def _fetch(self, offer: Offer) -> None:
        try:
            fetch(offer, self.settings, self._transport, self._files, self._clock.now())
        except ImageError as error:
            self._end(Outcome(success=False, detail=str(error)))
            return
        except OSError:  # a disk that is full needs its space for other things than half an image
            self._files.remove(partial_path(self.settings.image_path))
            raise
        _log.info("the image of %s %s is verified", *_names(offer))
        self._save(transitions.after_verification(self.state))

    def _forget_image(self, checksum: str | None) -> None:
        """Remove what is left of images but that of a checksum."""
        task = self.state.task
        if task is not None and task.checksum == checksum:
            return
        for image in {self.settings.image_path.absolute(), *(() if task is None else (Path(task.image),))}:
            self._files.remove(partial_path(image))
            if checksum is None or not is_right(image, checksum):
                self._files.remove(image)

    def _apply(self, task: Task) -> None:
        """Run the script, after everything was checked once more."""
        device = self._device()
        if device.version != Version.parse(task.previous):
            _log.info("%s runs now, not %s; the server is asked again", device.version, task.previous)
            self._save(transitions.after_doubt(self.state))
            return
        # INVARIANT: between this check and the script only the state is saved and callbacks run; the folder is ours alone.
        if not is_right(Path(task.image), task.checksum):
            self._save(transitions.after_doubt(self.state))
            raise TransientError(f"the image of {task.update} is not right any more; it is fetched anew")
        self._save(transitions.before_script(self.state, device.version, self._clock.now()))
        _log.info("%s %s is applied", task.update, task.version)
        applied = self.state.task or task
        outcome, directive = self._applier.apply(applied, self._callbacks["device:update"], device.id)
        self._end(outcome)
        if directive in _ENDINGS:
            self._tell_before_the_end()
            self._ending = _ENDINGS[directive]

    def _tell_before_the_end(self) -> None:
        """Try to report before the agent ends as the script asks; if that fails, it is done after the next start."""
        task, outcome = self.state.task, self.state.outcome
        if task is not None and outcome is not None:
            self._take(Report(task, outcome))

    def _settle(self, task: Task) -> None:
        """Wait for a script that outlived the agent, then let the version of the device decide."""
        if not self._await_script():
            self._end(Outcome(success=False, detail="the script still runs, and nobody watches it", is_final=True))
            return
        device = self._device()
        settled = transitions.after_interruption(self.state, device.version, self.settings)
        _log.info("the script of %s was not watched to its end; the device runs %s", task.update, device.version)
        self._save(settled)

    def _await_script(self) -> bool:
        """Wait until no script runs; False if it takes longer than any script may."""
        began = self._clock.monotonic()
        while is_script_running(self.settings.state):
            if self._clock.is_stopped:
                raise StoppedError
            if self._clock.monotonic() - began > self.settings.script_timeout.total_seconds():
                return False
            self._clock.sleep(_SETTLE_POLL.total_seconds())
        return True

    def _end(self, outcome: Outcome) -> None:
        """Remember how it ended; the report is the next step."""
        log = _log.info if outcome.success else _log.error
        log("the update %s: %s", "succeeded" if outcome.success else "failed", outcome.detail)
        self._save(transitions.after_outcome(self.state, outcome))

    def _report(self, task: Task, outcome: Outcome) -> None:
        device = self._device()
        try:
            send_report(self.settings, device, task, outcome, self._transport, self._clock.now())
        except RejectedError as error:
            if self.state.errors + 1 < _MOST_REJECTIONS:
                raise
            _log.error("the report is given up: %s", error)
        else:
            _log.info("the server knows that %s %s", task.update, "succeeded" if outcome.success else "failed")
        if outcome.success:
            self._files.remove(Path(task.image))
        self._save(transitions.after_report(self.state))


def _names(offer: Offer) -> Iterator[str]:
    """What a log calls an offer."""
    return iter((offer.update, str(offer.version)))
