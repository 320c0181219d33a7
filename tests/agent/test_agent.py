import errno
import json
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import agent_server
import pytest
from agent_server import IMAGE, REPORT, UPDATE, Handler, Request, Server, answering, in_turn
from agent_world import AWAIT_GO, BECOME_NEW, START, Device, FakeClock, new_device

from policy_lang.agent import Agent, UpdateEvent
from policy_lang.agent.agent import Ending
from policy_lang.agent.failures import LockedError
from policy_lang.agent.files import Files
from policy_lang.agent.state import Phase

IMAGE_2 = b"image of release 2" * 1000


@pytest.fixture
def server() -> Iterator[Server]:
    with agent_server.agent_server() as running:
        yield running


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return new_device(tmp_path)


def run_once(device: Device, server: Server, clock: FakeClock | None = None, **settings: object) -> Agent:
    """One round of an agent; with no jitter, so that times are exact."""
    agent = Agent(device.settings(server, **settings), clock=clock or FakeClock())
    assert agent.run(once=True) is Ending.DONE
    return agent


def run_days(device: Device, server: Server, days: float, clock: FakeClock | None = None, **settings: object) -> FakeClock:
    """Some days of an agent."""
    clock = clock or FakeClock()
    clock.end, clock.is_stopped = clock.time + timedelta(days=days), False
    plain = {"update": {"jitter": 0}, **settings}
    assert Agent(device.settings(server, **plain), clock=clock).run() is Ending.STOPPED
    return clock


