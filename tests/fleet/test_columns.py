"""Names of columns, and how a table says what it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.fleet.columns import (
    Column,
    Columns,
    Storage,
    column_name,
    columns_of_names,
    columns_of_schema,
    path_of,
)
from policy_lang.types.schema import Schema

PATHS = st.lists(
    st.sampled_from(["a", "b.c", "", '"', "x__key", "x__present", "[0]", "é", "a b"]) | st.text(), min_size=1, max_size=4
)


@given(PATHS.map(tuple))
def test_a_name_says_its_path(path: tuple[str, ...]) -> None:
    assert path_of(column_name(path)) == path


@given(PATHS.map(tuple), PATHS.map(tuple))
def test_names_differ_where_paths_do(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (column_name(one) == column_name(other)) == (one == other)


SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            "Model": {"type": "string"},
            "model": {"enum": ["a", "b"]},
            "site": {
                "type": "object",
                "properties": {"floor": {"type": "integer"}, "up": {"type": "string", "format": "duration"}},
            },
            "tags": {"type": "array", "items": {"type": "string"}},
            "versions": {"type": "array", "items": {"type": "string", "format": "semver"}},
            "loose": {"type": "object"},
        },
    }
)


def test_the_columns_of_a_schema() -> None:
    columns = columns_of_schema(SCHEMA)
    assert {column.name: column.storage for column in columns.rows} == {
        "id": Storage.TEXT,
        "product": Storage.TEXT,
        "version": Storage.TEXT,
        "Model": Storage.TEXT,
        "model#2": Storage.TEXT,
        "site__present": Storage.OBJECT,
        "site.floor": Storage.INTEGER,
        "site.up": Storage.DURATION,
        "tags": Storage.LIST,
        "versions": Storage.JSON,
        "loose": Storage.JSON,
    }
    version, model = columns.find(("version",)), columns.find(("model",))
    assert version is not None
    assert version.key == "version__key"
    assert model is not None
    assert model.values == ("a", "b")
    assert columns.below(("site",)) == tuple(column for column in columns.rows if column.path[0] == "site")


def test_most_engines_take_names_that_differ_in_case_for_one() -> None:
    names = [name.casefold() for name in columns_of_schema(SCHEMA).physical]
    assert len(set(names)) == len(names)


def test_columns_are_written_and_read() -> None:
    columns = columns_of_schema(SCHEMA, lenient_versions=True)
    assert Columns.read(columns.write()) == columns


@pytest.mark.parametrize("text", ["{}", "[]", "x", '{"columns": [{}], "lenient_versions": false}', '{"columns": 5}'])
def test_what_is_no_description_of_columns(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|Expecting"):
        Columns.read(text)


def test_keys_and_presence_are_told_by_their_names() -> None:
    stored = [
        ("version", Storage.TEXT, None),
        ("version__key", Storage.TEXT, None),
        ("version__present", Storage.BOOLEAN, None),
        ("site__present", Storage.BOOLEAN, None),
        ("site.floor", Storage.INTEGER, None),
        ("count__present", Storage.INTEGER, None),
        ("count", Storage.INTEGER, None),
        ("lone__present", Storage.BOOLEAN, None),
        ("number__key", Storage.INTEGER, None),
    ]
    assert columns_of_names(stored).rows == (
        Column(("version",), "version", Storage.TEXT, key="version__key", present="version__present"),
        Column(("site", "floor"), "site.floor", Storage.INTEGER),
        Column(("count",), "count", Storage.INTEGER),
        Column(("lone__present",), "lone__present", Storage.BOOLEAN),
        Column(("number__key",), "number__key", Storage.INTEGER),
        Column(("site",), "site__present", Storage.OBJECT),
    )
