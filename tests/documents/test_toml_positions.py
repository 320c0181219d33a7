import pytest

from policy_lang.documents.model import Kind, Path_
from policy_lang.documents.problems import Problems
from policy_lang.documents.read import parse_document
from policy_lang.documents.toml_positions import Positions
from policy_lang.errors import PolicyError
from policy_lang.source import Source

TEXT = '''# all forms
title = "a\\"# = b"
'q k' . "é" = 1 # c
list = [ 1, # one
  'two', [3], {x = """a"b""""", y.z = \'\'\''\'\'\'},
]
when = 2026-01-01 10:00:00Z
[schema]
a = { }
[schema.inner]
b = true
[[updates]]
id = "1"
[updates.rollout]
percent = 5
[[updates]]
[[updates.parts]]
n = -1.5e3
[[updates.parts]]
[updates.parts.deep]
m = 0x1F
'''

VALUES: dict[Path_, str] = {
    ("title",): '"a\\"# = b"',
    ("q k", "é"): "1",
    ("list", 0): "1",
    ("list", 1): "'two'",
    ("list", 2): "[3]",
    ("list", 2, 0): "3",
    ("list", 3): '{x = """a"b""""", y.z = \'\'\'\'\'\'\'}',
    ("list", 3, "x"): '"""a"b"""""',
    ("list", 3, "y"): "y.z = '''''''",
    ("list", 3, "y", "z"): "'''''''",
    ("when",): "2026-01-01 10:00:00Z",
    ("schema",): "[schema]\na = { }\n[schema.inner]\nb = true",
    ("schema", "a"): "{ }",
    ("schema", "inner"): "[schema.inner]\nb = true",
    ("schema", "inner", "b"): "true",
    ("updates", 0): '[[updates]]\nid = "1"\n[updates.rollout]\npercent = 5',
    ("updates", 0, "id"): '"1"',
    ("updates", 0, "rollout", "percent"): "5",
    ("updates", 1, "parts", 0, "n"): "-1.5e3",
    ("updates", 1, "parts", 1, "deep", "m"): "0x1F",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("path", "expected"), VALUES.items())
def test_spans(path: Path_, expected: str, end: str) -> None:
    document = parse_document(TEXT.replace("'''''''", "''' '''").replace("\n", end), "a.toml", Kind.TOML)
    assert document.source.excerpt(document.spans[path]).replace(end, "\n") == expected.replace("'''''''", "''' '''")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("q k",), "'q k'"),
        (("q k", "é"), '"é"'),
        (("schema", "inner"), "inner"),
        (("updates",), "updates"),
        (("updates", 1, "parts"), "parts"),
        (("list", 3, "y", "z"), "z"),
    ],
)
def test_key_spans(path: Path_, expected: str) -> None:
    document = parse_document(TEXT, "a.toml", Kind.TOML)
    assert document.source.excerpt(document.key_spans[path]) == expected


def test_every_value_has_a_span() -> None:
    document = parse_document(TEXT, "a.toml", Kind.TOML)
    pending: list[tuple[Path_, object]] = [((), document.value)]
    while pending:
        path, value = pending.pop()
        assert path in document.spans
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending.extend(((*path, step), inner) for step, inner in members)


@pytest.mark.parametrize(
    "text", ["a = 1\n?", "[a", "[[a]", "a", "a = ", "a = [1 2]", "a = {b = 1 c}", '"\\q" = 1', "'a", "a = [1", "=", "a."]
)
def test_what_is_not_known_ends_the_pass(text: str) -> None:
    positions = Positions(Problems(Source(text), PolicyError))
    assert positions.spans[()] == (0, len(text))


def test_what_stands_before_is_kept() -> None:
    positions = Positions(Problems(Source("a = 1\n?"), PolicyError))
    assert positions.spans[("a",)] == (4, 5)
