"""What `policy preview`, `policy assign` and `policy diff` are given: a fleet in a file, and policies or catalogs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from policy_lang.cli.exits import MisuseError
from policy_lang.cli.files import is_policy
from policy_lang.cli.inputs import is_stdin, read_policy_text
from policy_lang.compiler.policy import Policy
from policy_lang.documents.files import unreadable
from policy_lang.documents.problems import quote
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.extras import MissingExtraError, require
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.survey import Survey
from policy_lang.fleet.unsupported import UnsupportedError
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema

LARGEST_LOOP: Final = 16 * 1024 * 1024
"""An NDJSON file of at most this many bytes is asked device by device; that needs no engine."""

_LINES: Final = frozenset({".ndjson", ".jsonl"})
_FLEETS: Final = frozenset({".parquet", ".pq", ".csv", *_LINES})


@contextmanager
def open_survey(path: Path, schema: Schema | None) -> Iterator[Survey]:
    """A fleet in a file, for as long as it is asked.

    Args:
        path: Parquet as `policy fleet import` writes it or any other, CSV, or NDJSON.
        schema: what devices send.

    Raises:
        MisuseError: the file is none of these, or the engine is not installed, or cannot answer.
        DeviceFileError: the file cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in _FLEETS:
        raise MisuseError(f"{quote(str(path))} is not a fleet", "name a file that ends in .parquet, .csv or .ndjson")
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as cause:
        raise DeviceFileError([unreadable(str(path), cause)]) from cause
    if suffix in _LINES and size <= LARGEST_LOOP:
        yield Loop.read(path, schema=schema)
        return
    with _in_our_words(path), open_engine(path) as survey:
        yield survey


@contextmanager
def open_engine(path: Path) -> Iterator[Survey]:
    """A fleet in a file of any size, asked through the embedded engine."""
    require("duckdb", "pyarrow", "sqlglot")
    from duckdb import Error  # noqa: PLC0415  an extra

    from policy_lang.fleet.sources import open_fleet  # noqa: PLC0415  an extra

    try:
        with closing(open_fleet(path)) as fleet:
            yield fleet.survey(str(path))
    except Error as error:
        reason = str(error).partition("\n")[0]
        raise MisuseError(f"{quote(str(path))} cannot be read: {reason}", "make it anew with `policy fleet import`") from None


@contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
    """The errors of the engine as mistakes of the command line, which they are: another file, another policy, another package."""
    try:
        yield
    except MissingExtraError as error:
        remedy = f"{error.remedy}, or take a small NDJSON file"
        raise MisuseError(f"{quote(str(path))} needs {error.library}, which is not installed", remedy) from None
    except UnsupportedError as error:
        raise MisuseError(str(error), "ask a fleet in a small NDJSON file, or write the policy in another way") from None


def read_policy(path: Path, schema: Schema | None, options: Options) -> Policy:
    """The policy of a file or of standard input."""
    source = read_policy_text(path)
    return compile_policy(source.text, schema=schema, options=options, name=source.name)


def is_policy_file(path: Path) -> bool:
    """Whether a path names a policy, and not a catalog."""
    return is_stdin(path) or is_policy(path)


def write_html(path: Path, page: str) -> None:
    """Write a page.

    Raises:
        MisuseError: the file cannot be written.
    """
    try:
        path.write_text(page, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MisuseError(f"{quote(str(path))} cannot be written: {reason}", "check the folder and the disk") from None
