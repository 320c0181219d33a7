"""Read a document of any format: the suffix of its file says which."""

import os
import re
from pathlib import Path
from typing import assert_never

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.files import AnyPath, read_text
from policy_lang.documents.model import Document, Kind
from policy_lang.documents.problems import MAX_SIZE, Problems, quote
from policy_lang.errors import PolicyError
from policy_lang.source import Source, Span

__all__ = ["kind_of", "parse_document", "read_document", "read_text"]

_KINDS = {".yaml": Kind.YAML, ".yml": Kind.YAML, ".toml": Kind.TOML, ".json": Kind.JSON, ".json5": Kind.JSON5}
_SUFFIXES = "name the file `.yaml`, `.yml`, `.toml`, `.json` or `.json5`"
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def read_document(
    path: AnyPath, *, kind: Kind | None = None, error: type[PolicyError] = PolicyError, max_size: int = MAX_SIZE
) -> Document:
    """Read the document in a file.

    Args:
        path: the file, in UTF-8.
        kind: its format; without one, the suffix says it.
        error: what to raise.
        max_size: the limit of the file's size, in bytes.

    Returns:
        The values of the document with the position of each; an empty YAML or TOML file is `None` or an empty object.

    Raises:
        PolicyError: as `error`, if the file cannot be read (PL501), is not text (PL112), does not parse (PL502), has a key twice
            (PL503), or is too large or nested too deeply (PL512).

    Source: docs/spec.md, "Catalogs".
    """
    name = os.fspath(path)
    if kind is None:
        kind = kind_of(name, error)
    return _parse(Source(read_text(path, error=error, max_size=max_size), name), kind, error)


def parse_document(
    text: str, name: str, kind: Kind, *, error: type[PolicyError] = PolicyError, max_size: int = MAX_SIZE
) -> Document:
    """Read a document that is at hand as text.

    Args:
        text: the document; a byte order mark at its start is left out of the source.
        name: what findings call it.
        kind: its format.
        error: what to raise.
        max_size: the limit of its length, in characters.

    Returns:
        The values of the document with the position of each.

    Raises:
        PolicyError: as `error`, with the codes of `read_document`.

    >>> parse_document('{"updates": []}', "catalog.json", Kind.JSON).value
    {'updates': []}
    """
    if len(text) > max_size:
        raise error([Diagnostic("PL512", f"the document is longer than {max_size} characters", Source("", name))])
    return _parse(Source(text.removeprefix("\ufeff"), name), Kind(kind), error)


def _parse(source: Source, kind: Kind, error: type[PolicyError]) -> Document:
    problems = Problems(source, error)
    if bad := _SURROGATE.search(source.text):
        problems.fail("PL112", "half of a character stands here alone", Span(*bad.span()), remedy="write the whole character")
    match kind:
        case Kind.JSON:
            from policy_lang.documents.json_text import parse_json  # noqa: PLC0415  each format loads its own reader

            return parse_json(problems)
        case Kind.JSON5:
            from policy_lang.documents.json_text import parse_json5  # noqa: PLC0415  each format loads its own reader

            return parse_json5(problems)
        case Kind.TOML:
            from policy_lang.documents.toml_text import parse_toml  # noqa: PLC0415  each format loads its own reader

            return parse_toml(problems)
        case Kind.YAML:
            from policy_lang.documents.yaml_text import parse_yaml  # noqa: PLC0415  PyYAML is for YAML only

            return parse_yaml(problems)
        case _:
            assert_never(kind)


def kind_of(name: str, error: type[PolicyError] = PolicyError) -> Kind:
    """The format that the suffix of a file stands for.

    Raises:
        PolicyError: as `error`, if it stands for none (PL501).
    """
    suffix = Path(name).suffix.lower()
    if suffix not in _KINDS:
        message = f"the suffix {quote(suffix)} is not known" if suffix else "the file has no suffix"
        raise error([Diagnostic("PL501", message, Source("", name), help=_SUFFIXES)])
    return _KINDS[suffix]
