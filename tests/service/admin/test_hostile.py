"""What no well-meaning client sends: bytes that are no JSON, texts that databases choke on, and many engineers at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from admin_api import Office, offices
from stores import ENGINES

ODD = [
    "\x00",
    "a\x00b",
    "\x7f",
    "\u202e",
    "\U0010ffff",
    "'; DROP TABLE updates; --",
    "%",
    "_",
    "\\",
    "\\0",
    "é" * 600,
    " ",
    "..",
    "~",
    "'\"",
]
BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"id": "\xff"}',
    b'{"id": NaN}',
    b'{"id": "\\ud800", "version": "1.0.0", "policy": "true", "url": "https://x.y", "checksum": "00"}',
    b'{"id": "a\\u0000b", "version": "9.0.0", "policy": "true", "url": "https://x.y/z", "checksum": "' + b"ab" * 32 + b'"}',
    b'{"id": "x", "version": "1.0.0", "policy": "true", "rollout": {"max_devices": 1' + b"0" * 400 + b"}}",
    b'{"id": "x", "version": "1.0.0", "policy": "true", "rollout": {"percent": 1e999}}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"policy": "' + b"(" * 60_000 + b'"}',
    b'{"schema": {"properties": ' + b'{"a": {"properties": ' * 200 + b"{}" + b"}}" * 200 + b"}}",
    b'{"scope": "device", "secret": "0123456789abcdef\\u0000"}',
    b'{"scope": "device", "expires": "0001-01-01T00:00:00+14:00"}',
    b'{"overlap": "999999999999d"}',
]


@pytest.fixture(params=ENGINES)
def atlas(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path, request.param) as (atlas, _):
        yield atlas


def test_no_text_of_a_path_or_a_query_is_our_fault(atlas: Office) -> None:
    for text in ODD:
        given = quote(text, safe="")
        paths = [
            f"/updates/{given}",
            f"/updates/{given}/grants",
            f"/audit?device={given}&update={given}",
            f"/updates?after={given}",
        ]
        pages = [f"/updates/atlas-2.0.0/{each}?after={given}" for each in ("reports", "deferred")]
        for path in (*paths, *pages, f"/tokens?after={given}", f"/updates?channel={given}"):
            assert atlas.ask("GET", path).status_code in {200, 400, 404}, path
        for path in (f"/tokens/{given}", f"/updates/{given}"):
            assert atlas.ask("DELETE", path, If_Match="*").status_code in {400, 404, 405}, path
    assert atlas.ask("GET", "/updates/%ff%fe").status_code == 404


def test_no_body_is_our_fault(atlas: Office) -> None:
    headers = {"Authorization": f"Bearer {atlas.admin.secret}", "If-Match": "*"}
    paths = ["/updates", "/updates/atlas-2.0.0/policy", "/updates/atlas-2.0.0/rollout", "/tokens", "/tokens/none/rotate"]
    for body in BODIES:
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
            given = {**headers, "Content-Type": kind}
            answers = [atlas.client.post(f"/api/v1{path}", content=body, headers=given) for path in paths]
            answers.append(atlas.client.put("/api/v1/product/schema", content=body, headers=given))
            assert {answer.status_code for answer in answers} <= {200, 201, 400, 404, 409, 422}, (body[:60], kind, answers)
    assert atlas.check_in(id="atlas-one", version="1.0.0")


def test_ids_that_databases_choke_on_are_ids(atlas: Office) -> None:
    for number, text in enumerate(text for text in ODD if text.strip() and len(text) < 256 and text not in {"..", "~"}):
        new = {"id": text, "version": f"9.{number}.0", "policy": "true", "url": "https://x.y/z", "checksum": "ab" * 32}
        created = atlas.ask("POST", "/updates", new)
        assert created.status_code == 201, (text, created.text)
        assert atlas.get(f"/updates/{quote(text, safe='')}")["document"]["id"] == text
        assert [entry["update"] for entry in atlas.get(f"/audit?update={quote(text, safe='')}")["items"]] == [text]


def test_of_many_engineers_at_once_one_is_first(atlas: Office) -> None:
    tag = atlas.ask("GET", "/updates/atlas-2.0.0").headers["etag"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda percent: atlas.ask("POST", "/updates/atlas-2.0.0/rollout", {"percent": percent}, If_Match=tag), range(1, 17)
            )
        )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 15}
    (first,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert atlas.get("/updates/atlas-2.0.0") == first
