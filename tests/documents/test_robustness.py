"""Whatever the bytes are, reading gives a document or findings: never another error, never a long wait."""

from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document, read_document
from policy_lang.errors import DeviceFileError
from policy_lang.source import Span

DATA = Path(__file__).parents[1] / "data" / "documents"
SEEDS = [path.read_text() for path in sorted(DATA.glob("catalog.*"))]
PIECES = st.sampled_from(
    [*"[]{}:,\"'\\|>&*!%@#-?=. \n\t\r0\x00é\U0001f600\ufeff\x85\u2028", "---", "<<", "\\u", "[[", "'''", '"""', "&a ", "*a"]
)

HOSTILE = {
    "brackets": "[" * 10_000,
    "closed brackets": "[" * 10_000 + "]" * 10_000,
    "braces": '{"a":' * 10_000,
    "toml brackets": "a = " + "[" * 10_000,
    "toml braces": "a = " + "{a = " * 10_000,
    "toml dots": "a." * 10_000 + "b = 1",
    "toml header": "[" + "a." * 10_000 + "b]",
    "yaml items": "- " * 10_000,
    "yaml keys": "? " * 10_000,
    "yaml lines": "".join(" " * n + "a:\n" for n in range(500)),
    "digits": "1" * 100_000,
    "toml digits": "a = " + "1" * 100_000,
    "hexadecimal digits": "0x" + "f" * 100_000,
    "toml hexadecimal digits": "a = 0x" + "f" * 100_000,
    "exponent": "1e999999999",
    "open text": '"' + "a" * 1_000_000,
    "backslashes": '"' + "\\" * 100_001,
    "spaces": " " * 1_000_000 + "x",
    "nul": "\0" * 1000,
    "long key": "a" * 1_000_000 + ": 1",
    "comments": "#" * 1_000_000,
    "open comments": "/*" * 100_000,
    "anchors": "&a " * 10_000,
    "quotes": "'" * 100_001,
    "toml quotes": "a = " + "'" * 100_001,
    "duplicates": "{" + '"a":1,' * 20_000 + '"a":1}',
    "date": "a = 9999-99-99T99:99:99Z",
    "directive": f"%YAML {'9' * 5000}.1\n--- a",
    "aliases": "\n".join(["a0: &a0 [x,x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 60))]),
    "escape": '"\\UFFFFFFFF"',
    "surrogate": '"\ud800"',
}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_or_read_quickly(kind: Kind, name: str) -> None:
    started = process_time()
    with suppress(DeviceFileError):
        parse_document(HOSTILE[name], "device", kind, error=DeviceFileError)
    assert process_time() - started < 3


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("data", [b"\xff", b"\xfe\xff\x00a", b"\x00", b"a: \xc3", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xed\xa0\x80"])
def test_hostile_bytes_give_findings(tmp_path: Path, kind: Kind, data: bytes) -> None:
    (tmp_path / "device").write_bytes(data)
    with pytest.raises(DeviceFileError):
        read_document(tmp_path / "device", kind=kind, error=DeviceFileError)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("char", [b"[", b"a", b"\n", b'"'])
def test_ten_megabytes_of_one_byte(tmp_path: Path, kind: Kind, char: bytes) -> None:
    (tmp_path / "device").write_bytes(char * 10_000_000)
    with pytest.raises(DeviceFileError):
        read_document(tmp_path / "device", kind=kind, error=DeviceFileError, max_size=10_000_000 - 1)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(Kind))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, kind: Kind) -> None:
    """Any bytes give a document or findings."""
    path = tmp_path_factory.getbasetemp() / "device"
    path.write_bytes(data)
    with suppress(DeviceFileError):
        read_document(path, kind=kind, error=DeviceFileError)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.characters(), max_size=30).map("".join), st.sampled_from(Kind))
def test_any_text(text: str, kind: Kind) -> None:
    """Any text gives a document or findings, and every position lies inside the text."""
    with suppress(DeviceFileError):
        document = parse_document(text, "device", kind, error=DeviceFileError)
        for path, span in document.spans.items():
            assert 0 <= span.start <= span.end <= len(document.source.text)
            document.text_offsets(path)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12).map("".join), st.sampled_from(Kind))
def test_findings_lie_inside_the_text(text: str, kind: Kind) -> None:
    """Every position of a finding lies inside the text."""
    spans: list[Span] = []
    try:
        parse_document(text, "device", kind, error=DeviceFileError)
    except DeviceFileError as error:
        spans = [finding.primary.span for finding in error.diagnostics if finding.primary]
    assert all(0 <= span.start <= len(text) for span in spans)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 400), st.integers(0, 3), PIECES, st.sampled_from(Kind))
def test_a_damaged_document(seed: str, at: int, removed: int, piece: str, kind: Kind) -> None:
    """A document with one place changed is read or refused."""
    with suppress(DeviceFileError):
        parse_document(seed[:at] + piece + seed[at + removed :], "device", kind, error=DeviceFileError)
