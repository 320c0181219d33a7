"""An agent that is killed at any moment never applies a bad or partial image, and in the end applies the right one once."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import agent_server
import pytest
from agent_server import IMAGE, Server
from agent_victim import Victims
from agent_world import AWAIT_GO, BECOME_NEW, Device, new_device

IMAGE_2 = b"".join(agent_server.sha256(bytes([at])).encode() for at in range(250)) * 10
_MOST_STEPS = 200


@pytest.fixture
def server() -> Iterator[Server]:
    with agent_server.agent_server() as running:
        yield running


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    running = Victims()
    yield running
    running.close()


def finish(victims: Victims, device: Device, server: Server) -> None:
    """Run agents that live, until nothing is left to do."""
    for _ in range(3):
        assert victims.run(device.plain(server)).status == 0
        if device.state.task is None and device.version == (server.offer or {}).get("version"):
            return
    pytest.fail(f"the device runs {device.version}, {device.state}")


def kinds(device: Device) -> list[str]:
    return [each["kind"] for each in device.invocations]


def test_a_death_at_every_step(victims: Victims, server: Server, tmp_path: Path) -> None:
    """The script survives the agent, so it runs exactly once, whatever the step."""
    server.publish(IMAGE_2)
    reports = Counter[int]()
    for step in range(1, _MOST_STEPS):
        server.reports.clear()
        folder = tmp_path / str(step)
        folder.mkdir()
        device = new_device(folder)
        was_killed = victims.run(device.plain(server), die_at=step).was_killed
        finish(victims, device, server)
        assert kinds(device) == ["began", "ended"], step
        assert {each["sha256"] for each in device.invocations} == {agent_server.sha256(IMAGE_2)}, step
        assert device.version == "2.0.0", step
        assert server.reports[0] == {"success": True, "id": "device-1", "update": "release-2"}, step
        assert all(each == server.reports[0] for each in server.reports), step
        reports[len(server.reports)] += 1
        if not was_killed:
            break
    else:
        pytest.fail("the agent has more steps than this test knows")
    assert step > 40, "the agent dies at fewer steps than it takes"
    # Only an agent that dies between the server's answer and its own note of it reports again.
    assert set(reports) == {1, 2}
    assert reports[2] <= 8


def test_deaths_at_random_times(victims: Victims, server: Server, tmp_path: Path) -> None:
    """One device, several updates, and a death every moment: each update is applied exactly once, in order."""
    device = new_device(tmp_path)
    device.write_script(body=f"time.sleep(0.05)\n{BECOME_NEW}")
    chance = random.Random(7)  # noqa: S311  moments, not secrets
    images = {f"{number}.0.0": chance.randbytes(200_000 + number) for number in range(2, 12)}
    deaths, pending = 0, list(images)
    while pending or deaths < 60:
        if pending and device.version == (server.offer or {"version": "1.0.0"})["version"]:
            version = pending.pop(0)
            server.publish(images[version], version, f"release-{version}")
        longest = 0.25 + deaths / 200  # however slow the machine is, some agent comes to the next step
        deaths += victims.run(device.plain(server), die_after=chance.uniform(0.005, longest)).was_killed
    finish(victims, device, server)
    assert device.version == "11.0.0"
    assert deaths >= 60
    for version, image in images.items():
        notes = [each for each in device.invocations if each["version"] == version]
        assert [each["kind"] for each in notes] == ["began", "ended"], version
        assert {each["sha256"] for each in notes} == {agent_server.sha256(image)}
    reported = {(each["update"], each["success"]) for each in server.reports}
    assert reported == {(f"release-{version}", True) for version in images}


def test_a_download_goes_on_where_it_ended(victims: Victims, server: Server, tmp_path: Path) -> None:
    server.publish(IMAGE_2)
    for step in range(10, _MOST_STEPS):
        folder = tmp_path / str(step)
        folder.mkdir()
        device = new_device(folder)
        victims.run(device.plain(server), die_at=step)
        part = device.image.with_name("update.bin.part")
        if part.exists() and 0 < (size := part.stat().st_size) < len(IMAGE_2):
            break
    else:
        pytest.fail("no agent died with half an image")
    finish(victims, device, server)
    asked = [headers.get("Range") for path, headers in server.requests if path == IMAGE]
    assert asked[-1] == f"bytes={size}-"
    assert kinds(device) == ["began", "ended"]


_DIE_TOGETHER = """
import signal
if not (here / "died").exists():
    (here / "died").touch()
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_script_that_died_with_the_agent_runs_again(victims: Victims, server: Server, tmp_path: Path) -> None:
    """As after a power cut: the version of the device says that nothing came of it."""
    server.publish(IMAGE_2)
    device = new_device(tmp_path)
    device.write_script(body=_DIE_TOGETHER + BECOME_NEW)
    assert victims.run(device.plain(server)).was_killed
    finish(victims, device, server)
    assert kinds(device) == ["began", "began", "ended"]
    assert [each["success"] for each in server.reports] == [True]


def test_a_script_that_may_not_run_again_is_a_failure(victims: Victims, server: Server, tmp_path: Path) -> None:
    server.publish(IMAGE_2)
    device = new_device(tmp_path)
    device.write_script(body=_DIE_TOGETHER + BECOME_NEW)
    plain = device.plain(server)
    plain["scripts"]["repeat"] = False
    assert victims.run(plain).was_killed
    assert victims.run(plain).status == 0
    assert kinds(device) == ["began"]
    assert [each["success"] for each in server.reports] == [False]


def test_a_script_that_always_dies_is_not_run_for_ever(victims: Victims, server: Server, tmp_path: Path) -> None:
    server.publish(IMAGE_2)
    device = new_device(tmp_path)
    device.write_script(body=_DIE_TOGETHER.replace('if not (here / "died").exists()', "if True"))
    deaths = sum(victims.run(device.plain(server)).was_killed for _ in range(12))
    assert deaths == kinds(device).count("began") == 9  # three times for each of three offers
    assert [each["success"] for each in server.reports] == [False] * 3


_LIVE_ON = """
import signal
os.kill(os.getppid(), signal.SIGKILL)
print("the agent is dead, and nobody reads this", flush=True)
"""


def test_an_agent_waits_for_a_script_that_lives_on(victims: Victims, server: Server, tmp_path: Path) -> None:
    server.publish(IMAGE_2)
    device = new_device(tmp_path)
    device.write_script(body=_LIVE_ON + AWAIT_GO + BECOME_NEW)
    assert victims.run(device.plain(server)).was_killed
    assert kinds(device) == ["began"]
    timer = threading.Timer(0.5, (device.folder / "go").touch)
    timer.start()
    finish(victims, device, server)
    timer.join()
    assert kinds(device) == ["began", "ended"]
    assert [each["success"] for each in server.reports] == [True]
