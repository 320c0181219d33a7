"""`policy compile`: a catalog as a file that loads without the parser."""

from dataclasses import dataclass
from pathlib import Path

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.compiled.file import SUFFIX
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import read_schema
from policy_lang.cli.output import BAD, GOOD, Format, Styled, standard_error, standard_output
from policy_lang.documents.files import unreadable
from policy_lang.documents.problems import quote
from policy_lang.errors import CatalogError
from policy_lang.options import Options


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """What was asked; the fields are the options of the command."""

    catalog: Path
    output: Path | None
    schema: Path | None
    lenient_versions: bool
    check: bool
    format: Format


def run_compile(request: CompileRequest) -> ExitCode:
    """Compile and write, or compare with what is there."""
    target = _target(request)
    catalog = Catalog.load(
        request.catalog, schema=read_schema(request.schema), options=Options(lenient_versions=request.lenient_versions)
    )
    if request.check:
        is_fresh = _read(target) == catalog.compiled()
        _report(request, target, catalog, "fresh" if is_fresh else "stale")
        return ExitCode.FINE if is_fresh else ExitCode.FINDINGS
    try:
        catalog.save(target)
    except OSError as cause:
        raise MisuseError(f"{quote(str(target))} cannot be written", "check the folder and its permissions") from cause
    _report(request, target, catalog, "written")
    return ExitCode.FINE


def _target(request: CompileRequest) -> Path:
    """The compiled file: beside the catalog where no other is named."""
    if request.catalog.suffix == SUFFIX:
        raise MisuseError(f"{quote(str(request.catalog))} is compiled already", "name the catalog that it was compiled from")
    target = request.output or request.catalog.with_suffix(SUFFIX)
    if target.suffix != SUFFIX:
        raise MisuseError(f"a compiled catalog is named `{SUFFIX}`, not {quote(target.name)}", f"write `-o {target.stem}{SUFFIX}`")
    return target


def _read(target: Path) -> bytes:
    try:
        return target.read_bytes()
    except OSError as cause:
        raise CatalogError([unreadable(str(target), cause)]) from cause


def _report(request: CompileRequest, target: Path, catalog: Catalog, state: str) -> None:
    policies = len({id(update.policy) for update in catalog})
    if request.format is Format.JSON:
        standard_output().json({"file": str(target), "state": state, "updates": len(catalog), "policies": policies})
        return
    counts = f"{_count(len(catalog), 'update', 'updates')}, {_count(policies, 'policy', 'policies')}"
    remedy = "; compile the catalog again" if state == "stale" else ""
    standard_error().line(str(target), ": ", Styled(state, BAD if state == "stale" else GOOD), f", {counts}{remedy}")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
