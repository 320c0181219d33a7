from pathlib import Path

import pytest

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.files import decode_utf8, read_text, unreadable
from policy_lang.errors import CatalogError
from policy_lang.source import Source


def refusal(path: Path, max_size: int = 1000) -> Diagnostic:
    with pytest.raises(CatalogError) as caught:
        read_text(path, error=CatalogError, max_size=max_size)
    (finding,) = caught.value.diagnostics
    return finding


def undecodable(data: bytes) -> Diagnostic:
    finding = decode_utf8(data, lambda text: Source(text, "a.yaml"))
    assert isinstance(finding, Diagnostic)
    return finding


@pytest.mark.parametrize("data", [b"\xc3\xa9\r\n", b"\xef\xbb\xbf\xc3\xa9\r\n"])
def test_text_is_utf8_with_or_without_a_mark(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    assert read_text(tmp_path / "a.yaml") == "é\r\n"


def test_a_missing_file(tmp_path: Path) -> None:
    finding = refusal(tmp_path / "a.yaml")
    assert (finding.code, finding.message, finding.help) == ("PL501", "the file does not exist", "check the path")


def test_the_finding_names_the_file(tmp_path: Path) -> None:
    source = refusal(tmp_path / "a.yaml").source
    assert source is not None
    assert source.name == str(tmp_path / "a.yaml")


def test_a_directory(tmp_path: Path) -> None:
    finding = refusal(tmp_path)
    assert (finding.code, finding.message, finding.help) == ("PL501", "this is a directory, not a file", "name a file in it")


def test_a_path_that_cannot_be(tmp_path: Path) -> None:
    finding = refusal(tmp_path / "a\0b")
    assert (finding.code, finding.message, finding.help) == ("PL501", "the file cannot be read", "check the path and the disk")


def test_a_file_that_may_not_be_read() -> None:
    finding = unreadable("a.yaml", PermissionError())
    assert (finding.code, finding.message, finding.help) == ("PL501", "the file may not be read", "check its permissions")


def test_a_large_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x" * 11)
    finding = refusal(tmp_path / "a.yaml", max_size=10)
    assert (finding.code, finding.message) == ("PL512", "the file is larger than 10 bytes")


def test_a_file_of_the_largest_size(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x" * 10)
    assert read_text(tmp_path / "a.yaml", max_size=10) == "x" * 10


def test_a_byte_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("é: 1\nb: ".encode() + b"\xff\n")
    finding = refusal(tmp_path / "a.yaml")
    assert (finding.code, finding.message, finding.help, finding.location) == (
        "PL112",
        "the byte 0xff at offset 9 is not UTF-8",
        "save the file as UTF-8",
        (2, 4),
    )


def test_the_offset_counts_the_mark() -> None:
    assert undecodable(b"\xef\xbb\xbfa\xc3").message == "the byte 0xc3 at offset 4 is not UTF-8"


def test_utf16_is_recognised() -> None:
    assert undecodable("a".encode("utf-16")).help == "the file looks like UTF-16; save it as UTF-8"
