"""A text is replaced, in every style of every format, and nothing else changes."""

import json
import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.documents import rewrite
from policy_lang.documents.model import Kind, Path_
from policy_lang.documents.read import parse_document
from policy_lang.documents.rewrite import RewriteError, replace_text, replace_texts
from policy_lang.documents.yaml_styles import Splice

OLD = "device.a == 1"
LINES = "device.a == 1\n&& device.b"
AFTER = "\n# after\nq: 7\n"

# what stands there, what is put there, what stands there then
YAML = {
    "plain": (f"p: {OLD} # why", "device.b == 'x'", "p: device.b == 'x' # why"),
    "plain, not plain any more": (f"p: {OLD}", "!device.b", "p: '!device.b'"),
    "plain, not text any more": (f"p: {OLD}", "true", "p: 'true'"),
    "plain, a number": (f"p: {OLD}", "1.5", "p: '1.5'"),
    "plain, infinite": (f"p: {OLD}", "-.inf", "p: '-.inf'"),
    "plain, more than infinite": (f"p: {OLD}", ".inf", "p: '.inf'"),
    "plain, with a comment's sign": (f"p: {OLD}", 'device.b == " #"', "p: 'device.b == \" #\"'"),
    "plain, with a key's sign": (f"p: {OLD}", "device.b ? 'x' : 'y'", "p: \"device.b ? 'x' : 'y'\""),
    "plain, with both quotes": (f"p: {OLD}", "!(a == \"x\" || b == 'y')", "p: '!(a == \"x\" || b == ''y'')'"),
    "plain, folded": ("p: device.aaaa == 1\n   && device.b", "device.b == 'x' && device.c", "p: device.b == 'x' && device.c"),
    "plain, folded and long": (
        "p: device.aaaa == 1\n   && device.b # why",
        f"{OLD} && {OLD} && {OLD} && {OLD}",
        "p: device.a == 1 && device.a == 1 && device.a == 1 && device.a\n   == 1 # why",
    ),
    "plain, to lines": (f"p: {OLD} # why", LINES, "p: |- # why\n  device.a == 1\n  && device.b"),
    "plain, to lines with an end": (f"p: {OLD} # why", f"{LINES}\n", "p: | # why\n  device.a == 1\n  && device.b"),
    "plain on the next line": (f"p:\n   {OLD}", LINES, "p:\n   |-\n  device.a == 1\n  && device.b"),
    "plain with tag and anchor": (f"p: &x !!str {OLD}", "true", "p: &x !!str 'true'"),
    "single quotes": (f"p: '{OLD}'", "device.b", "p: 'device.b'"),
    "single quotes, doubled as before": ("p: 'device.a == ''x'''", "device.b == 'y'", "p: 'device.b == ''y'''"),
    "single quotes, easier in double ones": (f"p: '{OLD}'", "device.b == 'y'", "p: \"device.b == 'y'\""),
    "single quotes, a backslash": (f"p: '{OLD}'", r"device.b == /\d/ && 'x'", r"p: 'device.b == /\d/ && ''x'''"),
    "single quotes, a control character": (f"p: '{OLD}'", "device.b == '\x07'", "p: \"device.b == '\\u0007'\""),
    "single quotes, folded": ("p: 'device.a\n    == 1'", "device.b", "p: 'device.b'"),
    "single quotes, to lines": (f"p: '{OLD}'", LINES, "p: |-\n  device.a == 1\n  && device.b"),
    "double quotes": (f'p: "{OLD}"', r"device.b == /\d/", r'p: "device.b == /\\d/"'),
    "double quotes, escaped as before": (r'p: "a == \"x\""', 'a == "y"', r'p: "a == \"y\""'),
    "double quotes, easier in single ones": (f'p: "{OLD}"', 'a == "y"', "p: 'a == \"y\"'"),
    "double quotes, to lines": ('p: "device.a\\n && b"', LINES, "p: |-\n  device.a == 1\n  && device.b"),
    "double quotes, to lines that no block holds": (f'p: "{OLD}"', "a \n b ", 'p: "a \\n b "'),
    "literal": ("p: |\n    a\n     b", f"{LINES}\n", "p: |\n    device.a == 1\n    && device.b"),
    "literal, without its end": ("p: |\n    a\n     b", LINES, "p: |-\n    device.a == 1\n    && device.b"),
    "literal, with a comment": ("p: |- # why\n    a", LINES, "p: |- # why\n    device.a == 1\n    && device.b"),
    "literal, to one line": ("p: |-\n    a\n    b", "b", "p: |-\n    b"),
    "literal, indented first": ("p: |-\n    a\n    b", "  a\nb", "p: |4-\n      a\n    b"),
    "literal, with a digit": ("p: |3-\n     a\n   b", " a\nc", "p: |3-\n    a\n   c"),
    "literal, ends kept": ("p: |+\n  a\n\n", "b\n\n\n", "p: |+\n  b\n\n"),
    "literal, ends changed": ("p: |+\n  a\n\n", "b\n", "p: |\n  b\n\n"),
    "literal, ends that no block holds": ("p: |\n  a\n", "b\n\n\n", 'p: "b\\n\\n\\n"\n'),
    "literal, to nothing": ("p: | # why\n  a", "", "p: '' # why"),
    "literal, empty": ("p: |-\n", LINES, "p: |-\n  device.a == 1\n  && device.b\n"),
    "folded": ("p: >-\n   a\n   b", "device.a == 1", "p: >-\n   device.a == 1"),
    "folded, long": (
        "p: >-\n   a\n   b",
        f"{OLD} && {OLD} && {OLD} && {OLD}",
        "p: >-\n   device.a == 1 && device.a == 1 && device.a == 1 && device.a\n   == 1",
    ),
    "folded, to lines": ("p: >\n   a\n   b", f"{LINES}\n", "p: |\n   device.a == 1\n   && device.b"),
    "folded, indented first": ("p: >-\n   a\n   b", " a", "p: |3-\n    a"),
}


