from pathlib import Path
from typing import Any

import pytest

from policy_lang.documents.read import read_document
from policy_lang.errors import SchemaError
from policy_lang.pipeline import compile_policy
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind
from policy_lang.types.schema import Schema, read_schema


def of(**properties: Any) -> Schema:
    """The schema of some properties."""
    return Schema.load({"type": "object", "properties": properties})


def display(schema: Schema, name: str) -> str:
    """What people call the type of a property."""
    return schema.device.members[name].type.display


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"type": "boolean"}, "bool"),
        ({"type": "integer"}, "int"),
        ({"type": "number", "minimum": 0}, "number"),
        ({"type": "string", "maxLength": 5}, "text"),
        ({"type": ["string", "null"]}, "text"),
        ({"type": "string", "format": "semver"}, "version"),
        ({"format": "date-time"}, "timestamp"),
        ({"type": "string", "format": "duration"}, "duration"),
        ({"type": "string", "format": "email"}, "text"),
        ({"enum": ["a", "b", None]}, "text"),
        ({"const": "a"}, "text"),
        ({"type": "array", "items": {"type": "integer"}}, "list of int"),
        ({"items": {"enum": ["a"]}}, "list of text"),
        ({"type": "object"}, "object"),
        ({"properties": {"a": {"type": "string"}}}, "object"),
        ({"type": "string", "x-of-ours": 1, "$comment": "c", "examples": []}, "text"),
    ],
)
def test_types(declared: dict[str, Any], expected: str) -> None:
    """Device properties are declared with JSON Schema 2020-12."""
    assert display(of(x=declared), "x") == expected


@pytest.mark.parametrize(
    ("declared", "code", "field"),
    [
        ({}, "PL401", "properties.x.type"),
        ({"type": "text"}, "PL401", "properties.x.type"),
        ({"type": ["string", "integer"]}, "PL401", "properties.x.type"),
        ("string", "PL401", "properties.x"),
        ({"type": "array"}, "PL401", "properties.x"),
        ({"type": "object", "properties": []}, "PL401", "properties.x.properties"),
        ({"type": "object", "required": "a"}, "PL401", "properties.x.required"),
        ({"type": "object", "properties": {"aa": {"type": "string"}}, "required": ["ab"]}, "PL401", "properties.x.required[0]"),
        ({"enum": []}, "PL401", "properties.x.enum"),
        ({"enum": ["a", 1]}, "PL401", "properties.x.enum"),
        ({"enum": "a"}, "PL401", "properties.x.enum"),
        ({"anyOf": [], "type": "string"}, "PL402", "properties.x.anyOf"),
        ({"type": "string", "$ref": "#"}, "PL402", 'properties.x["$ref"]'),
        ({"type": "string", "formt": "semver"}, "PL402", "properties.x.formt"),
        ({"type": "integer", "enum": [1]}, "PL402", "properties.x.enum"),
        ({"type": "string", "format": "semver", "enum": ["1.0.0"]}, "PL402", "properties.x.enum"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "PL402", "properties.x.items"),
        ({"type": "array", "items": {"type": "object"}}, "PL402", "properties.x.items"),
        ({"type": "integer", "default": "x"}, "PL404", "properties.x.default"),
        ({"type": "array", "items": {"type": "integer"}, "default": [1, "x"]}, "PL404", "properties.x.default"),
        ({"enum": ["a"], "default": "b"}, "PL404", "properties.x.default"),
    ],
)
def test_mistakes(declared: Any, code: str, field: str) -> None:
    with pytest.raises(SchemaError) as caught:
        of(x=declared)
    assert [(finding.code, finding.field) for finding in caught.value.diagnostics] == [(code, field)]


def test_all_mistakes_come_together() -> None:
    with pytest.raises(SchemaError) as caught:
        of(a={"type": "text"}, b={"anyOf": []}, version={"type": "integer"})
    assert sorted({finding.code for finding in caught.value.diagnostics}) == ["PL401", "PL402", "PL403"]


@pytest.mark.parametrize("document", [{"type": "string"}, {}])
def test_a_schema_describes_an_object(document: dict[str, Any]) -> None:
    with pytest.raises(SchemaError):
        Schema.load(document)


def test_a_schema_that_never_ends_is_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        deep = {"type": "object", "properties": {"x": deep}}
    with pytest.raises(SchemaError, match="nested more than 32 levels"):
        Schema.load(deep)


def test_builtin_properties_are_always_known() -> None:
    """`device.id`: string, `device.product`: string, `device.version`: version are always known."""
    schema = of(version={"type": "string"})
    assert [display(schema, name) for name in ("id", "product", "version")] == ["text", "text", "version"]
    assert Schema.load({"type": "object", "properties": {}, "required": ["id", "version"]}) is not None
    assert "update.published" in schema.property_names()


