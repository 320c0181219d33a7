"""`policy agent` as it is used: in a process of its own where signals matter."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import agent_server
import pytest
from agent_server import IMAGE, REPORT, UPDATE, Server, answering, dripping, in_turn
from agent_world import AWAIT_GO, BECOME_NEW, Device, new_device

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
IMAGE_2 = b"image of release 2" * 1000


@pytest.fixture
def server() -> Iterator[Server]:
    with agent_server.agent_server() as running:
        yield running


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return new_device(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy agent`: the exit code, standard output and standard error."""
    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for name in ("COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        logger = logging.getLogger("policy_lang.agent")
        try:
            code = main(["agent", *arguments])
        finally:
            logger.handlers, logger.propagate = [], True
            for number, handler in previous.items():
                signal.signal(number, handler)
        return code, *capsys.readouterr()

    return call


def config(device: Device, server: Server) -> str:
    """The settings of a device in a file."""
    path = device.folder / "config.json5"
    path.write_text(json.dumps({**device.plain(server), "update": {"jitter": 0}}))
    return str(path)


def test_one_round(run: Run, server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    code, out, err = run("run", "--config", config(device, server), "--once", "region=us-west", "memory:=512")
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "INFO: release-2 2.0.0 is offered, 1.0.0 runs",
        "INFO: the image of release-2 2.0.0 is verified",
        "INFO: release-2 2.0.0 is applied",
        "INFO: script: applying release-2",
        "INFO: the update succeeded: the script applied it",
        "INFO: the server knows that release-2 succeeded",
    ]
    assert server.check_ins == [{"id": "device-1", "product": "atlas", "version": "1.0.0", "region": "us-west", "memory": 512}]
    assert device.version == "2.0.0"


def test_the_words_of_the_updater(run: Run, server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    (device.folder / "token").write_text(agent_server.TOKEN)
    code, _, err = run(
        *("run", "--once", "-q", "--host", server.url, "--product", "atlas", "--token-file", str(device.folder / "token")),
        *("--device", "device-1", "--version", "1.0.0", "--cmd", str(device.folder / "scripts" / "update")),
        *("--state", str(device.folder / "own"), "--file", str(device.folder / "own" / "image.bin")),
        *("--authority", str(agent_server.authority_file()), "pro=true"),
    )
    assert (code, err) == (0, "")
    assert server.check_ins == [{"id": "device-1", "product": "atlas", "version": "1.0.0", "pro": "true"}]
    assert device.invocations[0]["arguments"] == [str(device.folder / "own" / "image.bin")]


def test_a_round_with_an_error(run: Run, server: Server, device: Device) -> None:
    server.handlers[UPDATE] = answering(401)
    code, _, err = run("run", "--config", config(device, server), "--once")
    assert code == 1
    assert "answers with status 401: the token is not valid; next try in" in err


def test_what_would_be_done(run: Run, server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    code, out, _ = run("check", "--config", config(device, server))
    assert code == 0
    assert out.splitlines() == [
        "release-2 2.0.0 is offered",
        f"  checksum: {agent_server.sha256(IMAGE_2)}",
        f"  from: {server.url}",
    ]
    code, out, _ = run("check", "--config", config(device, server), "--format", "json")
    assert json.loads(out) == {
        "update": "release-2",
        "version": "2.0.0",
        "checksum": agent_server.sha256(IMAGE_2),
        "from": server.url,
        "refused": None,
    }
    assert (server.count(IMAGE), server.count(REPORT), device.invocations) == (0, 0, [])
    assert not (device.folder / "state").exists()


def test_nothing_would_be_done(run: Run, server: Server, device: Device) -> None:
    assert run("check", "--config", config(device, server))[:2] == (1, "nothing is offered\n")
    code, out, _ = run("check", "--config", config(device, server), "-f", "json")
    assert (code, set(json.loads(out).values())) == (1, {None})


def test_an_offer_would_be_refused(run: Run, server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    device.write_script(body="")
    run("run", "--config", config(device, server), "--once")
    code, out, _ = run("check", "--config", config(device, server))
    assert code == 1
    assert "refused: it was installed, and the device still runs 1.0.0" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "the field `host` is missing"),
        (("check", "--host", "h", "--token", "t", "--device", "7", "--version", "one"), "`version` is not valid"),
        (("run", "--host", "h", "--token", "t", "--device", "7", "--version", "1.0.0"), "no script is named"),
        (
            ("run", "--host", "h", "--token", "t", "--device", "7", "--version", "1.0.0", "--cmd", "none"),
            "script `none` cannot be run",
        ),
        (("check", "--host", "http://127.0.0.1:1", "--token", "t", "--device", "7", "--version", "1.0.0"), "it is not https"),
        (("check", "--host", "h", "--token", "t", "--device", "7", "--version", "1.0.0", "version=2.0.0"), "repeats `version`"),
        (("run", "--verbose", "--quiet"), "`--verbose` and `--quiet` are given"),
        ((), ""),
    ],
)
def test_misuse(run: Run, arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*arguments)
    assert code == 2
    assert message in err


def test_no_answer(run: Run, server: Server, device: Device) -> None:
    server.handlers[UPDATE] = answering(200, b"<html>")
    code, _, err = run("check", "--config", config(device, server))
    assert code == 2
    assert err.startswith("error: the answer is not JSON\n")


def test_a_missing_library(run: Run, server: Server, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.cli.agent_command.find_spec", lambda _: None)
    code, _, err = run("check", "--config", config(device, server))
    assert (code, "run `pip install 'policy-lang[agent]'`" in err) == (2, True)


def test_certificates_that_cannot_be_read(run: Run, server: Server, device: Device) -> None:
    for command in ("run", "check"):
        code, _, err = run(command, "--config", config(device, server), "--authority", "/nowhere")
        assert (code, "No such file or directory" in err) == (2, True)


def start(device: Device, server: Server) -> subprocess.Popen[str]:
    """An agent in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "policy_lang", "agent", "run", "--config", config(device, server)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; it takes as long as it takes, within reason."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_agent_that_waits(server: Server, device: Device, number: signal.Signals) -> None:
    agent = start(device, server)
    until(lambda: (device.folder / "state" / "state.json").exists() and device.state.last_due is not None)
    agent.send_signal(number)
    _, err = agent.communicate(timeout=30)
    assert (agent.returncode, err) == (0, "INFO: nothing is offered\n")


@pytest.mark.parametrize("path", [UPDATE, IMAGE])
def test_a_signal_ends_an_agent_in_the_middle_of_a_request(server: Server, device: Device, path: str) -> None:
    server.publish(IMAGE_2)
    server.handlers[path] = dripping(0.1, body=IMAGE_2)
    agent = start(device, server)
    until(lambda: server.count(path) == 1)
    time.sleep(0.2)
    agent.terminate()
    agent.communicate(timeout=30)
    assert agent.returncode == 0
    assert device.invocations == []


def test_a_signal_leaves_the_script_alone(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    device.write_script(body=AWAIT_GO + BECOME_NEW)
    agent = start(device, server)
    until(lambda: bool(device.invocations))
    agent.terminate()
    agent.communicate(timeout=30)
    assert agent.returncode == 0
    assert [each["kind"] for each in device.invocations] == ["began"]
    next_one = start(device, server)
    (device.folder / "go").touch()
    until(lambda: bool(server.reports))
    next_one.terminate()
    next_one.communicate(timeout=30)
    assert [each["kind"] for each in device.invocations] == ["began", "ended"]
    assert server.reports == [{"success": True, "id": "device-1", "update": "release-2"}]


def test_a_script_restarts_the_agent(server: Server, device: Device) -> None:
    """It is the same process with new code: after the restart it reads its state and goes on."""
    server.publish(IMAGE_2)
    device.write_script(last="print('restart')")
    server.handlers[REPORT] = in_turn(answering(503), server.handler(REPORT))
    agent = start(device, server)
    state = device.folder / "state" / "state.json"
    until(lambda: server.count(REPORT) == 1 and '"wake_at": "' in state.read_text())
    until(lambda: bool(server.reports))
    agent.terminate()
    _, err = agent.communicate(timeout=30)
    assert agent.returncode == 0
    assert "INFO: the agent goes on at reporting" in err
    assert [each["kind"] for each in device.invocations] == ["began", "ended"]


def test_two_agents(run: Run, server: Server, device: Device) -> None:
    agent = start(device, server)
    until(lambda: len(server.check_ins) == 1)
    code, _, err = run("run", "--config", config(device, server), "--once")
    agent.terminate()
    agent.communicate(timeout=30)
    assert code == 2
    assert "another agent uses the folder" in err
