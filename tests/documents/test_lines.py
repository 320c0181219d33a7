import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.diagnostics.text import render
from policy_lang.documents.lines import Line, read_lines
from policy_lang.errors import DeviceFileError

GOOD = b'{"id": "1"}'


def lines(data: bytes, max_line: int = 1000) -> list[Line]:
    return list(read_lines(io.BytesIO(data), "fleet.ndjson", max_line=max_line))


def finding(data: bytes, max_line: int = 1000) -> Diagnostic:
    """The error of the second line; the lines around it are fine."""
    first, second, third = lines(GOOD + b"\n" + data + b"\n" + GOOD, max_line)
    assert (first.value, second.value, third.value) == ({"id": "1"}, None, {"id": "1"})
    assert second.error is not None
    return second.error


@pytest.mark.parametrize(
    "data",
    [
        b'{"id": "1"}\n{"id": "1"}\n',
        b'{"id": "1"}\n{"id": "1"}',
        b'{"id": "1"}\r\n{"id": "1"}\r\n',
        b'\xef\xbb\xbf{"id": "1"}\n \t{"id": "1"} \n',
    ],
)
def test_each_line_is_an_object(data: bytes) -> None:
    assert lines(data) == [Line(1, {"id": "1"}, None), Line(2, {"id": "1"}, None)]


def test_blank_lines_count_and_are_passed_over() -> None:
    assert [line.number for line in lines(b"\n" + GOOD + b"\n \t\r\n\n" + GOOD + b"\n\n")] == [2, 5]


def test_nothing_gives_nothing() -> None:
    assert lines(b"") == []


ERRORS = [
    (b"[1]", "PL511", "2:1 a device is an object, not a list (write one object per line)"),
    (b"  null ", "PL511", "2:3 a device is an object, not null (write one object per line)"),
    (b'"x"', "PL511", "2:1 a device is an object, not text (write one object per line)"),
    (b"true", "PL511", "2:1 a device is an object, not a bool (write one object per line)"),
    (b"1.5", "PL511", "2:1 a device is an object, not a number (write one object per line)"),
    (b'{"a": 1, "a": 2}', "PL503", "2:10 the key `a` stands twice (remove or rename one of them)"),
    (b'{"a": {"b": 1, "b": 1}}', "PL503", "2:16 the key `b` stands twice (remove or rename one of them)"),
    (b'{"a": NaN}', "PL502", "2:7 infinities and NaN are not allowed (write a number, or `null` for no value)"),
    (b'{"a": -Infinity}', "PL502", "2:7 infinities and NaN are not allowed (write a number, or `null` for no value)"),
    (b'{"a": 1e999}', "PL502", "2:7 the number `1e999` is too large"),
    (b'{"a": 1', "PL502", "2:8 expected `,` or `}`, found the end of the text"),
    (b'{"a": 1} {}', "PL502", "2:10 expected the end of the text, found `{`"),
    ('{"é": x}'.encode(), "PL502", "2:7 expected a value, found `x` (write text in double quotes)"),
    ('{"é": "'.encode() + b'\xff"}', "PL112", "2:8 the byte 0xff at offset 8 is not UTF-8 (save the file as UTF-8)"),
    (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "PL512", "2:69 the document is nested more than 64 levels deep"),
    (b"{" * 900, "PL502", "2:2 expected a key in double quotes, found `{`"),
    (b"[" * 990, "PL512", "2:65 the document is nested more than 64 levels deep"),
    (b'{"a": "' + b"x" * 1000 + b'"}', "PL512", "2:1 the line is longer than 1000 bytes"),
]


@pytest.mark.parametrize(("data", "code", "expected"), ERRORS)
@pytest.mark.parametrize("end", [b"", b"\r"])
def test_a_bad_line_is_a_finding_and_the_rest_goes_on(data: bytes, code: str, expected: str, end: bytes) -> None:
    error = finding(data + end)
    place = error.location
    assert place is not None
    remedy = f" ({error.help})" if error.help else ""
    assert (error.code, f"{place.line}:{place.column} {error.message}{remedy}") == (code, expected)


