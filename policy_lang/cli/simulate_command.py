"""`policy simulate`: a fleet that checks in for some days, who gets what, and when a limit binds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import assert_never

from policy_lang.catalog.catalog import Catalog
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.fleets import write_html
from policy_lang.cli.inputs import read_now
from policy_lang.cli.output import UNSURE, Styled, TableFormat, standard_error, standard_output
from policy_lang.cli.progress import day_progress
from policy_lang.cli.rows import check_format, write_rows
from policy_lang.cli.simulate_report import adoption_rows, write_text
from policy_lang.documents.problems import quote
from policy_lang.fleet.extras import MissingExtraError
from policy_lang.fleet.importing.records import Record
from policy_lang.fleet.simulate import Simulation, simulate
from policy_lang.fleet.simulation.devices import load_devices, properties_of
from policy_lang.fleet.simulation.page import write_simulation
from policy_lang.options import Options

_MOST_REPORTS = 5
_LONGEST_REASON = 100


@dataclass(frozen=True, slots=True)
class SimulateRequest:
    """What was asked; the fields are the arguments of the command."""

    catalog: Path
    fleet: Path
    days: int
    start: str | None
    checkins_per_day: int
    seed: int
    success: float
    lenient_versions: bool
    html: Path | None
    format: TableFormat


class _Unreadable:
    """Counts the documents that are no devices, and keeps the first ones for the report."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, name: str, record: Record, reason: str) -> None:
        """Take one."""
        self.count += 1
        if len(self.first) < _MOST_REPORTS:
            self.first.append(f"{name}:{record.line}: {reason[:_LONGEST_REASON]}")


def run_simulate(request: SimulateRequest) -> ExitCode:
    """Simulate, and show what happened."""
    check_format(request.format)
    start = read_now(request.start)
    catalog = Catalog.load(request.catalog, options=Options(lenient_versions=request.lenient_versions))
    unreadable = _Unreadable()
    with _in_our_words(request):
        devices = list(load_devices(request.fleet, properties_of(catalog), unreadable.add))
    if not devices:
        raise MisuseError(f"there is no device in {quote(str(request.fleet))}", "name a fleet with `--fleet`")
    simulation = _simulate(request, catalog, devices, start)
    if request.html is not None:
        write_html(request.html, write_simulation(simulation, request.catalog.name, request.fleet.name))
    _write(request, simulation)
    errors = standard_error()
    for line in unreadable.first:
        errors.line(Styled(line, UNSURE))
    if unreadable.count:
        errors.line(Styled(f"{unreadable.count:,} {'document' if unreadable.count == 1 else 'documents'} left out", UNSURE))
    return ExitCode.BAD_INPUT if unreadable.count else ExitCode.FINE


def _simulate(request: SimulateRequest, catalog: Catalog, devices: list[dict[str, object]], start: datetime) -> Simulation:
    with day_progress() as progress:
        try:
            return simulate(
                catalog,
                devices,
                start=start,
                days=request.days,
                checkins_per_day=request.checkins_per_day,
                seed=request.seed,
                success=request.success,
                progress=progress,
            )
        except ValueError as error:
            raise MisuseError(str(error), "start earlier, or simulate fewer days") from None


@contextmanager
def _in_our_words(request: SimulateRequest) -> Iterator[None]:
    try:
        yield
    except MissingExtraError as error:
        raise MisuseError(f"{quote(str(request.fleet))} needs {error.library}, which is not installed", error.remedy) from None


def _write(request: SimulateRequest, simulation: Simulation) -> None:
    output = standard_output()
    match request.format:
        case TableFormat.TEXT:
            write_text(simulation, output)
        case TableFormat.JSON:
            output.json(simulation.to_plain())
        case TableFormat.CSV | TableFormat.PARQUET:
            write_rows(adoption_rows(simulation), request.format, output)
        case _:
            assert_never(request.format)
    output.flush()
