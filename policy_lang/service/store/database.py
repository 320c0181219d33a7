"""A database of the service: connections for reading and for changing, the same on SQLite and PostgreSQL.

SQLite runs in WAL mode with `synchronous=FULL`, so that what is committed survives a loss of power and readers never wait. A change
begins with `BEGIN IMMEDIATE`: it waits for its turn before it reads, and never fails in the middle because another one was faster.
Threads of one process queue for that turn in memory, which is fair. Processes ask again every few milliseconds for as long as
`timeout`; SQLite's own waiting sleeps up to a tenth of a second, in which others pass by.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from policy_lang.service.store.errors import SetupError, UnavailableError
from policy_lang.service.store.urls import read_url

_BEGIN = "policy_begin"
_USED = "policy_used"
_IDLE = 1.0
_POLL = 8
_OURS = (IntegrityError, ProgrammingError, DataError)
"""Errors of the statement, not of the database: a mistake of this package, which must not look like an outage."""


class Database:
    """A database, opened when it is first used; safe to share between threads, not between processes.

    Attributes:
        name: the URL without its password, for messages.
        is_sqlite: whether it is one file.
        file: that file, where its URL is a path.
    """

    def __init__(self, url: str, *, connections: int = 10, timeout: float = 10.0) -> None:
        """Prepare for a database without connecting to it.

        Args:
            url: `sqlite:///file`, or `postgresql://…`.
            connections: how many this process may have open at most; a thread waits for a free one.
            timeout: how long to wait for a connection and for a lock, in seconds.

        Raises:
            SetupError: the URL names no database that the service knows.
        """
        place = read_url(url)
        self.name = place.render_as_string(hide_password=True).replace("+pysqlite", "").replace("+psycopg", "")
        self.is_sqlite = place.get_backend_name() == "sqlite"
        self.file = _file_of(place)
        arguments: dict[str, Any] = {"timeout": timeout} if self.is_sqlite else _waiting(timeout, set(place.query))
        self._engine = create_engine(
            place,
            connect_args=arguments,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=timeout,
            hide_parameters=True,  # what devices and people sent stays out of errors, and so out of logs
        )
        self._timeout = timeout
        self._turn = Lock()
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
            self._changing: Engine = self._engine.execution_options(**{_BEGIN: partial(_begin_change, timeout=timeout)})
            self._reading: Engine = self._engine.execution_options(**{_BEGIN: _begin_reading})
            self._asking: Engine = self._engine
        else:
            event.listen(self._engine, "checkin", _note_use)
            event.listen(self._engine, "checkout", _ping_idle)
            self._changing = self._engine
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
            self._asking = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection whose statements all see one state of the database.

        Raises:
            UnavailableError: the database cannot be reached or read.
        """
        with self._in_our_words(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection whose statements each see the state of their moment; the cheapest for a single question.

        Raises:
            UnavailableError: the database cannot be reached or read.
        """
        with self._in_our_words(), self._asking.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A transaction: when the block ends, all of it is kept for good; if the block raises, none of it.

        Raises:
            UnavailableError: the database cannot be reached or written, or the lock was not free in time. After an error in the
                commit itself nobody knows whether it was kept, so whoever asks again must be able to do it twice.
        """
        with self._taking_turns(), self._in_our_words(), self._changing.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables to the state that this release needs; nothing happens where they are there.

        Raises:
            SetupError: the database belongs to somebody else, or to a newer release.
            UnavailableError: it cannot be reached or written.
        """
        from policy_lang.service.store.migrations.steps import upgrade  # noqa: PLC0415  Alembic is for this only

        if self.file is not None and not self.file.parent.is_dir():
            raise UnavailableError(f"{self.name}: there is no folder `{self.file.parent}`", "make it, or name another file")
        with self.changing() as connection:
            upgrade(connection, self.name)

    def check_schema(self) -> None:
        """Make sure that the tables are those of this release.

        Raises:
            SetupError: they are older, newer, somebody else's, or not there.
            UnavailableError: the database cannot be reached or read.
        """
        from policy_lang.service.store.migrations.state import require_head  # noqa: PLC0415  asked once

        if self.file is not None and not self.file.exists():
            raise SetupError(f"{self.name}: there is no such database", "run `policy service migrate`")
        with self.reading() as connection:
            require_head(connection, self.name)

    def close(self) -> None:
        """Close all connections; the database can still be used, and opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        """On SQLite the threads of this process change one after the other; PostgreSQL locks rows."""
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=self._timeout):
            raise UnavailableError(f"{self.name}: another thread has been changing it for long", "look what that thread waits for")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """What the driver raises about the database itself, as an error of the store."""
        try:
            yield
        except _OURS:
            raise
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:  # the statement is wrong
                raise
            reason = str(cause).strip().partition("\n")[0]
            raise UnavailableError(f"{self.name}: {_readable(reason)}", self._remedy(reason)) from error
        except PoolTimeoutError as error:
            message = f"{self.name}: all connections of this process are in use"
            raise UnavailableError(message, "allow more connections, or run more workers") from error

    def _remedy(self, reason: str) -> str:
        if not self.is_sqlite:
            return "check that the server runs and lets this user in"
        if "locked" in reason:
            return "another process holds the file for long; end it, or wait"
        return "check that the file and its folder exist and can be written, and the disk"