@pytest.mark.parametrize("is_windows", [False, True])
@pytest.mark.parametrize(("before", "text", "after"), YAML.values(), ids=YAML)
def test_the_styles_of_yaml(before: str, text: str, after: str, is_windows: bool) -> None:  # noqa: FBT001
    ending = "\r\n" if is_windows else "\n"
    document = parse_document((before + AFTER).replace("\n", ending), "a.yaml", Kind.YAML)
    assert replace_text(document, ("p",), text) == (after + AFTER).replace("\n", ending)


OTHER_PLACES = {
    "a flow": (Kind.YAML, "{p: [a, b], q: 1}", ("p", 0), LINES, '{p: ["device.a == 1\\n&& device.b", b], q: 1}'),
    "a flow, plain": (Kind.YAML, "{p: [a, b], q: 1}", ("p", 0), "c == 1", "{p: [c == 1, b], q: 1}"),
    "a flow, with its marks": (Kind.YAML, "{p: [a, b], q: 1}", ("p", 0), "c in [1]", "{p: ['c in [1]', b], q: 1}"),
    "an item": (Kind.YAML, "p:\n  - a # why\n  - b", ("p", 0), "c\nd", "p:\n  - |- # why\n    c\n    d\n  - b"),
    "an item of an item": (Kind.YAML, "- - a\n  - b", (0, 1), " c\nd", "- - a\n  - |2-\n     c\n    d"),
    "a member of an item": (Kind.YAML, "- p: a\n  q: b", (0, "p"), "c\nd", "- p: |-\n    c\n    d\n  q: b"),
    "an explicit key": (Kind.YAML, "? p\n: a\n", ("p",), "c\nd", "? p\n: |-\n    c\n    d\n"),
    "an explicit key, indented first": (Kind.YAML, "? p\n: a\n", ("p",), " c\nd", '? p\n: " c\\nd"\n'),
    "the top of a document": (Kind.YAML, "--- a # why\n", (), "c\nd", "--- |- # why\n  c\n  d\n"),
    "the end of a file": (Kind.YAML, "p: a", ("p",), "c\nd\n", "p: |\n  c\n  d\n"),
    "json": (Kind.JSON, '{"p": "a"}', ("p",), 'é == "x"\n\\ \x01\ud83d', '{"p": "é == \\"x\\"\\n\\\\ \\u0001\\ud83d"}'),
    "json in ascii": (Kind.JSON, '{"p": "\\u00e9"}', ("p",), "ü😀", '{"p": "\\u00fc\\ud83d\\ude00"}'),
    "json5, single quotes": (Kind.JSON5, "{p: 'a' /* why */,}", ("p",), "b", "{p: 'b' /* why */,}"),
    "json5, easier in double ones": (Kind.JSON5, "{p: 'a'}", ("p",), "b == 'x'", "{p: \"b == 'x'\"}"),
    "json5, escaped as before": (Kind.JSON5, "{p: 'a\\''}", ("p",), "b == 'x'", "{p: 'b == \\'x\\''}"),
    "toml, basic": (Kind.TOML, 'p = "a" # why\n', ("p",), 'b == "\\"', 'p = "b == \\"\\\\\\"" # why\n'),
    "toml, literal": (Kind.TOML, "p = 'a' # why\n", ("p",), 'b == "\\"', "p = 'b == \"\\\"' # why\n"),
    "toml, literal no more": (Kind.TOML, "p = 'a'\n", ("p",), "b == 'x'", "p = \"b == 'x'\"\n"),
    "toml, basic to lines": (Kind.TOML, 'p = "a" # why\n', ("p",), 'b\n"""c"', 'p = """\nb\n""\\"c\\"""" # why\n'),
    "toml, literal to lines": (Kind.TOML, "p = 'a'\n", ("p",), "b\n'c'\n", "p = '''\nb\n'c'\n'''\n"),
    "toml, literal to lines no more": (Kind.TOML, "p = 'a'\n", ("p",), "b\n'c'", 'p = """\nb\n\'c\'"""\n'),
    "toml, lines to one": (Kind.TOML, 'p = """\na\nb"""\n', ("p",), "c", 'p = """\nc"""\n'),
    "toml, lines without a first end": (Kind.TOML, "p = '''a'''\n", ("p",), "c", "p = '''c'''\n"),
    "toml, between braces": (Kind.TOML, "p = {q = 'a', r = 1}\n", ("p", "q"), "b\nc", "p = {q = '''\nb\nc''', r = 1}\n"),
    "toml, a date": (Kind.TOML, "p = 2026-01-01\n", ("p",), "2026-01-02", 'p = "2026-01-02"\n'),
}


