"""Run the script that applies an image, so that it survives the agent and never waits for it.

The script has a session of its own, and its output goes to a file: a script that is half way must not die because nobody reads its
output any more. It holds a lock as long as it lives, see `policy_lang.agent.lock`.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from policy_lang.agent.clock import Clock
from policy_lang.agent.failures import StoppedError
from policy_lang.agent.files import Files
from policy_lang.agent.lock import script_lock
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Task

_SHOWN_BYTES = 16 * 1024
_SHORTEST_POLL, _LONGEST_POLL = 0.02, 1.0
_GRACE = 10.0


class Directive(StrEnum):
    """What the last line of a script's output asks of the agent, as with the Ioto agent."""

    NONE = ""
    EXIT = "exit"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a script ended.

    Attributes:
        problem: why it failed; empty after success.
        lines: the end of its output.
    """

    problem: str
    lines: tuple[str, ...]

    @property
    def directive(self) -> Directive:
        """What its last line asks for."""
        last = self.lines[-1].strip() if self.lines else ""
        return Directive(last) if last in set(Directive) else Directive.NONE


class Running(Protocol):
    """A script that was started."""

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        ...

    def signal(self, number: int) -> None:
        """Send a signal to it and to what it started, as far as they live."""
        ...

    def leave(self) -> None:
        """Do not wait for it any more."""
        ...


class Launcher(Protocol):
    """What starts a script."""

    def __call__(self, command: tuple[str, ...], environment: Mapping[str, str], output: int, lock: int) -> Running:
        """Start a command, which inherits the lock and writes to the output.

        Raises:
            OSError: it cannot be started.
        """
        ...


class _Process:
    """A script in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def poll(self) -> int | None:
        return self._process.poll()

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):  # all have ended; while one lives, the number of the group is given to nobody else
            os.killpg(self._process.pid, number)

    def leave(self) -> None:
        self._process.returncode = 0  # it goes on without us, which is no leak


def launch(command: tuple[str, ...], environment: Mapping[str, str], output: int, lock: int) -> Running:
    """Start a command in a session of its own."""
    process = subprocess.Popen(  # noqa: S603  the script is named in the settings, and no shell reads its arguments
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        pass_fds=(lock,),
        start_new_session=True,
    )
    return _Process(process)


def run_script(
    settings: Settings, script: Path, task: Task, *, device_id: str, clock: Clock, files: Files, launcher: Launcher
) -> Ended:
    """Run `SCRIPT IMAGE` to its end.

    Raises:
        StoppedError: the agent is asked to end first; the script goes on without it.
    """
    log = settings.state / "update.log"
    output = files.open(log)
    try:
        files.truncate(output, 0)
        with script_lock(settings.state) as lock:
            running = launcher((str(script.absolute()), task.image), _environment(task, device_id), output, lock)
            problem = _watch(running, settings.script_timeout.total_seconds(), clock)
    except OSError as error:
        return Ended(f"the script cannot be started: {error.strerror or error}", ())
    finally:
        os.close(output)
    return Ended(problem, _last_lines(log))


def _environment(task: Task, device_id: str) -> dict[str, str]:
    """What the script may know; the token is not part of it."""
    return {
        **os.environ,
        "UPDATE_ID": task.update,
        "UPDATE_VERSION": task.version,
        "UPDATE_CHECKSUM": task.checksum,
        "DEVICE_ID": device_id,
        "DEVICE_VERSION": task.previous,
    }


def _watch(running: Running, limit: float, clock: Clock) -> str:
    """Wait for the end of a script; what went wrong, or nothing."""
    status = _wait(running, limit, clock)
    if status is None:
        running.signal(signal.SIGTERM)
        _wait(running, _GRACE, clock)
        running.signal(signal.SIGKILL)  # also where it has ended: what it started may ignore the first signal
        if _wait(running, _GRACE, clock) is None:  # it hangs in the kernel; nobody can do more
            running.leave()
        return f"the script took longer than {limit:g} s"
    return (
        "" if status == 0 else f"the script ended by signal {-status}" if status < 0 else f"the script ended with status {status}"
    )


def _wait(running: Running, limit: float, clock: Clock) -> int | None:
    """The exit status of a script, or None where its time is over."""
    end, pause = clock.monotonic() + limit, _SHORTEST_POLL
    while (status := running.poll()) is None:
        if clock.is_stopped:
            running.leave()
            raise StoppedError
        if clock.monotonic() >= end:
            return None
        clock.sleep(pause)
        pause = min(2 * pause, _LONGEST_POLL)
    return status


def _last_lines(log: Path) -> tuple[str, ...]:
    """The end of what a script wrote."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _SHOWN_BYTES))
        return tuple(file.read(_SHOWN_BYTES).decode(errors="replace").splitlines())
