"""Locks that end with their process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy_lang.agent.failures import LockedError


@contextmanager
def only_agent(folder: Path) -> Iterator[None]:
    """Be the only agent on this device.

    Raises:
        LockedError: another one is.
    """
    descriptor = os.open(folder / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if not _take(descriptor):
            raise LockedError(f"another agent uses the folder `{folder}`")
        yield
    finally:
        os.close(descriptor)


@contextmanager
def script_lock(folder: Path) -> Iterator[int]:
    """A lock for a script that is started now; its descriptor is inherited, so that it is held as long as the script lives.

    The file is a new one, so that nothing that an earlier script left behind holds this lock.
    """
    path = folder / "script.lock"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _take(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def is_script_running(folder: Path) -> bool:
    """Whether the script of an agent that was killed still runs."""
    try:
        descriptor = os.open(folder / "script.lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Take the lock of an open file, or say that it is taken."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