def test_an_update_is_installed_and_reported(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    run_once(device, server, properties={"pro": "true"})
    assert server.check_ins == [{"id": "device-1", "product": "atlas", "version": "1.0.0", "pro": "true"}]
    assert server.reports == [{"success": True, "id": "device-1", "update": "release-2"}]
    assert device.version == "2.0.0"
    began, ended = device.invocations
    assert (began["kind"], ended["kind"]) == ("began", "ended")
    assert began["sha256"] == agent_server.sha256(IMAGE_2)
    assert began["arguments"] == [str(device.image)]
    assert (began["update"], began["version"], began["device"], began["previous"]) == ("release-2", "2.0.0", "device-1", "1.0.0")
    assert not device.image.exists()
    assert device.state.phase is Phase.IDLE


def test_requests_name_the_token_where_it_belongs_only(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    run_once(device, server)
    assert [path for path, _ in server.requests] == [UPDATE, IMAGE, REPORT]
    tokens = {path: headers.get("Authorization") for path, headers in server.requests}
    bearer = f"bearer {agent_server.TOKEN}"
    assert tokens == {UPDATE: bearer, IMAGE: None, REPORT: bearer}


def test_nothing_is_offered(server: Server, device: Device) -> None:
    run_once(device, server)
    assert server.count(UPDATE) == 1
    assert device.invocations == []
    assert device.state.last_due == START


def test_check_ins_are_a_day_apart(server: Server, device: Device) -> None:
    run_days(device, server, 3.5)
    assert server.count(UPDATE) == 4


def test_a_schedule_with_hours(server: Server, device: Device) -> None:
    clock = run_days(device, server, 3, update={"schedule": "03:30", "jitter": 0})
    assert server.count(UPDATE) == 3
    assert device.state.last_due == (START + timedelta(days=2)).replace(day=4, hour=3, minute=30)
    assert max(clock.sleeps) <= 15 * 60


def test_a_failed_script_is_reported_and_tried_as_often_as_allowed(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    device.write_script(body="sys.exit(3)")
    run_days(device, server, 8)
    assert [each["kind"] for each in device.invocations] == ["began"] * 3
    assert server.reports == [{"success": False, "id": "device-1", "update": "release-2"}] * 3
    assert server.count(UPDATE) == 8
    assert server.count(IMAGE) == 1
    (record,) = device.state.records
    assert (record.failures, record.detail) == (3, "the script ended with status 3")


def test_an_update_that_failed_too_often_is_tried_again_when_it_changes(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    device.write_script(body="sys.exit(3)")
    clock = run_days(device, server, 5)
    device.write_script()
    server.publish(IMAGE_2 + b"!", update="release-2")
    run_days(device, server, 1.5, clock)
    assert device.version == "2.0.0"
    assert server.reports[-1]["success"] is True


def test_a_success_that_changes_nothing_is_not_repeated(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    device.write_script(body="")
    run_days(device, server, 6)
    assert [each["kind"] for each in device.invocations] == ["began", "ended"]
    assert server.reports == [{"success": True, "id": "device-1", "update": "release-2"}]
    assert server.count(IMAGE) == 1


def test_an_update_that_does_not_stay_is_installed_a_few_times_only(server: Server, device: Device) -> None:
    """A boot loader that falls back to the old software must not lead to a reinstallation each day for ever."""
    server.publish(IMAGE_2)
    clock = FakeClock()
    for _ in range(8):
        run_days(device, server, 1, clock)
        (device.folder / "version").write_text("1.0.0")
    assert len(server.reports) == 3


def test_the_version_that_runs_is_not_installed(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    server.publish(IMAGE_2, version="1.0.0+other")
    run_once(device, server)
    assert server.count(IMAGE) == 0
    assert "release-2 1.0.0+other is refused: the device runs 1.0.0 already" in caplog.text


def test_a_downgrade_is_the_decision_of_the_server(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    server.publish(IMAGE_2, version="0.9.0")
    run_once(device, server)
    assert device.version == "0.9.0"
    assert "release-2 0.9.0 is a downgrade from 1.0.0" in caplog.text


def test_a_downgrade_may_be_denied(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    server.publish(IMAGE_2, version="0.9.0")
    run_once(device, server, update={"downgrade": "deny"})
    assert (device.version, server.count(IMAGE)) == ("1.0.0", 0)
    assert "`update.downgrade` is `deny`" in caplog.text


def test_a_wrong_image_is_a_failure_and_not_fetched_again_at_once(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    server.image = b"something else"
    run_days(device, server, 7)
    assert device.invocations == []
    assert server.count(IMAGE) == 3
    assert [each["success"] for each in server.reports] == [False] * 3


def test_a_report_is_repeated_until_it_is_acknowledged(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    taken = server.handler(REPORT)
    server.handlers[REPORT] = in_turn(answering(503), answering(500), answering(429, headers={"Retry-After": "7200"}), taken)
    clock = run_days(device, server, 0.5)
    assert server.count(REPORT) == 4
    assert len(server.reports) == 1
    assert len(device.invocations) == 2
    assert sum(clock.sleeps) >= 7200
    assert server.count(UPDATE) == 1


def test_a_report_that_is_refused_for_good_is_given_up(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    server.handlers[REPORT] = answering(404)
    run_days(device, server, 1.5)
    assert server.count(REPORT) == 8
    assert server.count(UPDATE) == 2


def test_errors_are_spaced(server: Server, device: Device) -> None:
    """Ever longer waits, and an hour at most: never a tight loop."""
    server.handlers[UPDATE] = answering(503)
    run_days(device, server, 1)
    assert 24 <= server.count(UPDATE) <= 60


def test_retry_after_is_honoured(server: Server, device: Device) -> None:
    server.handlers[UPDATE] = in_turn(answering(429, headers={"Retry-After": "36000"}), answering(200, b"{}"))
    run_days(device, server, 9 / 24)
    assert server.count(UPDATE) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_each_refusal_is_an_error_with_its_status(
    server: Server, device: Device, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.handlers[UPDATE] = answering(status, b"secret details")
    agent = run_once(device, server)
    assert agent.state.errors == 1
    assert f"answers with status {status}" in caplog.text
    assert "secret" not in caplog.text


def test_a_redirected_check_in_is_not_followed(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    server.handlers[UPDATE] = answering(307, headers={"Location": "https://example.com/"})
    run_once(device, server)
    assert "which is not followed with a token" in caplog.text


def test_logs_never_show_the_token_or_the_address(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "policy_lang")
    server.publish(IMAGE_2)
    assert server.offer is not None
    server.offer["url"] = f"{server.url}{IMAGE}?signature=sesame"
    server.handlers[f"{IMAGE}?signature=sesame"] = answering(403)
    agent = run_once(device, server)
    assert agent.state.errors == 1
    ours = "".join(each.getMessage() for each in caplog.records if each.name.startswith("policy_lang"))
    assert "is answered with status 403" in ours
    kept = (device.folder / "state" / "state.json").read_text()
    for text in (ours, kept, repr(agent.settings)):
        assert agent_server.TOKEN not in text
        assert "sesame" not in text


def test_a_callback_sees_the_image_before_the_script(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    seen: list[UpdateEvent] = []

    def look(event: UpdateEvent) -> None:
        assert event.path.read_bytes() == IMAGE_2
        assert device.invocations == []
        seen.append(event)

    agent = Agent(device.settings(server), clock=FakeClock())
    agent.on("device:update", look)
    agent.run(once=True)
    (event,) = seen
    assert (event.update, event.version, event.previous) == ("release-2", "2.0.0", "1.0.0")
    assert event.checksum == agent_server.sha256(IMAGE_2)
    assert len(device.invocations) == 2


def test_a_callback_that_raises_is_a_failure(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    agent = Agent(device.settings(server), clock=FakeClock())
    agent.on("device:update", lambda event: event.path / 7)  # type: ignore[operator]  # what goes wrong
    agent.run(once=True)
    assert device.invocations == []
    assert server.reports == [{"success": False, "id": "device-1", "update": "release-2"}]


def test_callbacks_apply_where_there_is_no_script(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    agent = Agent(device.settings(server, scripts={}), clock=FakeClock())
    agent.on("device:update", lambda event: (device.folder / "version").write_text(event.version))
    agent.run(once=True)
    assert (device.version, device.invocations) == ("2.0.0", [])
    assert [each["success"] for each in server.reports] == [True]


def test_there_is_one_event(server: Server, device: Device) -> None:
    with pytest.raises(ValueError, match="there is no event 'device:udpate'; there is 'device:update'"):
        Agent(device.settings(server)).on("device:udpate", print)


def test_a_verified_image_waits_for_its_hours(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    update = {"apply": "0-29 2 * * *", "jitter": 0}
    clock = run_days(device, server, 0.5, update=update)
    assert device.state.phase is Phase.VERIFIED
    assert device.invocations == []
    run_days(device, server, 0.5, clock, update=update)
    assert device.version == "2.0.0"
    assert server.count(UPDATE) == 1


def test_an_offer_that_has_become_old_is_asked_for_again(server: Server, device: Device) -> None:
    """The server may have paused the update while the image waited for its hours."""
    server.publish(IMAGE_2)
    update = {"apply": "0 2 * * 0", "period": "6 hr", "jitter": 0}
    clock = run_days(device, server, 0.5, update=update)
    server.offer = None
    run_days(device, server, 4, clock, update=update)
    assert device.invocations == []
    assert device.state.phase is Phase.IDLE
    assert not device.image.exists()


def test_a_script_may_end_the_agent(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    for directive in (Ending.EXIT, Ending.RESTART):
        device.write_script(last=f"print({directive.value!r})")
        (device.folder / "version").write_text("1.0.0")
        assert Agent(device.settings(server), clock=FakeClock()).run() is directive
    assert [each["success"] for each in server.reports] == [True, True]


def test_two_agents_do_not_run_on_one_device(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    agent = Agent(device.settings(server), clock=FakeClock())
    errors: list[LockedError] = []

    def run_another(_: UpdateEvent) -> None:
        with pytest.raises(LockedError, match="another agent uses the folder") as caught:
            Agent(device.settings(server), clock=FakeClock()).run(once=True)
        errors.append(caught.value)

    agent.on("device:update", run_another)
    agent.run(once=True)
    assert len(errors) == 1
    assert server.count(UPDATE) == 1


def test_an_image_that_spoils_is_fetched_anew(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    server.publish(IMAGE_2)
    update = {"apply": "0 2 * * *", "jitter": 0}
    clock = run_days(device, server, 0.1, update=update)
    device.image.write_bytes(IMAGE_2[:-1] + b"?")
    run_days(device, server, 1.6, clock, update=update)
    assert "is not right any more" in caplog.text
    assert {each["sha256"] for each in device.invocations} == {agent_server.sha256(IMAGE_2)}
    assert (device.version, server.count(IMAGE)) == ("2.0.0", 2)


def test_another_version_than_the_offer_was_for_asks_again(
    server: Server, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has installed the same by hand while the image waited for its hours."""
    caplog.set_level(logging.INFO, "policy_lang")
    server.publish(IMAGE_2)
    update = {"apply": "0 2 * * *", "jitter": 0}
    clock = run_days(device, server, 0.1, update=update)
    (device.folder / "version").write_text("2.0.0")
    run_days(device, server, 1, clock, update=update)
    assert "2.0.0 runs now, not 1.0.0; the server is asked again" in caplog.text
    assert (device.invocations, server.reports, device.state.phase) == ([], [], Phase.IDLE)
    assert [each["version"] for each in server.check_ins] == ["1.0.0", "2.0.0"]


def test_a_damaged_state_does_not_start_a_second_script(server: Server, device: Device) -> None:
    device.write_script(body=f"time.sleep(0.5)\n{BECOME_NEW}")
    stop_during_the_script(device, server)
    (device.folder / "state" / "state.json").write_text("?")
    run_once(device, server, timeouts={"script": "1 day"})
    assert [each["kind"] for each in device.invocations] == ["began", "ended"]
    assert device.version == "2.0.0"


def test_a_damaged_state_is_set_aside(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    run_once(device, server)
    state = device.folder / "state" / "state.json"
    state.write_text(state.read_text()[:-20])
    server.publish(IMAGE_2)
    run_once(device, server)
    assert "it is set aside, and the agent starts anew" in caplog.text
    assert state.with_suffix(".damaged").exists()
    assert device.version == "2.0.0"


def test_a_folder_that_others_may_write_to_is_refused(server: Server, device: Device) -> None:
    (device.folder / "state").mkdir(mode=0o700)
    (device.folder / "state").chmod(0o777)
    with pytest.raises(PermissionError, match="others may write"):
        Agent(device.settings(server)).run(once=True)


def test_a_folder_of_another_user_is_refused(server: Server, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    (device.folder / "state").mkdir(mode=0o700)
    if os.getuid() == 0:  # what belongs to root is as good as ours
        os.chown(device.folder / "state", 12345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(PermissionError, match="belongs to another user"):
        Agent(device.settings(server)).run(once=True)


def test_a_device_that_cannot_say_its_version_asks_nothing(
    server: Server, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    (device.folder / "version").write_text("1.0\n")
    assert run_once(device, server).state.errors == 1
    assert server.requests == []
    assert "the version of the device is not valid: `1.0` is not a semantic version" in caplog.text


def test_the_image_is_private(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    agent = Agent(device.settings(server), clock=FakeClock())
    modes: list[int] = []
    agent.on("device:update", lambda event: modes.append(event.path.stat().st_mode & 0o777))
    agent.run(once=True)
    assert modes == [0o600]


def test_an_agent_after_the_clock_was_set_back(server: Server, device: Device) -> None:
    run_days(device, server, 0.1, FakeClock(START + timedelta(days=400)))
    run_days(device, server, 2.5)
    assert server.count(UPDATE) == 4


def test_an_agent_that_was_off_for_days_checks_in_once(server: Server, device: Device) -> None:
    run_days(device, server, 0.1)
    run_days(device, server, 0.5, FakeClock(START + timedelta(days=9, hours=7)))
    assert server.count(UPDATE) == 2


def stop_during_the_script(device: Device, server: Server, **settings: object) -> None:
    """An agent that ends while its script runs."""
    server.publish(IMAGE_2)
    agent = Agent(device.settings(server, **settings))
    agent.on("device:update", lambda _: agent.stop())
    assert agent.run(once=True) is Ending.STOPPED
    assert device.state.phase is Phase.APPLYING


def test_an_agent_that_is_stopped_leaves_its_script_to_the_next(server: Server, device: Device) -> None:
    device.write_script(body=f"time.sleep(0.3)\n{BECOME_NEW}")
    stop_during_the_script(device, server)
    Agent(device.settings(server)).run(once=True)
    assert [each["kind"] for each in device.invocations] == ["began", "ended"]
    assert server.reports == [{"success": True, "id": "device-1", "update": "release-2"}]


def test_a_script_that_never_ends_is_a_failure_for_good(server: Server, device: Device) -> None:
    device.write_script(body=AWAIT_GO + BECOME_NEW)
    stop_during_the_script(device, server)
    run_once(device, server, timeouts={"script": "30 secs"})
    assert server.reports == [{"success": False, "id": "device-1", "update": "release-2"}]
    run_once(device, server)
    (device.folder / "go").touch()
    assert [each["kind"] for each in device.invocations].count("began") == 1
    assert device.state.records[0].is_final


def test_an_agent_that_waits_for_a_script_can_be_stopped(server: Server, device: Device) -> None:
    device.write_script(body=AWAIT_GO)
    stop_during_the_script(device, server)
    clock = FakeClock()
    clock.end = START + timedelta(seconds=20)
    assert Agent(device.settings(server), clock=clock).run() is Ending.STOPPED
    (device.folder / "go").touch()
    assert device.state.phase is Phase.APPLYING


class FullDisk(Files):
    """A disk that is full for a while."""

    def __init__(self, name: str, times: int) -> None:
        """Which file cannot be made, and how often."""
        self.name, self.times, self.has_been_full = name, times, False

    def open(self, path: Path) -> int:
        """Make a file, or fail."""
        if path.name == self.name and self.times:
            self.times -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().open(path)


@pytest.mark.parametrize("name", ["update.bin.part", "state.json.new"])
def test_a_full_disk_is_waited_out(server: Server, device: Device, name: str, caplog: pytest.LogCaptureFixture) -> None:
    server.publish(IMAGE_2)
    clock = FakeClock()
    clock.end = START + timedelta(days=1)
    disk = FullDisk(name, 0)
    server.handlers[UPDATE] = filling(server.handler(UPDATE), disk)
    agent = Agent(device.settings(server, update={"jitter": 0}), clock=clock, files=disk)
    assert agent.run() is Ending.STOPPED
    assert "the disk or the system fails: No space left on device; next try in" in caplog.text
    assert [each["kind"] for each in device.invocations] == ["began", "ended"]
    assert [each["success"] for each in server.reports] == [True]


def filling(check_in: Handler, disk: FullDisk) -> Handler:
    """A check-in that fills the disk the first time."""

    def answer(request: Request) -> None:
        if not disk.has_been_full:
            disk.has_been_full, disk.times = True, 3
        check_in(request)

    return answer


def test_a_property_that_json_has_not(server: Server, device: Device, caplog: pytest.LogCaptureFixture) -> None:
    assert run_once(device, server, properties={"load": float("nan")}).state.errors == 1
    assert "a property that cannot be written in JSON" in caplog.text
    assert server.requests == []


def test_the_state_is_readable(server: Server, device: Device) -> None:
    server.publish(IMAGE_2)
    device.write_script(body="sys.exit(1)")
    server.handlers[REPORT] = answering(503)
    run_once(device, server)
    state = json.loads((device.folder / "state" / "state.json").read_text())
    assert (state["phase"], state["task"]["update"], state["task"]["runs"]) == ("reporting", "release-2", 1)
    assert state["task"]["image"] == str(device.image)
    assert state["outcome"] == {"success": False, "detail": "the script ended with status 1", "is_final": False}
