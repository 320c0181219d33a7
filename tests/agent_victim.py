"""An agent in a process that dies: by its own hand at its n-th step, or after a while.

Run as a script it reads orders, one JSON object a line, and forks an agent for each of them, so that many deaths take seconds.
An agent may die before and after everything that it does to the disk, to the network and to its script, and half way through a
write.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from policy_lang.agent.agent import Agent
from policy_lang.agent.files import Files
from policy_lang.agent.script import Running, launch
from policy_lang.agent.settings import read_settings
from policy_lang.agent.transport import HttpTransport, Reply


class Death:
    """Counts steps, and ends the process at one of them."""

    def __init__(self, at: int) -> None:
        """At which step; never at 0."""
        self.at = at
        self.steps = 0

    def step(self) -> None:
        """Die here, if it is the one."""
        self.steps += 1
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalFiles(Files):
    """The disk of an agent that may die around each change of it."""

    def __init__(self, death: Death) -> None:
        """What counts the steps."""
        self._death = death

    def open(self, path: Path) -> int:
        """Make a file."""
        descriptor = super().open(path)
        self._death.step()
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        """Write a half, and the other."""
        super().write(descriptor, data[: len(data) // 2])
        self._death.step()
        super().write(descriptor, data[len(data) // 2 :])
        self._death.step()

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file."""
        super().truncate(descriptor, size)
        self._death.step()

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file."""
        self._death.step()
        super().replace(source, target)
        self._death.step()

    def remove(self, path: Path) -> None:
        """Remove a file."""
        super().remove(path)
        self._death.step()


class MortalTransport(HttpTransport):
    """The network of an agent that may die when the server has answered and nobody knows yet."""

    death: Death

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, limit: timedelta) -> Reply:
        """Ask."""
        self.death.step()
        reply = super().post(url, body, headers, limit=limit)
        self.death.step()
        return reply

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str], *, limit: timedelta) -> Iterator[Reply]:
        """Get an image."""
        with super().stream(url, headers, limit=limit) as reply:
            self.death.step()
            yield reply
            self.death.step()


def run_agent(order: Mapping[str, Any]) -> None:
    """One round of an agent."""
    death = Death(order.get("die_at", 0))
    settings = read_settings(None, order["settings"])
    transport = MortalTransport(settings)
    transport.death = death

    def launch_and_step(command: tuple[str, ...], environment: Mapping[str, str], output: int, lock: int) -> Running:
        death.step()
        running = launch(command, environment, output, lock)
        death.step()
        return running

    Agent(settings, transport=transport, files=MortalFiles(death), launcher=launch_and_step).run(once=True)


class End(NamedTuple):
    """How an agent ended."""

    was_killed: bool
    status: int


class Victims:
    """Agents on demand."""

    def __init__(self) -> None:
        """Start the process that they are forked from."""
        here = Path(__file__)
        environment = {**os.environ, "PYTHONPATH": f"{here.parents[1]}{os.pathsep}{here.parent}"}
        self._process = subprocess.Popen(
            [sys.executable, str(here)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def run(self, settings: Mapping[str, Any], *, die_at: int = 0, die_after: float = 0.0) -> End:
        """Run one round of an agent, which dies at a step, or after some seconds, or not."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"settings": settings, "die_at": die_at, "die_after": die_after}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return End(status == -signal.SIGKILL, status)

    def close(self) -> None:
        """End the process that they come from."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()


def _serve() -> None:
    """Fork an agent for each order, and write how it ended."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(order)
        if order["die_after"]:
            time.sleep(order["die_after"])
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _live(order: Mapping[str, Any]) -> None:
    """The life of a forked agent."""
    try:
        run_agent(order)
    except BaseException as error:  # noqa: BLE001  the exit status has to say it, whatever it is
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    _serve()
