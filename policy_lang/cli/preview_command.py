"""`policy preview`: how many devices a policy or a catalog reaches, and why not the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.catalog.rollouts import read_rollout
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.fleet_report import preview_rows, write_catalog, write_preview
from policy_lang.cli.fleets import is_policy_file, open_survey, read_policy, write_html
from policy_lang.cli.inputs import input_name, read_now, read_object, read_schema
from policy_lang.cli.output import TableFormat, standard_output
from policy_lang.cli.rows import check_format, write_rows
from policy_lang.documents.problems import quote
from policy_lang.errors import CatalogError
from policy_lang.fleet.report.decisions import CatalogPreview
from policy_lang.fleet.report.model import Preview
from policy_lang.fleet.report.page import write_page
from policy_lang.fleet.report.preview import Wishes, preview_catalog, preview_policy, preview_update
from policy_lang.fleet.survey import Survey
from policy_lang.options import Options
from policy_lang.rollout.plan import Rollout
from policy_lang.suggest import did_you_mean
from policy_lang.types.schema import Schema


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What was asked; the fields are the arguments of the command."""

    file: Path
    fleet: Path
    by: tuple[str, ...]
    update: Path | None
    update_id: str | None
    schema: Path | None
    now: str | None
    sample: int
    values: int
    lenient_versions: bool
    html: Path | None
    format: TableFormat


def run_preview(request: PreviewRequest) -> ExitCode:
    """Ask the fleet, and show what it says."""
    check_format(request.format)
    report = _Previewing(request, read_schema(request.schema), read_now(request.now)).run()
    if request.html is not None:
        write_html(request.html, write_page(report))
    _write(report, request.format)
    return ExitCode.FINE


@dataclass(frozen=True, slots=True)
class _Previewing:
    """One preview on its way: what was asked, and what was read for it."""

    request: PreviewRequest
    schema: Schema | None
    now: datetime

    def run(self) -> Preview | CatalogPreview:
        """Read everything before the fleet is opened, for that may take its time."""
        return self._policy() if is_policy_file(self.request.file) else self._catalog()

    def _policy(self) -> Preview:
        request = self.request
        if request.update_id is not None:
            raise MisuseError("`--update-id` is given with a policy", "name a catalog, or give the update with `--update`")
        policy = read_policy(request.file, self.schema, self._options)
        update = None if request.update is None else read_object(request.update, "an update")
        rollout = None if update is None else _rollout_of(update)
        with open_survey(request.fleet, self.schema) as survey:
            name = input_name(request.file)
            return preview_policy(survey, policy, self.now, update=update, rollout=rollout, name=name, wishes=_wishes(request))

    def _catalog(self) -> Preview | CatalogPreview:
        request = self.request
        if request.update is not None:
            raise MisuseError("`--update` is given with a catalog", "a catalog has its updates; show one with `--update-id`")
        catalog = Catalog.load(request.file, schema=self.schema, options=self._options)
        if request.update_id is not None and catalog.find(request.update_id) is None:
            names = [update.id for update in catalog]
            hint = did_you_mean(request.update_id, names) or f"see `policy select {request.file}`"
            raise MisuseError(f"the catalog has no update {quote(request.update_id)}", hint)
        with open_survey(request.fleet, self.schema or catalog.schema) as survey:
            return self._ask(survey, catalog)

    def _ask(self, survey: Survey, catalog: Catalog) -> Preview | CatalogPreview:
        wishes = _wishes(self.request)
        update = None if self.request.update_id is None else catalog.find(self.request.update_id)
        if update is not None:
            return preview_update(survey, update, catalog, self.now, wishes=wishes)
        return preview_catalog(survey, catalog, self.now, name=input_name(self.request.file), wishes=wishes)

    @property
    def _options(self) -> Options:
        return Options(lenient_versions=self.request.lenient_versions)


def _wishes(request: PreviewRequest) -> Wishes:
    return Wishes(request.by, request.values, request.sample)


def _rollout_of(update: Mapping[str, Any]) -> Rollout | None:
    """The rollout that an update says, as a catalog has it."""
    if "rollout" not in update:
        return None
    findings = Findings(None)
    rollout = read_rollout(Record(findings, (), update, tuple(update)), findings)
    if findings.found:
        raise CatalogError(findings.found)
    return rollout


def _write(report: Preview | CatalogPreview, output_format: TableFormat) -> None:
    output = standard_output()
    match output_format:
        case TableFormat.JSON:
            output.json(report.to_plain())
        case TableFormat.CSV | TableFormat.PARQUET:
            write_rows(preview_rows(report), output_format, output)
        case TableFormat.TEXT:
            write_preview(report, output) if isinstance(report, Preview) else write_catalog(report, output)
    output.flush()
