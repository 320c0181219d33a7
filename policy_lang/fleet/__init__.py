"""The fleet: how many devices a policy reaches, and which, over millions of them.

    import policy_lang.fleet as fleet

    with fleet.open("devices.parquet") as devices:
        devices.count(policy)                                  # Counts(matched, not_matched, unknown)
        devices.count(policy, fleet.Given(update={...}, now="2026-03-02T12:00:00Z"))
        devices.count_by(policy, "region")                     # {"eu": Counts(...), None: Counts(...)}
        devices.matching(policy, properties=("id", "region"), limit=20)
        devices.answers([policy, other])                       # for each device its id and each answer
        devices.assign(catalog, fleet.Given(now=...))          # for each device Assigned((id,), update id or None)
        devices.count_assigned(catalog, ...)                   # {update id or None: devices}
        devices.missing(policy)                                # properties that the table does not have

    fleet.to_sql(policy, "spark", columns)                     # text, for engines of your own
    fleet.to_polars(policy, columns)                           # an expression

Every answer is the answer of the reference closures, true, false and NULL alike, or an `UnsupportedError` that names the operation.

How it is built, from the bottom:

- `columns`: how a table stores devices, and the names of its columns. `rows`: from a device to its row and back; the way back is
  what a table means. `tables`: the same as Arrow tables. An import writes `typed_table(devices, columns_of_schema(schema))` in
  batches,
  as Parquet with `arrow_schema(columns)`, whose metadata tells `open` how to read it.
- `bindings`: a policy with update, time and missing properties filled in.
- `builder`: what an engine must be able to say. `lower` (with `reads`, `relations`, `computations`): from the core to an engine.
- `lookups`, `cases`: what an engine cannot say is decided in Python over the distinct values of its columns.
- `dialects`: SQL. `frames`: Polars. `sql`: policies as text.
- `query`: one statement with its look-ups. `database`: `SqlFleet`, all questions as statements. `embedded`: DuckDB. `connections`:
  SQLite and PostgreSQL. `clusters`: Spark. `sources`: `open`.
- `assignment`: the update of each device as one expression. `offers`: each device with its update, as rows.

A new question (a difference of two catalogs, a simulation over days) is a method on `SqlFleet` that asks `Query` for conditions and
makes one statement of them, like `count_by` and `assign` do. Two questions may be asked at once only of two fleets.

Everything here needs the extra `policy-lang[fleet]`; nothing is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy_lang.fleet.clusters import SparkFleet, open_session
    from policy_lang.fleet.columns import Column, Columns, Storage, columns_of_schema
    from policy_lang.fleet.frames import columns_of_frame, to_polars
    from policy_lang.fleet.importing.devices import ImportReport, import_devices
    from policy_lang.fleet.model import Assigned, Counts, Fleet, Given, Limits
    from policy_lang.fleet.simulate import Simulation
    from policy_lang.fleet.sources import open_fleet
    from policy_lang.fleet.sources import open_fleet as open  # noqa: A004  read as `fleet.open`
    from policy_lang.fleet.sql import to_sql
    from policy_lang.fleet.tables import arrow_schema, columns_of_parquet, raw_table, typed_table
    from policy_lang.fleet.unsupported import UnsupportedError

_MODULES = {
    "Assigned": "model",
    "Column": "columns",
    "Columns": "columns",
    "Counts": "model",
    "Fleet": "model",
    "Given": "model",
    "ImportReport": "importing.devices",
    "Limits": "model",
    "Simulation": "simulate",
    "SparkFleet": "clusters",
    "Storage": "columns",
    "UnsupportedError": "unsupported",
    "arrow_schema": "tables",
    "columns_of_frame": "frames",
    "columns_of_parquet": "tables",
    "columns_of_schema": "columns",
    "import_devices": "importing.devices",
    "open_fleet": "sources",
    "open_session": "clusters",
    "raw_table": "tables",
    "to_polars": "frames",
    "to_sql": "sql",
    "typed_table": "tables",
}

__all__ = [
    "Assigned",
    "Column",
    "Columns",
    "Counts",
    "Fleet",
    "Given",
    "ImportReport",
    "Limits",
    "Simulation",
    "SparkFleet",
    "Storage",
    "UnsupportedError",
    "arrow_schema",
    "columns_of_frame",
    "columns_of_parquet",
    "columns_of_schema",
    "import_devices",
    "open",
    "open_fleet",
    "open_session",
    "raw_table",
    "to_polars",
    "to_sql",
    "typed_table",
]


def __getattr__(name: str) -> Any:
    """Import a name from its module when it is first asked for."""
    where = _MODULES.get("open_fleet" if name == "open" else name)
    if where is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{where}"), "open_fleet" if name == "open" else name)
