"""`policy explain`: why a policy gave its result, or why a device got an update, and what would change it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from policy_lang.analysis.changes.change import Change, show_raw
from policy_lang.analysis.nearest import Finding, find_change
from policy_lang.analysis.standing import Standing, conditions_of, device_version, standing_of, tried, untried
from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.compiled.file import SUFFIX
from policy_lang.catalog.update import Update
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.files import CATALOG_SUFFIXES, is_policy
from policy_lang.cli.inputs import apply_settings, is_stdin, read_now, read_object, read_policy_text, read_schema
from policy_lang.cli.output import BAD, GOOD, QUIET, STRONG, UNSURE, Format, Output, Styled, standard_output
from policy_lang.cli.table import wrap
from policy_lang.cli.tree import tree_lines
from policy_lang.compiler.explain import Explanation
from policy_lang.compiler.facts import as_moment
from policy_lang.compiler.policy import Policy
from policy_lang.documents.problems import quote
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.selection.checkin import CheckIn, product_of
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Gate, Reason
from policy_lang.source import Source
from policy_lang.suggest import did_you_mean
from policy_lang.types.times import write_timestamp
from policy_lang.versions.version import Version

_STYLES = {True: GOOD, False: BAD, None: UNSURE}
_NOT_ASKED = "not asked"
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """What was asked; the fields are the arguments of the command."""

    file: Path | None
    expression: str | None
    device: Path | None
    update: Path | None
    settings: tuple[str, ...]
    schema: Path | None
    now: str | None
    lenient_versions: bool
    every: bool
    update_id: str | None
    python: bool
    nearest: bool
    format: Format

    @property
    def is_about_a_policy(self) -> bool:
        """Whether one policy is explained, and not a selection."""
        return self.file is None or is_stdin(self.file) or is_policy(self.file)


def run_explain(request: ExplainRequest) -> ExitCode:
    """Explain and print; the exit code does not depend on the decision."""
    _check(request)
    if request.is_about_a_policy:
        _explain_policy(request)
    else:
        _explain_selection(request)
    return ExitCode.FINE


# --- One policy -----------------------------------------------------------------------------------------------------------------


def _explain_policy(request: ExplainRequest) -> None:
    source = read_policy_text(request.file) if request.file is not None else Source(request.expression or "")
    options = Options(lenient_versions=request.lenient_versions)
    policy = compile_policy(source.text, schema=read_schema(request.schema), options=options, name=source.name)
    output = standard_output()
    if request.python:
        _write_python(policy, request.format, output)
        return
    roots, now = _roots(request), read_now(request.now)
    device, update = roots["device"], roots["update"]
    explanation = policy.explain(device, update, now)
    found = find_change(policy, device, update, now) if request.nearest else Finding(None, _NOT_ASKED)
    if request.format is Format.JSON:
        output.json(_policy_plain(explanation, found))
    else:
        _write_policy(output, explanation, found)


def _write_policy(output: Output, explanation: Explanation, found: Finding) -> None:
    _lines(output, policy_sentence(explanation), "", _STYLES[explanation.result])
    output.line("")
    for line in tree_lines(explanation.root, output.columns, _INDENT):
        output.line(*line)
    if found.reason != _NOT_ASKED:
        head = "would not match if" if explanation.result is True else "would match if"
        conditions = conditions_of(found) if found.change is not None else (found.reason,)
        output.line("")
        _write_conditions(output, head if found.change is not None else f"{head}:", conditions, "")


def policy_sentence(explanation: Explanation) -> str:
    """The result of a policy in one sentence."""
    match explanation.result:
        case True:
            return "match: the policy is true"
        case False:
            return "no match: the policy is false"
        case None:
            return f"no match: the policy is unknown, because {'; '.join(explanation.reasons)}"


def _policy_plain(explanation: Explanation, found: Finding) -> dict[str, Any]:
    return {
        "kind": "policy",
        "match": explanation.result is True,
        "detail": policy_sentence(explanation),
        **explanation.to_plain(),
        "nearest": _change_plain(found.change),
        "nearestReason": found.reason or None,
    }


def _change_plain(change: Change | None) -> dict[str, Any] | None:
    return None if change is None else change.to_plain()


# --- The updates of a catalog ---------------------------------------------------------------------------------------------------


def _explain_selection(request: ExplainRequest) -> None:
    if request.file is None:
        raise TypeError(request)  # INVARIANT: without a file it is about a policy
    options = Options(lenient_versions=request.lenient_versions)
    catalog = Catalog.load(request.file, schema=read_schema(request.schema), options=options)
    output = standard_output()
    asked = None if request.update_id is None else _find(catalog, request.update_id)
    if request.python and asked is not None:
        _write_python(asked.policy, request.format, output)
        return
    device, now = _roots(request)["device"], read_now(request.now)
    decision = Selector(catalog).select(device, now)
    checkin = CheckIn(device, as_moment(now), None)
    standings = list(_standings(request, decision, checkin, catalog, asked))
    if request.format is Format.JSON:
        output.json(_selection_plain(decision, device, now, standings))
    else:
        _write_selection(output, decision, checkin, catalog, standings, asked)


def _standings(
    request: ExplainRequest, decision: Decision, checkin: CheckIn, catalog: Catalog, asked: Update | None
) -> Iterator[Standing]:
    """The updates to show: the one that was asked for, or those that were tried, or all candidates."""
    if asked is not None:
        yield standing_of(asked, decision, checkin, catalog, with_changes=request.nearest)
        return
    yield from tried(decision, checkin, catalog, with_changes=request.nearest)
    if request.every:
        yield from untried(decision, checkin, catalog, with_changes=request.nearest)


def _write_selection(
    output: Output, decision: Decision, checkin: CheckIn, catalog: Catalog, standings: Iterable[Standing], asked: Update | None
) -> None:
    is_got = decision.update is not None if asked is None else decision.update is asked
    first = "" if asked is None or is_got else f"the device does not get {quote(asked.id)}; "
    _lines(output, first + _decision_sentence(decision, checkin, catalog), "", GOOD if is_got else BAD)
    _lines(output, _about(checkin, catalog), "", QUIET)
    for standing in standings:
        output.line("")
        _write_standing(output, standing, is_asked=asked is not None)


def _write_standing(output: Output, standing: Standing, *, is_asked: bool) -> None:
    """An update: its gate, the same in a sentence, the values of its policy, and what would have to happen."""
    style = GOOD if standing.gate is Gate.OFFERED else BAD if standing.is_tried or is_asked else QUIET
    output.line(Styled(f"{standing.update.version}  {standing.update.id}  {standing.label}", style))
    _lines(output, standing.detail, _INDENT, "")
    for line in tree_lines(standing.explanation.root, output.columns, _INDENT * 2):
        output.line(*line)
    conditions = tuple(condition for need in standing.needs for condition in need.conditions)
    if conditions:
        _write_conditions(output, "would be offered if" if standing.is_tried else "would pass if", conditions, _INDENT)


def _decision_sentence(decision: Decision, checkin: CheckIn, catalog: Catalog) -> str:
    """What the device gets and why, with a hint where the device probably means something else."""
    hint = None
    if decision.reason is Reason.UNKNOWN_PRODUCT:
        hint = did_you_mean(product_of(checkin.device) or "", catalog.products)
    elif decision.reason is Reason.NO_VERSION:
        hint = _lenient_hint(checkin.device.get("version"))
    return decision.detail if hint is None else f"{decision.detail}; {hint}"


def _lenient_hint(raw: object) -> str | None:
    """What a version would be that is written carelessly."""
    try:
        return f"`--lenient-versions` reads it as {Version.parse_lenient(raw)}" if isinstance(raw, str) else None
    except ValueError:
        return None


def _about(checkin: CheckIn, catalog: Catalog) -> str:
    """The device in one line: what selection reads of it, and the time."""
    raw = checkin.device.get("id")
    version = device_version(checkin, catalog) or show_raw(checkin.device.get("version"))
    name = f"device {raw}" if isinstance(raw, str) and raw else "device without an id"
    product = f"product {product_of(checkin.device) or 'missing'}"
    time = "" if checkin.now is None else f", at {write_timestamp(checkin.now)}"
    return f"{name}, {product}, version {version}{time}"


def _selection_plain(decision: Decision, device: Mapping[str, Any], now: datetime, standings: Iterable[Standing]) -> dict[str, Any]:
    raw = device.get("id")
    return {
        "kind": "selection",
        "device": raw if isinstance(raw, str) and raw else None,
        "now": write_timestamp(now),
        **decision.to_plain(),
        "candidates": [standing.to_plain() for standing in standings],
    }


def _find(catalog: Catalog, update_id: str) -> Update:
    update = catalog.find(update_id)
    if update is None:
        hint = did_you_mean(update_id, (each.id for each in catalog))
        raise MisuseError(f"the catalog has no update {quote(update_id)}", hint or "name one of its updates by their `id`")
    return update


# --- Both -----------------------------------------------------------------------------------------------------------------------


def _check(request: ExplainRequest) -> None:
    """Refuse what cannot be asked."""
    if (request.file is None) == (request.expression is None):
        message = "nothing is given to explain" if request.file is None else "two policies are given"
        raise MisuseError(message, "name a policy or a catalog, or write a policy after `-e`")
    if request.file is not None and not request.is_about_a_policy:
        _check_catalog(request, request.file)
    elif request.update_id is not None or request.every:
        option = "--update-id" if request.update_id is not None else "--all"
        raise MisuseError(f"`{option}` is about a catalog, and a policy is given", "leave it out, or name a catalog")
    if not request.python and request.device is None and not request.settings:
        raise MisuseError("no device is given", "name a file with `--device`, or set properties with `--set region=us`")
    if sum(path is not None and is_stdin(path) for path in (request.file, request.device, request.update)) > 1:
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")


def _check_catalog(request: ExplainRequest, file: Path) -> None:
    if file.suffix != SUFFIX and file.suffix.lower() not in CATALOG_SUFFIXES:
        message = f"{quote(str(file))} is neither a policy nor a catalog"
        help_ = f"name a policy `.policy`, a catalog `.yaml`, `.yml`, `.toml`, `.json` or `.json5`, or a compiled one `{SUFFIX}`"
        raise MisuseError(message, help_)
    if request.update is not None or any(setting.startswith("update.") for setting in request.settings):
        raise MisuseError("the updates of a catalog say their properties themselves", "leave out `--update` and `--set update.…`")
    if request.python and request.update_id is None:
        raise MisuseError("`--python` is about one policy", "name an update with `--update-id`")


def _roots(request: ExplainRequest) -> dict[str, dict[str, Any]]:
    device = {} if request.device is None else read_object(request.device, "a device")
    update = {} if request.update is None else read_object(request.update, "an update")
    return apply_settings(request.settings, {"device": device, "update": update})


def _write_python(policy: Policy, form: Format, output: Output) -> None:
    if form is Format.JSON:
        output.json({"python": policy.python})
        return
    for line in policy.python.rstrip("\n").split("\n"):
        output.line(line)


def _write_conditions(output: Output, head: str, conditions: tuple[str, ...], indent: str) -> None:
    """What would have to be so, a condition a line; a single reason stays on the line of the head."""
    if head.endswith(":"):
        _lines(output, f"{head} {conditions[0]}", indent, "")
        return
    output.line(Styled(f"{indent}{head}", STRONG))
    for at, condition in enumerate(conditions):
        _lines(output, f"{'and ' if at else ''}{condition}", indent + _INDENT, "")


def _lines(output: Output, text: str, indent: str, style: str) -> None:
    for line in wrap(indent + text, output.columns, len(_INDENT)):
        output.line(Styled(line, style))
