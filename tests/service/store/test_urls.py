import pytest

from policy_lang.service.store.errors import SetupError
from policy_lang.service.store.urls import read_url


@pytest.mark.parametrize(
    ("text", "driver", "database"),
    [
        ("sqlite:///service.db", "sqlite+pysqlite", "service.db"),
        ("sqlite:////var/lib/service.db", "sqlite+pysqlite", "/var/lib/service.db"),
        ("sqlite+pysqlite:///service.db", "sqlite+pysqlite", "service.db"),
        ("postgresql://policy@db/updates", "postgresql+psycopg", "updates"),
        ("postgres://policy@db/updates", "postgresql+psycopg", "updates"),
        ("postgresql+psycopg://policy@db/updates", "postgresql+psycopg", "updates"),
    ],
)
def test_places(text: str, driver: str, database: str) -> None:
    url = read_url(text)
    assert (url.drivername, url.database) == (driver, database)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the database is not a URL"),
        ("service.db", "the database is not a URL"),
        ("postgresql://policy:secret@db:port/updates", "the database is not a URL"),
        ("mysql://db/updates", "`mysql` is not a database that the service knows"),
        ("postgresql+psycopg2://db/updates", "`postgresql+psycopg2` is not a database that the service knows"),
        ("sqlite://", "a database in memory forgets its grants"),
        ("sqlite:///:memory:", "a database in memory forgets its grants"),
    ],
)
def test_what_is_no_place(text: str, message: str) -> None:
    with pytest.raises(SetupError) as error:
        read_url(text)
    assert str(error.value) == message
    assert error.value.remedy
