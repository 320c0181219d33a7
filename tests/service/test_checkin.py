"""The rules of a check-in, in this process: products, limits, audits, failures of the database."""

import asyncio
import json
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from service_world import REPORT, UPDATE, WORDS, Visit, World, world
from stores import ENGINES, HOUR, NOW, document, opened

from policy_lang.rollout.ledger import Grant
from policy_lang.service.rates import Rates
from policy_lang.service.replay import replay
from policy_lang.service.settings import Limits
from policy_lang.service.store.audit import AuditRow, Kind, list_entries
from policy_lang.service.store.database import Database
from policy_lang.service.store.deferred import list_deferred
from policy_lang.service.store.errors import UnavailableError
from policy_lang.service.store.tokens import revoke_token, rotate_token


def entries(here: World, kind: Kind) -> list[AuditRow]:
    """Rows of the audit, the latest first."""
    with opened(here.url) as database, database.reading() as connection:
        return list_entries(connection, kind=kind, limit=1000)


def detail(answer: Any) -> tuple[int, str]:
    """The status and the reason of an error."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, *ways: str) -> Iterator[None]:
    """The database does not answer, in some of its ways."""

    def fail(self: Database) -> Any:
        raise UnavailableError(f"{self.name}: gone", "bring it back")

    with monkeypatch.context() as patch:
        for way in ways:
            patch.setattr(Database, way, fail)
        yield


@pytest.mark.parametrize(
    "device", [{"product": "atlas"}, {"productToken": "atlas"}, {}, {"product": None}, {"product": None, "productToken": "atlas"}]
)
def test_the_product_is_that_of_the_token(device: dict[str, Any], tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        assert (await visit.check_in(**device)).json()["update"] == "atlas-2"

    world(tmp_path).run(story)


@pytest.mark.parametrize("name", ["product", "productToken"])
def test_the_token_itself_may_stand_for_the_product_and_never_gets_into_the_audit(name: str, tmp_path: Path) -> None:
    here = world(tmp_path, audit="all")

    async def story(visit: Visit) -> None:
        answer = await visit.check_in(**{name: here.tokens["atlas"]})
        assert answer.json()["update"] == "atlas-2"

    here.run(story)
    (row,) = entries(here, Kind.DECISION)
    assert row.entry.document["device"] == {"id": "device-1", "version": "1.0.0", "product": "atlas", name: "atlas"}
    for file in tmp_path.glob("*.db*"):
        assert here.tokens["atlas"].encode() not in file.read_bytes()


def test_the_token_of_yesterday_never_gets_into_the_audit(tmp_path: Path) -> None:
    here = world(tmp_path, audit="all")

    async def story(visit: Visit) -> None:
        answer = await visit.check_in(product="atlas", productToken="the-token-that-was-good-before")
        assert answer.json()["update"] == "atlas-2"

    here.run(story)
    (row,) = entries(here, Kind.DECISION)
    assert row.entry.document["device"]["productToken"] == "atlas"


def test_a_body_that_is_compressed_is_refused_in_words(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        answer = await visit.post(UPDATE, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
        assert detail(answer) == (415, "the body is compressed; send it as it is")
        assert (await visit.post(UPDATE, {"id": "d"}, **{"Content-Encoding": "identity"})).status_code == 200

    world(tmp_path).run(story)


def test_long_ids_take_no_memory(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        for id_ in ("a" * 60_000, "a" * 59_999 + "b", "a" * 60_000):
            answer = await visit.check_in(id=id_)
        assert answer.status_code == 429

    here = world(tmp_path, limits=Limits(device_per_minute=1))
    kept: list[object] = []
    wait = Rates.wait

    def watch(rates: Rates, client: Hashable, now: float) -> int:
        kept.append(client)
        return wait(rates, client, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rates, "wait", watch)  # the buckets themselves are private
        here.run(story)
    assert kept[0] == kept[2] != kept[1]
    assert max(len(str(client)) for client in kept) < 200


@pytest.mark.parametrize(
    "device",
    [
        {"product": "beacon"},
        {"productToken": "beacon"},
        {"product": ""},
        {"product": 7},
        {"product": ["atlas"]},
        {"product": "Atlas"},
        {"product": "beacon", "productToken": "atlas"},
    ],
)
def test_a_device_of_another_product_gets_nothing(device: dict[str, Any], tmp_path: Path) -> None:
    here = world(tmp_path)

    async def story(visit: Visit) -> None:
        assert detail(await visit.check_in(**device)) == (403, "the token is of another product than the device")
        stolen = {"product": here.tokens["beacon"]}
        assert detail(await visit.check_in(**stolen)) == (403, "the token is of another product than the device")

    here.run(story)


def test_no_token_ever_gets_an_update_of_another_product(tmp_path: Path) -> None:
    here = world(tmp_path)

    async def story(visit: Visit) -> None:
        for product, other in (("atlas", "beacon"), ("beacon", "atlas")):
            for said in (product, other, None, here.tokens[product], here.tokens[other]):
                for name in ("product", "productToken"):
                    answer = await visit.check_in(product, **{name: said})
                    assert other not in answer.text
            report = await visit.post(REPORT, {"id": "d", "update": f"{other}-2", "success": True}, product)
            absent = await visit.post(REPORT, {"id": "d", "update": "none", "success": True}, product)
            assert detail(report) == detail(absent) == (404, "the product of the token has no such update")

    here.run(story)


def test_a_wrong_token_is_told_the_same_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    here = world(tmp_path)
    with opened(here.url) as database, database.changing() as connection:
        (device, *_) = connection.exec_driver_sql("SELECT id FROM tokens WHERE product = 'beacon' AND scope = 'device'").one()
        revoke_token(connection, device, actor="tests", now=NOW)

    async def story(visit: Visit) -> None:
        for token in (None, "nobody-has-this-one", "atlas admin", "beacon", "x" * 2000):
            answer = await visit.check_in(token)
            assert detail(answer) == (401, "the token is not valid here")
            assert answer.headers["www-authenticate"] == "Bearer"

    here.run(story)


def test_an_old_token_is_good_for_as_long_as_was_said_and_changes_hold_after_a_refresh(tmp_path: Path) -> None:
    here = world(tmp_path)

    async def story(visit: Visit) -> None:
        with visit.app.state.service.database.changing() as connection:
            (old, *_) = connection.exec_driver_sql("SELECT id FROM tokens WHERE product = 'atlas' AND scope = 'device'").one()
            new = rotate_token(connection, old, overlap=HOUR, actor="tests", now=NOW)
        assert (await visit.check_in(new.secret)).status_code == 401
        await visit.app.state.service.registry.refresh()
        assert [(await visit.check_in(token)).status_code for token in (new.secret, "atlas")] == [200, 200]
        here.now += HOUR
        assert [(await visit.check_in(token)).status_code for token in (new.secret, "atlas")] == [200, 401]

    here.run(story)


def test_an_operator_may_make_agents_drop_their_registration(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        answer = await visit.check_in("wrong")
        assert (answer.status_code, answer.text) == (401, "Authentication failed")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"

    world(tmp_path, drop_registrations=True).run(story)


def test_no_error_holds_the_words_that_drop_a_registration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every error of both addresses, with the words wherever a client can put them."""
    here = world(tmp_path, document("atlas-2", rollout={"max_devices": 1}))
    first, second = WORDS

    async def story(visit: Visit) -> None:
        answers = [
            await visit.client.get(UPDATE),
            await visit.client.get(f"/{first}"),
            await visit.client.post(f"/{second}/x", headers={"Authorization": second}),
            await visit.client.get("/metrics"),
            await visit.client.get(f"/images/{first}/{second}/x"),
            await visit.client.get("/api/v1/updates", headers={"Authorization": second}),
            await visit.check_in(first),
            await visit.check_in(product=second),
        ]
        for path in (UPDATE, REPORT):
            for text in (
                first,
                second,
                f'{{"{first}":1,"{first}":2}}',
                f'{{"{second}":1,"{second}":2}}',
                f'{{"a":"{first}" {second}}}',
                "x" * 70_000,
            ):
                answers += [await visit.post(path, text.encode())]
        for report in ({"id": first, "update": second, "success": second}, {"id": first, "update": second, "success": True}):
            answers += [await visit.post(REPORT, report)]
        with broken(monkeypatch, "changing", "asking", "reading"):
            answers.append(await visit.check_in(id=first))
            answers.append(await visit.post(REPORT, {"id": first, "update": "atlas-2", "success": True}))
        for _ in range(60):
            answers += [await visit.check_in("wrong")]
        with monkeypatch.context() as patch:
            patch.setattr("policy_lang.service.checkin.read_object", lambda _body: 1 / 0)
            answers.append(await visit.check_in())
        assert {answer.status_code for answer in answers} >= {400, 401, 403, 404, 405, 413, 429, 500, 503}
        for answer in answers:
            assert answer.status_code >= 400
            assert not any(word in answer.text for word in WORDS), answer.text

    here.run(story)


