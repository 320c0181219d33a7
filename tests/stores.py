"""Databases for tests, at the state of this release: each a copy of one that was migrated once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from engines import postgres
from psycopg.conninfo import conninfo_to_dict

from policy_lang.service.store.database import Database
from policy_lang.service.store.products import add_product
from policy_lang.service.store.updates import put_update

ENGINES = ("sqlite", "postgresql")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

_numbers = count()


def empty_url(engine: str, folder: Path) -> str:
    """A database without any table."""
    if engine == "sqlite":
        return f"sqlite:///{folder}/service-{next(_numbers)}.db"
    return _url(_create())


def migrated_url(engine: str, folder: Path) -> str:
    """A database with the tables of this release."""
    if engine == "postgresql":
        return _url(_create(_postgres_template()))
    file = folder / f"service-{next(_numbers)}.db"
    shutil.copy(_sqlite_template(), file)
    return f"sqlite:///{file}"


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database that is closed at the end, so that nothing keeps its connections."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def document(update_id: str = "release-7", version: str = "2.0.0", **fields: Any) -> dict[str, Any]:
    """An update as a catalog has it, for everybody below its version."""
    usual = {"policy": "device.version < update.version", "url": f"https://example.com/{update_id}", "checksum": "ab" * 32}
    return {"id": update_id, "version": version, **usual, **fields}


def stock(database: Database, *documents: dict[str, Any], product: str = "thermostat") -> None:
    """Add a product with some updates."""
    with database.changing() as connection:
        add_product(connection, product, actor="test", now=NOW)
        for each in documents:
            put_update(connection, product, each, actor="test", now=NOW)


def _url(name: str) -> str:
    return f"postgresql://{conninfo_to_dict(postgres())['user']}@/{name}?host={conninfo_to_dict(postgres())['host']}"


def _create(template: str = "template0") -> str:
    """A new database on our server."""
    name = f"service_{next(_numbers)}"
    with psycopg.connect(postgres(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return name


@cache
def _postgres_template() -> str:
    name = _create()
    with opened(_url(name)) as database:
        database.migrate()
    return name


@cache
def _sqlite_template() -> Path:
    folder = TemporaryDirectory(prefix="policy-lang-sqlite-")
    _kept.append(folder)
    file = Path(folder.name) / "service.db"
    with opened(f"sqlite:///{file}") as database:
        database.migrate()
    return file


_kept: list[TemporaryDirectory[str]] = []
