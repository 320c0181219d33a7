"""A compiled catalog from its file: everything about it is checked, and each policy becomes a tree when it is first asked."""

import os
from dataclasses import asdict
from functools import partial
from typing import Any

from policy_lang.catalog.compiled.decode import decode
from policy_lang.catalog.compiled.file import from_bytes, read_file, read_json
from policy_lang.catalog.compiled.identity import header, read_schema, schema_digest
from policy_lang.catalog.compiled.problems import WrongFormError, refusal
from policy_lang.catalog.compiled.tables import ReadTables
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.update import Update
from policy_lang.catalog.validate import read_rows
from policy_lang.compiler.policy import Policy
from policy_lang.documents.model import Path_
from policy_lang.errors import CatalogError
from policy_lang.options import Options
from policy_lang.source import Source
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema

_FEWEST_LINES = 5


def read_compiled(path: str | os.PathLike[str], schema: Schema | None, options: Options) -> tuple[tuple[Update, ...], Schema]:
    """Read a compiled catalog.

    Args:
        path: the file.
        schema: the host's schema; needed where the catalog was compiled with functions of the host.
        options: the host's options.

    Returns:
        The updates, and the schema that their policies were compiled with.

    Raises:
        CatalogError: the file cannot be read, is damaged, or was compiled by another release, with another schema or other options.
    """
    name = os.fspath(path)
    return read_updates(from_bytes(read_file(path), name), name, schema, options)


def read_updates(lines: list[str], name: str, schema: Schema | None, options: Options) -> tuple[tuple[Update, ...], Schema]:
    """The updates of a file that is not damaged; arguments, results and errors as above."""
    try:
        found, plain_schema, tables, texts, rows = map(read_json, lines[:_FEWEST_LINES])
        schema = _fresh(found, plain_schema, schema, options, name)
        policies = _Policies(ReadTables(tables, schema), texts, lines[_FEWEST_LINES:], schema, options, name)
        placed = [{**row, "policy": texts[_number(row["policy"])][0]} for row in rows]
    except (WrongFormError, KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, CatalogError):
            raise
        raise refusal(name, f"the compiled catalog is not one that `policy compile` writes: {error}") from error
    findings = Findings(None)
    updates = read_rows(placed, findings, policies)
    if findings.found:
        raise CatalogError(findings.found)
    return updates, schema


def _number(raw: Any) -> int:
    if type(raw) is not int or raw < 0:
        raise WrongFormError("an update has no policy")
    return raw


def _fresh(found: Any, plain: Any, schema: Schema | None, options: Options, name: str) -> Schema:
    """The schema, once it is sure that nothing has changed since the catalog was compiled."""
    _check_header(found)
    if schema is None and found["functions"]:
        shown = ", ".join(f"`{each}`" for each in found["functions"])
        message = f"the catalog was compiled with functions of the host: {shown}"
        raise refusal(name, message, "load it with the schema that has them")
    schema = schema or read_schema(plain)
    expected = header(schema, options)
    if found == expected:
        return schema
    if found["release"] != expected["release"]:
        releases = f"{found['release']}, not {expected['release']}"
        raise refusal(name, f"the catalog was compiled by another release of the library: {releases}")
    if found["language"] != expected["language"]:
        raise refusal(name, "the catalog was compiled for another version of the language")
    if found["schema"] != schema_digest(schema):
        raise refusal(name, "the catalog was compiled with another schema")
    changed = [f"`{each}`" for each, value in asdict(options).items() if found["options"].get(each) != value]
    if not changed:
        raise WrongFormError("its header is not valid")
    raise refusal(name, f"the catalog was compiled with other options: {', '.join(changed)}", "give the same, or compile it again")


def _check_header(found: Any) -> None:
    match found:
        case {"release": str(), "language": str(), "schema": str(), "functions": list(), "options": dict()}:
            pass
        case _:
            raise WrongFormError("its header is not valid")


class _Policies:
    """The policies by their text; a text that stands in many updates is one policy."""

    def __init__(self, tables: ReadTables, texts: Any, lines: list[str], schema: Schema, options: Options, name: str) -> None:
        roots = tuple(schema.all_roots)
        self._tables, self._name = tables, name
        self._by_text: dict[str, Policy] = {}
        for (text, source_name, canonical), line in zip(texts, lines, strict=True):
            if not (isinstance(text, str) and isinstance(source_name, str) and isinstance(canonical, str)):
                raise WrongFormError("the text of a policy is not text")
            core = partial(self._core, line, len(text))
            self._by_text[text] = Policy(core, Source(text, source_name), canonical, options, roots)

    def compile(self, text: str, path: Path_) -> Policy | None:  # noqa: ARG002  the other source of policies needs the place
        """The policy of a text."""
        return self._by_text[text]

    def _core(self, line: str, length: int) -> Core:
        """The tree of a policy, which is asked for when it first runs."""
        try:
            return decode(read_json(line), self._tables, length)
        except (ValueError, RecursionError) as error:
            raise refusal(self._name, f"the compiled catalog is not one that `policy compile` writes: {error}") from error