def test_limits_hold_and_who_waits_is_noted(tmp_path: Path) -> None:
    newest, older = document("atlas-3", "3.0.0", rollout={"max_devices": 2}), document("atlas-2")
    here = world(tmp_path, newest, older, audit="all")

    async def story(visit: Visit) -> None:
        got = [(await visit.check_in(id=name)).json()["update"] for name in ("a", "b", "c", "a", "d", "b")]
        assert got == ["atlas-3", "atlas-3", "atlas-2", "atlas-3", "atlas-2", "atlas-3"]
        numbers = visit.app.state.service.metrics.render().decode()
        assert 'policy_limited_total{gate="max devices",update="atlas-3"} 2.0' in numbers

    here.run(story)
    with opened(here.url) as database, database.reading() as connection:
        assert [(each.device_id, each.gate) for each in list_deferred(connection, "atlas-3")] == [
            ("c", "max devices"),
            ("d", "max devices"),
        ]
        rows = list_entries(connection, kind=Kind.DECISION)
        assert [dict(row.entry.document["grants"]) for row in reversed(rows)][:3] == [
            {"atlas-3": "new"},
            {"atlas-3": "new"},
            {"atlas-3": "max devices"},
        ]
        assert [replay(connection, row.seq).differences for row in rows] == [()] * 6


