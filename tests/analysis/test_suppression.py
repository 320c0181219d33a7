"""Which lines a comment speaks for, in policies and in documents."""

import pytest

from policy_lang.analysis.suppression import Suppression, find_in_document, find_in_policy, resolve
from policy_lang.documents.model import Document, Kind
from policy_lang.documents.read import parse_document
from policy_lang.source import Source
from policy_lang.syntax.parser import parse


def in_policy(text: str) -> list[Suppression]:
    """The suppressions in a policy."""
    parsed = parse(Source(text))
    return find_in_policy(parsed.source, [comment.span for comment in parsed.comments])


def document(text: str, kind: Kind = Kind.YAML) -> Document:
    """A document."""
    return parse_document(text, f"catalog.{kind}", kind)


def lines(found: list[Suppression]) -> list[list[int]]:
    """The lines that each speaks for."""
    return [list(each.lines) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true // allow(a): x", [[1]]),
        ("true &&\ntrue // allow(a): x\n&& true", [[2]]),
        ("// allow(a): x\ntrue", [[2]]),
        ("// allow(a): x\n\n// more\n/* and\nmore */\ntrue", [[6]]),
        ("// allow(a): x\n// allow(b): y\ntrue", [[3], [3]]),
        ("/* allow(a): x */ true", [[1]]),
        ("true && /* allow(a):\nx */ true", [[1, 2]]),
        ("true &&\n/* allow(a):\nx */ true", [[2, 3]]),
        ("true &&\n/* allow(a):\nx */\n true", [[4]]),
        ("true\n// allow(a): x\n", [[]]),
        ("/*\n * allow(a): x\n */\ntrue", [[4]]),
        ("'// allow(a): x' == device.a", []),
        ("true // plain", []),
    ],
)
def test_lines_of_a_policy(text: str, expected: list[list[int]]) -> None:
    assert lines(in_policy(text)) == expected


def test_the_parts_of_a_comment() -> None:
    (found,) = in_policy("true /*  allow( PL322 , b,c,):  why: not */")
    assert [word.text for word in found.words] == ["PL322", "b", "c"]
    assert [found.source.excerpt(word.span) for word in found.words] == ["PL322", "b", "c"]
    assert found.reason == "why: not"


def test_a_word_in_any_case() -> None:
    known = {"PL322": "PL322", "null_comparison": "PL322"}
    assert {resolve(word, known) for word in ("PL322", "pl322", "null_comparison", "Null_Comparison")} == {"PL322"}
    assert resolve("x", known) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1 # allow(x): y", [[1]]),
        ("# allow(x): y\n\n# more\na: 1", [[4]]),
        ("# allow(x): y\n# allow(z): y\na: 1\nb: 2 # allow(x): y", [[3], [3], [4]]),
        ("a: 'x # allow(x): y'", []),
        ("a: x # allow(x): y\nb: 'x # allow(x): y'\n# allow(z): y\nc: d", [[1], [4]]),
        ("a: x#allow(x)", []),
        ("'# allow(x)': 1", []),
        ("a: |\n  # allow(x): y\n  text\nb: 1 # allow(x): y", [[4]]),
        ("a: | # allow(x): y\n  text # allow(x): y\nb: 1", [[1]]),
        ("a: >-\n  text\n\n# allow(x): y\nb: 1", [[5]]),
        ("a: [1, # allow(x): y\n  2]", [[1]]),
        ("a: {b: 1, # allow(x): y\n  c: 2}\n# allow(x): y", [[1], []]),
        ("a:\n# allow(x): y\nb: 1", [[3]]),
    ],
)
def test_lines_of_a_yaml_document(text: str, expected: list[list[int]]) -> None:
    assert lines(find_in_document(document(text))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1 # allow(x): y", [[1]]),
        ("a = 1# allow(x): y", [[1]]),
        ("# allow(x): y\n[t]\nb = '''\n# allow(x): y\n''' # allow(z): y", [[2], [5]]),
    ],
)
def test_lines_of_a_toml_document(text: str, expected: list[list[int]]) -> None:
    assert lines(find_in_document(document(text, Kind.TOML))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 1} // allow(x): y", [[1]]),
        ("{/* allow(x): y */ a: '// allow(x): y', // allow(x): z\n}", [[1], [1]]),
        ("// allow(x): y\n{a: 1}", [[2]]),
    ],
)
def test_lines_of_a_json5_document(text: str, expected: list[list[int]]) -> None:
    assert lines(find_in_document(document(text, Kind.JSON5))) == expected


def test_json_has_no_comments() -> None:
    assert find_in_document(document('{"a": "// allow(x): y"}', Kind.JSON)) == []
    assert find_in_document(None) == []