def test_an_object_without_properties_is_open() -> None:
    assert Schema.load({"type": "object"}).device.is_open
    assert of(site={"type": "object", "additionalProperties": True, "properties": {}}).device.members["site"].type.is_open
    assert not of(site={"type": "object", "additionalProperties": False}).device.members["site"].type.is_open
    assert not of().device.is_open


def test_required_and_descriptions_are_kept() -> None:
    schema = Schema.load(
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "description": "what it is"}}}
    )
    assert (schema.device.members["a"].is_required, schema.device.members["a"].description) == (True, "what it is")


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_schema_from_a_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"schema.{suffix}"
    file.write_text('{"type": "object", "properties": {"memory": {"type": "integer"}}}')
    assert display(Schema.load(file), "memory") == "int"
    file.write_text('{"type": "object",\n "properties": {"memory": {"type": "whole"}}}')
    with pytest.raises(SchemaError) as caught:
        Schema.load(str(file))
    assert caught.value.diagnostics[0].location is not None
    assert caught.value.diagnostics[0].location.line == 2


def test_a_host_may_declare_other_roots() -> None:
    schema = Schema().with_root("site", {"properties": {"open": {"type": "boolean"}}}).with_root("fleet")
    policy = compile_policy("site.open && fleet.size > 5", schema=schema)
    assert policy.evaluate({}, roots={"site": {"open": True}, "fleet": {"size": 6}}) is True
    assert policy.matches({}, roots={"site": {"open": True}, "fleet": {"size": 6}})
    assert policy.explain({}, roots={"site": {"open": True}, "fleet": {"size": 6}}).result is True
    assert policy.bind({}).evaluate({}, roots={"site": {"open": True}, "fleet": {"size": 6}}) is True
    assert policy.evaluate({}) is None
    assert policy.evaluate({}, roots={"site": 5}) is None
    assert not policy.matches({})
    assert policy.properties == ("fleet.size", "site.open")


def test_a_schema_inside_a_document(tmp_path: Path) -> None:
    """A catalog holds its schema under `schema:`."""
    file = tmp_path / "catalog.yaml"
    file.write_text("schema:\n  properties:\n    memory: {type: integer}\n")
    document = read_document(file, error=SchemaError)
    assert display(read_schema(document, ("schema",)), "memory") == "int"


@pytest.mark.parametrize("name", ["device", "now", "true", "in", "a b", "größe", "1a", ""])
def test_a_root_needs_a_free_name(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a root"):
        Schema().with_root(name)
    with pytest.raises(ValueError, match="cannot be the name of a root"):
        Schema().with_root("site").with_root("site")


TEXT = Parameter("text", Kind.STRING)
HOST_ROWS = (
    Function("reversed", Form.FUNCTION, (TEXT,), Kind.STRING, lambda text: text[::-1], "backwards", "reversed('ab') == 'ba'"),
    Function(
        "count", Form.METHOD, (TEXT, TEXT), Kind.INT, lambda text, part: text.count(part), "how often", "'aa'.count('a') == 2"
    ),
    Function("fails", Form.FUNCTION, (TEXT,), Kind.BOOL, lambda _: 1 / 0, "fails", "true"),
    Function("lies", Form.FUNCTION, (TEXT,), Kind.INT, lambda text: text, "gives a text for a number", "true"),
    Function("words", Form.FUNCTION, (TEXT,), Kind.LIST, lambda text: tuple(text.split()), "words", "true", items=Kind.STRING),
    Function("long", Form.FUNCTION, (TEXT,), Kind.STRING, lambda text: text * 5000, "long", "true"),
)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("reversed(device.a) == 'cba'", True),
        ("device.a.count('b') == 1", True),
        ("fails(device.a)", None),
        ("!fails(device.a)", None),
        ("lies(device.a) == 3", None),
        ("'abc' in words(device.a)", True),
        ("long(device.a) ^= 'abc'", None),
        ("reversed(device.nope) == 'x'", None),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_hosts_can_register_functions(text: str, result: object) -> None:
    """Hosts can register functions with the same rows; an exception inside one gives an unknown, never a match."""
    policy = compile_policy(text, schema=Schema().with_function(*HOST_ROWS))
    assert policy.evaluate({"a": "abc"}) is result
    assert policy.explain({"a": "abc"}).result is result
    assert policy.matches({"a": "abc"}) is (result is True)


def test_a_built_in_property_that_is_required_without_being_declared() -> None:
    members = Schema.load({"required": ["id"], "properties": {"pro": {"type": "boolean"}}}).device.members
    assert [name for name, member in members.items() if member.is_required] == ["id"]