@pytest.mark.parametrize("engine", ENGINES)
def test_many_devices_at_once_never_pass_a_limit(engine: str, tmp_path: Path) -> None:
    rollout = {"max_per_period": 5, "period": "1h"}
    here = world(tmp_path, document("atlas-3", "3.0.0", rollout=rollout), engine=engine)

    async def story(visit: Visit) -> None:
        answers = await asyncio.gather(*(visit.check_in(id=f"device-{number % 40}") for number in range(80)))
        granted = {number % 40 for number, answer in enumerate(answers) if answer.json()}
        assert len(granted) == 5
        here.now += timedelta(hours=1)
        answers = await asyncio.gather(*(visit.check_in(id=f"device-{number}") for number in range(40)))
        assert sum(bool(answer.json()) for answer in answers) == 10

    here.run(story)


def test_without_the_database_no_limited_update_is_granted_and_all_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(
        tmp_path, document("atlas-3", "3.0.0", policy="device.pro == true", rollout={"max_devices": 2}), document("atlas-2")
    )

    async def story(visit: Visit) -> None:
        assert (await visit.check_in(id="a", pro=True)).json()["update"] == "atlas-3"
        with broken(monkeypatch, "changing", "asking", "reading"):
            answer = await visit.check_in(id="a", pro=True)
            assert detail(answer) == (503, "the database does not answer")
            assert answer.headers["retry-after"] == "5"
            assert (await visit.check_in(id="a")).json()["update"] == "atlas-2"
            report = await visit.post(REPORT, {"id": "a", "update": "atlas-3", "success": True})
            assert detail(report) == (503, "the database does not answer")
        assert (await visit.check_in(id="a", pro=True)).json()["update"] == "atlas-3"

    here.run(story)
    assert [line["event"] for line in here.lines].count("database failed") == 2


