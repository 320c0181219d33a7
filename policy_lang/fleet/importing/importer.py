"""Import devices: the order of the readings, and what is put in place at the end."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.columns import METADATA, Columns, Names, Storage, column_name, columns_of_schema
from policy_lang.fleet.importing.batch import Tabulator, Tally
from policy_lang.fleet.importing.duplicates import IdCensus, count_duplicates
from policy_lang.fleet.importing.inference import complete_schema, infer_schema, is_open
from policy_lang.fleet.importing.profile import MOST_PROPERTIES, Census, Profile, TooManyPropertiesError
from policy_lang.fleet.importing.reading import Progress, Watcher, read_devices
from policy_lang.fleet.importing.records import Record
from policy_lang.fleet.importing.rejects import Rejects
from policy_lang.fleet.importing.report import ImportReport, PropertyReport
from policy_lang.fleet.importing.schema_text import schema_document
from policy_lang.fleet.importing.sources import Source, SourceLike, find_sources, rereadable
from policy_lang.fleet.importing.target import Spool, replacing, write_parquet
from policy_lang.fleet.importing.texts import WrittenKinds
from policy_lang.fleet.tables import arrow_schema
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source as Text
from policy_lang.types.model import STRING, Kind, Property, Type
from policy_lang.types.schema import Schema

SCHEMA_METADATA: Final = "policy_lang.schema"
"""The key under which the Parquet file keeps the schema as JSON Schema."""

IMPORT_METADATA: Final = "policy_lang.import"
"""The key under which the Parquet file keeps the version of the library and the counts."""

_PRODUCT_TOKEN: Final = "productToken"  # noqa: S105  the name of a property, not a secret


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is imported, and how.

    Attributes:
        sources: files, folders and streams.
        out: the Parquet file.
        schema: what devices send; None to infer it.
        rejected: the file for what is rejected.
        is_strict: whether nothing is put in place where a document is rejected or a value is none of its type.
        options: the longest text, and how versions are read.
        watch: told how far the import is.
    """

    sources: tuple[SourceLike, ...]
    out: Path
    schema: Schema | None
    rejected: Path
    is_strict: bool
    options: Options
    watch: Watcher | None


def run_import(request: ImportRequest) -> ImportReport:
    """Read, decode and write; see `policy_lang.fleet.import_devices`."""
    sources = find_sources(request.sources)
    needs_types = request.schema is None or is_open(request.schema.device)
    with ExitStack() as stack:
        if needs_types:
            sources = [stack.enter_context(rereadable(source, request.out.parent)) for source in sources]
        profile, expected = _profile(sources, request) if needs_types else (None, None)
        rejects = Rejects(request.out.parent)
        stack.callback(rejects.close)
        importer = _Import(request, _schema(request.schema, profile), profile, rejects)
        stack.callback(importer.close)
        importer.read(sources)
        if expected not in {None, importer.rows}:
            raise _refusal(sources, "the devices changed while they were read", "import them when nobody writes to them")
        if not importer.rows:
            rejects.put(request.rejected)
            raise _refusal(sources, "there is no device in it", f"see {request.rejected}" if rejects.count else None)
        return importer.finish()


