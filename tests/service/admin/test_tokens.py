from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from admin_api import CHECKIN, Office, offices
from stores import NOW


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path, now=NOW + timedelta(hours=1)) as (atlas, _):
        yield atlas


def _checks_in(atlas: Office, secret: str) -> bool:
    answer = atlas.client.post(CHECKIN, json={"id": "x", "version": "1.0.0"}, headers={"Authorization": secret})
    return answer.status_code == 200


def test_a_token_is_made_and_its_secret_shown_once(atlas: Office) -> None:
    answer = atlas.ask("POST", "/tokens", {"scope": "device", "note": "the factory", "expires": "2027-01-01T01:00:00+01:00"})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert (made["token"]["note"], made["token"]["expires"], made["token"]["is_valid"]) == (
        "the factory",
        "2027-01-01T00:00:00Z",
        True,
    )
    assert _checks_in(atlas, made["secret"])
    listed = atlas.ask("GET", "/tokens")
    assert made["token"] in listed.json()["items"]
    assert made["secret"] not in listed.text + atlas.ask("GET", "/audit?limit=500").text
    assert made["secret"].encode() not in atlas.log.getvalue()


def test_a_secret_that_devices_have_already_is_taken_over(atlas: Office) -> None:
    answer = atlas.ask("POST", "/tokens", {"scope": "device", "secret": "as-devices-have-it"})
    assert (answer.status_code, answer.json()["secret"]) == (201, "as-devices-have-it")
    assert _checks_in(atlas, "as-devices-have-it")
    again = atlas.ask("POST", "/tokens", {"scope": "device", "secret": "as-devices-have-it"})
    assert (again.status_code, again.json()["detail"]) == (409, "the secret is that of a token that exists")


def test_a_token_is_rotated_with_an_overlap(atlas: Office) -> None:
    old = atlas.ask("POST", "/tokens", {"scope": "device"}).json()
    new = atlas.ask("POST", f"/tokens/{old['token']['id']}/rotate", {"overlap": "7d"}).json()
    assert _checks_in(atlas, old["secret"])
    assert _checks_in(atlas, new["secret"])
    (shown,) = [token for token in atlas.get("/tokens")["items"] if token["id"] == old["token"]["id"]]
    assert shown["expires"] == "2026-05-08T13:00:00Z"
    last = atlas.ask("POST", f"/tokens/{new['token']['id']}/rotate", {"overlap": "0s"}).json()
    assert not _checks_in(atlas, new["secret"])
    assert _checks_in(atlas, last["secret"])
    assert atlas.ask("POST", f"/tokens/{new['token']['id']}/rotate", {"overlap": "0s"}).status_code == 409


def test_a_token_is_revoked_at_once(atlas: Office) -> None:
    made = atlas.ask("POST", "/tokens", {"scope": "device"}).json()
    for _ in range(2):
        revoked = atlas.ask("DELETE", f"/tokens/{made['token']['id']}").json()
        assert (revoked["revoked"], revoked["is_valid"]) == ("2026-05-01T13:00:00Z", False)
    assert not _checks_in(atlas, made["secret"])


def test_tokens_have_pages(atlas: Office) -> None:
    first = atlas.get("/tokens?limit=1")
    rest = atlas.get(f"/tokens?after={first['next']}")
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [1, 1, None]
    assert atlas.ask("GET", "/tokens?after=none").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"scope": "root"}),
        ("", {"scope": "device", "secret": "short"}),
        ("", {"scope": "device", "expires": "tomorrow"}),
        ("", {"scope": "device", "expires": "2027-01-01"}),
        ("", {"scope": "device", "expires": 1}),
        ("", {"scope": "device", "note": "a\u0000b"}),
        ("", {"scope": "device", "product": "beacon"}),
        ("/none/rotate", {"overlap": "soon"}),
        ("/none/rotate", {"overlap": "99999d"}),
        ("/none/rotate", {}),
    ],
)
def test_what_is_no_token_is_refused(path: str, body: dict[str, Any], atlas: Office) -> None:
    assert atlas.ask("POST", f"/tokens{path}", body).status_code == 400


def test_a_token_that_there_is_not_is_said_so(atlas: Office) -> None:
    assert atlas.ask("POST", "/tokens/none/rotate", {"overlap": "1d"}).status_code == 404
    assert atlas.ask("DELETE", "/tokens/none").status_code == 404
