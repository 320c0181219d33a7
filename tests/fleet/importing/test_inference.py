from typing import Any

import pytest

from policy_lang.fleet.importing import profile as profiles
from policy_lang.fleet.importing.inference import complete_schema, infer_schema, is_open
from policy_lang.fleet.importing.profile import Census, Profile, TooManyPropertiesError
from policy_lang.fleet.importing.texts import WrittenKinds
from policy_lang.options import Options
from policy_lang.types.model import Type
from policy_lang.types.schema import Schema


def _profile(devices: list[dict[str, Any]]) -> Profile:
    profile = Census(WrittenKinds(Options())).profile()
    profile.add_devices(devices)
    return profile


def _type(*values: Any) -> Type:
    return infer_schema(_profile([{"p": value} for value in values])).device.members["p"].type


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((True, "false", None), "bool"),
        (("true", "yes"), "text"),
        ((1, 2.0, "3"), "int"),
        ((1, 2.5, "1e3"), "number"),
        ((2**60, 1), "int"),
        ((1.5, 1e300), "number"),
        (("1.2.3", "2.0.0-rc.1"), "version"),
        (("1.2.3",) * 999 + ("1.2",), "text"),
        (("2026-05-01T00:00:00Z",), "timestamp"),
        (("2026-05-01T00:00:00Z",) * 99 + ("never",), "timestamp"),
        (("7d", "PT5M"), "duration"),
        (("7d", "soon"), "text"),
        ((512,) * 998 + ("lots",) * 2, "int"),
        (("512",) * 998 + ("lots",) * 2, "int"),
        (("512",) * 98 + ("lots",) * 2, "text"),
        ((512,) * 6 + ("lots",) * 4, "int"),
        ((512, "lots"), "text"),
        ((True,) * 6 + ("yes",) * 4, "bool"),
        ((["a"], "[1]"), "list of text"),
        (([1], [2.0]), "list of int"),
        (([1, 2.5],), "list of number"),
        (([True],), "list of bool"),
        ((["1.2.3"],), "list of text"),
        (([[1]],), "list of text"),
        (([], [None]), "list of text"),
        (("a,b",), "text"),
        (({},), "object"),
        (({"a": 1},) * 3 + ("x",), "object"),
        ((float("inf"), "x"), "text"),
        (("\ud800", 5), "int"),
    ],
)
def test_the_rule(values: tuple[Any, ...], wanted: str) -> None:
    assert _type(*values).display == wanted


def test_nulls_alone_make_no_property() -> None:
    assert set(infer_schema(_profile([{"p": None}])).device.members) == {"id", "product", "version"}


def test_what_selection_reads_has_its_type_whatever_was_sent() -> None:
    schema = infer_schema(_profile([{"id": "1", "product": "2", "productToken": "3", "version": "x"}, {"version": 5}]))
    found = {name: each.type.display for name, each in schema.device.members.items()}
    assert found == {"id": "text", "product": "text", "productToken": "text", "version": "version"}


def test_objects_are_followed() -> None:
    schema = infer_schema(_profile([{"site": {"floor": "2", "at": {"x": 1.5}}}, {"site": {"floor": 3}}, {}]))
    site = schema.device.members["site"].type
    assert {name: each.type.display for name, each in site.members.items()} == {"at": "object", "floor": "int"}


def test_an_open_object_is_completed_and_a_closed_one_is_not() -> None:
    declared = Schema.load(
        {
            "type": "object",
            "properties": {
                "memory": {"type": "number"},
                "open": {"type": "object"},
                "closed": {"type": "object", "properties": {"a": {"type": "string"}}},
                "absent": {"type": "object"},
            },
        }
    ).device
    profile = _profile([{"memory": 5, "open": {"a": 1}, "closed": {"a": 1, "b": 2}, "more": 1}])
    found = complete_schema(declared, profile)
    assert is_open(declared)
    assert "more" not in found.members
    assert found.members["memory"].type.display == "number"
    assert found.members["open"].type.members["a"].type.display == "int"
    assert set(found.members["closed"].type.members) == {"a"}
    assert found.members["absent"].type.members == {}
    assert not is_open(Schema.load({"type": "object", "properties": {"a": {"type": "string"}}}).device)


def test_too_many_properties_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MOST_PROPERTIES", 5)
    with pytest.raises(TooManyPropertiesError):
        _profile([{f"p{number}": 1 for number in range(9)}])