def test_a_finding_shows_its_line() -> None:
    assert render(finding(b'{"a" 1}')) == (
        'fleet.ndjson:2:6: error[PL502]: expected `:` after the key, found `1`\n  | {"a" 1}\n  |      ^'
    )


def test_deep_nesting_is_no_traceback() -> None:
    assert finding(b"[" * 200_000, max_line=300_000).code == "PL512"


def test_many_short_lists_are_not_deep() -> None:
    assert lines(b'{"a": [' + b"[]," * 99 + b"[]]}")[0].error is None


def test_the_longest_line() -> None:
    data = GOOD + b" " * (20 - len(GOOD))
    assert [line.error for line in lines(data + b"\r\n" + data, max_line=20)] == [None, None]


def test_a_long_line_is_never_held() -> None:
    class Endless(io.BytesIO):
        """Ten megabytes of one line; notes the largest piece that was asked for."""

        largest = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            piece = super().readline(size)
            self.largest = max(self.largest, len(piece))
            return piece

    stream = Endless(b"x" * 10_000_000 + b"\n" + GOOD)
    assert [line.value for line in read_lines(stream, "fleet.ndjson", max_line=1000)] == [None, {"id": "1"}]
    assert stream.largest <= 65536


def test_a_long_line_at_the_end() -> None:
    assert len(lines(b"x" * 3000, max_line=1000)) == 1


def test_lines_are_read_one_at_a_time() -> None:
    stream = io.BytesIO((GOOD + b"\n") * 1000)
    next(read_lines(stream, "fleet.ndjson"))
    assert stream.tell() == len(GOOD) + 1


def test_a_path_is_opened(tmp_path: Path) -> None:
    (tmp_path / "fleet.ndjson").write_bytes(GOOD)
    assert list(read_lines(tmp_path / "fleet.ndjson")) == [Line(1, {"id": "1"}, None)]


def name_in(found: Iterator[Line]) -> str:
    error = next(found).error
    assert error is not None
    assert error.source is not None
    return error.source.name


def test_findings_name_the_path(tmp_path: Path) -> None:
    (tmp_path / "fleet.ndjson").write_bytes(b"x")
    assert list(map(name_in, [read_lines(tmp_path / "fleet.ndjson")])) == [str(tmp_path / "fleet.ndjson")]


def test_findings_name_the_stream(tmp_path: Path) -> None:
    (tmp_path / "fleet.ndjson").write_bytes(b"x")
    with (tmp_path / "fleet.ndjson").open("rb") as stream:
        assert name_in(read_lines(stream)) == str(tmp_path / "fleet.ndjson")


def test_findings_of_a_stream_without_a_name() -> None:
    assert name_in(read_lines(io.BytesIO(b"x"))) == "<stream>"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DeviceFileError) as caught:
        next(read_lines(tmp_path / "fleet.ndjson", error=DeviceFileError))
    assert caught.value.diagnostics[0].message == "the file does not exist"


def test_a_stream_that_breaks() -> None:
    class Broken(io.BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            raise OSError

    with pytest.raises(DeviceFileError) as caught:
        next(read_lines(Broken(), "fleet.ndjson", error=DeviceFileError))
    assert caught.value.diagnostics[0].code == "PL501"


def test_the_slow_reader_decides_where_the_fast_one_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> Any:
        raise RecursionError

    monkeypatch.setattr("policy_lang.documents.json_values._scan", exhausted)
    assert [line.value for line in lines(GOOD + b"\n[1]\n")] == [{"id": "1"}, None]


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    """Any bytes give lines, each with a value or a finding."""
    assert all((line.value is None) != (line.error is None) for line in lines(data, max_line=40))


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=5) | st.none()), max_size=5))
def test_round_trip(devices: list[dict[str, object]]) -> None:
    """What Python writes line by line is read back."""
    data = "".join(f"{json.dumps(device)}\n" for device in devices).encode()
    stream = cast("IO[bytes]", io.BytesIO(data))
    assert [line.value for line in read_lines(stream, max_line=10_000)] == devices
