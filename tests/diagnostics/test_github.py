import pytest

from policy_lang.diagnostics.github import to_command
from policy_lang.diagnostics.model import Diagnostic, Label, Severity
from policy_lang.source import Source, Span

SOURCE = Source("ab\ncd\n", "a, b:c%.policy")


def test_one_line() -> None:
    finding = Diagnostic("PL322", "no", SOURCE, Label(Span(3, 5)), help="yes", rule="null_comparison", severity=Severity.WARNING)
    assert to_command(finding) == (
        "::warning file=a%2C b%3Ac%25.policy,line=2,endLine=2,col=1,endColumn=3,title=PL322 null_comparison::no%0Ahelp: yes"
    )


def test_columns_make_sense_within_a_line_only() -> None:
    assert to_command(Diagnostic("PL101", "no", SOURCE, Label(Span(0, 5)))) == (
        "::error file=a%2C b%3Ac%25.policy,line=1,endLine=2,title=PL101::no"
    )


@pytest.mark.parametrize(
    ("severity", "command"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")]
)
def test_commands(severity: Severity, command: str) -> None:
    assert to_command(Diagnostic("PL101", "no", severity=severity)) == f"::{command} title=PL101::no"


def test_a_file_without_a_place_and_a_field() -> None:
    assert to_command(Diagnostic("PL501", "no", Source("", "x.yaml"))) == "::error file=x.yaml,title=PL501::no"
    assert to_command(Diagnostic("PL506", "no", field="a.b")) == "::error title=PL506::a.b: no"


def test_nothing_starts_another_command() -> None:
    """Line ends and percent signs are escaped, so that no text of a policy can forge a command."""
    command = to_command(Diagnostic("PL101", "50%\r\n::error::x", Source("", "a\n::error::b")))
    assert command == "::error file=a%0A%3A%3Aerror%3A%3Ab,title=PL101::50%25%0D%0A::error::x"
    assert "\n" not in command
