"""Each error has a section, and the examples of a section have that error or none.

A section has a `policy bad` and a `policy good` block, or the same for schemas, catalogs and devices. Limits have none. The
`yaml page-schema` block declares properties for the `policy bad-declared` and `policy good-declared` blocks of its page.
"""

import re
from pathlib import Path

import pytest

from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.analysis.pages import Page, find_page, pages_folder
from policy_lang.catalog.devices import load_device
from policy_lang.diagnostics.codes import CODES
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.errors import PolicyError
from policy_lang.testing.cases import load_suite
from policy_lang.types.schema import Schema

ERRORS = [code for code in CODES if not code.startswith("PL3")]
WITHOUT_EXAMPLES = {"PL112", "PL120", "PL121", "PL122", "PL123", "PL124", "PL501", "PL512", "PL513"}
_FENCE = re.compile(r"^```(?:policy|yaml) (bad|good)(-\w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SCHEMA = re.compile(r"^```yaml page-schema\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "errors"

each_error = pytest.mark.parametrize("code", ERRORS)


def page_of(code: str) -> Page:
    """The section about an error."""
    page = find_page(code)
    assert page is not None
    return page


def examples(code: str) -> list[tuple[str, str, str]]:
    """Good or bad, what it is an example of, and its text."""
    return [(match[1], match[2] or "", match[3].rstrip("\n")) for match in _FENCE.finditer(page_of(code).text)]


def codes_of(kind: str, text: str, folder: Path) -> set[str]:
    """The errors of an example."""
    match kind:
        case "-schema":
            return raised(lambda: Schema.load(parse_document(text, "schema.yaml", Kind.YAML).value))
        case "-catalog":
            (folder / "catalog.yaml").write_text(text)
            return errors(lint_catalog(folder / "catalog.yaml"))
        case "-device":
            (folder / "device.yaml").write_text(text)
            return raised(lambda: load_device(folder / "device.yaml"))
        case "-test":
            (folder / "a.test.yaml").write_text(text)
            return raised(lambda: load_suite(folder / "a.test.yaml"))
        case _:
            return errors(lint_policy(text, page_schema() if kind else None))


def page_schema() -> Schema:
    """What the page about types declares."""
    (written,) = _SCHEMA.findall((FOLDER / "types.md").read_text())
    return Schema.load(parse_document(written, "types.md", Kind.YAML).value)


def errors(findings: list[Diagnostic]) -> set[str]:
    """The codes of what is no finding of a rule."""
    return {each.code for each in findings if each.rule is None}


def raised(load: object) -> set[str]:
    """The codes of what loading raises."""
    assert callable(load)
    try:
        load()
    except PolicyError as error:
        return {each.code for each in error.diagnostics}
    return set()


@each_error
def test_a_section_starts_with_the_code_and_its_title(code: str) -> None:
    head, blank, sentence, *_ = page_of(code).text.split("\n")
    assert (head, blank) == (f"# {code} {CODES[code]}", "")
    assert sentence.endswith(".")
    assert page_of(code) == (code, page_of(code.lower()).text)


@each_error
def test_a_bad_example_has_the_error_and_a_good_one_has_none(code: str, tmp_path: Path) -> None:
    kinds = [kind for kind, _, _ in examples(code)]
    assert kinds == ([] if code in WITHOUT_EXAMPLES else ["bad", "good"])
    for kind, what, text in examples(code):
        assert codes_of(what, text, tmp_path) == ({code} if kind == "bad" else set()), text


def test_the_pages_have_no_other_sections() -> None:
    written = [code for file in FOLDER.glob("*.md") for code in re.findall(r"^## (PL\d{3}) ", file.read_text(), re.MULTILINE)]
    assert sorted(written) == sorted(ERRORS)


def test_the_folder_of_a_checkout() -> None:
    assert pages_folder("errors") == FOLDER
    assert find_page("PL999") is None
