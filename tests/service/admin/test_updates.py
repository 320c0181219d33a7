import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_api import Office, offices

from policy_lang.service.images.folder import FolderStore
from policy_lang.service.images.model import ImageLocation, image_key
from policy_lang.service.images.reading import measure
from policy_lang.service.images.settings import FolderImages

NEW = {"id": "atlas-5.0.0", "version": "5.0.0", "policy": "device.region == 'eu'"}
ELSEWHERE = {"url": "https://example.com/5.bin", "checksum": "ab" * 32}


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    images = {"here": FolderImages(path=str(tmp_path / "images"), url="https://updates.example.com")}
    with offices(tmp_path, images=images) as (atlas, _):
        yield atlas


def _stored(atlas: Office, folder: Path, product: str = "atlas") -> ImageLocation:
    """An image that lies in the store of the service."""
    store = atlas.client.app.state.service.images["here"]
    assert isinstance(store, FolderStore)
    (folder / "image.bin").write_bytes(os.urandom(1000))
    found = measure(folder / "image.bin")
    return store.upload(folder / "image.bin", image_key(product, found.checksum), found.checksum, found.size)


def _ids(page: dict[str, Any]) -> list[str]:
    return [update["document"]["id"] for update in page["items"]]


def test_updates_are_listed_newest_first(atlas: Office) -> None:
    page = atlas.get("/updates")
    assert _ids(page) == ["atlas-4.0.0", "atlas-3.0.0", "atlas-2.0.0"]
    assert [update["state"] for update in page["items"]] == ["unverified", "paused", "offered"]
    assert page["next"] is None


def test_a_list_has_pages(atlas: Office) -> None:
    first = atlas.get("/updates?limit=2")
    assert first["next"] == "atlas-3.0.0"
    assert _ids(atlas.get(f"/updates?limit=2&after={first['next']}")) == ["atlas-2.0.0"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("state=offered", ["atlas-2.0.0"]),
        ("state=paused", ["atlas-3.0.0"]),
        ("state=unverified", ["atlas-4.0.0"]),
        ("state=removed", ["atlas-1.0.0"]),
        ("state=held", []),
        ("channel=beta", ["atlas-3.0.0"]),
        ("channel=beta&state=offered", []),
    ],
)
def test_a_list_is_filtered(query: str, wanted: list[str], atlas: Office) -> None:
    assert _ids(atlas.get(f"/updates?{query}")) == wanted


