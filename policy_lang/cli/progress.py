"""A progress bar on standard error, where somebody looks at it and no rows run over the same terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from stat import S_ISREG
from typing import BinaryIO, TypeAlias

Advance: TypeAlias = Callable[[int], None]
"""Told how many devices are done."""

_STEP = 1024


@contextmanager
def progress(stream: BinaryIO) -> Iterator[Advance]:
    """Show how far a fleet is read: in bytes where it is a file, in devices in any case."""
    if sys.stdout.isatty() or not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console  # noqa: PLC0415  for terminals only
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415  for terminals only

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        size = _size(stream)
        task = bar.add_task("0 devices", total=size)

        def advance(count: int) -> None:
            if count % _STEP == 0:
                bar.update(task, description=f"{count:,} devices", completed=stream.tell() if size else 0)

        yield advance


def _size(stream: BinaryIO) -> int | None:
    """The size of a regular file; None for everything else, whose end nobody knows."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return None
    return status.st_size if S_ISREG(status.st_mode) else None
