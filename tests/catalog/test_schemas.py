from pathlib import Path
from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.errors import CatalogError
from policy_lang.types.schema import Schema

DATA = Path(__file__).parents[1] / "data" / "catalogs"
UPDATE = {
    "id": "release-7",
    "product": "thermostat",
    "version": "2.0.0",
    "policy": "device.memory > 5",
    "url": "https://example.com/7.bin",
    "checksum": "00" * 32,
}
MEMORY = {"type": "object", "properties": {"memory": {"type": "integer"}}}
REGION = {"type": "object", "properties": {"region": {"type": "string"}}}


def places(source: Any, schema: Schema | None = None) -> list[tuple[str, str | None, str | None, tuple[int, int] | None]]:
    """The code, the file, the field and the place of each finding."""
    with pytest.raises(CatalogError) as caught:
        Catalog.load(source, schema=schema)
    found = caught.value.diagnostics
    return [(each.code, None if each.source is None else Path(each.source.name).name, each.field, each.location) for each in found]


def beside_the_schemas(tmp_path: Path, schema: str, policy: str = "true") -> Path:
    """A catalog in a folder that has `schema.json` and `wrong_schema.json` too."""
    for name in ("schema.json", "wrong_schema.json"):
        (tmp_path / name).write_text((DATA / name).read_text())
    path = tmp_path / "catalog.yaml"
    fields = [f"{name}: {value}" for name, value in {**UPDATE, "policy": f"{policy}"}.items()]
    path.write_text(f"schema: {schema}\nupdates:\n  - " + "\n    ".join(fields).replace("00" * 32, f"'{'00' * 32}'"))
    return path


def test_without_a_schema_nothing_is_declared() -> None:
    assert Catalog.load({"updates": [UPDATE]}).schema == Schema()


def test_a_schema_may_be_inside(tmp_path: Path) -> None:
    path = beside_the_schemas(tmp_path, "{type: object, properties: {pro: {type: boolean}}}", "device.pro")
    assert "pro" in Catalog.load(path).schema.device.members
    assert "memory" in Catalog.load({"updates": [UPDATE], "schema": MEMORY}).schema.device.members


def test_a_schema_may_be_a_file_beside_the_catalog(tmp_path: Path) -> None:
    path = beside_the_schemas(tmp_path, "schema.json", "device.memory > 5")
    assert Catalog.load(path).schema == Schema.load(DATA / "schema.json")


def test_a_schema_of_a_mapping_may_be_a_file_by_its_path() -> None:
    assert Catalog.load({"updates": [UPDATE], "schema": str(DATA / "schema.json")}).schema == Schema.load(DATA / "schema.json")


def test_policies_are_judged_by_the_schema(tmp_path: Path) -> None:
    path = beside_the_schemas(tmp_path, "schema.json", "device.mem > 5")
    assert places(path) == [("PL203", "catalog.yaml", "updates[0].policy", (6, 20))]


def test_the_argument_is_taken_in_place_of_the_schema_inside() -> None:
    argument = Schema.load(MEMORY)
    assert Catalog.load({"updates": [UPDATE], "schema": REGION}, schema=argument).schema is argument
    assert Catalog.load({"updates": [UPDATE], "schema": 5}, schema=argument).schema is argument
    assert places({"updates": [UPDATE], "schema": MEMORY}, Schema.load(REGION)) == [
        ("PL203", "<updates[0].policy>", "updates[0].policy", (1, 8))
    ]


def test_a_wrong_schema_inside_is_pointed_at(tmp_path: Path) -> None:
    path = beside_the_schemas(tmp_path, "{type: object, properties: {pro: {type: bool}}}")
    assert places(path) == [("PL401", "catalog.yaml", "schema.properties.pro.type", (1, 49))]


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"type": "string"}, "schema"),
        ({"type": "object", "properties": {"a": {"type": "bool"}}}, "schema.properties.a.type"),
        ({"type": "object", "properties": {}, "a b": 1}, 'schema["a b"]'),
    ],
)
def test_a_wrong_schema_of_a_mapping_has_its_field(schema: object, field: str) -> None:
    assert {found[2] for found in places({"updates": [UPDATE], "schema": schema})} == {field}


def test_a_wrong_schema_file_is_pointed_at_in_its_own_text(tmp_path: Path) -> None:
    path = beside_the_schemas(tmp_path, "wrong_schema.json")
    assert places(path) == [("PL401", "wrong_schema.json", "properties.memory.type", (3, 37))]


def test_a_schema_file_that_cannot_be_read_is_pointed_at_in_the_catalog(tmp_path: Path) -> None:
    path = beside_the_schemas(tmp_path, "missing.json")
    assert places(path) == [("PL501", "catalog.yaml", "schema", (1, 9))]
    with pytest.raises(CatalogError, match=r"the schema `missing\.json` cannot be used: the file does not exist"):
        Catalog.load(path)


@pytest.mark.parametrize("schema", [None, 5, True, []])
def test_a_schema_is_a_path_or_an_object(schema: object) -> None:
    assert places({"updates": [UPDATE], "schema": schema}) == [("PL506", None, "schema", None)]


def test_a_wrong_schema_does_not_hide_the_mistakes_of_updates() -> None:
    wrong = {**UPDATE, "policy": "device.memory = 'x'", "checksum": "x"}
    assert {found[0] for found in places({"updates": [wrong], "schema": 5})} == {"PL506", "PL507", "PL108"}


def test_a_wrong_schema_says_nothing_about_names_and_types() -> None:
    guess = {**UPDATE, "policy": "device.a == device.b"}
    assert [found[0] for found in places({"updates": [guess], "schema": 5})] == ["PL506"]