class _Import:
    """The second reading, and everything after it."""

    def __init__(self, request: ImportRequest, schema: Schema, profile: Profile | None, rejects: Rejects) -> None:
        self._request = request
        self._schema = schema
        self._profile = profile
        self._rejects = rejects
        self._ids = IdCensus()
        lenient = request.options.lenient_versions
        stored = _with_token(schema)
        self._tabulator = Tabulator(columns_of_schema(stored, lenient_versions=lenient), request.options)
        self._stored = stored.device
        self._spool = Spool(self._tabulator.schema, request.out.parent)

    @property
    def rows(self) -> int:
        """How many devices were read."""
        return self._spool.rows

    def close(self) -> None:
        """Give the disk back."""
        self._spool.close()

    def read(self, sources: Sequence[Source]) -> None:
        """Decode all devices."""
        for devices in read_devices(sources, self._rejects.add, "devices", self._request.watch):
            self._ids.add([device.get("id") for device in devices])
            self._spool.add(self._tabulator.table(devices))

    def finish(self) -> ImportReport:
        """Put the files in place."""
        columns = _without_unsent(self._tabulator.columns(), self._schema.device, self._tabulator.tallies)
        report = self._report(columns)
        is_written = not (self._request.is_strict and (report.rejected or report.conflicts))
        if is_written:
            self._write(columns, report)
        return replace(report, rejected_path=self._rejects.put(self._request.rejected), is_written=is_written)

    def _write(self, columns: Columns, report: ImportReport) -> None:
        schema = arrow_schema(columns)
        metadata = {
            METADATA: columns.write(),
            SCHEMA_METADATA: json.dumps(schema_document(self._schema.device)),
            IMPORT_METADATA: json.dumps({"version": version("policy-lang"), **_counts(report)}),
        }
        with replacing(self._request.out) as file:
            write_parquet(file, self._watched(schema.names), schema, metadata)

    def _watched(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in self._spool.batches(names):
            yield batch
            done += batch.num_rows
            if self._request.watch is not None:
                self._request.watch(Progress("writing", done, self.rows, done))

    def _report(self, columns: Columns) -> ImportReport:
        suspects = self._ids.suspects()
        duplicates, shown = count_duplicates(self._texts("id"), suspects) if suspects else (0, ())
        return ImportReport(
            path=self._request.out,
            devices=self.rows,
            rejected=self._rejects.count,
            rejected_path=None,
            duplicates=duplicates,
            duplicate_ids=shown,
            ignored=dict(self._tabulator.ignored.most_common()),
            properties=tuple(self._properties(columns)),
            is_written=False,
        )

    def _texts(self, name: str) -> Iterator[str]:
        for batch in self._spool.batches([name]):
            yield from (each for each in batch.column(0).to_pylist() if each is not None)

    def _properties(self, columns: Columns) -> Iterator[PropertyReport]:
        for column in columns.rows:
            tally, type_ = self._tabulator.tallies[column.path], _type_at(self._stored, column.path)
            kinds = {} if self._profile is None else _kinds(self._profile, column.path)
            if column.storage is not Storage.OBJECT or tally.unknown:
                yield PropertyReport(
                    column_name(column.path), type_.display, tally.present, tally.unknown, tuple(tally.examples), kinds
                )


def _profile(sources: Sequence[Source], request: ImportRequest) -> tuple[Profile, int]:
    """The first reading: what all values are, and how many devices there are."""
    census = Census(WrittenKinds(request.options))
    profile, rows = census.profile(), 0
    try:
        for devices in read_devices(sources, _pass_over, "types", request.watch):
            profile.add_devices(devices)
            rows += len(devices)
    except TooManyPropertiesError:
        message = f"the devices have more than {MOST_PROPERTIES} different properties"
        raise _refusal(sources, message, "declare those that policies need in a schema, and give it with `--schema`") from None
    return profile, rows


def _pass_over(_name: str, _record: Record, _reason: str) -> None:
    """What is rejected is reported by the second reading."""


def _schema(declared: Schema | None, profile: Profile | None) -> Schema:
    if declared is None:
        return infer_schema(profile or Census(WrittenKinds(DEFAULT_OPTIONS)).profile())
    return declared if profile is None else replace(declared, device=complete_schema(declared.device, profile))


def _with_token(schema: Schema) -> Schema:
    """The schema with the property that names the product of some agents, which selection reads though nobody declares it."""
    if _PRODUCT_TOKEN in schema.device.members:
        return schema
    members = {**schema.device.members, _PRODUCT_TOKEN: Property(STRING)}
    return replace(schema, device=replace(schema.device, members=members))


def _without_unsent(columns: Columns, declared: Type, tallies: Mapping[Names, Tally]) -> Columns:
    """The columns without those that nobody declared and no device sent."""
    kept = (each for each in columns.rows if each.path[0] in declared.members or tallies[each.path].present)
    return replace(columns, rows=tuple(kept))


def _type_at(type_: Type, path: Names) -> Type:
    for name in path:
        type_ = type_.members[name].type
    return type_


def _kinds(profile: Profile, path: Names) -> dict[str, int]:
    """How many values of a property are of which kind, in the words of the language."""
    found: Profile | None = profile
    for name in path:
        found = None if found is None else found.members.get(name)
    if found is None:
        return {}
    counts = {kind.display: found.count(kind) for kind in Kind}
    return {name: count for name, count in {**counts, "none": found.bad}.items() if count}


def _counts(report: ImportReport) -> dict[str, Any]:
    plain = report.to_plain()
    return {name: plain[name] for name in ("devices", "rejected", "duplicates", "ignored", "properties")}


def _refusal(sources: Iterable[Source], message: str, remedy: str | None) -> DeviceFileError:
    names = [source.name for source in sources]
    name = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return DeviceFileError([Diagnostic("PL501", message, Text("", name), help=remedy)])
