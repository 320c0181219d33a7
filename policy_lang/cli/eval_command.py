"""`policy eval`: one policy, one device."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import apply_settings, is_stdin, read_now, read_object, read_policy_text, read_schema
from policy_lang.cli.output import BAD, GOOD, UNSURE, Format, Output, Styled, standard_output
from policy_lang.cli.table import wrap
from policy_lang.compiler.explain import Explanation
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.source import Source

_VERDICTS = {True: "match", False: "no match", None: "unknown"}
_STYLES = {True: GOOD, False: BAD, None: UNSURE}
_VALUES = {"true": GOOD, "false": BAD, "unknown": UNSURE}
_TREE = 10
"""How deep the second line of a long part is indented: below its text, not below its value."""


@dataclass(frozen=True, slots=True)
class EvalRequest:
    """What was asked; the fields are the options of the command."""

    file: Path | None
    expression: str | None
    device: Path | None
    update: Path | None
    settings: tuple[str, ...]
    schema: Path | None
    now: str | None
    lenient_versions: bool
    explain: bool
    format: Format


def run_eval(request: EvalRequest) -> ExitCode:
    """Evaluate and print; a policy that is not true is a finding."""
    _check(request)
    source = _source(request)
    schema = read_schema(request.schema)
    roots = apply_settings(
        request.settings, {"device": _object(request.device, "a device"), "update": _object(request.update, "an update")}
    )
    now = read_now(request.now)
    options = Options(lenient_versions=request.lenient_versions)
    policy = compile_policy(source.text, schema=schema, options=options, name=source.name)
    explanation = policy.explain(roots["device"], roots["update"], now)
    output = standard_output()
    if request.format is Format.JSON:
        output.json(_plain(explanation, with_parts=request.explain))
    else:
        _write(output, explanation, with_parts=request.explain)
    return ExitCode.FINE if explanation.result is True else ExitCode.FINDINGS


def explanation_lines(explanation: Explanation, columns: int | None, indent: str) -> list[Styled]:
    """The value of every part of a policy, a line each, and the causes of an unknown."""
    lines = []
    for line in str(explanation).split("\n"):
        style = _VALUES.get(line.split(" ", 1)[0], "")
        lines += [Styled(each, style) for each in wrap(indent + line, columns, _TREE)]
    return lines


def _check(request: EvalRequest) -> None:
    """Refuse what cannot be asked."""
    if (request.file is None) == (request.expression is None):
        message = "no policy is given" if request.file is None else "two policies are given"
        raise MisuseError(message, "name a file, or write the policy after `-e`")
    if request.device is None and not request.settings:
        raise MisuseError("no device is given", "name a file with `--device`, or set properties with `--set region=us`")
    if sum(path is not None and is_stdin(path) for path in (request.file, request.device, request.update)) > 1:
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")


def _source(request: EvalRequest) -> Source:
    if request.file is not None:
        return read_policy_text(request.file)
    return Source(request.expression or "")


def _object(path: Path | None, word: str) -> Mapping[str, Any]:
    return {} if path is None else read_object(path, word)


def _plain(explanation: Explanation, *, with_parts: bool) -> dict[str, Any]:
    plain = {"match": explanation.result is True, **explanation.to_plain()}
    if not with_parts:
        del plain["policy"]
    return plain


def _write(output: Output, explanation: Explanation, *, with_parts: bool) -> None:
    result = explanation.result
    output.line(Styled(_VERDICTS[result], _STYLES[result]))
    if not with_parts:
        for reason in explanation.reasons:
            output.line(f"  {reason}")
        return
    output.line("")
    for line in explanation_lines(explanation, output.columns, ""):
        output.line(line)
