"""What a host declares: the properties of its devices, further roots, functions of its own.

Device properties are declared in JSON Schema 2020-12, of which the language needs the part that says what a property *is*: `type`,
`properties`, `required`, `items`, `enum`, `default` and three formats. Keywords that only narrow a value (`minimum`, `pattern`) are
accepted and change nothing; keywords that would make the type depend on the value (`anyOf`, `$ref`) are refused by name.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.model import Document, Path_, field_name
from policy_lang.errors import SchemaError
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.suggest import did_you_mean
from policy_lang.types.decode import decoder
from policy_lang.types.functions.row import Function
from policy_lang.types.model import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    OPEN_OBJECT,
    STRING,
    TIMESTAMP,
    VERSION,
    Kind,
    Property,
    Type,
    leaves,
    list_of,
)

SchemaSource: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
"""A path to a schema, or the schema itself."""

DEVICE = {"id": Property(STRING), "product": Property(STRING), "version": Property(VERSION)}
UPDATE = {
    **{name: Property(STRING) for name in ("id", "product", "url", "checksum", "channel")},
    "version": Property(VERSION),
    "published": Property(TIMESTAMP),
}
OPEN_DEVICE = replace(OPEN_OBJECT, members=DEVICE)
OPEN_UPDATE = replace(OPEN_OBJECT, members=UPDATE)
_RESERVED_ROOTS = ("device", "update", "now", "true", "false", "null", "in", "not")

_PLAIN = {"boolean": BOOL, "integer": INT, "number": FLOAT, "string": STRING}
_FORMATS = {"semver": VERSION, "date-time": TIMESTAMP, "duration": DURATION}
_READ = frozenset(
    {"type", "properties", "required", "items", "enum", "default", "format", "description", "additionalProperties", "const"}
)
_HARMLESS = frozenset(
    {"$schema", "$id", "$comment", "$anchor", "$vocabulary", "title", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "contentEncoding", "contentMediaType"}
)
_REFUSED = frozenset(
    {
        "$ref",
        "$defs",
        "$dynamicRef",
        "$dynamicAnchor",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "prefixItems",
        "contains",
    }
    | {"patternProperties", "propertyNames", "dependentSchemas", "dependentRequired", "unevaluatedItems", "unevaluatedProperties"}
)
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Schema:
    """What policies may speak of.

    `Schema()` declares nothing: the type of each property is inferred from how a policy uses it, as without a schema.

    Attributes:
        device: the declared properties; an open object where the types are inferred.
        roots: further roots of the host, by name.
        functions: rows of the host, besides the language's own.
    """

    device: Type = OPEN_DEVICE
    roots: Mapping[str, Type] = field(default_factory=dict)
    functions: tuple[Function, ...] = ()

    @classmethod
    def load(cls, source: SchemaSource) -> "Schema":
        """Read a schema.

        Args:
            source: the path of a YAML, TOML, JSON or JSON5 file, or the schema as a mapping.

        Returns:
            The schema; `device.id`, `device.product` and `device.version` are always declared.

        Raises:
            SchemaError: the file cannot be read, or is no JSON Schema that the language can use; it names every mistake.

        Source: docs/spec.md, "Schema"; JSON Schema 2020-12.

        >>> Schema.load({"type": "object", "properties": {"memory": {"type": "integer"}}}).device.members["memory"].type.display
        'int'
        """
        return cls(device=_read_root(source, DEVICE))

    def with_root(self, name: str, source: SchemaSource | None = None) -> "Schema":
        """The schema with one more root, such as `site`; without a source its properties are inferred.

        Raises:
            ValueError: the name is not a name, or is taken.
            SchemaError: the source is not a schema.
        """
        if not (name.isidentifier() and name.isascii()) or name in _RESERVED_ROOTS or name in self.roots:
            raise ValueError(f"`{name}` cannot be the name of a root")
        return replace(self, roots={**self.roots, name: OPEN_OBJECT if source is None else _read_root(source, {})})

    def with_function(self, *functions: Function) -> "Schema":
        """The schema with rows of the host; an exception inside one gives an unknown, never a match."""
        return replace(self, functions=(*self.functions, *(replace(function, is_host=True) for function in functions)))

    @property
    def all_roots(self) -> dict[str, Type]:
        """Every root, by name."""
        return {"device": self.device, "update": OPEN_UPDATE, "now": TIMESTAMP, **self.roots}

    def property_names(self) -> list[str]:
        """Every declared property with its dotted path, for suggestions."""
        return [path for name, root in self.all_roots.items() for path, _ in leaves(root.members, name)]


def read_schema(document: Document, path: Path_ = ()) -> Schema:
    """The schema that stands at a path of a document, such as the `schema:` of a catalog.

    Raises:
        SchemaError: it is no schema; the findings point into the document.
    """
    return Schema(device=_Reader(document.value, document, DEVICE).read(path))


def _read_root(source: SchemaSource, builtin: Mapping[str, Property]) -> Type:
    if isinstance(source, Mapping):
        return _Reader(source, None, builtin).read(())
    from policy_lang.documents.read import read_document  # noqa: PLC0415  its parsers are needed for files only

    document = read_document(source, error=SchemaError)
    return _Reader(document.value, document, builtin).read(())


class _Reader:
    """Reads one schema and collects what is wrong with it."""

    def __init__(self, value: Any, document: Document | None, builtin: Mapping[str, Property]) -> None:
        self._value = value
        self._document = document
        self._builtin = builtin
        self._findings: list[Diagnostic] = []

    def read(self, path: Path_) -> Type:
        """The type of the whole document."""
        value = self._value
        for step in path:
            value = value[step]
        type_ = self._type(value, path, 0)
        if type_.kind is not Kind.OBJECT:
            self._report("PL401", "a schema describes an object", path, "write `type: object` with `properties`")
        if self._findings:
            raise SchemaError(self._findings)
        declared = type_.members
        required = value.get("required", ())
        builtin = {
            name: replace(known, is_required=name in required)
            for name, known in self._builtin.items()
            if name not in declared or declared[name].type.kind is not known.type.kind
        }
        return replace(type_, members={**declared, **builtin})

    def _report(self, code: str, message: str, path: Path_, help_: str | None = None) -> Type:
        """Report a finding; the answer stands in for the type that could not be read."""
        source = None if self._document is None else self._document.source
        label = None if self._document is None else Label(self._document.span(path))
        self._findings.append(Diagnostic(code, message, source, label, help=help_, field=field_name(path) or None))
        return STRING

    def _type(self, value: Any, path: Path_, depth: int) -> Type:
        if depth > _DEEPEST:
            return self._report("PL401", f"the schema is nested more than {_DEEPEST} levels deep", path)
        if not isinstance(value, Mapping):
            return self._report("PL401", "a schema is an object", path, "write for example `{type: string}`")
        self._check_keywords(value, path)
        match self._type_name(value, path):
            case "object":
                return self._object(value, path, depth)
            case "array":
                return list_of(self._items(value, path, depth))
            case "string":
                return self._string(value, path)
            case name:
                self._refuse_enum(value, path)
                return _PLAIN[name]

    def _check_keywords(self, value: Mapping[str, Any], path: Path_) -> None:
        for name in value:
            if name in _REFUSED:
                help_ = "say directly what the property is, with `type`, `properties`, `items` and `enum`"
                self._report("PL402", f"the keyword `{name}` is not supported", (*path, name), help_)
            elif name not in _READ | _HARMLESS and not str(name).startswith("x-"):
                help_ = did_you_mean(str(name), _READ | _HARMLESS) or "keywords of your own start with `x-`"
                self._report("PL402", f"the keyword `{name}` is not known", (*path, name), help_)

    def _type_name(self, value: Mapping[str, Any], path: Path_) -> str:
        """The `type`, or what `properties`, `items` or `enum` imply; `null` beside another type changes nothing."""
        name = value.get("type", _implied(value))
        if isinstance(name, list):
            others = [each for each in name if each != "null"]
            name = others[0] if len(others) == 1 else None
        if name in {*_PLAIN, "object", "array"}:
            return str(name)
        help_ = f"one of {', '.join(['object', 'array', *_PLAIN])}, or a list of one of them and null"
        self._report("PL401", "the type is missing or is not one type", (*path, "type"), help_)
        return "string"

    def _object(self, value: Mapping[str, Any], path: Path_, depth: int) -> Type:
        properties = value.get("properties", {})
        required = value.get("required", [])
        if not isinstance(properties, Mapping):
            return self._report("PL401", "`properties` is an object", (*path, "properties"))
        if not isinstance(required, list):
            return self._report("PL401", "`required` is a list of names", (*path, "required"))
        members = {name: self._property(name, properties[name], (*path, "properties", name), depth) for name in properties}
        for position, name in enumerate(required):
            if name in members:
                members[name] = replace(members[name], is_required=True)
            elif depth or name not in self._builtin:
                help_ = did_you_mean(str(name), members)
                self._report("PL401", f"`{name}` is required and not declared", (*path, "required", position), help_)
        is_open = value.get("additionalProperties") is True or not ("properties" in value or "additionalProperties" in value)
        return Type(Kind.OBJECT, members=members, is_open=is_open)

    def _property(self, name: str, value: Any, path: Path_, depth: int) -> Property:
        type_ = self._type(value, path, depth + 1)
        builtin = None if depth else self._builtin.get(name)
        if builtin is not None and type_.kind not in {builtin.type.kind, Kind.STRING}:
            self._report("PL403", f"`{name}` is always {builtin.type.display}", path, "leave it out, or declare it so")
        description = value.get("description", "") if isinstance(value, Mapping) else ""
        default = self._default(value, type_, path) if isinstance(value, Mapping) else None
        return Property(type_, default=default, description=str(description))

    def _default(self, value: Mapping[str, Any], type_: Type, path: Path_) -> Any:
        if value.get("default") is None:
            return None
        default = decoder(type_, DEFAULT_OPTIONS)(value["default"])
        if default is None or (type_.kind is Kind.LIST and None in default):
            self._report("PL404", f"the default is not a value of type {type_.display}", (*path, "default"))
        return default

    def _items(self, value: Mapping[str, Any], path: Path_, depth: int) -> Type:
        if "items" not in value:
            self._report("PL401", "a list says what it holds", path, "add for example `items: {type: string}`")
            return STRING
        items = self._type(value["items"], (*path, "items"), depth + 1)
        if items.kind in {Kind.LIST, Kind.OBJECT}:
            self._report("PL402", "lists of lists or of objects are not supported", (*path, "items"))
        return items

    def _string(self, value: Mapping[str, Any], path: Path_) -> Type:
        format_ = value.get("format")
        if isinstance(format_, str) and format_ in _FORMATS:
            self._refuse_enum(value, path)
            return _FORMATS[format_]
        allowed = value.get("enum", [value["const"]] if "const" in value else None)
        if allowed is None:
            return STRING
        texts = [text for text in allowed if isinstance(text, str)] if isinstance(allowed, list) else []
        if not texts or any(not isinstance(text, str) and text is not None for text in allowed):
            return self._report("PL401", "`enum` is a list of texts", (*path, "enum"))
        return Type(Kind.STRING, values=tuple(dict.fromkeys(texts)))

    def _refuse_enum(self, value: Mapping[str, Any], path: Path_) -> None:
        for name in ("enum", "const"):
            if name in value:
                self._report("PL402", f"`{name}` is supported for plain text only", (*path, name), "compare in the policy instead")


def _implied(value: Mapping[str, Any]) -> str | None:
    """The type that other keywords imply."""
    return next(_implications(value), None)


def _implications(value: Mapping[str, Any]) -> Iterator[str]:
    if "properties" in value:
        yield "object"
    if "items" in value:
        yield "array"
    if "enum" in value or "const" in value or "format" in value:
        yield "string"