def test_an_update_is_created_and_offered_at_once(atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", {**NEW, **ELSEWHERE, "rollout": {"percent": 99.9999, "max_devices": 5}})
    created = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == f'"{created["update"]["revision"]}"'
    assert created["update"]["document"]["rollout"] == {"percent": 99.9999, "max_devices": 5}
    assert {finding["severity"] for finding in created["findings"]} <= {"warning", "info"}
    assert atlas.check_in(id="x", version="1.0.0", region="eu")["update"] == "atlas-5.0.0"
    assert atlas.get("/updates/atlas-5.0.0") == created["update"]


def test_an_image_of_a_store_is_read_back_before_it_is_offered(atlas: Office, tmp_path: Path) -> None:
    location = _stored(atlas, tmp_path)
    answer = atlas.ask("POST", "/updates", {**NEW, "image": location.to_plain()})
    assert answer.status_code == 201, answer.text
    assert answer.json()["update"]["image"] == location.to_plain()
    offer = atlas.check_in(id="x", version="1.0.0", region="eu")
    assert offer["checksum"] == location.checksum
    path = offer["url"].removeprefix("https://updates.example.com")
    assert atlas.client.get(path).content == (tmp_path / "image.bin").read_bytes()


def test_an_image_that_is_not_complete_is_never_offered(atlas: Office, tmp_path: Path) -> None:
    location = _stored(atlas, tmp_path)
    stored = tmp_path / "images" / location.key
    stored.write_bytes(b"!" + stored.read_bytes()[1:])
    damaged = atlas.ask("POST", "/updates", {**NEW, "image": location.to_plain()})
    stored.unlink()
    missing = atlas.ask("POST", "/updates", {**NEW, "image": location.to_plain()})
    assert (damaged.status_code, missing.status_code) == (422, 422)
    assert "hashes to" in damaged.json()["detail"]
    assert missing.json()["help"] == "publish the image again"
    assert atlas.ask("GET", "/updates/atlas-5.0.0").status_code == 404


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"image": {"store": "there", "key": image_key("atlas", "ab" * 32), "size": 5}}, "the settings have no images `there`"),
        ({"image": {"store": "here", "key": image_key("beacon", "ab" * 32), "size": 5}}, "the image is not one of this product"),
        ({"image": {"store": "here", "key": "../../etc/passwd", "size": 5}}, "`../../etc/passwd` is not the key of an image"),
        (
            {"image": {"store": "here", "key": image_key("atlas", "ab" * 32), "size": 5}, **ELSEWHERE},
            "an image of a store says its URL",
        ),
    ],
)
def test_an_image_that_is_none_is_refused(change: dict[str, Any], detail: str, atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", {**NEW, **change})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail)


def test_what_a_catalog_would_refuse_is_refused_with_its_findings(atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", {**NEW, "version": "5.0", "url": "http://example.com/5", "checksum": "ab"})
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(finding["code"], finding["field"]) for finding in problem["diagnostics"]] == [
        ("PL507", "version"),
        ("PL507", "url"),
        ("PL507", "checksum"),
    ]
    assert all(finding["help"] for finding in problem["diagnostics"])


def test_a_policy_with_errors_is_refused_with_places_and_fixes(atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", {**NEW, **ELSEWHERE, "policy": "device.region = 'eu'"})
    (finding,) = answer.json()["diagnostics"]
    assert answer.status_code == 422
    assert (finding["code"], finding["field"]) == ("PL108", "policy")
    assert (finding["primary"]["line"], finding["primary"]["column"]) == (1, 15)
    assert finding["fix"] == {"title": "compare with `==`", "edits": [{"offset": 14, "length": 1, "replacement": "=="}]}


def test_an_id_is_given_once(atlas: Office) -> None:
    for taken in ("atlas-2.0.0", "atlas-1.0.0", "beacon-2.0.0"):
        answer = atlas.ask("POST", "/updates", {**NEW, **ELSEWHERE, "id": taken, "checksum": "cd" * 32})
        assert (answer.status_code, answer.json()["detail"]) == (409, f"the id `{taken}` is taken")
    again = atlas.ask("POST", "/updates", {**NEW, **ELSEWHERE, "id": "atlas-1.0.0", "version": "1.0.0"})
    assert again.status_code == 201


def test_two_updates_of_the_same_precedence_are_refused(atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", {**NEW, **ELSEWHERE, "version": "2.0.0+build.7"})
    assert (answer.status_code, answer.json()["diagnostics"][0]["code"]) == (422, "PL509")


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({**NEW, "percent": 5}, None),
        ({**NEW, **ELSEWHERE, "rollout": {"percent": 101}}, "rollout.percent"),
        ({**NEW, **ELSEWHERE, "rollout": {"max_devices": -1}}, "rollout.max_devices"),
        ({**NEW, **ELSEWHERE, "paused": "yes"}, "paused"),
        ({**NEW, **ELSEWHERE, "policy": None}, "policy"),
        ([], None),
    ],
)
def test_what_is_not_of_its_type_is_named(body: Any, key: str | None, atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", body)
    assert answer.status_code == 400
    assert [error.get("key") for error in answer.json()["errors"]] == [key]


def test_pausing_and_resuming_hold_at_once(atlas: Office) -> None:
    paused = atlas.ask("POST", "/updates/atlas-2.0.0/pause")
    assert paused.json()["state"] == "paused"
    assert atlas.check_in(id="x", version="1.0.0") == {}
    assert atlas.ask("POST", "/updates/atlas-2.0.0/pause").headers["etag"] == paused.headers["etag"]
    assert atlas.ask("POST", "/updates/atlas-2.0.0/resume").json()["state"] == "offered"
    assert atlas.check_in(id="x", version="1.0.0")["update"] == "atlas-2.0.0"


def test_an_update_that_reports_paused_is_resumed(atlas: Office) -> None:
    for device in ("a", "b", "c"):
        atlas.report("atlas-2.0.0", device, success=False)
    assert atlas.get("/updates/atlas-2.0.0")["state"] == "held"
    assert _ids(atlas.get("/updates?state=held")) == ["atlas-2.0.0"]
    assert atlas.ask("POST", "/updates/atlas-2.0.0/resume").json()["state"] == "offered"
    atlas.report("atlas-2.0.0", "a", success=False)
    assert atlas.get("/updates/atlas-2.0.0")["state"] == "offered"


def test_a_rollout_changes_field_by_field(atlas: Office) -> None:
    tag = atlas.ask("GET", "/updates/atlas-2.0.0").headers["etag"]
    changed = atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"percent": 50, "pause_on_failures": None}, If_Match=tag)
    assert changed.status_code == 200, changed.text
    assert changed.json()["document"]["rollout"] == {"percent": 50, "max_devices": 2}
    cleared = atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"percent": None, "max_devices": None}, If_Match="*")
    assert "rollout" not in cleared.json()["document"]
    assert atlas.get("/updates/atlas-2.0.0/grants")["granted"] == 1


