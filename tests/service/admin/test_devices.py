from collections.abc import Iterator
from pathlib import Path

import pytest
from admin_api import Office, offices


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path) as (atlas, _):
        yield atlas


def test_grants_come_in_their_order(atlas: Office) -> None:
    atlas.check_in(id="two", version="1.0.0")
    first = atlas.get("/updates/atlas-2.0.0/grants?limit=1")
    assert (first["granted"], first["next"]) == (2, 1)
    assert first["items"] == [
        {"device": "atlas-one", "number": 1, "granted_at": "2026-05-01T12:00:00Z", "recorded_at": "2026-05-01T12:00:00Z"}
    ]
    rest = atlas.get(f"/updates/atlas-2.0.0/grants?after={first['next']}")
    assert ([grant["device"] for grant in rest["items"]], rest["next"]) == (["two"], None)


def test_reports_say_what_each_device_said_last(atlas: Office) -> None:
    atlas.report("atlas-2.0.0", "atlas-one", success=False)
    atlas.report("atlas-2.0.0", "atlas-one", success=True)
    page = atlas.get("/updates/atlas-2.0.0/reports")
    assert (page["successes"], page["failures"], page["next"]) == (1, 1, None)
    assert [(each["device"], each["success"], each["times"]) for each in page["items"]] == [
        ("atlas-fails", False, 1),
        ("atlas-one", True, 2),
    ]
    assert [each["device"] for each in atlas.get("/updates/atlas-2.0.0/reports?success=false")["items"]] == ["atlas-fails"]
    assert atlas.get("/updates/atlas-2.0.0/reports?limit=1")["next"] == "atlas-fails"
    assert [each["device"] for each in atlas.get("/updates/atlas-2.0.0/reports?after=atlas-fails")["items"]] == ["atlas-one"]


def test_devices_that_a_limit_holds_back_are_listed_until_they_are_granted(atlas: Office) -> None:
    page = atlas.get("/updates/atlas-2.0.0/deferred")
    assert (page["deferred"], page["next"]) == (1, None)
    assert page["items"][0] | {"first_at": "", "last_at": ""} == {
        "device": "atlas-waits",
        "gate": "max devices",
        "first_at": "",
        "last_at": "",
    }
    atlas.check_in(id="atlas-waits", version="1.0.0")
    assert atlas.get("/updates/atlas-2.0.0/deferred") == {"deferred": 0, "items": [], "next": None}


def test_all_updates_are_summed_up(atlas: Office) -> None:
    page = atlas.get("/reports")
    assert [each["update"] for each in page["items"]] == ["atlas-4.0.0", "atlas-3.0.0", "atlas-2.0.0"]
    assert page["items"][-1] == {
        "update": "atlas-2.0.0",
        "version": "2.0.0",
        "state": "offered",
        "granted": 1,
        "deferred": 1,
        "successes": 1,
        "failures": 1,
        "pause_on_failures": 3,
    }
    assert atlas.get("/reports?limit=1")["next"] == "atlas-4.0.0"
    assert [each["update"] for each in atlas.get("/reports?after=atlas-3.0.0")["items"]] == ["atlas-2.0.0"]


@pytest.mark.parametrize("path", ["grants", "reports", "deferred"])
def test_an_update_that_there_is_not_has_no_devices(path: str, atlas: Office) -> None:
    answer = atlas.ask("GET", f"/updates/none/{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no update `none`")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=-1", "after=9007199254740992"])
def test_a_page_is_bounded(query: str, atlas: Office) -> None:
    answer = atlas.ask("GET", f"/updates/atlas-2.0.0/grants?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["key"] == query.partition("=")[0]
