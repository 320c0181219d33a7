"""Findings as workflow commands, which GitHub shows beside the changed lines.

::warning file=fleet.policy,line=1,endLine=1,col=1,endColumn=22,title=PL322 null_comparison::`device.region == null` asks ...

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from policy_lang.diagnostics.model import Diagnostic, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def to_command(diagnostic: Diagnostic) -> str:
    """The finding as one line; nothing in it can start another command."""
    title = diagnostic.code if diagnostic.rule is None else f"{diagnostic.code} {diagnostic.rule}"
    properties = ",".join(f"{name}={_property(value)}" for name, value in (_place(diagnostic) | {"title": title}).items())
    field = "" if diagnostic.field is None else f"{diagnostic.field}: "
    help_ = "" if diagnostic.help is None else f"\nhelp: {diagnostic.help}"
    return f"::{_COMMANDS[diagnostic.severity]} {properties}::{_data(field + diagnostic.message + help_)}"


def _place(diagnostic: Diagnostic) -> dict[str, str | int]:
    """The file, the lines and, within one line, the columns; what there is of them."""
    if diagnostic.source is None:
        return {}
    file = {"file": diagnostic.source.name}
    if diagnostic.primary is None:
        return {**file}
    start, end = map(diagnostic.source.location, diagnostic.primary.span)
    lines = {"line": start.line, "endLine": end.line}
    return {**file, **lines, **({"col": start.column, "endColumn": end.column} if start.line == end.line else {})}


def _data(text: str) -> str:
    return text.translate(_IN_DATA)


def _property(value: str | int) -> str:
    return str(value).translate(_IN_PROPERTIES)
