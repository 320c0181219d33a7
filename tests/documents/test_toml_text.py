import json
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.documents.model import Document, Kind
from policy_lang.documents.read import parse_document
from policy_lang.errors import CatalogError, PolicyError

PLAIN = st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4), max_leaves=6)
TABLES = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


def written(text: str) -> str:
    """A text as TOML writes it."""
    return (
        json.dumps(text).replace("\x7f", "\\u007f")
        if text.isascii()
        else f'"{"".join(f"{chr(92)}U{ord(char):08x}" for char in text)}"'
    )


def dump(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return written(value)
    return f"[{', '.join(map(dump, value))}]" if isinstance(value, list) else json.dumps(value)


def parse(text: str) -> Document:
    return parse_document(text, "catalog.toml", Kind.TOML)


def refusal(text: str) -> PolicyError:
    with pytest.raises(CatalogError) as caught:
        parse_document(text, "catalog.toml", Kind.TOML, error=CatalogError)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01 00:00:00+00:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01t01:02:03.5-07:30", "2026-01-01T01:02:03.500000-07:30"),
        ("2026-01-01T01:02:03", "2026-01-01T01:02:03"),
        ("2026-01-01", "2026-01-01"),
        ("01:02:03", "01:02:03"),
    ],
)
def test_dates_and_times_become_text(text: str, expected: str) -> None:
    assert parse(f"a = {text}\nb = [{{c = {text}}}]").value == {"a": expected, "b": [{"c": expected}]}


def test_an_empty_document_is_an_empty_object() -> None:
    assert parse("\n# nothing\n").value == {}


@settings(deadline=None)
@given(st.lists(TABLES, max_size=3), TABLES)
def test_generated_tables(updates: list[dict[str, Any]], schema: dict[str, Any]) -> None:
    """Lists of tables and tables are read, and each value is where its span says."""
    blocks = [
        f"[[updates]]\n{''.join(f'{written(key)} = {dump(value)}{chr(10)}' for key, value in table.items())}" for table in updates
    ]
    tables = [f"[schema.{written(key)}]\nvalue = {dump(value)}\n" for key, value in schema.items()]
    document = parse("\n".join(blocks + tables))
    assert document.value == {
        **({"updates": updates} if updates else {}),
        **({"schema": {key: {"value": value} for key, value in schema.items()}} if schema else {}),
    }
    for number, table in enumerate(updates):
        for key, value in table.items():
            path = ("updates", number, key)
            assert tomllib.loads(f"x = {document.source.excerpt(document.spans[path])}") == {"x": value}


ERRORS = [
    ("x", "1:2 expected `=` after the key"),
    ("= 1", "1:1 expected a key (write `key = value`, or `[table]`)"),
    ("a. = 1", "1:4 expected a key (write `key = value`, or `[table]`)"),
    ("a = \nb = 1", "1:5 expected a value (write text in quotes)"),
    ("a = router", "1:5 expected a value (write text in quotes)"),
    ("a = 1 b = 2", "1:7 expected the end of the line"),
    ("a = [1 2]", "1:8 expected `,` or `]`"),
    ("a = [1\n", "1:7 expected `,` or `]`"),
    ("a = {x = 1", "1:11 expected `,` or `}`"),
    ("[a", "1:3 expected the end of the header (write `[table]`, or `[[list]]`)"),
    ("[[a]", "1:4 expected the end of the header (write `[table]`, or `[[list]]`)"),
    ('a = """x', "1:9 a text is not closed (close it with the quote that opens it)"),
    ("a = 'x", "1:7 a text is not closed (close it with the quote that opens it)"),
    ('a = "\\ud8zz"', "1:8 an escape in a text is not valid (write a backslash as `\\\\`, or use single quotes)"),
    ('a = "\\ud800"', "1:12 an escape in a text is not valid (write a backslash as `\\\\`, or use single quotes)"),
    ('a = "\x01"', "1:6 a character is not allowed here"),
    ("a = 1 # \x01", "1:9 a character is not allowed here"),
    ("a = 2026-02-30T00:00:00Z", "1:5 the date or time is not valid"),
    ("a = inf", "1:5 infinities and NaN are not allowed"),
    ("a = [1,\n  -nan]", "2:3 infinities and NaN are not allowed"),
    ("a = 1e999", "1:5 the number is too large"),
    (f"a = {'1' * 4301}", f"1:5 the number `{'1' * 40}…` is too long"),
    (f"a = 0x{'f' * 4301}", f"1:5 the number `0x{'f' * 38}…` is too long"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "expected"), ERRORS)
def test_errors(text: str, expected: str, end: str) -> None:
    (finding,) = refusal(text.replace("\n", end)).diagnostics
    place = finding.location
    assert place is not None
    remedy = f" ({finding.help})" if finding.help else ""
    assert (finding.code, f"{place.line}:{place.column} {finding.message}{remedy}") == ("PL502", expected)


def test_an_error_without_words_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def loads(_text: str) -> None:
        raise ValueError("something new")

    monkeypatch.setattr(tomllib, "loads", loads)
    (finding,) = refusal("a = 1\n").diagnostics
    assert (finding.message, finding.location) == ("the text is not TOML here", (1, 6))


def test_a_full_stack_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def loads(_text: str) -> None:
        raise RecursionError

    monkeypatch.setattr(tomllib, "loads", loads)
    (finding,) = refusal("a = 1\n").diagnostics
    assert finding.code == "PL512"


DUPLICATES = [
    ("a = 1\na = 2\na = 3", [("a", (2, 1), 0), ("a", (3, 1), 0)]),
    ("a = 1\n\"\\u0061\" = 2\n'a' = 3", [("a", (2, 1), 0), ("a", (3, 1), 0)]),
    ("[t]\na.b = 1\na.b = 2", [("b", (3, 3), 6)]),
    ("[t]\n[u]\n[t]", [("t", (3, 2), 1)]),
    ("a = {x = 1, x = 2}", [("x", (1, 13), 5)]),
    ("a = 1\n[a]", [("a", (2, 2), 0)]),
    ("a = []\n[[a]]", [("a", (2, 3), 0)]),
    ("a.b = 1\na = 2", [("a", (2, 1), 0)]),
]


@pytest.mark.parametrize(("text", "expected"), DUPLICATES)
def test_all_duplicates_are_reported(text: str, expected: list[tuple[str, tuple[int, int], int]]) -> None:
    findings = refusal(text).diagnostics
    assert [(finding.code, finding.message, finding.location, finding.related[0].span.start) for finding in findings] == [
        ("PL503", f"the key `{key}` stands twice", place, first) for key, place, first in expected
    ]


def test_a_table_that_is_complete_takes_no_more() -> None:
    (finding,) = refusal("a = {b = 1}\na.c = 2").diagnostics
    assert (finding.code, finding.message, finding.help) == (
        "PL503",
        "this key or table was complete before",
        "write all of a table in one place",
    )


def test_64_levels_are_allowed() -> None:
    assert parse(f"a = {'[' * 63}{']' * 63}").value


@pytest.mark.parametrize(
    "text", [f"a = {'[' * 64}{']' * 64}", "a = " + "[" * 80 + "]" * 80, "a." * 64 + "b = 1", "[" + "a." * 64 + "b]"]
)
def test_more_levels_are_refused(text: str) -> None:
    (finding,) = refusal(text).diagnostics
    assert (finding.code, finding.message) == ("PL512", "the document is nested more than 64 levels deep")
