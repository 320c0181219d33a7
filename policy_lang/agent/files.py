"""What the agent does to files, in one place: durable, atomic, and never through a link.

Everything that changes the disk is a method here, so that a test can end the process before and after each of them.
"""

import os
import stat
from pathlib import Path

_PRIVATE = 0o600
_ROOT = 0
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class Files:
    """The disk."""

    def prepare(self, folder: Path) -> None:
        """Make a folder that is ours alone.

        Raises:
            PermissionError: others may write there, so that they could swap an image after it was verified.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(f"others may write to the folder `{folder}`")
        if status.st_uid not in {os.geteuid(), _ROOT}:
            raise PermissionError(f"the folder `{folder}` belongs to another user")

    def open(self, path: Path) -> int:
        """A descriptor for a plain file of our own, which is made where it is missing.

        Raises:
            OSError: the path is a link, a folder, a device, or a file with a second name.
        """
        descriptor = os.open(path, _OPEN, _PRIVATE)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            os.close(descriptor)
            raise PermissionError(f"`{path}` is not a plain file")
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of some bytes."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file, and go on writing there."""
        os.ftruncate(descriptor, size)
        os.lseek(descriptor, size, os.SEEK_SET)

    def sync(self, descriptor: int) -> None:
        """Bring what was written to the disk."""
        os.fsync(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """Give a file another name, in place of what had that name, durably."""
        os.replace(source, target)  # noqa: PTH105  the same, and `Path.replace` reads like one of text
        folder = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)


def save(files: Files, path: Path, data: bytes) -> None:
    """Replace a file by another content: after a crash it holds the old one or the new one, all of it."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = files.open(draft)
    try:
        files.truncate(descriptor, 0)
        files.write(descriptor, data)
        files.sync(descriptor)
    finally:
        os.close(descriptor)
    files.replace(draft, path)
