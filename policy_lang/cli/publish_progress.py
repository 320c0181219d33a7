"""How far an image is: hashed, stored, read back, in bytes, where somebody looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Advance: TypeAlias = Callable[[int], None]
Watch: TypeAlias = Callable[[str, int], Advance]


@contextmanager
def byte_progress() -> Iterator[Watch]:
    """Show a bar for each stage, with the rate and the time that is left."""
    if not sys.stderr.isatty():
        yield lambda _stage, _total: lambda _count: None
        return
    from rich.console import Console  # noqa: PLC0415  for terminals only
    from rich.progress import (  # noqa: PLC0415  for terminals only
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (TextColumn("{task.description:<9}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def watch(stage: str, total: int) -> Advance:
            task = bar.add_task(stage, total=total)
            return lambda count: bar.advance(task, count)

        yield watch
