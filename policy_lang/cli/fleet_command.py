"""`policy fleet import`: device documents to one file for questions about all of them."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import is_stdin, read_schema
from policy_lang.cli.output import BAD, STRONG, UNSURE, Format, Styled, standard_error, standard_output
from policy_lang.cli.progress import import_progress
from policy_lang.cli.table import Table, wrap
from policy_lang.documents.problems import quote
from policy_lang.fleet.extras import MissingExtraError
from policy_lang.fleet.importing.devices import ImportReport, PropertyReport, import_devices
from policy_lang.options import Options

_HEADS = ("property", "type", "devices", "unknown", "such as")
_SUFFIXES = frozenset({".parquet", ".pq"})
_MOST_SHOWN = 5
_WORTH_A_RATE = 10_000


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What was asked; the fields are the arguments of the command."""

    sources: tuple[Path, ...]
    output: Path
    schema: Path | None
    rejected: Path | None
    strict: bool
    lenient_versions: bool
    format: Format


def run_fleet_import(order: ImportOrder) -> ExitCode:
    """Import, and say what became of the devices."""
    _check(order)
    schema = read_schema(order.schema)
    options = Options(lenient_versions=order.lenient_versions)
    start = perf_counter()
    try:
        with import_progress() as watch:
            report = import_devices(
                _sources(order.sources),
                order.output,
                schema=schema,
                rejected=order.rejected,
                strict=order.strict,
                options=options,
                progress=watch,
            )
    except MissingExtraError as error:
        raise MisuseError(f"{quote(error.library)} is not installed", error.remedy) from None
    except OSError as error:
        raise MisuseError(
            f"{quote(str(order.output))} cannot be written: {error.strerror}", "check the folder and the disk"
        ) from None
    _show(order, report, perf_counter() - start)
    return ExitCode.FINE if report.is_written else ExitCode.FINDINGS


def _check(order: ImportOrder) -> None:
    if sum(map(is_stdin, order.sources)) > 1:
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")
    if order.output.suffix.lower() not in _SUFFIXES:
        raise MisuseError(f"a fleet is named `.parquet`, not {quote(order.output.name)}", f"write `-o {order.output.stem}.parquet`")
    with suppress(OSError):
        if any(source.samefile(order.output) for source in order.sources if not is_stdin(source)):
            raise MisuseError(f"{quote(str(order.output))} is a source too", "write the fleet to another file")


def _sources(paths: Iterable[Path]) -> list[Path | IO[bytes]]:
    return [sys.stdin.buffer if is_stdin(path) else path for path in paths]


def _show(order: ImportOrder, report: ImportReport, seconds: float) -> None:
    output = standard_output()
    if order.format is Format.JSON:
        output.json(report.to_plain())
    elif report.conflicts:
        table = Table(output, _HEADS)
        for each in report.conflicts:
            table.add(_cells(each), UNSURE)
        table.close()
    output.flush()
    _sum_up(order, report, seconds)


def _cells(conflict: PropertyReport) -> tuple[str, ...]:
    unknown = f"{conflict.unknown:,} ({_percent(conflict.unknown, conflict.present)})"
    return (conflict.name, conflict.type, f"{conflict.present:,}", unknown, ", ".join(conflict.examples))


def _percent(part: int, whole: int) -> str:
    """A share; what is not nothing is not shown as nothing."""
    percent = 100 * part / whole
    return f"{percent:.1f} %" if percent >= 0.1 else "<0.1 %"  # noqa: PLR2004  the last digit that is shown


def _sum_up(order: ImportOrder, report: ImportReport, seconds: float) -> None:
    """For people, on standard error: what is odd, then one line that says how it ended."""
    errors = standard_error()
    for note in _notes(report):
        for line in wrap(note, errors.columns, 2):
            errors.line(Styled(line, UNSURE))
    rate = f" in {seconds:.1f} s, {report.devices / seconds:,.0f} a second" if report.devices >= _WORTH_A_RATE else ""
    if report.is_written:
        errors.line(Styled(f"{order.output}: {_count(report.devices, 'device')}, {_properties(report)}{rate}", STRONG))
    else:
        errors.line(Styled(f"{order.output}: not written, because of --strict", BAD))


def _notes(report: ImportReport) -> Iterable[str]:
    if report.rejected_path is not None:
        yield f"{_count(report.rejected, 'document')} rejected: see {report.rejected_path}"
    if report.duplicates:
        ids = ", ".join(map(quote, report.duplicate_ids[:_MOST_SHOWN]))
        yield f"{_count(report.duplicates, 'device')} with an id that an earlier one has, all kept: {ids}"
    if report.ignored:
        names = ", ".join(map(quote, list(report.ignored)[:_MOST_SHOWN]))
        more = ", …" if len(report.ignored) > _MOST_SHOWN else ""
        yield f"not in the schema and left out: {names}{more}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _properties(report: ImportReport) -> str:
    number = len(report.properties)
    return f"{number} {'property' if number == 1 else 'properties'}"
