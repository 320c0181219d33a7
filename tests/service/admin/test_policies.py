import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_api import Office, offices

POLICY = "/updates/atlas-2.0.0/policy"
FLEET = [
    {"id": "a", "product": "atlas", "version": "1.0.0", "region": "eu", "memory": 512},
    {"id": "b", "product": "atlas", "version": "1.0.0", "region": "us", "memory": 512},
    {"id": "c", "product": "atlas", "version": "1.0.0", "memory": "many"},
    {"id": "d", "product": "atlas", "version": "2.0.0", "region": "eu"},
    {"id": "e", "product": "beacon", "version": "1.0.0", "region": "eu"},
]


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path) as (atlas, _):
        yield atlas


def _try(office: Office, policy: str, **others: Any) -> dict[str, Any]:
    answer = office.ask("POST", POLICY, {"policy": policy, "dry_run": True, **others})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_dry_run_changes_nothing(atlas: Office) -> None:
    before = atlas.get("/updates/atlas-2.0.0")
    outcome = _try(atlas, "device.region == 'us'")
    assert outcome["is_applied"] is False
    assert outcome["update"] == before == atlas.get("/updates/atlas-2.0.0")
    assert atlas.check_in(id="atlas-one", version="1.0.0", region="eu")["update"] == "atlas-2.0.0"


def test_a_policy_is_changed_and_holds_at_once(atlas: Office) -> None:
    tag = atlas.ask("GET", "/updates/atlas-2.0.0").headers["etag"]
    answer = atlas.ask("POST", POLICY, {"policy": "device.region == 'us'"}, If_Match=tag)
    outcome = answer.json()
    assert outcome["is_applied"] is True
    assert outcome["update"]["document"]["policy"] == "device.region == 'us'"
    assert answer.headers["etag"] == f'"{outcome["update"]["revision"]}"' != tag
    assert atlas.check_in(id="atlas-one", version="1.0.0", region="eu") == {}
    assert atlas.check_in(id="new", version="1.0.0", region="us")["update"] == "atlas-2.0.0"


def test_findings_of_the_linter_come_with_the_answer(atlas: Office) -> None:
    (finding, *_) = _try(atlas, "!!(device.region == 'eu')")["findings"]
    assert finding["code"].startswith("PL3")
    assert finding["rule"] == "double_negation"
    assert finding["severity"] in {"warning", "info"}


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_policy_with_errors_is_refused(dry_run: bool, atlas: Office) -> None:  # noqa: FBT001  a parameter of the test
    before = atlas.get("/updates/atlas-2.0.0")
    answer = atlas.ask("POST", POLICY, {"policy": "1 < device.memory < 3", "dry_run": dry_run}, If_Match="*")
    assert (answer.status_code, answer.json()["diagnostics"][0]["code"]) == (422, "PL104")
    assert atlas.get("/updates/atlas-2.0.0") == before


def test_the_schema_of_the_product_is_asked(atlas: Office) -> None:
    atlas.ask("PUT", "/product/schema", {"schema": {"properties": {"region": {"enum": ["eu", "us"]}}}}, If_Match="*")
    answer = atlas.ask("POST", POLICY, {"policy": "device.regoin == 'eu'", "dry_run": True})
    assert answer.status_code == 422
    assert "did you mean" in answer.json()["diagnostics"][0]["help"]


def test_without_a_fleet_the_last_audited_checkins_are_asked(atlas: Office) -> None:
    atlas.check_in(id="two", version="1.0.0", region="us")
    atlas.check_in(id="two", version="1.0.0", region="eu")
    atlas.check_in(id="three", version="1.0.0")
    atlas.check_in(id="new", version="2.0.0", region="eu")
    preview = _try(atlas, "device.region == 'us'")["preview"]
    assert (preview["basis"], preview["source"], preview["is_complete"]) == ("audit", "last audited check-ins", True)
    assert (preview["devices"], preview["candidates"]) == (4, 3)
    assert (preview["before"], preview["after"], preview["gained"], preview["lost"], preview["unknown"]) == (3, 0, 0, 3, 1)
    assert preview["samples"] == {"gained": [], "lost": ["atlas-one", "three", "two"], "unknown": ["three"]}


@pytest.fixture(params=["fleet.ndjson", "fleet.parquet"])
def with_fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A service whose settings name a fleet, in both kinds of files."""
    lines = tmp_path / "fleet.ndjson"
    lines.write_text("".join(f"{json.dumps(device)}\n" for device in FLEET))
    if request.param == "fleet.parquet":
        from policy_lang.fleet import import_devices  # noqa: PLC0415  for one of the two

        import_devices([lines], tmp_path / "fleet.parquet")
    with offices(tmp_path, fleet=str(tmp_path / request.param)) as (atlas, _):
        yield atlas


def test_a_fleet_is_asked_where_the_settings_name_one(with_fleet: Office) -> None:
    with_fleet.ask("POST", POLICY, {"policy": "device.region == 'us'", "preview": False}, If_Match="*")
    preview = _try(with_fleet, "device.memory >= 256")["preview"]
    assert (preview["basis"], preview["is_complete"]) == ("fleet", True)
    assert preview["source"] in {"fleet.ndjson", "fleet.parquet"}
    assert (preview["devices"], preview["candidates"]) == (4, 3)
    assert (preview["before"], preview["after"], preview["gained"], preview["lost"], preview["unknown"]) == (1, 2, 1, 0, 1)
    assert preview["samples"] == {"gained": ["a"], "lost": [], "unknown": ["c"]}
    assert _try(with_fleet, "true", sample=0)["preview"]["samples"] == {"gained": [], "lost": [], "unknown": []}


def test_a_paused_update_is_looked_at_as_if_it_were_not(with_fleet: Office) -> None:
    with_fleet.ask("POST", "/updates/atlas-2.0.0/pause")
    assert _try(with_fleet, "device.region == 'eu'")["preview"]["lost"] == 2


@pytest.mark.parametrize(("name", "text"), [("none.ndjson", None), ("fleet.txt", "{}"), ("fleet.ndjson", "no device\n")])
def test_a_fleet_that_cannot_be_asked_stops_no_change(name: str, text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with offices(tmp_path, fleet=str(tmp_path / name)) as (atlas, _):
        refused = atlas.ask("POST", POLICY, {"policy": "false"}, If_Match="*")
        assert refused.status_code == 422
        assert "preview: false" in refused.json()["help"]
        assert atlas.get("/updates/atlas-2.0.0")["document"]["policy"] != "false"
        assert atlas.ask("POST", POLICY, {"policy": "false", "preview": False}, If_Match="*").json()["preview"] is None


def test_the_audit_is_read_up_to_a_bound(atlas: Office) -> None:
    from policy_lang.service.admin.preview import last_checkins  # noqa: PLC0415  for this test

    for number in range(3):
        atlas.check_in(id=f"device-{number}", version="2.0.0")
    with atlas.client.app.state.service.database.reading() as connection:
        everything, is_complete = last_checkins(connection, "atlas")
        nothing, is_nothing_complete = last_checkins(connection, "atlas", most=0)
        latest, is_latest_complete = last_checkins(connection, "atlas", most_text=100)
    assert sorted(device["id"] for device in everything) == ["atlas-one", "device-0", "device-1", "device-2"]
    assert (is_complete, nothing, is_nothing_complete) == (True, [], False)
    assert ([device["id"] for device in latest], is_latest_complete) == (["device-2"], False)
