import json
import logging
import sys
from pathlib import Path

from service_world import REPORT, UPDATE, Visit, served, until, world
from stores import document

from policy_lang.service.logs import LineFormatter


def test_each_request_is_a_line_without_a_secret(tmp_path: Path) -> None:
    here = world(tmp_path)
    secrets = [*here.tokens.values(), "a-guessed-secret-0123456789"]

    async def story(visit: Visit) -> None:
        for secret in secrets:
            for path in (UPDATE, REPORT, "/nowhere", "/api/v1/updates", "/metrics"):
                await visit.post(
                    f"{path}?token={secret}", {"id": "device-1", "version": "1.0.0", "productToken": secret}, f"bearer {secret}"
                )
        await visit.post(UPDATE, b'{"id": "x", "secret": "' + secrets[0].encode())
        await visit.check_in(id="x" * 500)

    here.run(story)
    for secret in secrets:
        assert secret.encode() not in here.log.getvalue()
    lines = [line for line in here.lines if line["event"] == "checkin"]
    assert list(lines[0]) == ["at", "level", "event", "status", "product", "token", "device", "update", "reason", "address", "ms"]
    assert lines[0] | {"at": "", "ms": 0, "token": ""} == {
        "at": "",
        "level": "info",
        "event": "checkin",
        "status": 200,
        "product": "atlas",
        "token": "",
        "device": "device-1",
        "update": "atlas-2",
        "reason": "offered",
        "address": "192.0.2.7",
        "ms": 0,
    }
    assert len(lines[-1]["device"]) == 81


def test_lines_of_check_ins_can_be_left_out(tmp_path: Path) -> None:
    here = world(tmp_path, log_checkins=False)

    async def story(visit: Visit) -> None:
        await visit.check_in()

    here.run(story)
    assert {line["event"] for line in here.lines} == {"catalog loaded", "started", "stopped"}


def test_a_real_server_writes_no_secret_and_only_lines(tmp_path: Path) -> None:
    here = world(tmp_path, document("atlas-2"))
    with served(tmp_path, "--database", here.url) as server:
        for secret in here.tokens.values():
            body = json.dumps({"id": "1", "version": "1.0.0", "productToken": secret}).encode()
            head = f"POST {UPDATE}?t={secret} HTTP/1.1\r\nHost: x\r\nAuthorization: {secret}\r\nContent-Length: {len(body)}\r\n"
            server.exchange(head.encode() + b"Connection: close\r\n\r\n" + body)
            server.exchange(head.encode() + b"Bad Header\r\n\r\n")
        until(lambda: server.text.count('"event":"checkin"') == len(here.tokens))
        assert not any(secret in server.text for secret in here.tokens.values())
        first, *others = server.text[server.text.index("{") :].splitlines()
        assert all(isinstance(json.loads(line), dict) for line in (first, *others))


def test_records_of_libraries_are_lines_too() -> None:
    try:
        int("no")
    except ValueError:
        record = logging.LogRecord("lib", logging.ERROR, __file__, 1, "it failed: %s", ("x",), sys.exc_info())
    line = json.loads(LineFormatter().format(record))
    assert (line["level"], line["event"], line["logger"], line["traceback"][-1]) == (
        "error",
        "it failed: x",
        "lib",
        "ValueError: invalid literal for int() with base 10: 'no'",
    )
