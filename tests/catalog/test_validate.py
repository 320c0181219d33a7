from pathlib import Path
from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import CatalogError

DATA = Path(__file__).parents[1] / "data" / "catalogs"
UPDATE = {
    "id": "release-7",
    "product": "thermostat",
    "version": "2.0.0",
    "policy": "true",
    "url": "https://example.com/7.bin",
    "checksum": "00" * 32,
}


def findings(source: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(CatalogError) as caught:
        Catalog.load(source)
    return caught.value.diagnostics


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, str | None, tuple[int, int] | None]]:
    """The code, the field, and the line and column of each finding."""
    return [(each.code, each.field, each.location) for each in found]


def of_updates(*updates: object) -> list[tuple[str, str | None]]:
    """The code and the field of each finding in a mapping of a program."""
    found = findings({"updates": list(updates)})
    assert all(each.source is None or each.field for each in found)
    return [(each.code, each.field) for each in found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wrong.yaml", [(4, 14), (5, 34), (6, 10), (8, 5)]),
        ("wrong.toml", [(4, 11), (5, 32), (6, 7), (8, 1)]),
        ("wrong.json", [(6, 18), (7, 41), (8, 14), (10, 7)]),
        ("wrong.json5", [(7, 16), (8, 37), (9, 12), (11, 7)]),
    ],
)
def test_every_finding_has_its_place_in_every_format(name: str, expected: list[tuple[int, int]]) -> None:
    fields = [("PL506", "version"), ("PL202", "policy"), ("PL507", "url"), ("PL504", "pause")]
    found = findings(DATA / name)
    assert places(found) == [(code, f"updates[0].{field}", at) for (code, field), at in zip(fields, expected, strict=True)]
    assert {each.source.name for each in found if each.source is not None} == {str(DATA / name)}


def test_findings_inside_policies_point_at_what_is_written() -> None:
    found = findings(DATA / "policies.yaml")
    assert places(found) == [
        ("PL202", "updates[0].policy", (8, 34)),
        ("PL202", "updates[1].policy", (16, 10)),
        ("PL202", "updates[2].policy", (22, 44)),
        ("PL101", "updates[3].policy", (29, 20)),
    ]
    marked = [each.source.excerpt(each.primary.span) for each in found if each.source is not None and each.primary is not None]
    assert marked[:3] == ["devce"] * 3


def test_findings_point_through_the_escapes_of_json() -> None:
    (found,) = findings(DATA / "policies.json")
    assert (found.code, found.field, found.location) == ("PL202", "updates[0].policy", (1, 107))
    assert found.help == "did you mean `device`?"
    assert str(CatalogError([found])).splitlines()[2].index("^") == 110  # after the `  | ` of the excerpt


def test_an_error_in_a_catalog_reads_well() -> None:
    error = CatalogError(findings(DATA / "wrong.toml")[:1])
    assert str(error).splitlines() == [
        f"{DATA / 'wrong.toml'}:4:11: updates[0].version: error[PL506]: `version` must be text, not the number `1.1`",
        "  | version = 1.10",
        "  |           ^^^^",
        '  = help: put all three numbers in quotes, for example `"1.10.0"`; without quotes 1.10 is the number 1.1',
    ]


@pytest.mark.parametrize("name", list(UPDATE))
def test_a_required_field_is_required(name: str) -> None:
    update = {key: value for key, value in UPDATE.items() if key != name}
    assert of_updates(update) == [("PL505", f"updates[0].{name}")]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("id", 7, "PL506"),
        ("id", "", "PL507"),
        ("product", None, "PL506"),
        ("product", "  ", "PL507"),
        ("version", 1.1, "PL506"),
        ("version", "1.1", "PL507"),
        ("version", "v1.1.0", "PL507"),
        ("policy", None, "PL506"),
        ("policy", 1, "PL506"),
        ("policy", "", "PL107"),
        ("policy", "device.pro = true", "PL108"),
        ("policy", "model == 'x'", "PL202"),
        ("url", 7, "PL506"),
        ("url", "http://example.com", "PL507"),
        ("checksum", 7, "PL506"),
        ("checksum", "00", "PL507"),
        ("description", 7, "PL506"),
        ("channel", 7, "PL506"),
        ("channel", "", "PL507"),
        ("published", 2026, "PL506"),
        ("published", "yesterday", "PL507"),
        ("paused", "true", "PL506"),
        ("paused", None, "PL506"),
        ("downgrade", True, "PL506"),
        ("downgrade", "yes", "PL507"),
        ("rollout", [], "PL506"),
        ("rollout", None, "PL506"),
        ("pauses", True, "PL504"),
    ],
)
def test_a_wrong_field_is_refused(name: str, value: object, code: str) -> None:
    assert of_updates({**UPDATE, name: value}) == [(code, f"updates[0].{name}")]


