"""What a compiled catalog depends on besides its source: a difference makes it stale, and stale is refused."""

from dataclasses import asdict, fields
from functools import cache
from hashlib import sha256
from json import dumps
from typing import Any, get_args

from policy_lang.catalog.compiled.problems import WrongFormError
from policy_lang.catalog.compiled.tables import ROWS, signature
from policy_lang.catalog.compiled.values import read_type, write_type
from policy_lang.documents.grammar import grammar_path
from policy_lang.options import Options
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema

RELEASE = "0.1.0"
"""The release of the library; a test compares it with the package's own, which takes 40 ms to find out."""


def header(schema: Schema, options: Options) -> dict[str, Any]:
    """What must be the same when a catalog is compiled and when it is loaded."""
    return {
        "release": RELEASE,
        "language": language_digest(),
        "schema": schema_digest(schema),
        "functions": [function.name for function in schema.functions],
        "options": asdict(options),
    }


@cache
def language_digest() -> str:
    """SHA-256 of the grammar, the rows of all functions and the nodes of the core."""
    nodes = [[node.__name__, [field.name for field in fields(node)]] for node in get_args(Core)]
    return _digest([grammar_path("policy.lark").read_text(encoding="utf-8"), [signature(row) for row in ROWS], nodes])


def schema_digest(schema: Schema) -> str:
    """SHA-256 of what a schema declares; the functions of a host count by their rows, not by what they do."""
    return _digest(write_schema(schema) | {"functions": [signature(row) for row in schema.functions]})


def write_schema(schema: Schema) -> dict[str, Any]:
    """A schema as JSON values, without the functions of the host."""
    return {"device": write_type(schema.device), "roots": {name: write_type(type_) for name, type_ in schema.roots.items()}}


def read_schema(plain: Any) -> Schema:
    """The schema that was written.

    Raises:
        WrongFormError: this is none.
    """
    match plain:
        case {"device": device, "roots": dict() as roots}:
            return Schema(read_type(device), {name: read_type(type_) for name, type_ in roots.items()})
        case _:
            raise WrongFormError("the schema is not valid")


def _digest(value: Any) -> str:
    return sha256(dumps(value, sort_keys=True).encode()).hexdigest()
