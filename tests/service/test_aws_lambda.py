"""The handler of AWS Lambda, called with an event of API Gateway as Lambda calls it."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_world import World, world
from stores import NOW, document, opened

from policy_lang.service import aws_lambda
from policy_lang.service.aws_lambda import Function, handler
from policy_lang.service.settings import Settings
from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import UnavailableError
from policy_lang.service.store.updates import put_update

EVENT = (Path(__file__).parents[1] / "data" / "clients" / "api-gateway-v2.json").read_text()


@pytest.fixture
def here(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture
def function(here: World) -> Iterator[Function]:
    made = Function(Settings(database=here.url, audit=1.0, refresh_seconds=0.001))
    yield made
    made.close()


def event(token: str, **changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EVENT.replace("{token}", token))
    return {**found, **changed}


def test_an_event_is_answered(function: Function, here: World) -> None:
    answer = function(event(here.tokens["atlas"]), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert json.loads(answer["body"])["update"] == "atlas-2"
    assert function(event("wrong"), None)["statusCode"] == 401


def test_a_body_in_base64_is_read(function: Function, here: World) -> None:
    body = base64.b64encode(b'{"id":"1","version":"9.0.0"}').decode()
    answer = function(event(here.tokens["atlas"], body=body, isBase64Encoded=True), None)
    assert (answer["statusCode"], answer["body"]) == (200, "{}")


def test_a_change_holds_from_the_next_event_on(function: Function, here: World) -> None:
    with opened(here.url) as database, database.changing() as connection:
        put_update(connection, "atlas", document("atlas-3", "3.0.0"), actor="t", now=NOW)
    assert json.loads(function(event(here.tokens["atlas"]), None)["body"])["update"] == "atlas-3"


def test_what_is_recorded_is_written_before_the_answer(function: Function, here: World) -> None:
    function(event(here.tokens["atlas"]), None)
    with opened(here.url) as database, database.reading() as connection:
        assert len(list_entries(connection, kind=Kind.DECISION)) == 1


def test_without_the_database_it_answers_what_it_knows(function: Function, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "reading", lambda _self: (_ for _ in ()).throw(UnavailableError("gone", "wait")))
    assert function(event(here.tokens["atlas"]), None)["statusCode"] == 200


def test_a_fault_while_looking_for_changes_keeps_nobody_waiting(
    function: Function, here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_lang.service.registry.read_revisions", lambda _connection: 1 // 0)
    time.sleep(0.01)  # longer than `refresh_seconds`, so that it looks
    assert function(event(here.tokens["atlas"]), None)["statusCode"] == 200


def test_the_handler_is_opened_once_from_the_environment(here: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("log_checkins = false\n")
    monkeypatch.setenv("POLICY_CONFIG", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("POLICY_DATABASE", here.url)
    try:
        answers = [handler(event(here.tokens["atlas"]), None) for _ in range(2)]
        assert [answer["statusCode"] for answer in answers] == [200, 200]
        assert aws_lambda._function() is aws_lambda._function()  # noqa: SLF001  that it is one is the point
    finally:
        aws_lambda._function().close()  # noqa: SLF001  nothing else closes it
        aws_lambda._function.cache_clear()  # noqa: SLF001  the same
