"""Reports are valid by the published JSON Schema of SARIF 2.1.0."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policy_lang.diagnostics.model import Diagnostic, Edit, Fix, Label, Severity
from policy_lang.diagnostics.sarif import Descriptor, Outcome, to_sarif
from policy_lang.source import Source, Span

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-2.1.0.json").read_text())
ROOT = Path("/work here/project")
SOURCE = Source("device.ä == null\n&& true\n", str(ROOT / "policies" / "a b.policy"))
FINDING = Diagnostic(
    "PL322",
    "no",
    SOURCE,
    Label(Span(0, 16), "here"),
    (Label(Span(20, 24), "there"), Label(Span(17, 19))),
    "write it",
    fix=Fix("write", (Edit(Span(0, 16), "!has(device.ä)"), Edit(Span(24, 24), "!"))),
    severity=Severity.WARNING,
    rule="null_comparison",
)
DESCRIPTORS = {
    "PL322": Descriptor("a title", "null_comparison", "# page", ("missing data",)),
    "PL501": Descriptor("another title"),
}


def report(*outcomes: Outcome, root: Path = ROOT) -> dict[str, Any]:
    """The run of a report, once it is valid."""
    made = to_sarif(outcomes, DESCRIPTORS, version="1.2.3", root=root)
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(json.dumps(made)))
    run: dict[str, Any] = made["runs"][0]
    return run


def test_an_empty_report() -> None:
    run = report()
    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["originalUriBaseIds"] == {"SRCROOT": {"uri": "file:///work%20here/project/"}}
    assert report(root=Path("/"))["originalUriBaseIds"] == {"SRCROOT": {"uri": "file:///"}}


def test_a_finding() -> None:
    run = report(Outcome(FINDING))
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("PL322", 0, "warning")
    assert result["message"] == {"text": "no\nhelp: write it"}
    (location,) = result["locations"]
    assert location == {
        "physicalLocation": {
            "artifactLocation": {"uri": "policies/a%20b.policy", "uriBaseId": "SRCROOT"},
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 17, "charOffset": 0, "charLength": 16},
        }
    }
    assert [each.get("message") for each in result["relatedLocations"]] == [{"text": "there"}, None]
    assert "suppressions" not in result


def test_what_is_said_about_a_rule() -> None:
    (rule,) = report(Outcome(FINDING))["tool"]["driver"]["rules"]
    assert rule == {
        "id": "PL322",
        "name": "null_comparison",
        "shortDescription": {"text": "a title"},
        "help": {"text": "# page", "markdown": "# page"},
        "properties": {"tags": ["missing data"]},
    }


def test_a_fix() -> None:
    (fix,) = report(Outcome(FINDING))["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    assert fix["description"] == {"text": "write"}
    assert [each["insertedContent"]["text"] for each in change["replacements"]] == ["!has(device.ä)", "!"]
    assert change["replacements"][1]["deletedRegion"]["charLength"] == 0


def test_a_suppressed_finding_says_why() -> None:
    assert report(Outcome(FINDING, "as agreed"))["results"][0]["suppressions"] == [
        {"kind": "inSource", "justification": "as agreed"}
    ]


@pytest.mark.parametrize(
    ("finding", "locations"),
    [
        (Diagnostic("PL501", "no"), []),
        (Diagnostic("PL501", "no", field="a.b"), [{"logicalLocations": [{"fullyQualifiedName": "a.b"}]}]),
        (
            Diagnostic("PL501", "no", Source("", "<stdin>")),
            [{"physicalLocation": {"artifactLocation": {"uri": "%3Cstdin%3E", "uriBaseId": "SRCROOT"}}}],
        ),
        (
            Diagnostic("PL501", "no", Source("", "/else where/x.yaml"), fix=Fix("in a document", ())),
            [{"physicalLocation": {"artifactLocation": {"uri": "file:///else%20where/x.yaml"}}}],
        ),
    ],
)
def test_findings_without_a_place(finding: Diagnostic, locations: list[Any]) -> None:
    (result,) = report(Outcome(finding))["results"]
    assert result["locations"] == locations
    assert "fixes" not in result
    assert result["level"] == "error"


def test_fingerprints_stay_when_lines_move_and_tell_equal_lines_apart() -> None:
    def prints(text: str) -> list[str]:
        source = Source(text, str(ROOT / "x"))
        places = [at for at in range(len(text)) if text.startswith("bad", at)]
        found = report(*(Outcome(Diagnostic("PL501", "no", source, Label(Span(at, at + 3)))) for at in places))
        return [each["partialFingerprints"]["policyFinding/v1"] for each in found["results"]]

    assert prints("bad\nbad") == prints("more\n\n  bad\nbad")
    assert len(set(prints("bad\nbad\nbad 2"))) == 3
