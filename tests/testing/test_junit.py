from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.source import Location
from policy_lang.testing.junit import junit_xml
from policy_lang.testing.results import CaseResult, Check, FileResult
from policy_lang.testing.runner import run_file

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "time"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
}
"""What the usual schemas have in common."""
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error"},
    "failure": set(),
    "error": set(),
}


def checked(document: bytes) -> ET.Element:
    """The root of a document that keeps to the elements and attributes above."""
    root = ET.fromstring(document)  # noqa: S314  our own
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN[element.tag]
    return root


def test_a_file_with_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text("expression: device.a == 1\ncases: [{name: yes, device: {a: 1}, expect: match}, {name: 'no', expect: match}]")
    root = checked(junit_xml([run_file(path)]))
    (suite,) = root
    assert {name: suite.attrib[name] for name in ("name", "tests", "failures", "errors")} == {
        "name": str(path),
        "tests": "2",
        "failures": "1",
        "errors": "0",
    }
    assert [case.attrib["name"] for case in suite] == ["yes", "no"]
    (failure,) = suite[1]
    assert failure.attrib == {"type": "failed", "message": "expected match, got unknown"}
    assert failure.text is not None
    assert failure.text.splitlines() == [
        f"{path}:2:53: no",
        "  - expected match",
        "  + got      unknown",
        "  unknown device.a == 1",
        "  unknown   device.a  (missing)",
        "  unknown because device.a: missing",
    ]
    assert not list(suite[0])


def test_a_failure_of_a_catalog(tmp_path: Path) -> None:
    catalog = Path(__file__).parents[2] / "examples" / "catalog.yaml"
    path = tmp_path / "a.test.yaml"
    path.write_text(
        f"catalog: {catalog}\ncases: [{{name: a, device: {{product: beacon, version: 5.0.1}}, expect: up to date, "
        "gates: {beacon-5.1.0: ended}}]"
    )
    text = checked(junit_xml([run_file(path)]))[0][0][0].text
    assert text is not None
    assert text.splitlines()[1:8] == [
        "  - expected up to date",
        "  + got      no match",
        "  - expected gate of beacon-5.1.0: ended",
        "  + got      gate of beacon-5.1.0: paused",
        "  5.1.0  beacon-5.1.0: paused",
        "      the update is paused",
        "      true    device.version < update.version",
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    root = checked(junit_xml([run_file(tmp_path / "none.test.yaml"), FileResult("left out", left_out=3)]))
    assert (len(root), root.attrib["tests"], root.attrib["errors"]) == (1, "1", "1")
    (error,) = root[0][0]
    assert error.attrib == {"type": "unreadable", "message": "PL501: the file does not exist"}


HOSTILE = ["\x00\x1b[31m", "]]><a b='\"&", "\ud800", "two\nlines\r", "\ufffe\uffff", "&amp;", "\u2028\U0001f600"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    _check_hostile(name)


@given(st.text(st.characters()))
def test_any_name(name: str) -> None:
    """Whatever a case is called, the document can be read again."""
    _check_hostile(name)


def _check_hostile(name: str) -> None:
    case = CaseResult(name, "cases[0]", Location(1, 1), (Check("result", name, name, is_right=False),))
    root = checked(junit_xml([FileResult(name, (case,))]))
    found = root[0][0].attrib["name"]
    assert len(found) == len(name.replace("\r\n", "\n")) or "\r" in name
    kept = [char for char in name if char.isprintable() and not 0xD800 <= ord(char) < 0xE000]
    assert [char for char in found if char in kept] == kept
