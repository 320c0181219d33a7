import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.documents.json_text import read_nodes
from policy_lang.documents.json_tokens import JSON5, STRICT
from policy_lang.documents.model import Document, Kind
from policy_lang.documents.problems import Problems
from policy_lang.documents.read import parse_document
from policy_lang.errors import DeviceFileError, PolicyError
from policy_lang.source import Source

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
SPECIALS = {"a": [1, -0.5, 1e3, True, False, None, "é\U0001f600", '\\"\n'], "": {}, "b": {"c": [[], {}]}}


def refusal(text: str, kind: Kind) -> PolicyError:
    with pytest.raises(DeviceFileError) as caught:
        parse_document(text, "device", kind, error=DeviceFileError)
    return caught.value


def slowly(text: str) -> Any:
    return read_nodes(Problems(Source(text), PolicyError), STRICT).value


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_json_round_trip(value: object, indent: int | None, ascii_only: bool) -> None:  # noqa: FBT001
    """What Python writes is read back."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse_document(text, "a.json", Kind.JSON).value == value


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 2]))
def test_both_readers_of_json_agree(value: object, indent: int | None) -> None:
    """The reader with positions gives what Python's decoder gives."""
    text = json.dumps(value, indent=indent)
    assert repr(slowly(text)) == repr(json.loads(text))


@settings(deadline=None)
@given(VALUES)
def test_json_is_json5(value: object) -> None:
    """JSON5 holds all of JSON."""
    assert parse_document(json.dumps(value), "a.json5", Kind.JSON5).value == value


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 2]), st.sampled_from([Kind.JSON, Kind.JSON5]))
def test_each_span_holds_its_value(value: object, indent: int | None, kind: Kind) -> None:
    """The text of each span, read alone, is the value at that path."""
    document = parse_document(json.dumps(value, indent=indent), "a", kind)
    for path in document.spans:
        expected: Any = document.value
        for step in path:
            expected = expected[step]
        assert json.loads(document.source.excerpt(document.span(path))) == expected


@settings(deadline=None)
@given(VALUES)
def test_each_key_span_holds_its_key(value: object) -> None:
    """The text of each key span, read alone, is the last step of the path."""
    document = parse_document(json.dumps(value), "a.json", Kind.JSON)
    assert all(json.loads(document.source.excerpt(span)) == path[-1] for path, span in document.key_spans.items())


@settings(deadline=None)
@given(st.text(st.sampled_from('[]{}:,"\\ \n01.eE+-truefalsn/u\x00d8é'), max_size=12))
def test_what_pythons_decoder_refuses_is_refused(text: str) -> None:
    """Both readers accept the same texts, apart from Python's `NaN` and keys that stand twice."""
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(PolicyError):
            slowly(text)
    else:
        assert repr(slowly(text)) == repr(expected)


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.JSON5])
def test_all_forms_of_values(kind: Kind) -> None:
    assert parse_document(json.dumps(SPECIALS), "a", kind).value == SPECIALS


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.JSON5])
def test_half_of_a_pair_is_kept(kind: Kind) -> None:
    assert parse_document(r'["\ud800", "\udc00x", "\ud83d\ude00"]', "a", kind).value == ["\ud800", "\udc00x", "\U0001f600"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("// c\n1 /* d */ // e", 1),
        ("/**/[/* [ */]", []),
        ("{a: 1, $b_9: 2, é: 3, 'c d': 4, \"e\": 5, null: 6,}", {"a": 1, "$b_9": 2, "é": 3, "c d": 4, "e": 5, "null": 6}),
        (r"{\u0061b: 1, a\u200cb: 2}", {"ab": 1, "a\u200cb": 2}),
        ("[.5, 5., +1, -1, 0x1F, -0Xa, 1e3, +.5e-1, 0, -0.0]", [0.5, 5.0, 1, -1, 31, -10, 1000.0, 0.05, 0, -0.0]),
        ("'a\"b' ", 'a"b'),
        ('"a\'b"', "a'b"),
        (r"'\b\f\n\r\t\v\0\'\"\\\/\q\x41\u0042'", "\b\f\n\r\t\v\0'\"\\/qAB"),
        ("'a\\\nb\\\r\nc\\\rd\\\u2028e'", "abcde"),
        ("'a\u2028\u2029\t\x00b'", "a\u2028\u2029\t\x00b"),
        ("\ufeff\u00a0\v\f\u2028\u2003[1,]", [1]),
    ],
)
def test_what_json5_adds(text: str, value: object) -> None:
    assert parse_document("\n" + text, "a.json5", Kind.JSON5).value == value


