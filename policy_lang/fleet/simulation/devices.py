"""The devices of a fleet file: of what `policy fleet import` wrote, or of documents themselves."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from policy_lang.catalog.catalog import Catalog
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.files import unreadable
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.columns import METADATA, Columns
from policy_lang.fleet.extras import require
from policy_lang.fleet.importing.reading import Refuse, read_devices
from policy_lang.fleet.importing.sources import find_sources
from policy_lang.fleet.rows import device_reader
from policy_lang.source import Source
from policy_lang.types.core import Fact, Has, descendants

PARQUET: Final = frozenset({".parquet", ".pq"})
"""How the files of fleets are named."""

_ALWAYS: Final = frozenset({"id", "product", "productToken", "version"})
_ROWS: Final = 16_384


def properties_of(catalog: Catalog) -> frozenset[str] | None:
    """The names of the properties, directly below the device, that any policy of a catalog or selection itself reads.

    None for all of them, where a policy asks for a name that it computes.
    """
    cores = [update.policy.core for update in catalog]
    paths = {node.path[:2] for core in cores for node in descendants(core) if isinstance(node, Fact | Has)}
    if ("device",) in paths:
        return None
    return _ALWAYS | {str(path[1]) for path in paths if path[0] == "device"}


def load_devices(path: str | os.PathLike[str], names: Collection[str] | None, refuse: Refuse) -> Iterator[dict[str, Any]]:
    """The devices of a fleet, as far as some properties say.

    Args:
        path: a Parquet file made by `policy fleet import`, or what that takes as a source: NDJSON, JSON, a folder.
        names: the properties to keep, directly below the device; None for all.
        refuse: told what is no device.

    Raises:
        DeviceFileError: the file cannot be read, or is a Parquet file of others.
        MissingExtraError: the extra `fleet` is not installed, which Parquet needs.
    """
    if Path(path).suffix.lower() in PARQUET:
        return _from_parquet(Path(path), names)
    return _from_documents(path, names, refuse)


def _from_documents(path: str | os.PathLike[str], names: Collection[str] | None, refuse: Refuse) -> Iterator[dict[str, Any]]:
    for devices in read_devices(find_sources([path]), refuse, "devices"):
        for device in devices:
            yield device if names is None else {name: value for name, value in device.items() if name in names}


def _from_parquet(path: Path, names: Collection[str] | None) -> Iterator[dict[str, Any]]:
    require("pyarrow")
    import pyarrow as pa  # noqa: PLC0415  an extra
    import pyarrow.parquet as pq  # noqa: PLC0415  an extra

    try:
        file = pq.ParquetFile(path)
    except OSError as cause:
        raise DeviceFileError([unreadable(str(path), cause)]) from cause
    except pa.ArrowException as cause:
        raise _refusal(path, "the file is no Parquet file, or damaged") from cause
    with file:
        columns = _columns(path, file.schema_arrow.metadata).rows
        kept = [column for column in columns if names is None or column.path[0] in names]
        physical = [name for column in kept for name in column.physical]
        read = device_reader(kept)
        for batch in file.iter_batches(_ROWS, columns=list(dict.fromkeys(physical))):
            values = {name: batch.column(name).to_pylist() for name in batch.schema.names}
            yield from map(read, zip(*(values[name] for name in physical), strict=True))


def _columns(path: Path, metadata: dict[bytes, bytes] | None) -> Columns:
    text = (metadata or {}).get(METADATA.encode())
    try:
        return Columns.read((text or b"").decode())
    except ValueError as error:
        raise _refusal(path, "the Parquet file was not made by `policy fleet import`") from error


def _refusal(path: Path, message: str) -> DeviceFileError:
    help_ = "import the devices with `policy fleet import`"
    return DeviceFileError([Diagnostic("PL501", message, Source("", str(path)), help=help_)])
