import asyncio
import time
from pathlib import Path

import httpx
import pytest
from service_world import Visit, world
from stores import document

from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import SetupError, UnavailableError

TOKEN = "metrics-token-0123456789"  # noqa: S105  of these tests
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}


def test_a_process_that_answers_is_healthy(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        assert (await visit.client.get("/healthz")).json() == {"status": "ok"}
        assert (await visit.client.get("/readyz")).json() == {"status": "ready", "checks": {"catalogs": "ok", "database": "ok"}}

    world(tmp_path).run(story)


@pytest.mark.parametrize("error", [UnavailableError("it is gone", "bring it back"), SetupError("its tables are old", "migrate")])
def test_without_its_database_it_is_healthy_and_not_ready(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Database) -> None:
        raise error

    async def story(visit: Visit) -> None:
        monkeypatch.setattr(Database, "check_schema", fail)
        answer = await visit.client.get("/readyz", headers=OPERATOR)
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"].startswith(str(error))
        assert (await visit.client.get("/healthz")).status_code == 200
        anybody = await visit.client.get("/readyz")
        assert (anybody.status_code, anybody.json()["checks"]["database"]) == (503, "not ok")

    world(tmp_path, metrics_token=TOKEN).run(story)


def test_load_balancers_may_ask_for_the_head_alone(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        for path in ("/healthz", "/readyz"):
            answer = await visit.client.head(path)
            assert (answer.status_code, answer.content) == (200, b"")

    world(tmp_path).run(story)


def test_many_who_ask_at_once_share_one_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Database] = []

    def hang(database: Database) -> None:
        asked.append(database)
        time.sleep(0.5)

    async def story(visit: Visit) -> None:
        monkeypatch.setattr(Database, "check_schema", hang)
        answers = await asyncio.gather(*(visit.client.get("/readyz") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(asked) == 1
        assert (await visit.client.get("/readyz")).status_code == 200
        assert len(asked) == 2

    world(tmp_path).run(story)


def test_a_database_that_hangs_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(visit: Visit) -> None:
        monkeypatch.setattr("policy_lang.service.health._PATIENCE", 0.05)
        monkeypatch.setattr(Database, "check_schema", lambda _self: time.sleep(0.3))
        answer = await visit.client.get("/readyz", headers=OPERATOR)
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "does not answer in time")

    world(tmp_path, metrics_token=TOKEN).run(story)


def test_numbers_are_for_this_machine_or_for_who_knows_the_token(tmp_path: Path) -> None:
    async def local(visit: Visit) -> None:
        assert (await visit.client.get("/metrics")).status_code == 401
        near = httpx.ASGITransport(visit.app, client=("127.0.0.1", 1))  # type: ignore[arg-type]  # the same protocol in other words
        async with httpx.AsyncClient(transport=near, base_url="http://service") as client:
            assert (await client.get("/metrics")).status_code == 200
            for name in ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"):
                assert (await client.get("/metrics", headers={name: "192.0.2.1"})).status_code == 401

    async def token(visit: Visit) -> None:
        for value, status in ((f"Bearer {TOKEN}", 200), (TOKEN, 200), ("Bearer no", 401), ("", 401)):
            assert (await visit.client.get("/metrics", headers={"Authorization": value})).status_code == status

    world(tmp_path).run(local)
    world(tmp_path, metrics_token=TOKEN).run(token)


def test_numbers_tell_what_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path, document("atlas-3", "3.0.0", rollout={"max_devices": 1}), document("atlas-2"), metrics_token=TOKEN)

    async def story(visit: Visit) -> None:
        for name in ("a", "b", "a"):
            await visit.check_in(id=name)
        await visit.check_in(id="c", version="9.0.0")
        await visit.check_in("nobody-has-this")
        await visit.post("/tok/provision/updateReport", {"id": "a", "update": "atlas-3", "success": "false"})
        answer = await visit.client.get("/metrics", headers={"Authorization": TOKEN})
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        found = {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in answer.text.splitlines() if not line.startswith("#")
        }
        expected = {
            'policy_requests_total{kind="checkin",status="200"}': 4,
            'policy_requests_total{kind="checkin",status="401"}': 1,
            'policy_requests_total{kind="report",status="200"}': 1,
            'policy_decisions_total{product="atlas",reason="offered",update="atlas-3"}': 2,
            'policy_decisions_total{product="atlas",reason="offered",update="atlas-2"}': 1,
            'policy_decisions_total{product="atlas",reason="up to date",update=""}': 1,
            'policy_limited_total{gate="max devices",update="atlas-3"}': 1,
            'policy_reports_total{product="atlas",success="false",update="atlas-3"}': 1,
            'policy_request_seconds_count{kind="checkin"}': 5,
            'policy_update_grants{update="atlas-3"}': 1,
            'policy_update_max_devices{update="atlas-3"}': 1,
            "policy_database_up": 1,
        }
        assert {name: found.get(name) for name in expected} == expected
        with monkeypatch.context() as patch:
            patch.setattr(Database, "asking", lambda _self: (_ for _ in ()).throw(UnavailableError("gone", "wait")))
            text = (await visit.client.get("/metrics", headers={"Authorization": TOKEN})).text
        assert "policy_database_up 0.0" in text
        assert "policy_update_grants{" not in text

    here.run(story)
