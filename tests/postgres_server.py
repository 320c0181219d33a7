"""A PostgreSQL server that a test may kill, with data of its own that outlive it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import sleep

import engines
import psycopg

_TRIES = 100
_PAUSE = 0.1


class PostgresServer:
    """A server and its data.

    Attributes:
        url: where the service finds it.
    """

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        """Make the data; `start` comes next."""
        self._programs = programs
        self._folder = folder
        self._user = user
        self.url = f"postgresql://tests@/postgres?host={folder}"
        self._run("initdb", "-D", self._data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def start(self) -> None:
        """Start, after a kill too: when the processes of a killed server are gone, what they committed is played back."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off -c restart_after_crash=on"
        arguments = ("-D", self._data, "-l", f"{self._folder}/log", "-o", options, "-w", "start")
        _insist(lambda: self._run("pg_ctl", *arguments), subprocess.CalledProcessError)

    def kill_backend(self) -> None:
        """Kill the process that serves some connection; the server then ends all others, and recovers by itself."""
        _insist(self._kill_backend, psycopg.OperationalError)

    def kill(self) -> None:
        """Kill the server itself; what it was doing for its clients ends with it."""
        pid = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it, whatever it does."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def _kill_backend(self) -> None:
        with psycopg.connect(f"host={self._folder} user=tests dbname=postgres") as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
            row = connection.execute(query).fetchone()
        if row is None:
            raise psycopg.OperationalError("nobody is connected yet")
        os.kill(row[0], signal.SIGKILL)

    @property
    def _data(self) -> str:
        return f"{self._folder}/data"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd="/", timeout=60)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server of its own for one test, by the programs and as the user of the server that all tests share."""
    with psycopg.connect(engines.postgres()) as connection:
        row = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
        shared = Path(connection.info.host)
    assert row is not None
    user = shared.owner() if os.geteuid() == 0 else None
    folder = Path(mkdtemp(prefix="policy-lang-killed-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        server = PostgresServer(Path(row[0]), folder, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _insist(act: Callable[[], None], failure: type[Exception]) -> None:
    """Try again while a server is on its way down or up."""
    for _ in range(_TRIES):
        with suppress(failure):
            return act()
        sleep(_PAUSE)
    return act()
