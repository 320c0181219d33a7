"""A catalog in a file: the database follows it, when the service starts and whenever the file changes.

One process follows, the parent of the workers; they see the change in the database as they see any other. A file that cannot be
used changes nothing: the problem is logged, devices go on getting what they got, and the next change of the file is tried again.
A change is read when the file has stayed the same for one look, because the first half of a catalog may be a catalog too.
"""

import os
from pathlib import Path
from threading import Event, Thread
from typing import TypeAlias

from structlog.typing import FilteringBoundLogger

from policy_lang.documents.read import read_document
from policy_lang.errors import PolicyError
from policy_lang.service.service import Clock
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import StoreError
from policy_lang.service.store.sync import SyncReport, actor_of, read_file, sync_catalog

_Marks: TypeAlias = tuple[tuple[str, int, int, int], ...]

_UNCHANGED = "nothing changes for devices; mend the file, and it is read again"


class CatalogFollower:
    """Brings a database to what a catalog file says."""

    def __init__(self, database: Database, path: str | os.PathLike[str], clock: Clock, log: FilteringBoundLogger) -> None:
        """Prepare; nothing is read yet."""
        self._database = database
        self._path = Path(path)
        self._watched: tuple[Path, ...] = (self._path,)
        self._clock = clock
        self._log = log
        self._tried: _Marks = ()
        self._end = Event()
        self._thread: Thread | None = None

    def sync(self) -> list[SyncReport]:
        """Bring the database to what the file says now.

        Raises:
            CatalogError: the file cannot be read, or anything in it is wrong; then nothing changes.
            StoreError: the database does not answer, or an update was moved to another product.
        """
        self._watched = (self._path, *_schema(self._path))
        self._tried = self._marks()  # INVARIANT: before the catalog is read, so that a change meanwhile is seen the next time
        return sync_catalog(self._database, read_file(self._path), actor=actor_of(self._path), now=self._clock())

    def start(self, seconds: float) -> None:
        """Look for changes of the file from now on, in a thread."""
        self._thread = Thread(target=self._follow, args=(seconds,), name="catalog-file", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and wait for a change that is being written."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self, seconds: float) -> None:
        """Look again and again, until `stop`."""
        before, is_failing = self._tried, False
        while not self._end.wait(seconds):
            marks = self._marks()
            is_settled, before = marks == before, marks
            if is_settled and marks != self._tried:
                is_failing = not self._read(was_failing=is_failing)

    def _read(self, *, was_failing: bool) -> bool:
        """Bring the database to what the file says, and log how that went; whether it went well."""
        try:
            reports = self.sync()
        except PolicyError as error:
            self._log.error("catalog file not usable", file=str(self._path), problem=str(error), help=_UNCHANGED)
            return False
        except StoreError as error:
            self._tried = ()  # tried again: the file is not the reason
            self._log.error("catalog file not written", file=str(self._path), problem=error.message, help=error.remedy)
            return False
        except Exception:  # noqa: BLE001  a fault of ours must not end the thread, or changes would never arrive again
            self._log.exception("internal error", kind="catalog file")
            return False
        for each in reports:
            self._log.info("catalog file read", product=each.product.id, put=len(each.put), removed=len(each.removed))
        if was_failing and not reports:
            self._log.info("catalog file usable again", file=str(self._path))
        return True

    def _marks(self) -> _Marks:
        """What tells one state of the file, and of the schema that it names, from another."""
        return tuple(map(_mark, self._watched))


def _schema(path: Path) -> tuple[Path, ...]:
    """The file of the schema that a catalog names, where there is one."""
    try:
        written = read_document(path).value.get("schema")
    except (PolicyError, AttributeError):  # whoever reads the catalog says what is wrong
        return ()
    return (path.parent / written,) if isinstance(written, str) else ()


def _mark(path: Path) -> tuple[str, int, int, int]:
    """The path, and what changes when the file does."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino
