"""Where devices come from: files of several formats, compressed or not, folders of them, and streams that can be read once."""

import gzip
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, NamedTuple, TypeAlias

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.files import unreadable
from policy_lang.documents.model import Kind
from policy_lang.documents.problems import MAX_SIZE
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.importing.records import Record, split_lines, split_values
from policy_lang.source import Source as Text

SourceLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
"""A file, a folder, or an open binary stream of NDJSON, which is read from its start."""


class Form(Enum):
    """How a file holds devices."""

    LINES = "NDJSON"
    VALUES = "JSON"
    JSON5 = "JSON5"
    YAML = "YAML"
    TOML = "TOML"

    @property
    def kind(self) -> Kind:
        """The format of one document in it."""
        return Kind.JSON if self is Form.LINES or self is Form.VALUES else Kind[self.name]


_FORMS: Final = {
    ".ndjson": Form.LINES,
    ".jsonl": Form.LINES,
    ".json": Form.VALUES,
    ".json5": Form.JSON5,
    ".yaml": Form.YAML,
    ".yml": Form.YAML,
    ".toml": Form.TOML,
}
_GZIP: Final = ".gz"
_STREAM: Final = "<stream>"
_REMEDY: Final = "name files `.ndjson`, `.jsonl`, `.json`, `.json5`, `.yaml` or `.toml`, each also with `.gz`, or folders of them"


class Source(NamedTuple):
    """One file or stream.

    Attributes:
        name: what findings call it.
        path: the file; None for a stream.
        stream: the stream; None for a file.
        form: how it holds devices.
        is_compressed: whether it is compressed by gzip.
        size: how many bytes it has; 0 where nobody knows.
    """

    name: str
    path: Path | None
    stream: IO[bytes] | None
    form: Form
    is_compressed: bool
    size: int


class Batch(NamedTuple):
    """Documents that were read together, and how many bytes of the source were read so far."""

    records: list[Record]
    position: int


def find_sources(given: Iterable[SourceLike]) -> list[Source]:
    """The files and streams that hold devices; of a folder all that have a suffix of ours, in the order of their paths.

    Raises:
        DeviceFileError: a file is missing, has no known suffix, or a folder holds none (PL501).
    """
    return [source for each in given for source in _sources_of(each)]


@contextmanager
def rereadable(source: Source, folder: Path) -> Iterator[Source]:
    """The source, or a copy in an unnamed temporary file where it can be read only once.

    Args:
        source: a file or stream.
        folder: where the copy goes.
    """
    if source.path.is_file() if source.path is not None else source.stream is not None and source.stream.seekable():
        yield source
        return
    with TemporaryFile(dir=folder) as copy:
        with _opened(source) as stream:
            shutil.copyfileobj(stream, copy)
        yield source._replace(path=None, stream=copy, size=copy.tell())


def read_batches(source: Source) -> Iterator[Batch]:
    """The documents of a source, in batches of bounded size.

    Raises:
        DeviceFileError: it cannot be read to its end (PL501), or one document is too large (PL512).
    """
    with _opened(source) as raw:
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if source.is_compressed else raw  # type: ignore[assignment]  # it reads bytes
        batches = _split(stream, source)
        while True:
            try:
                records = next(batches, None)
            except (OSError, EOFError, zlib.error) as cause:
                raise _damaged(source, cause) from cause
            if records is None:
                return
            yield Batch(records, raw.tell() if source.size else 0)


def _split(stream: IO[bytes], source: Source) -> Iterator[list[Record]]:
    match source.form:
        case Form.LINES:
            yield from split_lines(stream)
        case Form.VALUES:
            yield from split_values(stream)
        case _:
            data = stream.read(MAX_SIZE + 1)
            yield [Record(1, data) if len(data) <= MAX_SIZE else Record(1, b"", f"the file is larger than {MAX_SIZE} bytes")]


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    """The bytes of a source from its start; a stream stays open."""
    if source.stream is not None:
        if source.stream.seekable():
            source.stream.seek(0)
        yield source.stream
        return
    path = source.path or Path(source.name)
    try:
        file = path.open("rb")
    except (OSError, ValueError) as cause:
        raise DeviceFileError([unreadable(source.name, cause)]) from cause
    with file:
        yield file


def _sources_of(given: SourceLike) -> Sequence[Source]:
    if not isinstance(given, (str, os.PathLike)):
        own = getattr(given, "name", None)
        return [Source(own if isinstance(own, str) else _STREAM, None, given, Form.LINES, is_compressed=False, size=0)]
    path = Path(given)
    if not path.is_dir():
        return [_file(path)]
    found = [_file(each) for each in _walk(path) if _form(each) is not None]
    if not found:
        raise _refusal(path, "the folder holds no devices")
    return found


def _file(path: Path) -> Source:
    form = _form(path) if path.suffix else Form.LINES
    if form is None:
        raise _refusal(path, "the suffix of the file is not known")
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as cause:
        raise DeviceFileError([unreadable(str(path), cause)]) from cause
    return Source(str(path), path, None, form, path.suffix.lower() == _GZIP, size)


def _form(path: Path) -> Form | None:
    inner = path.with_suffix("") if path.suffix.lower() == _GZIP else path
    return _FORMS.get(inner.suffix.lower())


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder, sorted; what is hidden is passed over, links to folders are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))


def _refusal(path: Path, message: str) -> DeviceFileError:
    return DeviceFileError([Diagnostic("PL501", message, Text("", str(path)), help=_REMEDY)])


def _damaged(source: Source, cause: OSError | EOFError | zlib.error) -> DeviceFileError:
    """Why reading stopped; half of a compressed file is no fleet."""
    if isinstance(cause, OSError) and not isinstance(cause, gzip.BadGzipFile):
        return DeviceFileError([unreadable(source.name, cause)])
    message = "the compressed file is damaged or cut"
    return DeviceFileError([Diagnostic("PL501", message, Text("", source.name), help="compress it or copy it again")])
