"""The dialects by their names."""

from policy_lang.fleet.dialects.base import SqlBuilder
from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.fleet.dialects.postgres import Postgres
from policy_lang.fleet.dialects.spark import Spark
from policy_lang.fleet.dialects.sqlite import SQLite
from policy_lang.fleet.dialects.trino import Trino
from policy_lang.suggest import did_you_mean

DIALECTS: dict[str, type[SqlBuilder]] = {each.dialect: each for each in (DuckDb, Postgres, SQLite, Spark, Trino)}


def find_dialect(name: str) -> type[SqlBuilder]:
    """The builder of a dialect; `athena` is Trino's.

    Raises:
        ValueError: there is no such dialect.
    """
    found = DIALECTS.get("trino" if name == "athena" else name)
    if found is None:
        hint = did_you_mean(name, DIALECTS)
        raise ValueError(f"`{name}` is not a dialect" + (f"; {hint}" if hint else f"; there are {', '.join(DIALECTS)}"))
    return found
