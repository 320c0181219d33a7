from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.fleet.importing import records
from policy_lang.fleet.importing.records import Record, split_lines, split_values


def _lines(data: bytes) -> list[Record]:
    return [record for batch in split_lines(BytesIO(data)) for record in batch]


def _values(data: bytes) -> list[Record]:
    return [record for batch in split_values(BytesIO(data)) for record in batch]


def _raws(found: list[Record]) -> list[tuple[int, bytes]]:
    return [(record.line, record.raw) for record in found]


def test_blank_lines_are_counted_and_passed_over() -> None:
    assert _raws(_lines(b'\xef\xbb\xbf{"a":1}\r\n\n  \t\n{"b":2}')) == [(1, b'{"a":1}'), (4, b'{"b":2}')]
    assert _lines(b"") == []
    assert _lines(b"\n \n") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"[]", []),
        (b'{"a": 1}', [(1, b'{"a": 1}')]),
        (b'{"a":1}\n{"b":2}', [(1, b'{"a":1}'), (2, b'{"b":2}')]),
        (b'[{"a":1},\n\n {"b":[1,{"c":"]}\\","}]}]', [(1, b'{"a":1}'), (3, b'{"b":[1,{"c":"]}\\","}]}')]),
        (b"[[1],[2]]", [(1, b"[1]"), (1, b"[2]")]),
        (b'[{"a":1},]', [(1, b'{"a":1}'), (1, b"")]),
        (b"[1,,2]", [(1, b"1"), (1, b""), (1, b"2")]),
        (b'{"a":', [(1, b'{"a":')]),
        (b'{"a":"x', [(1, b'{"a":"x')]),
        (b'] {"a":1}', [(1, b"]"), (1, b'{"a":1}')]),
        (b'{"a":1},{"b":2}', [(1, b'{"a":1}'), (1, b',{"b":2}')]),
        (b'[{"a":1}]\n[{"b":2}]', [(1, b'{"a":1}'), (2, b'{"b":2}')]),
        (b"null", [(1, b"null")]),
        (b" \n ", []),
    ],
)
def test_values_are_cut_at_their_brackets(text: bytes, wanted: list[tuple[int, bytes]]) -> None:
    assert _raws(_values(text)) == wanted


def test_a_list_without_an_end_is_reported() -> None:
    found = _values(b'[{"a":1},\n{"b":2}')
    assert [record.problem for record in found] == [None, None, "the list of devices has no end, the file may be cut"]


@given(st.lists(st.sampled_from([*'{}[],:1 \n"\\a']), max_size=40), st.sampled_from([1, 2, 7]))
def test_the_size_of_chunks_changes_nothing(pieces: list[str], size: int) -> None:
    data = "".join(pieces).encode()
    whole = _values(data), _lines(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "CHUNK", size)
        assert (_values(data), _lines(data)) == whole


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_LINE", 50)
    monkeypatch.setattr(records, "CHUNK", 16)
    monkeypatch.setattr(records, "_KEPT", 10)


@pytest.mark.usefixtures("_short")
def test_a_long_line_is_cut_and_the_next_one_is_read() -> None:
    long = b'{"a": "' + b"x" * 200 + b'"}'
    first, second, third = _lines(b'{"a":1}\n' + long + b'\r\n{"b":2}')
    assert (second.line, second.raw, second.is_cut) == (2, long[:10], True)
    assert second.problem == "the device is longer than 50 bytes"
    assert _raws([first, third]) == [(1, b'{"a":1}'), (3, b'{"b":2}')]


@pytest.mark.usefixtures("_short")
def test_a_line_of_just_the_limit_is_whole() -> None:
    assert _raws(_lines(b"x" * 50 + b"\r\n" + b"y" * 50)) == [(1, b"x" * 50), (2, b"y" * 50)]
    assert [record.is_cut for record in _lines(b"x" * 51 + b"\n")] == [True]


@pytest.mark.usefixtures("_short")
def test_a_long_element_is_cut_and_the_next_one_is_read() -> None:
    long = b'{"a": [' + b"1, " * 60 + b"1]}"
    first, second, third = _values(b'[{"a":1},' + long + b',\n{"b":2}]')
    assert (second.raw, second.is_cut) == (long[:10], True)
    assert _raws([first, third]) == [(1, b'{"a":1}'), (2, b'{"b":2}')]


@pytest.mark.usefixtures("_short")
def test_a_text_without_an_end_loses_the_rest_and_says_so() -> None:
    found = _values(b'[{"a":1},{"b":"' + b"x" * 300 + b"]")
    assert _raws(found[:1]) == [(1, b'{"a":1}')]
    assert [record.is_cut for record in found[1:]] == [True]