BOTH = [Kind.JSON, Kind.JSON5]
ERRORS: list[tuple[list[Kind], str, str]] = [
    (BOTH, "", "1:1 expected a value, found the end of the text"),
    (BOTH, " \n ", "1:1 expected a value, found the end of the text"),
    (BOTH, "[1\n", "1:3 expected `,` or `]`, found the end of the text"),
    (BOTH, '{"a"', "1:5 expected `:` after the key, found the end of the text"),
    (BOTH, "1 2", "1:3 expected the end of the text, found `2`"),
    (BOTH, "[1]]", "1:4 expected the end of the text, found `]`"),
    (BOTH, "[1 2]", "1:4 expected `,` or `]`, found `2`"),
    (BOTH, "[1}", "1:3 expected `,` or `]`, found `}`"),
    (BOTH, '{"a": 1 "b": 2}', '1:9 expected `,` or `}`, found `"b"`'),
    (BOTH, '{"a", 1}', "1:5 expected `:` after the key, found `,`"),
    (BOTH, '{"a" ":" 1}', '1:6 expected `:` after the key, found `":"`'),
    (BOTH, "[,]", "1:2 expected a value, found `,`"),
    (BOTH, "[1,,2]", "1:4 expected a value, found `,`"),
    (BOTH, "]", "1:1 expected a value, found `]`"),
    (BOTH, "[True]", "1:2 expected a value, found `True` (did you mean `true`?)"),
    (BOTH, "[router]", "1:2 expected a value, found `router` (write text in double quotes)"),
    (BOTH, "[NaN]", "1:2 infinities and NaN are not allowed (write a number, or `null` for no value)"),
    (BOTH, "[-Infinity]", "1:2 infinities and NaN are not allowed (write a number, or `null` for no value)"),
    (BOTH, "[1e999]", "1:2 the number `1e999` is too large"),
    (BOTH, f"[-{'1' * 4301}]", f"1:2 the number `-{'1' * 39}…` is too long"),
    (BOTH, "@", "1:1 the character `@` is not allowed here"),
    (BOTH, "[1]\x1c", "1:4 the character `\\x1c` is not allowed here"),
    (BOTH, '["a', '1:2 a text is not closed (close it with `"`)'),
    (BOTH, '["a\n"]', '1:2 a text is not closed (close it with `"`)'),
    (BOTH, '["a\\', '1:2 a text is not closed (close it with `"`)'),
    (BOTH, r'["\u12x"]', r"1:3 the escape `\u12` is not valid (write a backslash as `\\`)"),
    ([Kind.JSON], r'["\q"]', r"1:3 the escape `\q` is not valid (write a backslash as `\\`)"),
    ([Kind.JSON], '["a\tb"]', "1:4 the control character `\\t` stands in a text (write it as `\\u0009`)"),
    ([Kind.JSON], "['a']", "1:2 text in single quotes is not allowed in JSON (use double quotes)"),
    ([Kind.JSON], "{a: 1}", "1:2 expected a key in double quotes, found `a` (write text in double quotes)"),
    ([Kind.JSON], "{1: 1}", "1:2 expected a key in double quotes, found `1`"),
    ([Kind.JSON], "[1,\n]", "1:3 a comma stands before `]` (remove the comma, or name the file `.json5`)"),
    ([Kind.JSON], '{"a": 1,}', "1:8 a comma stands before `}` (remove the comma, or name the file `.json5`)"),
    ([Kind.JSON], "// c\n1", "1:1 comments are not allowed in JSON (remove it, or name the file `.json5`)"),
    ([Kind.JSON], "1 /* c */", "1:3 comments are not allowed in JSON (remove it, or name the file `.json5`)"),
    ([Kind.JSON], "[01]", "1:2 the number `01` is not valid (write it like `10`, `-0.5` or `1e3`)"),
    ([Kind.JSON], "[.5]", "1:2 the number `.5` is not valid (write it like `10`, `-0.5` or `1e3`)"),
    ([Kind.JSON], "[+1]", "1:2 the number `+1` is not valid (write it like `10`, `-0.5` or `1e3`)"),
    ([Kind.JSON], "[0x1F]", "1:2 the number `0x1F` is not valid (write it like `10`, `-0.5` or `1e3`)"),
    ([Kind.JSON], "\u00a01", "1:1 the character `\\xa0` is not allowed here"),
    ([Kind.JSON5], "1 /* c", "1:3 a comment is not closed (close it with `*/`)"),
    ([Kind.JSON5], "1 / 2", "1:3 the character `/` is not allowed here"),
    ([Kind.JSON5], "[0x]", "1:2 the number `0x` is not valid (write it like `10`, `-0.5`, `1e3` or `0x1F`)"),
    ([Kind.JSON5], "[1.e]", "1:2 the number `1.e` is not valid (write it like `10`, `-0.5`, `1e3` or `0x1F`)"),
    ([Kind.JSON5], "[-x]", "1:2 the number `-x` is not valid (write it like `10`, `-0.5`, `1e3` or `0x1F`)"),
    ([Kind.JSON5], f"[0x{'f' * 4301}]", f"1:2 the number `0x{'f' * 38}…` is too long"),
    ([Kind.JSON5], "{5: 1}", "1:2 expected a key, found `5`"),
    ([Kind.JSON5], "{\u2460: 1}", "1:2 expected a key, found `\u2460`"),
    ([Kind.JSON5], "{-a: 1}", "1:2 expected a key, found `-a`"),
    ([Kind.JSON5], r"['a\1']", r"1:4 the escape `\1` is not valid (write a backslash as `\\`)"),
    ([Kind.JSON5], r"['\01']", r"1:3 the escape `\01` is not valid (write a backslash as `\\`)"),
    ([Kind.JSON5], r"['\x4']", r"1:3 the escape `\x4` is not valid (write a backslash as `\\`)"),
    ([Kind.JSON5], "['a", "1:2 a text is not closed (close it with `'`)"),
]


