"""A token of one product never reads or changes anything of another one, through any route of the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_api import Office, offices
from stores import ENGINES

BODIES: dict[str, Any] = {
    "createUpdate": {
        "id": "beacon-2.0.0",
        "version": "9.0.0",
        "policy": "true",
        "url": "https://example.com/x",
        "checksum": "ab" * 32,
    },
    "changePolicy": {"policy": "false"},
    "changeRollout": {"percent": 1, "max_devices": 0},
    "changeSchema": {"schema": {"properties": {"version": {"type": "string", "format": "semver"}}}},
    "createToken": {"scope": "admin"},
    "rotateToken": {"overlap": "0s"},
}
"""What each change needs; those of the whole product are about the product of the token, whatever is in them."""


@pytest.fixture(params=ENGINES)
def products(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Office, Office]]:
    with offices(tmp_path, request.param) as both:
        yield both


def _state(office: Office) -> dict[str, Any]:
    """Everything that an engineer of a product can see."""
    update = f"/updates/{office.update}"
    lists = ("/product", "/product/schema", "/updates", "/updates?state=removed", "/reports", "/tokens", "/audit?limit=500")
    return {path: office.get(path) for path in (*lists, update, f"{update}/grants", f"{update}/reports", f"{update}/deferred")}


def _operations(office: Office) -> Iterator[tuple[str, str, str]]:
    """Each operation of the OpenAPI document: its name, its method and its path."""
    document = office.client.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield operation["operationId"], method.upper(), path.removeprefix("/api/v1")


def _ids(office: Office) -> dict[str, list[Any]]:
    """What the parameters of paths can be, for things of a product."""
    return {
        "{update_id}": [update["document"]["id"] for update in office.get("/updates")["items"]] + [f"{office.product}-1.0.0"],
        "{token_id}": [token["id"] for token in office.get("/tokens")["items"]],
        "{seq}": [entry["seq"] for entry in office.get("/audit?limit=500")["items"]],
    }


def _paths(path: str, ids: dict[str, list[Any]]) -> list[tuple[str, str]]:
    """A path with everything that its parameter can be, and that."""
    for parameter, values in ids.items():
        if parameter in path:
            return [(path.replace(parameter, str(value)), str(value)) for value in values]
    return [(path, "beacon-2.0.0")]


def test_no_route_shows_or_changes_another_product(products: tuple[Office, Office]) -> None:
    atlas, beacon = products
    ids, before = _ids(beacon), _state(beacon)
    asked = 0
    for name, method, path in _operations(atlas):
        for each, own in _paths(path, ids):
            answer = atlas.ask(method, each, BODIES.get(name), If_Match="*")
            asked += 1
            if "{" in path:
                assert answer.status_code == 404, (method, each, answer.text)
            told = answer.text.replace(f"`{own}`", "")  # what was asked for is said back
            assert "beacon" not in f"{told} {answer.headers}", (method, each, answer.text)
    assert _state(beacon) == before
    assert asked > 60


def test_an_id_that_does_not_exist_is_answered_as_that_of_another_product(products: tuple[Office, Office]) -> None:
    atlas, _ = products
    for name, method, path in _operations(atlas):
        if "{seq}" in path or "{" not in path:
            continue
        body, answers = BODIES.get(name), []
        for each in ("beacon-2.0.0", "nothing-2.0.0"):
            answer = atlas.ask(method, path.replace("{update_id}", each).replace("{token_id}", each), body, If_Match="*")
            answers.append((answer.status_code, answer.text.replace(each, "")))
        assert answers[0] == answers[1], path


def test_filters_and_pages_stay_inside_of_the_product(products: tuple[Office, Office]) -> None:
    atlas, beacon = products
    for query in ("?update=beacon-2.0.0", "?device=beacon-one", "?before=100000&device=beacon-one"):
        assert atlas.get(f"/audit{query}") == {"items": [], "next": None}
    token = beacon.get("/tokens")["items"][0]["id"]
    for path in ("/updates?after=beacon-3.0.0", "/reports?after=beacon-3.0.0", f"/tokens?after={token}"):
        assert atlas.ask("GET", path).status_code == 404
    assert atlas.get("/updates/atlas-2.0.0/grants")["granted"] == 1


def test_devices_of_one_product_get_nothing_of_another(products: tuple[Office, Office]) -> None:
    atlas, beacon = products
    for office, other in ((atlas, beacon), (beacon, atlas)):
        assert office.check_in(id="new", version="1.0.0")["update"] == office.update
        body = {"id": "new", "version": "1.0.0", "product": other.product}
        answer = office.client.post("/tok/provision/update", json=body, headers={"Authorization": office.device.secret})
        assert answer.status_code == 403
