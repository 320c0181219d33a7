"""What commands are given: files, `-` for standard input, properties on the command line, the time.

Whatever cannot be read raises a `PolicyError` with its place; whatever the command line gets wrong raises a `MisuseError`.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, assert_never

from policy_lang.cli.exits import MisuseError
from policy_lang.cli.files import CATALOG_SUFFIXES, is_policy, neither
from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.files import decode_utf8, read_text, unreadable
from policy_lang.documents.model import Document, Kind
from policy_lang.documents.problems import MAX_SIZE, quote
from policy_lang.documents.read import kind_of, parse_document, read_document
from policy_lang.errors import DeviceFileError, PolicyError
from policy_lang.source import Source
from policy_lang.types.decode import describe
from policy_lang.types.schema import Schema
from policy_lang.types.times import read_timestamp

STDIN = "-"
_STDIN_NAME = "<stdin>"
_ROOTS = ("device", "update")
_SET_HELP = "write `--set region=us` for text, `--set memory:=512` for JSON, `--set update.version=2.0.0` for the update"


class Setting(NamedTuple):
    """One property from the command line: where it goes, and its value."""

    root: str
    path: tuple[str, ...]
    value: Any


def is_stdin(path: Path) -> bool:
    """Whether a path stands for standard input."""
    return str(path) == STDIN


def place_of(path: Path, stdin_filename: Path | None) -> Path | None:
    """The file whose kind and configuration count for an input; None for standard input that stands for no file."""
    return stdin_filename if is_stdin(path) else path


def read_policy_text(path: Path, stdin_filename: Path | None = None) -> Source:
    """The text of a policy from a file or from standard input, and what findings call it."""
    if is_stdin(path):
        return Source(_read_stdin(PolicyError), _STDIN_NAME if stdin_filename is None else str(stdin_filename))
    return Source(read_text(path), str(path))


def read_catalog_document(path: Path, stdin_filename: Path | None, error: type[PolicyError]) -> Document:
    """A catalog from a file, or from standard input in place of one."""
    if stdin_filename is None or not is_stdin(path):
        return read_document(path, error=error)
    name = str(stdin_filename)
    return parse_document(_read_stdin(error), name, kind_of(name, error), error=error)


def check_stdin(files: Iterable[Path], stdin_filename: Path | None) -> None:
    """Refuse standard input that is given twice, or not at all where it has a name.

    Raises:
        MisuseError: it is so.
    """
    times = sum(map(is_stdin, files))
    if times > 1:
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")
    if stdin_filename is not None and not times:
        raise MisuseError("`--stdin-filename` names standard input, and it is not read", "write `-` for the file")
    if stdin_filename is not None and not (is_policy(stdin_filename) or stdin_filename.suffix.lower() in CATALOG_SUFFIXES):
        raise neither(stdin_filename)


def read_object(path: Path, word: str) -> dict[str, Any]:
    """One object, `a device` or `an update`, from a file or in JSON or JSON5 from standard input.

    A file without a suffix, such as the `/dev/fd/63` of a shell, is read as JSON5 too.
    """
    if is_stdin(path):
        document = parse_document(_read_stdin(DeviceFileError), _STDIN_NAME, Kind.JSON5, error=DeviceFileError)
    else:
        document = read_document(path, kind=None if path.suffix else Kind.JSON5, error=DeviceFileError)
    if isinstance(document.value, dict):
        return document.value
    label = Label(document.span(()))
    help_ = "write its properties, for example `{id: '7'}`"
    raise DeviceFileError(
        [Diagnostic("PL511", f"{word} is an object, not {describe(document.value)}", document.source, label, help=help_)]
    )


def read_schema(path: Path | None) -> Schema | None:
    """The schema in a file, or None without one."""
    return None if path is None else Schema.load(path)


def read_now(text: str | None) -> datetime:
    """The evaluation time: what was given, else the clock of this machine."""
    if text is None:
        return datetime.now(UTC)  # noqa: TID251  the command line is the edge, where the clock is read
    moment = read_timestamp(text)
    if moment is None:
        raise MisuseError(
            f"the time {quote(text)} is not a timestamp in RFC 3339", "write for example `--now 2026-05-01T09:00:00Z`"
        )
    return moment


@contextmanager
def open_fleet(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a fleet, from a file or from standard input."""
    if is_stdin(path):
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except (OSError, ValueError) as cause:
        raise DeviceFileError([unreadable(str(path), cause)]) from cause
    with file:
        yield file


def input_name(path: Path) -> str:
    """What findings call an input."""
    return _STDIN_NAME if is_stdin(path) else str(path)


def read_setting(text: str) -> Setting:
    """One `--set`: `region=us` is text as a simple client sends it, `memory:=512` is JSON, dots go into objects."""
    name, equals, value = text.partition("=")
    path = tuple(name.removesuffix(":").split("."))
    if not equals or not all(path):
        raise MisuseError(f"{quote(text)} sets no property", _SET_HELP)
    root, *inside = path if path[0] in _ROOTS else ("device", *path)
    match inside:
        case []:
            raise MisuseError(f"`{root}` is an object, not a property", f"name a property of it, for example `--set {root}.id=7`")
        case ["now"] if path == ("now",):
            raise MisuseError("the time is no property", "use `--now`, or `--set device.now=…` for a property of that name")
        case _:
            return Setting(root, tuple(inside), _value(name, value))


def apply_settings(settings: Iterable[str], given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The roots, by name, with the settings put in; what was given stays as it is."""
    roots = deepcopy({name: dict(root) for name, root in given.items()})
    for setting in map(read_setting, settings):
        _put(roots[setting.root], setting)
    return roots


def _put(target: dict[str, Any], setting: Setting) -> None:
    *outer, last = setting.path
    for step in outer:
        inner = target.setdefault(step, {})
        if not isinstance(inner, dict):
            inside = ".".join((setting.root, *setting.path))
            raise MisuseError(f"{quote(inside)} cannot be set, because {quote(step)} is {describe(inner)}", "set the whole object")
        target = inner
    target[last] = setting.value


def _value(name: str, value: str) -> Any:
    if not name.endswith(":"):
        return value
    return parse_document(value, f"--set {name.removesuffix(':')}", Kind.JSON, error=DeviceFileError).value


def _read_stdin(error: type[PolicyError]) -> str:
    data = sys.stdin.buffer.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise error([Diagnostic("PL512", f"the input is larger than {MAX_SIZE} bytes", Source("", _STDIN_NAME))])
    match decode_utf8(data, lambda shown: Source(shown, _STDIN_NAME)):
        case str(text):
            return text
        case Diagnostic() as finding:
            raise error([finding])
        case other:
            assert_never(other)
