"""What the commands below `policy service` share: the database, the clock, and errors in the words of the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import read_now
from policy_lang.cli.output import Format, standard_output
from policy_lang.documents.problems import quote
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import StoreError
from policy_lang.types.times import read_duration, read_timestamp

ACTOR = "cli"
"""Who the audit says did it."""


@contextmanager
def open_store(url: str | None) -> Iterator[Database]:
    """The database, at the state of this release, for as long as a command runs.

    Args:
        url: where it is; None where the command line and the environment say nothing.

    Raises:
        MisuseError: it cannot be used, or does not hold what was asked for.
    """
    with _in_our_words():
        database = _database(url)
        try:
            database.check_schema()
            yield database
        finally:
            database.close()


def migrate_store(url: str | None, output_format: Format) -> ExitCode:
    """Make the tables, or bring them up to this release."""
    with _in_our_words():
        database = _database(url)
        try:
            database.migrate()
        finally:
            database.close()
    output = standard_output()
    output.json({"database": database.name, "migrated": True}) if output_format is Format.JSON else output.line(
        f"{database.name}: ready"
    )
    return ExitCode.FINE


def read_moment(text: str | None, now: datetime) -> datetime | None:
    """The end of something: a time, or a duration from now on.

    Raises:
        MisuseError: it is neither, or past.
    """
    if text is None:
        return None
    length = read_duration(text)
    moment = now + length if length is not None else read_timestamp(text)
    if moment is None or moment <= now:
        raise MisuseError(f"{quote(text)} is no moment in the future", "write for example `90d` or `2027-01-01T00:00:00Z`")
    return moment


def read_length(text: str) -> timedelta:
    """A length of time.

    Raises:
        MisuseError: it is none.
    """
    length = read_duration(text)
    if length is None:
        raise MisuseError(f"{quote(text)} is no duration", "write for example `7d`, `12h` or `0s`")
    return length


def clock() -> datetime:
    """The clock of this machine."""
    return read_now(None)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """The errors of the store as mistakes of the command line."""
    try:
        yield
    except StoreError as error:
        raise MisuseError(error.message, error.remedy) from error


def _database(url: str | None) -> Database:
    if not url:
        raise MisuseError("no database is named", "write `--database sqlite:///service.db`, or set POLICY_DATABASE")
    return Database(url)
