"""A progress bar on standard error, where somebody looks at it and no rows run over the same terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

if TYPE_CHECKING:
    from policy_lang.fleet.importing.reading import Progress, Watcher

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


_STAGES = {"types": "finding types", "devices": "reading devices", "writing": "writing"}


@contextmanager
def import_progress() -> Iterator["Watcher | None"]:
    """Show how far an import is, how fast it is, and how long the rest takes, where the size of the sources is known."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  for terminals only
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415  for terminals only
    from rich.progress import Progress as Bars  # noqa: PLC0415  for terminals only

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {stage: bars.add_task(title, total=None, visible=False, rate="") for stage, title in _STAGES.items()}

        def watch(progress: "Progress") -> None:
            task = bars.tasks[tasks[progress.stage]]
            rate = f"{progress.devices / task.elapsed:,.0f} devices/s" if task.elapsed else ""
            bars.update(task.id, completed=progress.done, total=progress.total, visible=True, rate=rate)
            if not task.started:
                bars.start_task(task.id)

        yield watch


@contextmanager
def day_progress() -> Iterator[Callable[[int, int], None]]:
    """Show which day of how many is reached."""
    if not sys.stderr.isatty():
        yield lambda _day, _days: None
        return
    from rich.console import Console  # noqa: PLC0415  for terminals only
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  for terminals only

    columns = (TextColumn("day {task.completed:.0f} of {task.total}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda day, days: bar.update(task, completed=day, total=days)
