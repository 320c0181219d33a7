"""The OpenAPI document as people read it: what docstrings say, examples of answers, and bounds that the framework leaves out."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from inspect import getdoc
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from policy_lang.service.admin.examples import ANSWERS

_ATTRIBUTES = re.compile(r"^Attributes:\n(?P<lines>(?:    .*\n?|\n)+)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n {6,}.*)*)", re.MULTILINE)


class DescribedJson(JsonRenderPlugin):
    """The document in JSON, described."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The bytes that are answered."""
        return super().render(request, described(openapi_schema))


def described(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with descriptions of types and fields, and with examples of answers.

    Args:
        document: as the framework made it from the types of the handlers; it stays as it is.
    """
    full = deepcopy(dict(document))
    structs = {struct.__name__: struct for struct in _structs()}
    for name, schema in full["components"]["schemas"].items():
        if name in structs:
            _describe(schema, structs[name])
    for operation in _operations(full):
        _exemplify(operation)
    return full


def _structs() -> Iterator[type[msgspec.Struct]]:
    """The types of this package."""
    package = __name__.rpartition(".")[0]
    return (each for each in msgspec.Struct.__subclasses__() if each.__module__.startswith(package))


def _describe(schema: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Say what a type and its fields are, and which values they take."""
    text = getdoc(struct) or ""
    schema["description"] = text.partition("\n")[0]
    for name, meaning in _attributes(text):
        schema["properties"][_encoded(struct, name)]["description"] = meaning
    bounds = msgspec.json.schema_components([struct], ref_template="{name}")[1][struct.__name__].get("properties", {})
    for name, bound in bounds.items():
        _bound(schema["properties"][name], bound)


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    """The fields that a docstring describes."""
    found = _ATTRIBUTES.search(text + "\n")
    for attribute in _ATTRIBUTE.finditer(found["lines"] if found else ""):
        yield attribute["name"], " ".join(attribute["text"].split())


def _encoded(struct: type[msgspec.Struct], name: str) -> str:
    """The name of a field in JSON."""
    return {field.name: field.encode_name for field in msgspec.structs.fields(struct)}[name]


def _bound(schema: dict[str, Any], bound: Mapping[str, Any]) -> None:
    """Add what a field takes: a lower bound of zero and formats are not in what the framework makes."""
    for each in (bound, *bound.get("anyOf", ())):
        for name in ("minimum", "format"):
            if name in each and "$ref" not in schema:
                schema[name] = each[name]


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _exemplify(operation: dict[str, Any]) -> None:
    """Show an answer of an operation."""
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if status.startswith("2") and content is not None and operation["operationId"] in ANSWERS:
            content["examples"] = {"answer": {"value": ANSWERS[operation["operationId"]]}}
