import json
import sys
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policy_lang.documents.json_values import decode
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.fleet.importing.parsing import fast_decoder, read_values

_FAST = fast_decoder()
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3))


def _same(left: Any, right: Any) -> bool:
    """Equality that tells `1`, `1.0` and `true` apart."""
    return repr(left) == repr(right)


@given(_JSON, st.sampled_from([None, 1]), st.booleans())
@example({"a": ' "b": "c":'}, None, False)
def test_the_fast_decoder_gives_the_same_values(value: Any, indent: int | None, is_ascii: bool) -> None:  # noqa: FBT001  as above
    raw = json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode(errors="surrogatepass")
    try:
        found = _FAST(raw)
    except ValueError:
        return
    assert _same(found, decode(raw.decode()))


@given(st.lists(st.sampled_from(["{", "}", '"a"', '"b"', ":", ",", "1", " ", "[", "]", "\n", '"\\":"', "-0", "1e5"]), max_size=14))
@example(["{", '"a"', ":", "1", ",", '"a"', " ", ":", "1", "}"])
@example(["{", '"a"', ":", '"\\":"', "}"])
@example(["{", '"a"', ":", "{", '"b"', ":", "1", "}", ",", '"a"', ":", "1", "}"])
def test_what_the_fast_decoder_reads_the_strict_one_reads_alike(words: list[str]) -> None:
    text = "".join(words)
    try:
        found = _FAST(text.encode())
    except ValueError:
        return
    assert _same(found, decode(text))


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1, "a" :2}',
        '{"x":{"a":1,"a":1}}',
        '{"x":[{"a":1,"a":1}]}',
        "NaN",
        "1e999",
        "[" * 70 + "]" * 70,
        "01",
        '"\\ud800"',
    ],
)
def test_what_looks_odd_is_left_to_the_slow_reader(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the signal has no message
        _FAST(text.encode())


def test_without_the_extra_the_decoder_of_documents_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    slow = fast_decoder()
    assert slow(b'{"a": 1}') == {"a": 1}
    with pytest.raises(ValueError):  # noqa: PT011  the signal has no message
        slow(b'{"a": 1, "a": 2}')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a":1,"a":2}', "the key `a` stands twice (column 8)"),
        (b"{", "expected a key in double quotes, found the end of the text (column 2)"),
        (b'{"a": NaN}', "(column 7)"),
        (b"[1]", "a device is an object, not a list"),
        (b'"x"', "a device is an object, not the text `x`"),
        (b"\xff", "the byte 0xff at offset 0 is not UTF-8"),
        (b'{\n"a": }', "(line 2, column 6)"),
        (b"", "expected a value, found the end of the text"),
    ],
)
def test_what_is_no_device_has_a_reason(text: bytes, reason: str) -> None:
    (found,) = read_values(text, Kind.JSON, _FAST)
    assert isinstance(found, str)
    assert reason in found


def test_a_text_with_quotes_before_colons_is_read_by_the_slow_way() -> None:
    assert read_values(b'{"a": "\\":"}', Kind.JSON, _FAST) == [{"a": '":'}]


def test_other_formats_may_hold_lists() -> None:
    assert read_values(b"[{id: 'a'}, 5]", Kind.JSON5, _FAST) == [{"id": "a"}, "a device is an object, not the number `5`"]
    assert read_values(b"id: a", Kind.YAML, _FAST) == [{"id": "a"}]
    assert read_values(b'[{"id": "a"}]', Kind.JSON5, _FAST) == [{"id": "a"}]
    assert read_values(b"'x'", Kind.JSON5, _FAST) == ["a device is an object, not the text `x`"]


def test_a_document_that_is_too_long_has_a_reason_without_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.fleet.importing.parsing.parse_document", partial(parse_document, max_size=3))
    assert read_values(b"{a: 1}", Kind.JSON5, _FAST) == ["the document is longer than 3 characters"]
