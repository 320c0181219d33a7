"""Each device with its update, in a file: CSV, NDJSON or Parquet, by the engine itself where it can."""

import csv
import json
from collections.abc import Callable, Iterator
from itertools import islice
from os import fspath
from pathlib import Path
from secrets import token_hex
from typing import IO, Final

from policy_lang.fleet.extras import require
from policy_lang.fleet.survey import Assigned, Chosen, Nothing, Survey
from policy_lang.selection.model import Reason

HEADS: Final = ("id", "product", "version", "update", "to", "reason")
"""The columns of the file: what the device sent, the id and the version of its update, and why it gets that or none."""

FORMATS: Final = {".csv": "csv", ".ndjson": "json", ".jsonl": "json", ".parquet": "parquet", ".pq": "parquet"}
"""The suffixes of files, and what is in them."""

_BATCH: Final = 10_000

_Row = tuple[str | None, ...]


def write_assigned(survey: Survey, chosen: Chosen, path: str | Path) -> int:
    """Write a row for each device: the whole file or nothing.

    Args:
        survey: the fleet.
        chosen: the catalog and the time.
        path: the file; its suffix says the format, one of `FORMATS`.

    Returns:
        How many devices there are.

    Raises:
        ValueError: the suffix is none of these.
        MissingExtraError: Parquet is asked for, and its library is not installed.
        OSError: the file cannot be written.

    Source: docs/preview.md.
    """
    target = Path(path)
    form = FORMATS.get(target.suffix.lower())
    if form is None:
        raise ValueError(f"the suffix of {fspath(path)!r} is none of {', '.join(FORMATS)}")
    draft = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        devices = survey.write_assigned(chosen, fspath(draft), form)
        if devices is None:
            devices = _write_rows(map(_row, survey.assigned(chosen)), draft, form)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return devices


def _row(device: Assigned) -> _Row:
    update = device.update
    if isinstance(update, Nothing):
        return (device.id, device.product, device.version, None, None, update.value)
    return (device.id, device.product, device.version, update.id, str(update.version), str(Reason.OFFERED))


def _write_rows(rows: Iterator[_Row], path: Path, form: str) -> int:
    if form == "parquet":
        return _write_parquet(rows, path)
    with path.open("w", encoding="utf-8", newline="") as file:
        write = _csv_lines(file) if form == "csv" else _json_lines(file)
        return sum(1 for row in rows if write(row))


def _csv_lines(file: IO[str]) -> Callable[[_Row], object]:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADS)
    return writer.writerow


def _json_lines(file: IO[str]) -> Callable[[_Row], object]:
    return lambda row: file.write(json.dumps(dict(zip(HEADS, row, strict=True))) + "\n")


def _write_parquet(rows: Iterator[_Row], path: Path) -> int:
    """Batches of columns, so that a fleet of any size fits."""
    require("pyarrow")
    import pyarrow as pa  # noqa: PLC0415  an extra
    from pyarrow import parquet  # noqa: PLC0415  an extra

    schema, count = pa.schema([(name, pa.string()) for name in HEADS]), 0
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(batch)
    return count