def _file_of(place: URL) -> Path | None:
    """The file of a SQLite database; None for a server, and for a file that its URL opens in a way of its own."""
    if place.get_backend_name() != "sqlite" or place.database is None or place.database.startswith("file:"):
        return None
    return Path(place.database)


def _waiting(timeout: float, given: set[str]) -> dict[str, Any]:
    """How long PostgreSQL waits: for a connection, for a lock, and for a worker that stopped in the middle of a transaction.

    What the URL itself says is left as it is.
    """
    milliseconds = int(timeout * 1000)
    options = f"-c lock_timeout={milliseconds} -c idle_in_transaction_session_timeout={6 * milliseconds}"
    ours = {"connect_timeout": max(2, int(timeout)), "options": options}
    return {name: value for name, value in ours.items() if name not in given}


def _note_use(_connection: object, record: Any) -> None:
    """Remember when a connection was used last."""
    record.info[_USED] = monotonic()


def _ping_idle(connection: Any, record: Any, _proxy: object) -> None:
    """Replace a connection that the server or the network dropped while nobody used it.

    One that was in use a moment ago is not asked; that saves a round trip for each check-in. If it is dead all the same, its user
    gets an `UnavailableError`, and the pool drops all of them.
    """
    if monotonic() - record.info.get(_USED, 0.0) < _IDLE:
        return
    try:
        connection.execute("").close()
    except connection.Error as error:
        raise DisconnectionError from error
    finally:
        if not connection.closed:
            connection.rollback()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Settle what SQLite does for each connection; transactions begin where we say so."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin as the kind of connection says; without a kind, each statement is on its own."""
    begin = connection.get_execution_options().get(_BEGIN)
    if begin is not None:
        begin(connection.connection.driver_connection)


def _begin_reading(connection: sqlite3.Connection) -> None:
    """See one state of the database from the first statement on."""
    connection.execute("BEGIN").close()


def _begin_change(connection: sqlite3.Connection, timeout: float) -> None:
    """Wait for the turn to change something."""
    deadline = monotonic() + timeout
    connection.execute(f"PRAGMA busy_timeout={_POLL}").close()
    try:
        while not _has_begun(connection, is_last=monotonic() >= deadline):
            pass
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(timeout * 1000)}").close()


def _has_begun(connection: sqlite3.Connection, *, is_last: bool) -> bool:
    """Whether the turn came while we waited for some milliseconds."""
    try:
        connection.execute("BEGIN IMMEDIATE").close()
    except sqlite3.OperationalError as error:
        if is_last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _readable(reason: str) -> str:
    """The driver's reason in the style of all messages."""
    return reason[:1].lower() + reason[1:].removesuffix(".") if reason else "it does not answer"
