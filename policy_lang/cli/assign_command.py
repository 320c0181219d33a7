"""`policy assign`: which update each device of a fleet gets, in numbers and as a file."""

from dataclasses import dataclass
from pathlib import Path

from policy_lang.catalog.catalog import Catalog
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.fleet_report import assignment_rows, write_assignment
from policy_lang.cli.fleets import open_survey
from policy_lang.cli.inputs import input_name, read_now, read_schema
from policy_lang.cli.output import STRONG, Styled, TableFormat, standard_error, standard_output
from policy_lang.cli.rows import check_format, write_rows
from policy_lang.documents.problems import quote
from policy_lang.fleet.assigned import FORMATS, write_assigned
from policy_lang.fleet.report.decisions import Assignment
from policy_lang.fleet.report.preview import assignment
from policy_lang.fleet.survey import Chosen, Survey
from policy_lang.options import Options


@dataclass(frozen=True, slots=True)
class AssignRequest:
    """What was asked; the fields are the arguments of the command."""

    catalog: Path
    fleet: Path
    output: Path | None
    schema: Path | None
    now: str | None
    lenient_versions: bool
    format: TableFormat


def run_assign(request: AssignRequest) -> ExitCode:
    """Assign, and show how many devices get what."""
    check_format(request.format)
    if request.output is not None and request.output.suffix.lower() not in FORMATS:
        raise MisuseError(f"{quote(str(request.output))} has no known format", f"end its name in {', '.join(FORMATS)}")
    schema, now = read_schema(request.schema), read_now(request.now)
    catalog = Catalog.load(request.catalog, schema=schema, options=Options(lenient_versions=request.lenient_versions))
    with open_survey(request.fleet, schema or catalog.schema) as survey:
        report = assignment(survey, catalog, now, name=input_name(request.catalog))
        written = None if request.output is None else _write_file(survey, Chosen(catalog, now), request.output)
    _write(report, request.format)
    if written is not None:
        standard_error().line(Styled(f"{written:,} devices written to {request.output}", STRONG))
    return ExitCode.FINE


def _write_file(survey: Survey, chosen: Chosen, path: Path) -> int:
    try:
        return write_assigned(survey, chosen, path)
    except OSError as error:
        raise MisuseError(f"{quote(str(path))} cannot be written: {error.strerror}", "check the folder and the disk") from None


def _write(report: Assignment, output_format: TableFormat) -> None:
    output = standard_output()
    match output_format:
        case TableFormat.JSON:
            output.json(report.to_plain())
        case TableFormat.CSV | TableFormat.PARQUET:
            write_rows(assignment_rows(report), output_format, output)
        case TableFormat.TEXT:
            write_assignment(report, output)
    output.flush()