def test_a_limit_holds_from_the_answer_on(atlas: Office) -> None:
    atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"max_devices": 1}, If_Match="*")
    assert atlas.check_in(id="x", version="1.0.0") == {}
    assert atlas.check_in(id="atlas-one", version="1.0.0")["update"] == "atlas-2.0.0"
    atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"max_devices": 2}, If_Match="*")
    assert atlas.check_in(id="x", version="1.0.0")["update"] == "atlas-2.0.0"


def test_a_rollout_that_contradicts_itself_is_refused(atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"period": "1d"}, If_Match="*")
    assert (answer.status_code, answer.json()["diagnostics"][0]["field"]) == (422, "rollout.period")


def test_a_removed_update_is_offered_no_more_and_still_known(atlas: Office) -> None:
    tag = atlas.ask("GET", "/updates/atlas-2.0.0").headers["etag"]
    assert atlas.ask("DELETE", "/updates/atlas-2.0.0", If_Match=tag).status_code == 204
    assert atlas.check_in(id="x", version="1.0.0") == {}
    assert atlas.get("/updates/atlas-2.0.0")["state"] == "removed"
    assert atlas.get("/updates/atlas-2.0.0/grants")["granted"] == 1
    for path, body in (("/pause", None), ("/rollout", {}), ("/policy", {"policy": "true"})):
        answer = atlas.ask("POST", f"/updates/atlas-2.0.0{path}", body, If_Match="*")
        assert (answer.status_code, answer.json()["help"]) == (404, "create it again")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/rollout", {"percent": 5}), ("POST", "/policy", {"policy": "true"}), ("DELETE", "", None), ("POST", "/pause", None)],
)
def test_two_engineers_do_not_overwrite_each_other(method: str, path: str, body: Any, atlas: Office) -> None:
    seen = atlas.ask("GET", "/updates/atlas-2.0.0").headers["etag"]
    atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"percent": 99}, If_Match=seen)
    answer = atlas.ask(method, f"/updates/atlas-2.0.0{path}", body, If_Match=seen)
    now = atlas.get("/updates/atlas-2.0.0")
    assert answer.status_code == 412
    assert answer.json()["revision"] == now["revision"]
    assert answer.headers["etag"] == f'"{now["revision"]}"'
    assert now["document"]["rollout"]["percent"] == 99
    assert atlas.ask(method, f"/updates/atlas-2.0.0{path}", body, If_Match=answer.headers["etag"]).status_code in {200, 204}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/rollout", {"percent": 5}), ("POST", "/policy", {"policy": "true"}), ("DELETE", "", None)],
)
def test_a_change_says_for_which_revision_it_is_meant(method: str, path: str, body: Any, atlas: Office) -> None:
    answer = atlas.ask(method, f"/updates/atlas-2.0.0{path}", body)
    assert (answer.status_code, answer.json()["detail"]) == (428, "the change does not say for which revision it is meant")
