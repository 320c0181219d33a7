"""Put files in place whole: whoever looks sees the old file or the new one, even where the import is killed.

Rows go into an unnamed temporary file first, for only the last device tells which columns are needed. Then they are written to a
hidden file beside the target, which is forced to the disk and renamed. A killed import leaves at most that hidden file, and it is
no Parquet file before its last byte.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Final

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP: Final = 122_880
"""The rows of a row group, a multiple of the vectors of the engines that read it."""

_LARGEST_GROUP: Final = 256 * 1024 * 1024
_SUFFIX: Final = ".partial"


class Spool:
    """Rows on the disk, in an unnamed file that ends with the process.

    Attributes:
        rows: how many rows there are.
    """

    def __init__(self, schema: pa.Schema, folder: Path) -> None:
        """Start without rows.

        Args:
            schema: the columns.
            folder: where the file goes.
        """
        self.rows = 0
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  it lives as long as the spool
        self._writer = pa.ipc.new_stream(self._file, schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))

    def add(self, batch: pa.RecordBatch) -> None:
        """Keep some rows."""
        self._writer.write_batch(batch)
        self.rows += batch.num_rows

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """All rows again, some of their columns only; nothing can be added from now on."""
        self._writer.close()
        self._file.seek(0)
        with pa.ipc.open_stream(self._file) as reader:
            for batch in reader:
                yield batch.select(names)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of the target where nothing is raised, and is removed elsewhere.

    Raises:
        OSError: it cannot be written.
    """
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", suffix=_SUFFIX, delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(file.name).unlink()
            raise
    _sync_folder(target.parent)


def write_parquet(file: IO[bytes], batches: Iterator[pa.RecordBatch], schema: pa.Schema, metadata: Mapping[str, str]) -> None:
    """Write rows as Parquet, in row groups of even size.

    Args:
        file: where they go.
        batches: the rows.
        schema: their columns.
        metadata: what the file says about itself.
    """
    with pq.ParquetWriter(file, schema.with_metadata(dict(metadata)), compression="zstd") as writer:
        held: list[pa.RecordBatch] = []
        rows = size = 0
        for batch in batches:
            held.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows >= ROWS_PER_GROUP or size >= _LARGEST_GROUP:
                held = _write_groups(writer, held, schema, is_last=size >= _LARGEST_GROUP)
                rows, size = sum(each.num_rows for each in held), sum(each.nbytes for each in held)
        _write_groups(writer, held, schema, is_last=True)


def _write_groups(
    writer: pq.ParquetWriter, held: list[pa.RecordBatch], schema: pa.Schema, *, is_last: bool
) -> list[pa.RecordBatch]:
    """Write full row groups, and the rest where nothing follows; what is left over."""
    table = pa.Table.from_batches(held, schema)
    full = table.num_rows if is_last else table.num_rows - table.num_rows % ROWS_PER_GROUP
    if full:
        writer.write_table(table.slice(0, full), row_group_size=ROWS_PER_GROUP)
    rest: list[pa.RecordBatch] = table.slice(full).to_batches()
    return rest


def _sync_folder(folder: Path) -> None:
    """Force the rename to the disk, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # some systems do not open folders
        return
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
