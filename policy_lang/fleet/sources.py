"""Opening a fleet: which engine reads what."""

from collections.abc import Iterator, Mapping
from os import PathLike, fspath
from typing import Any

from policy_lang.catalog.devices import read_devices
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.model import Fleet, Limits

_DEFAULT_LIMITS = Limits()
_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".csv.gz", ".tsv")
_LINES = (".ndjson", ".jsonl")


def open_fleet(source: Any, table: str | None = None, *, columns: Columns | None = None, limits: Limits = _DEFAULT_LIMITS) -> Fleet:
    """Open a table of devices.

    Args:
        source: the path of a Parquet, CSV or NDJSON file (for Parquet also a pattern, `devices/*.parquet`); a dataframe of Arrow,
            pandas or Polars; devices as mappings; a connection to SQLite or PostgreSQL, of DB-API 2.0 or SQLAlchemy; or
            a session of PySpark.
        table: the table, where the source is a connection or a session.
        columns: where the properties are stored; without it, the source itself says: its metadata, or its names and types.
        limits: how far to go in Python.

    Raises:
        ValueError: the source is none of these, or a connection without a table.
        DeviceFileError: a line of an NDJSON file is no device.

    Source: docs/fleet.md, "Opening a fleet".
    """
    from policy_lang.fleet import clusters, connections, embedded  # noqa: PLC0415  engines are extras

    if isinstance(source, str | PathLike):
        return _open_path(fspath(source), columns, limits)
    is_cluster = clusters.is_session(source)
    if is_cluster or connections.is_connection(source):
        if table is None:
            raise ValueError("a connection or session needs the name of a table")
        if is_cluster:
            return clusters.open_session(source, table, columns, limits)
        return connections.open_connection(source, table, columns, limits)
    if isinstance(source, list | tuple):
        return embedded.open_devices(source, limits)
    return embedded.open_arrow(_as_arrow(source), columns, limits)


def _open_path(path: str, columns: Columns | None, limits: Limits) -> Fleet:
    from policy_lang.fleet import embedded  # noqa: PLC0415  engines are extras

    lower = path.lower()
    if lower.endswith(_PARQUET):
        return embedded.open_parquet(path, columns, limits)
    if lower.endswith(_CSV):
        return embedded.open_csv(path, columns, limits)
    if lower.endswith(_LINES):
        return embedded.open_devices(_devices(path), limits)
    raise ValueError(f"`{path}` is not a file of devices; its suffix is one of {', '.join((*_PARQUET, *_CSV, *_LINES))}")


def _devices(path: str) -> Iterator[Mapping[str, Any]]:
    for line in read_devices(path):
        if line.value is None:
            raise DeviceFileError([] if line.error is None else [line.error])
        yield line.value


def _as_arrow(source: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415  an extra

    match type(source).__module__.partition(".")[0]:
        case "pyarrow":
            return source
        case "polars":
            frame = source.collect() if hasattr(source, "collect") else source
            return frame.to_arrow()
        case "pandas":
            return pa.Table.from_pandas(source, preserve_index=False)
        case _:
            raise ValueError(f"a fleet is a path, a dataframe, devices or a connection, not {_describe(source)}")


def _describe(source: object) -> str:
    return f"a value of the program (`{type(source).__name__}`)"
