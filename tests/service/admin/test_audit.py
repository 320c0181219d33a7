import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_api import Office, offices


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path) as (atlas, _):
        yield atlas


def _decision(atlas: Office, **device: Any) -> dict[str, Any]:
    atlas.check_in(**device)
    (entry, *_) = atlas.get(f"/audit?kind=decision&device={device['id']}")["items"]
    found: dict[str, Any] = entry
    return found


def test_the_audit_tells_who_did_what(atlas: Office) -> None:
    atlas.ask("POST", "/updates/atlas-2.0.0/pause")
    (entry, *_) = atlas.get("/audit")["items"]
    assert (entry["kind"], entry["update"], entry["actor"]) == ("catalog", "atlas-2.0.0", f"admin:{atlas.admin.token.id}")
    assert entry["document"]["action"] == "pause"
    assert entry["is_intact"] is True


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("kind=decision", {"decision"}),
        ("kind=grant", {"grant"}),
        ("kind=token", {"token"}),
        ("device=atlas-one", {"decision", "grant", "report"}),
        ("update=atlas-3.0.0", {"catalog"}),
        ("kind=report&device=atlas-fails", {"report"}),
        ("device=nobody", set()),
    ],
)
def test_the_audit_is_filtered(query: str, kinds: set[str], atlas: Office) -> None:
    assert {entry["kind"] for entry in atlas.get(f"/audit?{query}")["items"]} == kinds


def test_the_audit_has_pages_that_hold_everything_once(atlas: Office) -> None:
    everything = [entry["seq"] for entry in atlas.get("/audit?limit=500")["items"]]
    found, page = list[int](), atlas.get("/audit?limit=3")
    while page["next"] is not None:
        found += [entry["seq"] for entry in page["items"]]
        page = atlas.get(f"/audit?limit=3&before={page['next']}")
    found += [entry["seq"] for entry in page["items"]]
    assert found == everything == sorted(everything, reverse=True)


def test_a_decision_is_explained_update_by_update(atlas: Office) -> None:
    atlas.ask("POST", "/updates/atlas-2.0.0/policy", {"policy": "device.region == 'us'"}, If_Match="*")
    entry = _decision(atlas, id="x", version="1.0.0", region="eu")
    found = atlas.get(f"/audit/{entry['seq']}")
    assert found["entry"] == entry
    assert (found["explanation"]["update"], found["explanation"]["reason"]) == (None, "no match")
    assert [(each["update"], each["gate"]) for each in found["explanation"]["candidates"]] == [
        ("atlas-3.0.0", "paused"),
        ("atlas-2.0.0", "policy false"),
    ]
    assert "region" in str(found["explanation"]["candidates"][1]["explanation"])


def test_a_decision_is_replayed_as_it_was(atlas: Office) -> None:
    entry = _decision(atlas, id="atlas-one", version="1.0.0")
    atlas.ask("DELETE", "/updates/atlas-2.0.0", If_Match="*")
    assert atlas.get(f"/audit/{entry['seq']}/replay") == {
        "agrees": True,
        "differences": [],
        "update": "atlas-2.0.0",
        "reason": "offered",
    }


def test_only_decisions_are_replayed(atlas: Office) -> None:
    seq = atlas.get("/audit?kind=token")["items"][0]["seq"]
    answer = atlas.ask("GET", f"/audit/{seq}/replay")
    assert (answer.status_code, answer.json()["detail"]) == (409, f"row {seq} of the audit is no decision")
    assert atlas.get(f"/audit/{seq}")["explanation"] is None


def test_a_row_that_was_changed_behind_the_service_is_found(atlas: Office) -> None:
    entry = _decision(atlas, id="x", version="1.0.0")
    file = atlas.client.app.state.service.database.file
    with sqlite3.connect(file) as connection:
        triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for trigger in triggers:
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE audit SET device_id = 'another' WHERE seq = ?", (entry["seq"],))
    connection.close()
    assert atlas.get(f"/audit/{entry['seq']}")["entry"]["is_intact"] is False
    assert atlas.get(f"/audit/{entry['seq']}/replay")["agrees"] is False


@pytest.mark.parametrize("seq", ["100000", "9007199254740991"])
def test_a_row_that_there_is_not_is_said_so(seq: str, atlas: Office) -> None:
    for path in ("", "/replay"):
        assert atlas.ask("GET", f"/audit/{seq}{path}").status_code == 404


@pytest.mark.parametrize("seq", ["-1", "9007199254740992", "x", "1.5"])
def test_a_number_that_is_none_is_refused(seq: str, atlas: Office) -> None:
    assert atlas.ask("GET", f"/audit/{seq}").status_code in {400, 404}