@pytest.mark.parametrize(("kind", "before", "path", "text", "after"), OTHER_PLACES.values(), ids=OTHER_PLACES)
def test_the_other_places(kind: Kind, before: str, path: Path_, text: str, after: str) -> None:
    assert replace_text(parse_document(before, "a", kind), path, text) == after


SHARED = "p: &x a # why\nq: *x\nr: &y {s: b}\nt: *y\n"


def test_a_shared_text_changes_everywhere_or_nowhere() -> None:
    document = parse_document(SHARED, "a.yaml", Kind.YAML)
    with pytest.raises(RewriteError, match="`p` is written together with `q`, by an alias") as caught:
        replace_text(document, ("p",), "c")
    assert caught.value.help == "write both out, without the alias"
    with pytest.raises(RewriteError, match=r"`q` is written together with `p`"):
        replace_texts(document, {("q",): "c", ("p",): "d"})
    with pytest.raises(RewriteError, match=r"`t\.s` is written together with `r\.s`"):
        replace_texts(document, {("t", "s"): "c"})
    everywhere: dict[Path_, str] = {("p",): "c", ("q",): "c", ("r", "s"): "d\ne", ("t", "s"): "d\ne"}
    assert replace_texts(document, everywhere) == SHARED.replace("&x a", "&x c").replace("{s: b}", '{s: "d\\ne"}')


def test_a_shared_key_stands_in_the_way() -> None:
    document = parse_document("p: &x a\n*x : 1\n", "a.yaml", Kind.YAML)
    with pytest.raises(RewriteError, match="the text of `p` cannot be replaced where it stands"):
        replace_text(document, ("p",), "c")


@pytest.mark.parametrize("path", [("x",), (0,), ("p", 2), ("p",), ("p", 1), ("p", 0, "x"), ()])
def test_where_there_is_no_text(path: Path_) -> None:
    with pytest.raises(RewriteError, match="there is no text at "):
        replace_text(parse_document('{"p": ["a", 1]}', "a.json", Kind.JSON), path, "b")


def test_half_of_a_character_cannot_be_written_in_yaml() -> None:
    with pytest.raises(RewriteError, match="the top of the document"):
        replace_text(parse_document("a", "a.yaml", Kind.YAML), (), "\ud800")


def test_what_stays_is_not_touched() -> None:
    text = '{"p": "\\u0061", "q": ["b"]}'
    document = parse_document(text, "a.json", Kind.JSON)
    assert replace_texts(document, {}) == text
    assert replace_texts(document, {("p",): "a"}) == text
    assert replace_texts(document, {("p",): "a", ("q", 0): "c"}) == text.replace('"b"', '"c"')


def test_one_text_that_needs_another_style_does_not_spoil_the_rest() -> None:
    """The proof of all together fails here, because of the explicit key; the others keep their styles."""
    document = parse_document("a: x\n? b\n: x\nc: x\nd: x\n", "a.yaml", Kind.YAML)
    texts: dict[Path_, str] = {(name,): f" {name}\n2" for name in "abcd"}
    assert replace_texts(document, texts) == 'a: |2-\n   a\n  2\n? b\n: " b\\n2"\nc: |2-\n   c\n  2\nd: |2-\n   d\n  2\n'


def test_types_and_order_are_part_of_the_proof() -> None:
    document = parse_document("p: a\nq: [true, 1, 1.0, null]\n", "a.yaml", Kind.YAML)
    found = parse_document(replace_text(document, ("p",), "1"), "a.yaml", Kind.YAML).value
    assert found["p"] == "1"
    assert list(map(type, found["q"])) == [bool, int, float, type(None)]


