import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.documents.model import Document, Kind
from policy_lang.documents.read import parse_document
from policy_lang.errors import CatalogError, PolicyError

# PyYAML writes what only YAML 1.1 takes for text, such as `0E0`, without quotes; and U+0085 as a line end.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x85"), max_size=8).filter(
    lambda text: not re.match("[-+.0-9]", text)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.integers(-1000, 1000).map(lambda n: n / 8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with libyaml, where PyYAML has it, and without."""
    loader = getattr(yaml, request.param, yaml.SafeLoader)
    monkeypatch.setattr("policy_lang.documents.yaml_text._Loader", loader)


def parse(text: str) -> Document:
    return parse_document(text, "catalog.yaml", Kind.YAML)


def refusal(text: str) -> PolicyError:
    with pytest.raises(CatalogError) as caught:
        parse_document(text, "catalog.yaml", Kind.YAML, error=CatalogError)
    return caught.value


def excerpts(text: str) -> dict[tuple[str | int, ...], str]:
    document = parse(text)
    return {path: document.source.excerpt(span) for path, span in document.spans.items()}


def test_the_core_schema() -> None:
    text = "[no, on, 2026-01-01, 12:30, 0x1F, 0o17, 1e3, ~, true, .5, 'true', \"1\"]"
    assert parse(text).value == ["no", "on", "2026-01-01", "12:30", 31, 15, 1000.0, None, True, 0.5, "true", "1"]


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "---\n...\n", "~"])
def test_an_empty_document_is_null(text: str) -> None:
    assert parse(text).value is None


@pytest.mark.parametrize("flow", [True, False, None])
def test_a_written_document_is_read(flow: bool | None) -> None:  # noqa: FBT001
    value = {"a": [1, {"b": None, "c d": ["x", []]}, "no"], "e": {}, "f": "l1\nl2\n"}
    assert parse(yaml.safe_dump(value, default_flow_style=flow)).value == value


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\ufeff", "# \U0001f600 é\n", "---\n"])
def test_spans(before: str, end: str) -> None:
    text = "a: &x 'it''s'\nb:\n  - 1\n  - \"\U0001f600\"\n  -\n  - [x, {y: z}]\n# end\n"
    text += 'c: |\n  l1\n\n# why\n"d e": !!str # what\n  x\nf: *x\n'
    found = excerpts((before + text).replace("\n", end))
    lines = {path: part.replace(end, "\n") for path, part in found.items()}
    assert lines.pop(()).startswith("a: &x")
    assert lines == {
        ("a",): "'it''s'",
        ("b",): '- 1\n  - "\U0001f600"\n  -\n  - [x, {y: z}]',
        ("b", 0): "1",
        ("b", 1): '"\U0001f600"',
        ("b", 2): "",
        ("b", 3): "[x, {y: z}]",
        ("b", 3, 0): "x",
        ("b", 3, 1): "{y: z}",
        ("b", 3, 1, "y"): "z",
        ("c",): "|\n  l1",
        ("d e",): "x",
        ("f",): "'it''s'",
    }


def test_key_spans() -> None:
    document = parse("a: 1\n? 'b c'\n: {d: 2}\n&k e: 1\n*k : 2\n".replace("*k", "f"))
    assert {path: document.source.excerpt(span) for path, span in document.key_spans.items()} == {
        ("a",): "a",
        ("b c",): "'b c'",
        ("b c", "d"): "d",
        ("e",): "e",
        ("f",): "f",
    }


def test_a_pair_in_a_list_is_an_object() -> None:
    assert excerpts("[a: 1, b]")[(0,)] == "a: 1"


def test_an_alias_repeats_its_value() -> None:
    assert parse("a: &x [1, &y {b: 2}]\nc: *x\nd: *y\n").value == {"a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": {"b": 2}}


def test_an_alias_has_the_span_of_what_it_repeats() -> None:
    assert excerpts("a: &x [1]\nb: *x\n")[("b", 0)] == "1"


def test_a_list_that_ends_with_an_alias_ends_after_it() -> None:
    assert excerpts("a: &x 1\nb:\n  - 2\n  - *x\nc: 3\n")[("b",)] == "- 2\n  - *x"


def test_an_alias_can_be_a_key() -> None:
    assert parse("a: &x b\n*x : 2\n").value == {"a": "b", "b": 2}


def test_an_anchor_can_be_given_anew() -> None:
    assert parse("[&x 1, *x, &x 2, *x]").value == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("!!int '1'", 1),
        ("!!float 1", 1.0),
        ("!!map {}", {}),
        ("!!seq [1]", [1]),
        ("!!null ''", None),
    ],
)
def test_core_tags(text: str, value: object) -> None:
    assert parse(text).value == value


def test_keys_may_look_like_merge_keys_in_quotes() -> None:
    assert parse("'<<': 1").value == {"<<": 1}


ERRORS = [
    ("a: .inf", "1:4 infinities and NaN are not allowed"),
    ("a: !!int x", "1:10 `x` is not a whole number"),
    ("a: !foo 1", "1:4 the tag `!foo` is not allowed here (remove it, values need no tags)"),
    ("a: &x !!python/none 1", "1:7 the tag `!!python/none` is not allowed here (remove it, values need no tags)"),
    ("!!map [1]", "1:1 the tag `!!map` is not allowed here (remove it, values need no tags)"),
    ("a: !!seq {}", "1:4 the tag `!!seq` is not allowed here (remove it, values need no tags)"),
    ("a: !!set {}", "1:4 the tag `!!set` is not allowed here (remove it, values need no tags)"),
    ("1: x", "1:1 the key `1` is not text (put the key in quotes)"),
    ("true: x", "1:1 the key `true` is not text (put the key in quotes)"),
    ("?\n: x", "1:2 the key `` is not text (put the key in quotes)"),
    ("a: &x 1\n*x : 2", "2:1 the key `*x` is not text (put the key in quotes)"),
    ("? [a]\n: b", "1:3 a list or an object cannot be a key (keys are text)"),
    ("a: &x {}\nb:\n  <<: *x", "3:3 merge keys `<<` are not allowed (write the fields out, or use an alias as a value)"),
    ("a: *x", "1:4 the alias `*x` repeats nothing that stands before it"),
    ("a: &x [1, *x]", "1:11 the alias `*x` stands inside what it repeats"),
    ("a: 1\n---\nb: 2", "2:1 a second document starts here (keep one document in a file)"),
    ("a: \x07", "1:4 the character `\\x07` is not allowed in YAML (write it as an escape in double quotes)"),
    ("\ufeff\ufeffa: 1", "1:1 the character `\\ufeff` is not allowed in YAML (write it as an escape in double quotes)"),
    ("a: 'x", "1:4 a text in quotes is not closed (close it with the quote that opens it)"),
    ("a: b: c", "1:5 a key cannot stand here (check the indentation, and put quotes around text that has `: ` in it)"),
    ("a: @x", "1:4 a text cannot start with this character (put the text in quotes)"),
    ("a:\n\tb: 1", "2:1 a tab stands in the indentation (indent with spaces)"),
    ("[1, 2\n\n", "1:6 expected `,` or `]`"),
    ("{a: 1, b", "1:9 expected `,` or `}`"),
    ("[1, }", "1:5 expected a value"),
    ("- a\nb: 1", "2:1 this does not fit the lines before it (check the indentation, and close every quote)"),
    ("a: 'x'\n  y", "2:3 this does not fit the lines before it (check the indentation, and close every quote)"),
    ("a: 1\nbc\nd: 1", "2:1 this is not a `key: value` (write a `:` and a space after the key)"),
    ("key: - a", "1:6 a list item cannot start here (start the list on a line of its own)"),
    ("a: |x\n", "1:5 a text block must start on the next line"),
    ("a: &!\n", "1:5 the name of an anchor or alias is not valid"),
    ("a: !x!y 1", "1:4 a tag is not valid (remove it)"),
]


@pytest.mark.parametrize(("text", "expected"), ERRORS)
def test_errors(text: str, expected: str) -> None:
    (finding,) = refusal(text).diagnostics
    place = finding.location
    assert place is not None
    remedy = f" ({finding.help})" if finding.help else ""
    assert (finding.code, f"{place.line}:{place.column} {finding.message}{remedy}") == ("PL502", expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a: "\\q"', "an escape in a text is not valid"),
        ('a: "\\uFFFFFFFF', "a text in quotes is not closed"),
        ('a: "\\UFFFFFFFF"', None),
        ("%YAML 1.1\n%YAML 1.1\n--- a", "a directive is not valid"),
        ("a: 1\n...\n]", None),
        ("%TAG ! a\n%TAG ! b\n--- a", None),
    ],
)
def test_errors_that_the_two_parsers_place_differently(text: str, message: str | None) -> None:
    (finding,) = refusal(text).diagnostics
    assert finding.code == "PL502"
    assert message is None or finding.message == message


def test_findings_are_collected() -> None:
    findings = refusal("a: .inf\n1: !x y\na: 2\n").diagnostics
    assert [(finding.code, finding.location) for finding in findings] == [
        ("PL502", (1, 4)),
        ("PL502", (2, 1)),
        ("PL502", (2, 4)),
        ("PL503", (3, 1)),
    ]


def test_a_broken_text_still_shows_the_findings_before() -> None:
    findings = refusal("a: .inf\nb: 'x").diagnostics
    assert [finding.location for finding in findings] == [(1, 4), (2, 4)]


def test_all_duplicates_are_reported() -> None:
    findings = refusal("a: 1\nb: {c: 1, 'c': 2}\na: 3\n\"\\x61\": 4\n").diagnostics
    assert [(finding.code, finding.message, finding.location, finding.related[0].span.start) for finding in findings] == [
        ("PL503", "the key `c` stands twice", (2, 11), 9),
        ("PL503", "the key `a` stands twice", (3, 1), 0),
        ("PL503", "the key `a` stands twice", (4, 1), 0),
    ]


def test_an_error_inside_a_list_shows_where_it_starts() -> None:
    (finding,) = refusal("a: [1,\n  2\nb: 3\n").diagnostics
    assert [(label.span.start, label.text) for label in finding.related] == [(3, "in what starts here")]


@pytest.mark.parametrize("text", ["[" * 64 + "]" * 64, "- " * 64 + "1", "{a: " * 64 + "1" + "}" * 64])
def test_64_levels_are_allowed(text: str) -> None:
    assert parse(text).value


@pytest.mark.parametrize("text", ["[" * 65 + "]" * 65, "- " * 65 + "1", "{a: " * 65 + "}" * 65])
def test_more_levels_are_refused(text: str) -> None:
    (finding,) = refusal(text).diagnostics
    assert (finding.code, finding.message) == ("PL512", "the document is nested more than 64 levels deep")


def test_levels_of_an_alias_count() -> None:
    (finding,) = refusal(f"- &x {'[' * 40}{']' * 40}\n- {'[' * 30}*x{']' * 30}\n").diagnostics
    assert (finding.code, finding.location) == ("PL512", (2, 33))


def test_a_billion_laughs_are_refused() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20))]
    (finding,) = refusal("\n".join(lines)).diagnostics
    assert (finding.code, finding.message) == ("PL512", "the aliases of the document stand for too many values")


def test_few_lines_may_not_stand_for_many_values() -> None:
    text = f"a: &a [{'x, ' * 1000}]\nb: &b [{'*a, ' * 500}]\n"
    (finding,) = refusal(text).diagnostics
    assert (finding.code, finding.help) == ("PL512", "write the values out, or repeat smaller ones")


@settings(deadline=None)
@given(VALUES, st.sampled_from([True, False, None]), st.booleans())
def test_yaml_round_trip(value: object, flow: bool | None, unicode: bool) -> None:  # noqa: FBT001
    """What PyYAML writes is read back; it quotes more than the core schema needs, never less."""
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=unicode)
    assert parse(text).value == value


@settings(deadline=None)
@given(VALUES)
def test_each_flow_span_holds_its_value(value: object) -> None:
    """The text of each span, read alone, is the value at that path."""
    document = parse(yaml.safe_dump(value, default_flow_style=True, width=10_000))
    for path, span in document.spans.items():
        expected: Any = document.value
        for step in path:
            expected = expected[step]
        assert parse(document.source.excerpt(span)).value == expected