def test_a_wrong_rollout_is_refused() -> None:
    assert of_updates({**UPDATE, "rollout": {"percent": 101, "ramp": "1d"}}) == [
        ("PL507", "updates[0].rollout.percent"),
        ("PL507", "updates[0].rollout.ramp"),
    ]


@pytest.mark.parametrize("raw", [None, 5, "release-7", []])
def test_an_update_is_an_object(raw: object) -> None:
    assert of_updates(UPDATE, raw) == [("PL506", "updates[1]")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, ("PL505", "updates")),
        ({"updates": {}}, ("PL506", "updates")),
        ({"updates": None}, ("PL506", "updates")),
        ({"updates": [], "update": []}, ("PL504", "update")),
    ],
)
def test_the_top_level_is_checked(source: dict[str, object], expected: tuple[str, str]) -> None:
    assert [(each.code, each.field) for each in findings(source)] == [expected]


@pytest.mark.parametrize(("text", "got"), [("", "null"), ("[]", "a list"), ("updates", "the text `updates`")])
def test_a_catalog_is_an_object(tmp_path: Path, text: str, got: str) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(text)
    (found,) = findings(path)
    assert (found.code, found.field, found.location) == ("PL506", None, (1, 1))
    assert found.message == f"a catalog must be an object, not {got}"


def test_an_id_is_unique_in_the_whole_catalog() -> None:
    other = {**UPDATE, "product": "door-lock"}
    (found,) = findings({"updates": [UPDATE, other]})
    assert (found.code, found.field) == ("PL508", "updates[1].id")
    assert found.message == "the id `release-7` is already that of `updates[0]`"


def test_an_id_that_stands_twice_shows_the_first(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    path.write_text('{"updates": [{"id": "a"},\n {"id": "a"}]}')
    found = next(each for each in findings(path) if each.code == "PL508")
    assert found.location == (2, 9)
    assert [(label.span.start, label.text) for label in found.related] == [(20, "first used here")]


@pytest.mark.parametrize(("first", "second"), [("2.0.0", "2.0.0"), ("2.0.0", "2.0.0+linux"), ("2.0.0-rc.1+a", "2.0.0-rc.1+b")])
def test_updates_of_a_product_differ_in_precedence(first: str, second: str) -> None:
    updates = [{**UPDATE, "version": first}, {**UPDATE, "id": "release-8", "version": second}]
    (found,) = findings({"updates": updates})
    assert (found.code, found.field) == ("PL509", "updates[1].version")
    assert found.message == f"the versions `{second}` and `{first}` of `updates[0]` have the same precedence"


def test_updates_of_different_products_may_have_the_same_precedence() -> None:
    other = {**UPDATE, "id": "release-8", "product": "Thermostat"}
    assert len(Catalog.load({"updates": [UPDATE, other]})) == 2


def test_no_finding_hides_another() -> None:
    wrong = {**UPDATE, "url": "http://example.com", "checksum": 7, "policy": "device.pro =="}
    assert of_updates(wrong, UPDATE, {"id": "release-7"}, 5) == [
        *[("PL505", f"updates[2].{name}") for name in ("product", "version", "policy", "url", "checksum")],
        ("PL506", "updates[0].checksum"),
        ("PL506", "updates[3]"),
        ("PL507", "updates[0].url"),
        ("PL508", "updates[1].id"),
        ("PL508", "updates[2].id"),
        ("PL509", "updates[1].version"),
        ("PL101", "updates[0].policy"),
    ]


def test_a_key_that_is_no_text_is_not_known() -> None:
    update: dict[object, object] = dict(UPDATE.items())
    update[5] = True
    assert of_updates(update) == [("PL504", 'updates[0]["5"]')]


def test_a_policy_of_a_program_has_a_source_of_its_own() -> None:
    wrong = {**UPDATE, "policy": "devce.pro"}
    found = findings({"updates": [wrong, {**wrong, "id": "release-8", "version": "3.0.0"}]})
    assert [each.source.name for each in found if each.source is not None] == ["<updates[0].policy>", "<updates[1].policy>"]
    assert [each.location for each in found] == [(1, 1), (1, 1)]
