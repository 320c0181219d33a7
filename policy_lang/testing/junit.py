"""Results as JUnit XML, which most build servers read.

There is no standard; this keeps to the elements and attributes that the usual schemas share. A file is a suite, a case of it a test
case; a file that cannot be read is a suite with one error.
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from policy_lang.diagnostics.text import render
from policy_lang.testing.account import failure_lines
from policy_lang.testing.results import CaseResult, FileResult

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(results: Sequence[FileResult]) -> bytes:
    """The results as a document in UTF-8.

    Args:
        results: of all files, in order.

    Returns:
        Well-formed XML, whatever the names of files and cases; characters that XML cannot hold become U+FFFD.
    """
    root = ET.Element("testsuites", {"name": "policy test", **_counts(results)})
    for result in (each for each in results if each.has_run):
        suite = ET.SubElement(root, "testsuite", {"name": _clean(result.path), **_counts([result])})
        for case in result.cases:
            _add_case(suite, result.path, case)
        if result.findings:
            case_element = ET.SubElement(suite, "testcase", {"name": "the file can be read", "classname": _clean(result.path)})
            message = f"{result.findings[0].code}: {result.findings[0].message}"
            error = ET.SubElement(case_element, "error", {"type": "unreadable", "message": _clean(message)})
            error.text = _clean("\n".join(map(render, result.findings)))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_case(suite: ET.Element, path: str, result: CaseResult) -> None:
    attributes = {"name": _clean(result.name), "classname": _clean(path), "time": f"{result.seconds:.3f}"}
    element = ET.SubElement(suite, "testcase", attributes)
    if not result.passed:
        failure = ET.SubElement(element, "failure", {"type": "failed", "message": _clean(result.message)})
        failure.text = _clean("\n".join(failure_lines(path, result)))


def _counts(results: Sequence[FileResult]) -> dict[str, str]:
    cases = [case for result in results for case in result.cases]
    errors = sum(bool(result.findings) for result in results)
    return {
        "tests": str(len(cases) + errors),
        "failures": str(sum(not case.passed for case in cases)),
        "errors": str(errors),
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
