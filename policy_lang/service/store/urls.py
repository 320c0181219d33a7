"""Where a database is: `sqlite:///file` or `postgresql://…`, and which driver we use for it."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from policy_lang.service.store.errors import SetupError

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_FORMS = "write `sqlite:///service.db` or `postgresql://user@host/name`"


def read_url(text: str) -> URL:
    """The place of a database, with the driver chosen.

    Args:
        text: a URL with the scheme `sqlite` or `postgresql`.

    Raises:
        SetupError: it is no URL, names another engine, or a SQLite database that is no file.

    >>> read_url("postgresql://policy@db/updates").drivername
    'postgresql+psycopg'
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SetupError("the database is not a URL", _FORMS) from None  # without the text: it may hold a password
    driver = _DRIVERS.get(url.drivername)
    if driver is None and url.drivername not in _DRIVERS.values():
        raise SetupError(f"`{url.drivername}` is not a database that the service knows", _FORMS)
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise SetupError("a database in memory forgets its grants", "name a file, for example `sqlite:///service.db`")
    return url if driver is None else url.set(drivername=driver)
