"""Real servers for tests: started once, when a test first asks, and stopped when the tests end."""

import atexit
import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Never

import pytest


@cache
def postgres() -> str:
    """The connection text of a PostgreSQL server of our own; skips the test where PostgreSQL is not installed."""
    initdb = _postgres_program("initdb") or give_up("PostgreSQL is not installed")
    folder = Path(mkdtemp(prefix="policy-lang-postgres-"))
    user = _unprivileged()
    if user is not None:
        shutil.chown(folder, user)
    data, log, control = folder / "data", folder / "log", initdb.with_name("pg_ctl")
    # No TCP: the socket lies in our own folder, so that no other server is ever in the way.
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    _run(user, str(initdb), "-D", str(data), "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    _run(user, str(control), "-D", str(data), "-l", str(log), "-o", options, "-w", "start")
    atexit.register(_stop, user, control, folder)
    return f"host={folder} user=tests dbname=postgres"


@cache
def spark() -> Any:
    """A local session of Spark; skips the test where Java is not installed."""
    if shutil.which("java") is None:
        give_up("Java is not installed")
    from pyspark.sql import SparkSession  # noqa: PLC0415  it takes seconds, and only the tests of Spark need it

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python is this one, whatever `python3` is
    builder: Any = SparkSession.builder
    warehouse = mkdtemp(prefix="policy-lang-spark-")
    atexit.register(shutil.rmtree, warehouse, ignore_errors=True)
    settings = {
        "spark.driver.memory": "2g",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.warehouse.dir": warehouse,
        "spark.sql.session.timeZone": "UTC",
    }
    builder = builder.master("local[2]").appName("policy_lang")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    atexit.register(session.stop)
    return session


def give_up(reason: str) -> Never:
    """Skip, but for the project's own checks, where every engine has to be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _postgres_program(name: str) -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name)
    return installed[0] if installed else None if found is None else Path(found).resolve()


def _unprivileged() -> str | None:
    """A user to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return "postgres" if "postgres" in {each.pw_name for each in pwd.getpwall()} else "nobody"


def _run(user: str | None, *command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, user=user, cwd="/", timeout=120)


def _stop(user: str | None, control: Path, folder: Path) -> None:
    _run(user, str(control), "-D", str(folder / "data"), "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)
