import pytest

from policy_lang.documents.model import Document, Kind, Path_, field_name
from policy_lang.documents.read import parse_document
from policy_lang.source import Source, Span

TEXT = '{"updates": [{"policy": "true", "n": 1}]}'


@pytest.fixture(params=list(Kind))
def document(request: pytest.FixtureRequest) -> Document:
    text = 'updates = [{policy = "true", n = 1}]' if request.param is Kind.TOML else TEXT
    return parse_document(text, "catalog", request.param)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("updates", 3, "policy"), "updates[3].policy"),
        ((0, "a"), "[0].a"),
        (("a b", "c"), '["a b"].c'),
        (("a-b",), '["a-b"]'),
        (("", "é"), '[""]["é"]'),
        (("a\u202e\n",), '["a\\u202e\\n"]'),
        (("_x1", "1x"), '_x1["1x"]'),
    ],
)
def test_field_names(path: Path_, expected: str) -> None:
    assert field_name(path) == expected


def test_a_span_is_that_of_the_value(document: Document) -> None:
    assert document.source.excerpt(document.span(("updates", 0, "policy"))) == '"true"'


def test_an_absent_field_has_the_span_of_what_is_around_it(document: Document) -> None:
    assert document.span(("updates", 0, "id", "x")) == document.span(("updates", 0))


def test_an_absent_document_has_an_empty_span() -> None:
    assert Document(None, Source(""), {}, {}, Kind.JSON).span(("a", 1)) == Span(0, 0)


def test_a_key_span_is_that_of_the_key(document: Document) -> None:
    assert document.source.excerpt(document.key_span(("updates",))).strip('"') == "updates"


def test_an_item_without_a_key_has_the_span_of_its_value(document: Document) -> None:
    assert document.key_span(("updates", 0)) == document.span(("updates", 0))


def test_the_paths_can_be_listed(document: Document) -> None:
    paths = {(), ("updates",), ("updates", 0), ("updates", 0, "policy"), ("updates", 0, "n")}
    assert set(document.spans) == paths


def test_the_paths_can_be_counted(document: Document) -> None:
    assert (len(document.spans), len(document.key_spans)) == (5, 3)


@pytest.mark.parametrize(
    "path", [("updates", 0, "n"), ("updates", 1), ("updates", "policy"), ("nothing",), ("updates", 0, "n", "x")]
)
def test_offsets_are_for_text_only(document: Document, path: Path_) -> None:
    assert document.text_offsets(path) is None


def test_offsets_need_a_position() -> None:
    assert Document({"a": "x"}, Source(""), {}, {}, Kind.JSON).text_offsets(("a",)) is None
