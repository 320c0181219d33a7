"""The entry: device documents to a fleet file."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

from policy_lang.fleet.extras import require
from policy_lang.fleet.importing.reading import Progress, Watcher
from policy_lang.fleet.importing.report import ImportReport, PropertyReport
from policy_lang.fleet.importing.sources import SourceLike
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.schema import Schema

__all__ = ["ImportReport", "Progress", "PropertyReport", "import_devices"]


def import_devices(
    sources: SourceLike | Iterable[SourceLike],
    out: str | os.PathLike[str],
    *,
    schema: Schema | None = None,
    rejected: str | os.PathLike[str] | None = None,
    strict: bool = False,
    options: Options = DEFAULT_OPTIONS,
    progress: Watcher | None = None,
) -> ImportReport:
    """Write device documents to one Parquet file with a typed column for each property.

    Each value is decoded as policies decode it. The file takes its place whole or not at all.

    Args:
        sources: files (`.ndjson`, `.jsonl`, `.json`, `.json5`, `.yaml`, `.toml`, each also with `.gz`), folders with any of
            them, and binary streams of NDJSON; one or several.
        out: the Parquet file; one that is there is replaced.
        schema: what devices send. Without it, or where it leaves an object open, types are inferred from all values.
        rejected: the file for what is no device; `<out>.rejected.ndjson` without it.
        strict: write nothing if a document is rejected or a value is none of its type.
        options: the longest text, and how versions are read.
        progress: told after each batch how far the import is.

    Returns:
        What became of the devices and of each property.

    Raises:
        DeviceFileError: a source cannot be read to its end, or there is no device in any.
        MissingExtraError: the extra `fleet` is not installed.
        OSError: a file cannot be written.

    Source: docs/fleet-import.md.
    """
    require("pyarrow", "numpy")
    from policy_lang.fleet.importing.importer import ImportRequest, run_import  # noqa: PLC0415  it needs the extra

    target = Path(out)
    return run_import(
        ImportRequest(
            sources=_as_tuple(sources),
            out=target,
            schema=schema,
            rejected=target.with_name(f"{target.name}.rejected.ndjson") if rejected is None else Path(rejected),
            is_strict=strict,
            options=options,
            watch=progress,
        )
    )


def _as_tuple(sources: SourceLike | Iterable[SourceLike]) -> tuple[SourceLike, ...]:
    """One source or several; a stream is one, though it gives its lines to whoever asks."""
    if isinstance(sources, (str, os.PathLike)):
        return (sources,)
    return (cast(IO[bytes], sources),) if hasattr(sources, "read") else tuple(sources)