@pytest.mark.parametrize("broken", ["true", "b # lost", "[b]", "{b: 1}", "b\nr: 1", "'b", "c"])
def test_a_broken_writer_is_refused(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "yaml_choices", lambda document, path, _: iter([(Splice(document.spans[path], broken),)]))
    with pytest.raises(RewriteError, match="the text of `p` cannot be replaced where it stands"):
        replace_text(parse_document("p: a\nq: 1\n", "a.yaml", Kind.YAML), ("p",), "b #")


# --- Any text in any style --------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*"ab \n\t'\"\\#:-?,[]{}&*!|>%@`=~éé😀\x07\x85\u2028\ufeff\r", "''", '"""', " #", ": ", "true", "1", "---\n"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)
SOME = st.dictionaries(st.sampled_from(range(4)), TEXTS, min_size=1)


def _check(text: str, kind: Kind, path: Path_, new: dict[int, str]) -> Any:
    document = parse_document(text, "a", kind)
    texts: dict[Path_, str] = {(*path, at): each for at, each in new.items()}
    written = replace_texts(document, texts)
    assert written.count("# keep") == text.count("# keep")
    value = parse_document(written, "a", kind).value
    items = value[path[0]] if path else value
    assert [items[at] for at in new] == list(new.values())
    return value


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, min_size=4, max_size=4), SOME, st.sampled_from(["|", ">", "'", '"', None]), st.booleans())
def test_any_text_in_yaml(old: list[str], new: dict[int, str], style: str | None, flow: bool) -> None:  # noqa: FBT001
    """Whatever PyYAML writes, in every style, can be replaced by any text."""
    text = yaml.safe_dump({"p": old, "q": 1}, default_style=style, default_flow_style=flow, allow_unicode=True, width=20)
    has_odd_ends = {"\u2028", "\x85"} & set(text)  # line ends to YAML 1.1; where a block ends in one, replacing it is refused
    if parse_document(text, "a", Kind.YAML).value.get("p") == old and not has_odd_ends:
        _check(text, Kind.YAML, ("p",), new)


HEADERS = st.sampled_from(["|", "|-", "|+", ">", ">-", "|2", "|2-", "&x |- # keep", "!!str >", "# keep\n   "])


@settings(max_examples=300, deadline=None)
@given(st.lists(HEADERS, min_size=4, max_size=4), st.lists(st.sampled_from(["a", "a\n  b", "a\n\n   b", "a\n"])), SOME)
def test_any_text_below_any_header(headers: list[str], old: list[str], new: dict[int, str]) -> None:
    """Blocks with digits, chomping, comments, tags and anchors."""
    items = [f"- {header.replace('&x', f'&x{at}')}\n  {(old[at:] or ['a'])[0]}\n" for at, header in enumerate(headers)]
    _check("".join(items), Kind.YAML, (), new)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(['"a"', "'a'", '"""a"""', "'''\na'''", '"""\na\\\n   b"""', "'''\r\na\r\n'''"]), SOME)
def test_any_text_in_toml(raw: str, new: dict[int, str]) -> None:
    """Python's own parser agrees."""
    text = f"p = [{raw}, {raw}, # keep\n {raw}, {raw}]\n"
    value = _check(text, Kind.TOML, ("p",), new)
    texts: dict[Path_, str] = {("p", at): each for at, each in new.items()}
    assert tomllib.loads(replace_texts(parse_document(text, "a", Kind.TOML), texts)) == value


@settings(max_examples=300, deadline=None)
@given(TEXTS | st.text(), SOME, st.booleans())
def test_any_text_in_json(old: str, new: dict[int, str], is_ascii: bool) -> None:  # noqa: FBT001
    """Python's own parser agrees, and JSON5 reads the same."""
    text = json.dumps({"p": [old] * 4, "q": 1}, ensure_ascii=is_ascii)
    for kind in (Kind.JSON, Kind.JSON5):
        value = _check(text, kind, ("p",), new)
        texts: dict[Path_, str] = {("p", at): each for at, each in new.items()}
        assert json.loads(replace_texts(parse_document(text, "a", Kind.JSON), texts)) == value


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["'a'", '"a"', "'a\\'b'", "'a\\\nb'", '"\\x41"']), min_size=4, max_size=4), SOME)
def test_any_text_in_json5(raws: list[str], new: dict[int, str]) -> None:
    """Both quotes, and lines that go on."""
    items = ", // # keep\n".join(raws)
    _check(f"{{p: [{items}]}}", Kind.JSON5, ("p",), new)
