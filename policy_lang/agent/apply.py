"""Apply a verified image: tell the program around the agent, then run the script."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_lang.agent.clock import Clock
from policy_lang.agent.files import Files
from policy_lang.agent.script import Directive, Launcher, run_script
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Outcome, Task
from policy_lang.diagnostics.text import visible

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UpdateEvent:
    """A verified image is about to be applied: what a callback of `device:update` is given.

    Attributes:
        path: the image; it is right at this moment, and nobody else may write there.
        update: the id of the update.
        version: what the device runs once it is applied.
        checksum: the SHA-256 of the image.
        previous: what the device runs now.
    """

    path: Path
    update: str
    version: str
    checksum: str
    previous: str


Callback = Callable[[UpdateEvent], object]


@dataclass(frozen=True, slots=True)
class Applier:
    """What applies images."""

    settings: Settings
    clock: Clock
    files: Files
    launcher: Launcher

    def apply(self, task: Task, callbacks: Sequence[Callback], device_id: str) -> tuple[Outcome, Directive]:
        """Apply the image of a task.

        A callback that raises is a failure, and the script does not run. Without a script the callbacks have applied the image.

        Raises:
            StoppedError: the agent is asked to end while the script runs.
        """
        event = UpdateEvent(Path(task.image), task.update, task.version, task.checksum, task.previous)
        for callback in callbacks:
            try:
                callback(event)
            except Exception as error:  # noqa: BLE001  whatever the program around the agent raises is a failed update
                _log.exception("a callback of device:update failed")
                return Outcome(success=False, detail=f"a callback failed: {type(error).__name__}"), Directive.NONE
        script = self.settings.script
        if script is None:
            return Outcome(success=True, detail="the callbacks applied it"), Directive.NONE
        return self._run(script, task, device_id)

    def _run(self, script: Path, task: Task, device_id: str) -> tuple[Outcome, Directive]:
        ended = run_script(
            self.settings, script, task, device_id=device_id, clock=self.clock, files=self.files, launcher=self.launcher
        )
        for line in ended.lines:
            _log.info("script: %s", visible(line))
        if ended.problem:
            return Outcome(success=False, detail=ended.problem), Directive.NONE
        return Outcome(success=True, detail="the script applied it"), ended.directive