def test_where_all_decisions_are_kept_none_is_answered_before_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path, audit="all")

    async def story(visit: Visit) -> None:
        answers = await asyncio.gather(*(visit.check_in(id=f"d{number}") for number in range(30)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(entries(here, Kind.DECISION)) == 30
        with broken(monkeypatch, "changing"):
            assert detail(await visit.check_in()) == (503, "the database does not answer")

    here.run(story)


@pytest.mark.parametrize(("audit", "kept"), [("none", 0), (0.0, 0), (0.1, 10), (1.0, 100)])
def test_a_share_of_the_decisions_is_kept(audit: object, kept: int, tmp_path: Path) -> None:
    here = world(tmp_path, audit=audit)

    async def story(visit: Visit) -> None:
        for number in range(100):
            await visit.check_in(id=f"d{number}")

    here.run(story)
    assert len(entries(here, Kind.DECISION)) == kept


def test_a_device_that_asks_too_often_is_slowed_down_and_no_other(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        answers = [await visit.check_in(id="eager") for _ in range(61)]
        assert [answer.status_code for answer in answers] == [200] * 60 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        report = await visit.post(REPORT, {"id": "eager", "update": "atlas-2", "success": True})
        assert report.status_code == 429
        assert (await visit.check_in(id="calm")).status_code == 200

    world(tmp_path).run(story)


def test_who_tries_tokens_is_slowed_down_and_good_tokens_from_there_are_not(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        answers = [await visit.check_in(f"guess-{number}") for number in range(62)]
        assert [answer.status_code for answer in answers] == [401] * 60 + [429] * 2
        assert (await visit.check_in()).status_code == 200

    world(tmp_path).run(story)


@pytest.mark.parametrize("path", [UPDATE, REPORT])
def test_a_body_over_the_limit_is_refused_before_it_is_read(path: str, tmp_path: Path) -> None:
    here = world(tmp_path)

    async def story(visit: Visit) -> None:
        answer = await visit.post(path, b'{"a":"' + b"x" * 65_529 + b'"}')
        assert detail(answer) == (413, "a body has at most 65536 bytes")
        assert answer.headers["connection"] == "close"
        assert (await visit.post(UPDATE, b'{"a":"' + b"x" * 65_528 + b'"}')).status_code == 200

        async def parts() -> Any:
            yield b'{"a":"'
            for _ in range(70):
                yield b"x" * 1000

        headers = {"Authorization": here.tokens["atlas"]}
        answer = await visit.client.post(path, content=parts(), headers=headers)
        assert answer.status_code == 413

    here.run(story)


@pytest.mark.parametrize("length", ["-1", "1e3", "", "9" * 5000])
def test_a_length_that_is_none_is_refused_by_itself(length: str, tmp_path: Path) -> None:
    """Servers look at it first; where one does not, it must not become a fault."""

    async def story(visit: Visit) -> None:
        answer = await visit.post(UPDATE, b"{}", **{"Content-Length": length})
        assert answer.status_code == 413

    world(tmp_path).run(story)


def test_everything_but_post_is_refused(tmp_path: Path) -> None:
    async def story(visit: Visit) -> None:
        for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
            answer = await visit.client.request(method, UPDATE)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")

    world(tmp_path).run(story)


def test_a_fault_of_ours_is_told_to_the_log_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path)

    async def story(visit: Visit) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("policy_lang.service.checkin.read_object", lambda _body: dict[str, int]()["secret"])
            assert detail(await visit.check_in()) == (500, "this is our fault; the log says more")
        assert (await visit.check_in()).status_code == 200

    here.run(story)
    (line,) = [line for line in here.lines if line["event"] == "internal error"]
    assert "KeyError" in json.dumps(line)


def test_ids_that_are_no_text_are_answered(tmp_path: Path) -> None:
    here = world(tmp_path, document("atlas-3", "3.0.0", rollout={"max_devices": 5}), document("atlas-2"), audit="all")

    async def story(visit: Visit) -> None:
        for device_id in (7, None, "", "x" * 5000, ["a"], {"b": 1}, "é" * 10):
            answer = await visit.check_in(id=device_id)
            assert answer.json()["update"] == ("atlas-3" if device_id == "é" * 10 else "atlas-2")

    here.run(story)


def test_grants_have_words_that_prometheus_shows() -> None:
    assert {grant.value for grant in Grant if not grant.admits} == {"max devices", "max per period", "no time", "no id"}
