"""The time of the agent. The clock is an argument everywhere else, so that tests need no real time."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Protocol


class Clock(Protocol):
    """The time, and a sleep that can be cut short."""

    def now(self) -> datetime:
        """The time of day, in UTC; it may jump when the clock of the device is set."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, or return early because the agent is asked to end."""
        ...

    def stop(self) -> None:
        """Ask the agent to end; may be called from a signal handler and from any thread."""
        ...

    @property
    def is_stopped(self) -> bool:
        """Whether the agent is asked to end."""
        ...


class SystemClock:
    """The clock of this machine; `stop` ends every sleep."""

    def __init__(self) -> None:
        """Start running."""
        self._is_stopped = False
        self._wake: SimpleQueue[None] = SimpleQueue()  # an event would not do: its lock is not for signal handlers

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  the agent is an edge, where the clock is read

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, or return early after `stop`."""
        if not self._is_stopped and seconds > 0:
            with suppress(Empty):
                self._wake.get(timeout=seconds)

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._is_stopped

    def stop(self) -> None:
        """Ask the agent to end; may be called from a signal handler and from any thread."""
        self._is_stopped = True
        self._wake.put(None)
