"""`policy diff`: what a change of a policy or a catalog changes for a fleet, and whether a build may go on."""

from dataclasses import dataclass
from pathlib import Path

from policy_lang.catalog.catalog import Catalog
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.fleet_report import comparison_rows, write_comparison
from policy_lang.cli.fleets import is_policy_file, open_survey, read_policy, write_html
from policy_lang.cli.inputs import input_name, is_stdin, read_now, read_object, read_schema
from policy_lang.cli.output import BAD, Styled, TableFormat, standard_error, standard_output
from policy_lang.cli.rows import check_format, write_rows
from policy_lang.fleet.report.comparison import Names, compare_catalogs, compare_policies
from policy_lang.fleet.report.decisions import Comparison
from policy_lang.fleet.report.gates import Gate, GateError
from policy_lang.fleet.report.page import write_page
from policy_lang.fleet.report.shell import percent
from policy_lang.options import Options


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What was asked; the fields are the arguments of the command."""

    old: Path
    new: Path
    fleet: Path
    fail_on: tuple[str, ...]
    update: Path | None
    schema: Path | None
    now: str | None
    sample: int
    lenient_versions: bool
    html: Path | None
    format: TableFormat


def run_diff(request: DiffRequest) -> ExitCode:
    """Compare, show what changes, and ask the gates."""
    check_format(request.format)
    gates = tuple(map(_read_gate, request.fail_on))
    if is_stdin(request.old) and is_stdin(request.new):
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")
    if is_policy_file(request.old) is not is_policy_file(request.new):
        raise MisuseError("a policy and a catalog cannot be compared", "name two policies (.policy), or two catalogs")
    report = _compare_policies(request) if is_policy_file(request.old) else _compare_catalogs(request)
    if request.html is not None:
        write_html(request.html, write_page(report))
    _write(report, request.format)
    return _judge(report, gates)


def _compare_policies(request: DiffRequest) -> Comparison:
    schema, now, options = read_schema(request.schema), read_now(request.now), _options(request)
    old, new = (read_policy(path, schema, options) for path in (request.old, request.new))
    update = None if request.update is None else read_object(request.update, "an update")
    with open_survey(request.fleet, schema) as survey:
        return compare_policies(survey, old, new, now, update=update, names=_names(request), sample=request.sample)


def _compare_catalogs(request: DiffRequest) -> Comparison:
    if request.update is not None:
        raise MisuseError("`--update` is given with catalogs", "it is the update of two policies; catalogs have theirs")
    schema, now, options = read_schema(request.schema), read_now(request.now), _options(request)
    old, new = (Catalog.load(path, schema=schema, options=options) for path in (request.old, request.new))
    with open_survey(request.fleet, schema or new.schema) as survey:
        return compare_catalogs(survey, old, new, now, names=_names(request), sample=request.sample)


def _options(request: DiffRequest) -> Options:
    return Options(lenient_versions=request.lenient_versions)


def _names(request: DiffRequest) -> Names:
    return Names(input_name(request.old), input_name(request.new))


def _read_gate(text: str) -> Gate:
    try:
        return Gate.parse(text)
    except GateError as error:
        raise MisuseError(str(error), error.remedy) from None


def _judge(report: Comparison, gates: tuple[Gate, ...]) -> ExitCode:
    """Say which gates fail, on standard error."""
    measures, errors = report.measures(), standard_error()
    failed = [gate for gate in gates if gate.fails(measures, report.total)]
    for gate in failed:
        devices = measures[gate.measure]
        errors.line(Styled(f"failed: {gate} ({gate.measure} {devices:,}, {percent(devices, report.total)})", BAD))
    return ExitCode.FINDINGS if failed else ExitCode.FINE


def _write(report: Comparison, output_format: TableFormat) -> None:
    output = standard_output()
    match output_format:
        case TableFormat.JSON:
            output.json(report.to_plain())
        case TableFormat.CSV | TableFormat.PARQUET:
            write_rows(comparison_rows(report), output_format, output)
        case TableFormat.TEXT:
            write_comparison(report, output)
    output.flush()
