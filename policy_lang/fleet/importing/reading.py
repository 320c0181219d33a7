"""One reading of all sources: devices in batches, with what is rejected on the way."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from policy_lang.fleet.importing.parsing import fast_decoder, read_values
from policy_lang.fleet.importing.records import Record
from policy_lang.fleet.importing.sources import Source, read_batches

BATCH_ROWS = 8192
"""The most devices of a batch."""


class Progress(NamedTuple):
    """How far an import is.

    Attributes:
        stage: what is being done: `types`, `devices` or `writing`.
        done: how much of it, in bytes of the sources, or in devices while writing.
        total: how much there is; None where nobody knows.
        devices: how many devices were read or written.
    """

    stage: str
    done: int
    total: int | None
    devices: int


Watcher: TypeAlias = Callable[[Progress], None]
"""Told how far an import is."""

Refuse: TypeAlias = Callable[[str, Record, str], None]
"""Told which document of which source is rejected, and why."""


def read_devices(
    sources: Sequence[Source], refuse: Refuse, stage: str, watch: Watcher | None = None
) -> Iterator[list[dict[str, Any]]]:
    """The devices of all sources, in batches.

    Args:
        sources: where they are.
        refuse: told what is rejected.
        stage: what progress is called.
        watch: told how far this is.

    Raises:
        DeviceFileError: a source cannot be read to its end.
    """
    decode_fast = fast_decoder()
    total = sum(source.size for source in sources) if all(source.size for source in sources) else None
    before = devices = 0
    held: list[dict[str, Any]] = []
    for source in sources:
        for batch in read_batches(source):
            for record in batch.records:
                try:
                    value = decode_fast(record.raw)
                except ValueError:
                    value = None
                if type(value) is dict and record.problem is None:
                    held.append(value)
                else:
                    held.extend(_devices_of(source, record, decode_fast, refuse))
                if len(held) >= BATCH_ROWS:
                    devices += len(held)
                    yield held
                    held = []
            if watch is not None:
                watch(Progress(stage, before + batch.position, total, devices + len(held)))
        before += source.size
    if held:
        yield held


def _devices_of(source: Source, record: Record, decode_fast: Callable[[bytes], Any], refuse: Refuse) -> Iterator[dict[str, Any]]:
    """The devices of one document: one, or some where it is a list in JSON5 or YAML."""
    if record.problem is not None:
        refuse(source.name, record, record.problem)
        return
    for value in read_values(record.raw, source.form.kind, decode_fast):
        if isinstance(value, str):
            refuse(source.name, record, value)
        else:
            yield value
