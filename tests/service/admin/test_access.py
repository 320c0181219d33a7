from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from admin_api import Office, offices
from stores import NOW

CHANGES = [
    ("POST", "/updates", {"id": "x", "version": "9.0.0", "policy": "true", "url": "https://example.com/x", "checksum": "ab" * 32}),
    ("POST", "/updates/atlas-2.0.0/pause", None),
    ("POST", "/updates/atlas-2.0.0/resume", None),
    ("POST", "/updates/atlas-2.0.0/rollout", {"percent": 5}),
    ("POST", "/updates/atlas-2.0.0/policy", {"policy": "false"}),
    ("DELETE", "/updates/atlas-2.0.0", None),
    ("PUT", "/product/schema", {"schema": None}),
]


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path) as (atlas, _):
        yield atlas


def _tokens(atlas: Office) -> dict[str, dict[str, str]]:
    expired = atlas.ask("POST", "/tokens", {"scope": "admin", "expires": "2026-05-01T12:00:00Z"}).json()
    revoked = atlas.ask("POST", "/tokens", {"scope": "admin"}).json()
    atlas.ask("DELETE", f"/tokens/{revoked['token']['id']}")
    secrets = {"of a device": atlas.device.secret, "expired": expired["secret"], "revoked": revoked["secret"], "invented": "0" * 64}
    return {name: {"Authorization": f"Bearer {secret}"} for name, secret in secrets.items()} | {"none": {}}


def test_only_an_admin_token_opens_the_api(atlas: Office) -> None:
    answers = [atlas.client.get("/api/v1/updates", headers=headers) for headers in _tokens(atlas).values()]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_the_token_stands_alone_or_after_the_word_bearer(atlas: Office) -> None:
    for given in (atlas.admin.secret, f"bearer {atlas.admin.secret}", f"Bearer {atlas.admin.secret}"):
        assert atlas.ask("GET", "/product", Authorization=given).json()["id"] == "atlas"


def test_nothing_is_read_before_the_token(atlas: Office) -> None:
    answer = atlas.client.post("/api/v1/updates", content=b"{", headers={"Authorization": atlas.device.secret})
    assert answer.status_code == 401


def test_wrong_tokens_are_slowed_down(tmp_path: Path) -> None:
    from policy_lang.service.settings import Limits  # noqa: PLC0415  for this test

    with offices(tmp_path, limits=Limits(failures_per_minute=3)) as (atlas, _):
        answers = [atlas.ask("GET", "/product", Authorization="Bearer nobody") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert atlas.ask("GET", "/product").status_code == 200


def test_a_body_is_bounded(atlas: Office) -> None:
    answer = atlas.ask("POST", "/updates", {"id": "x" * 1024 * 1024})
    assert answer.status_code == 413


@pytest.mark.parametrize(("method", "path", "body"), CHANGES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_catalog_in_a_file_is_changed_in_the_file(method: str, path: str, body: Any, tmp_path: Path) -> None:
    with offices(tmp_path, catalog="catalog.yaml") as (atlas, _):
        before = atlas.get("/product")
        answer = atlas.ask(method, path, body, If_Match="*")
        assert answer.status_code == 409
        assert answer.json() | {"title": "", "status": 0} == {
            "title": "",
            "status": 0,
            "detail": "the catalog is kept in a file",
            "help": "change the file; the service follows it",
        }
        assert before["is_file"] is True
        assert atlas.get("/product") == before
        preview = atlas.ask("POST", "/updates/atlas-2.0.0/policy", {"policy": "false", "dry_run": True})
        assert preview.status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), CHANGES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_database_that_does_not_answer_is_said_so(method: str, path: str, body: Any, atlas: Office) -> None:
    database = atlas.client.app.state.service.database
    assert database.file is not None
    for file in (database.file, database.file.with_name(f"{database.file.name}-wal")):
        file.write_bytes(b"this is no database any more" * 400)
    database.close()
    answer = atlas.ask(method, path, body, If_Match="*")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "the database does not answer"


def test_a_token_holds_from_the_moment_when_it_is_made(tmp_path: Path) -> None:
    with offices(tmp_path, now=NOW + timedelta(hours=1), refresh_seconds=600.0) as (atlas, _):
        made = atlas.ask("POST", "/tokens", {"scope": "admin"}).json()
        assert atlas.ask("GET", "/product", Authorization=f"Bearer {made['secret']}").status_code == 200
        atlas.ask("DELETE", f"/tokens/{made['token']['id']}")
        assert atlas.ask("GET", "/product", Authorization=f"Bearer {made['secret']}").status_code == 401