@pytest.mark.parametrize(("kind", "text", "expected"), [(kind, text, said) for kinds, text, said in ERRORS for kind in kinds])
def test_errors(kind: Kind, text: str, expected: str) -> None:
    (finding,) = refusal(text, kind).diagnostics
    place = finding.location
    assert place is not None
    remedy = f" ({finding.help})" if finding.help else ""
    assert (finding.code, f"{place.line}:{place.column} {finding.message}{remedy}") == ("PL502", expected)


@pytest.mark.parametrize("kind", BOTH)
def test_the_end_of_the_text_shows_what_is_open(kind: Kind) -> None:
    (finding,) = refusal('{"a": [1', kind).diagnostics
    assert [(label.span.start, label.text) for label in finding.related] == [(6, "opened here")]


@pytest.mark.parametrize("kind", BOTH)
def test_all_duplicates_are_reported(kind: Kind) -> None:
    findings = refusal('{"a": 1, "b": {"c": 1, "c": 2}, "a": 3, "\\u0061": 4}', kind).diagnostics
    assert [(finding.code, finding.message, finding.location, finding.related[0].span.start) for finding in findings] == [
        ("PL503", "the key `c` stands twice", (1, 24), 15),
        ("PL503", "the key `a` stands twice", (1, 33), 1),
        ("PL503", "the key `a` stands twice", (1, 41), 1),
    ]


@pytest.mark.parametrize("kind", BOTH)
def test_a_hundred_duplicates_are_enough(kind: Kind) -> None:
    assert len(refusal("{" + '"a": 1,' * 2000 + '"b": 1}', kind).diagnostics) == 100


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_64_levels_are_allowed(kind: Kind, opening: str, closing: str) -> None:
    text = opening * 64 + "1" + closing * 64
    assert json.dumps(parse_document(text, "a", kind).value).replace(" ", "") == text


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("depth", [65, 500, 10_000])
def test_more_levels_are_refused(kind: Kind, depth: int) -> None:
    (finding,) = refusal("[" * depth + "]" * depth, kind).diagnostics
    assert (finding.code, finding.message, finding.location) == (
        "PL512",
        "the document is nested more than 64 levels deep",
        (1, 65),
    )


def test_many_brackets_side_by_side_are_fine() -> None:
    assert parse_document("[" + "[]," * 100 + "[]]", "a.json", Kind.JSON).value == [[]] * 101


@pytest.mark.parametrize("kind", BOTH)
def test_a_lowered_limit_of_digits_is_a_finding(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    def lowered(*_: object) -> int:
        raise ValueError

    monkeypatch.setattr("policy_lang.documents.json_tokens.int", lowered, raising=False)
    monkeypatch.setattr("policy_lang.documents.json_values._scan", lowered)
    (finding,) = refusal("12", kind).diagnostics
    assert finding.message == "the number `12` is too long"


def test_a_document_with_few_levels_left_on_the_stack_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> Document:
        raise RecursionError

    monkeypatch.setattr("policy_lang.documents.json_values._scan", exhausted)
    assert parse_document("[[1]]", "a.json", Kind.JSON).value == [[1]]


def test_each_word_of_json5_stands_for_itself() -> None:
    assert JSON5.fullmatch(" // c\n'a'") is not None
