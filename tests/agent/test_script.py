import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from agent_world import START, FakeClock

from policy_lang.agent.clock import SystemClock
from policy_lang.agent.failures import StoppedError
from policy_lang.agent.files import Files
from policy_lang.agent.lock import is_script_running, only_agent, script_lock
from policy_lang.agent.script import Directive, Ended, Running, launch, run_script
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Task

TASK = Task("release-2", "2.0.0", "ab" * 32, "/state/update.bin", "1.0.0", START)
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a script of the shell."""

    def to_file(body: str) -> Path:
        path = tmp_path / "update"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return to_file


def run(folder: Path, script: Path, clock: SystemClock | FakeClock | None = None, seconds: float = 60) -> Ended:
    """Run a script as the agent does."""
    told = Settings("https://h", folder, script_timeout=timedelta(seconds=seconds))
    return run_script(told, script, TASK, device_id="device-1", clock=clock or SystemClock(), files=Files(), launcher=launch)


def test_a_success(tmp_path: Path, write: Write) -> None:
    ended = run(tmp_path, write('echo "$1 $UPDATE_ID $UPDATE_VERSION $DEVICE_ID $DEVICE_VERSION"; echo oops >&2'))
    assert ended == Ended("", ("/state/update.bin release-2 2.0.0 device-1 1.0.0", "oops"))


@pytest.mark.parametrize(
    ("body", "problem"),
    [("exit 3", "the script ended with status 3"), ("kill -9 $$", "the script ended by signal 9"), ("exit 127", "status 127")],
)
def test_a_failure(tmp_path: Path, write: Write, body: str, problem: str) -> None:
    assert problem in run(tmp_path, write(body)).problem


def test_a_script_that_cannot_be_started(tmp_path: Path, write: Write) -> None:
    script = write("exit 0")
    script.chmod(0o644)
    assert run(tmp_path, script).problem == "the script cannot be started: Permission denied"
    assert run(tmp_path, tmp_path / "missing").problem == "the script cannot be started: No such file or directory"


@pytest.mark.parametrize(
    ("lines", "directive"),
    [
        ((), Directive.NONE),
        (("exit",), Directive.EXIT),
        (("working", "restart"), Directive.RESTART),
        (("exit", "done"), Directive.NONE),
        (("exit now",), Directive.NONE),
    ],
)
def test_the_last_line_may_be_a_directive(lines: tuple[str, ...], directive: Directive) -> None:
    assert Ended("", lines).directive is directive


@pytest.mark.parametrize("child", ["sleep 60", "sh -c 'trap \"\" TERM; while :; do :; done'"])
def test_a_script_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path, write: Write, child: str) -> None:
    ended = run(tmp_path, write(f"{child} & echo $! > {tmp_path}/child; sleep 60"), seconds=0.5)
    assert ended.problem == "the script took longer than 0.5 s"
    _await(lambda: not _is_alive(int((tmp_path / "child").read_text())))


def test_a_script_that_ignores_the_first_signal(tmp_path: Path, write: Write) -> None:
    """Ten seconds later it gets the one that nobody ignores; here they pass quickly."""
    ended = run(tmp_path, write("trap '' TERM; while :; do :; done"), FakeClock(), seconds=300)
    assert ended.problem == "the script took longer than 300 s"
    _await_end_of_script(tmp_path)


def test_the_end_of_a_long_output_is_kept(tmp_path: Path, write: Write) -> None:
    ended = run(tmp_path, write("yes | head -100000; printf '\\377last'"))
    assert ended.lines[-1] == "\ufffdlast"
    assert len(ended.lines) < 10_000


def test_a_script_goes_on_when_the_agent_ends(tmp_path: Path, write: Write) -> None:
    clock = SystemClock()

    def launch_and_stop(command: tuple[str, ...], environment: Mapping[str, str], output: int, lock: int) -> Running:
        running = launch(command, environment, output, lock)
        clock.stop()
        return running

    script = write(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; echo nobody reads this; touch {tmp_path}/done")
    told = Settings("https://h", tmp_path)
    with pytest.raises(StoppedError):
        run_script(told, script, TASK, device_id="device-1", clock=clock, files=Files(), launcher=launch_and_stop)
    assert is_script_running(tmp_path)
    (tmp_path / "go").touch()
    _await_end_of_script(tmp_path)
    assert (tmp_path / "done").exists()


def test_no_script_runs_where_none_was_started(tmp_path: Path) -> None:
    assert not is_script_running(tmp_path)
    with script_lock(tmp_path):
        assert is_script_running(tmp_path)
    assert not is_script_running(tmp_path)


def test_what_an_earlier_script_left_does_not_hold_the_lock(tmp_path: Path) -> None:
    """A service that a script has started may have inherited the lock for ever."""
    with script_lock(tmp_path) as lock:
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=(lock,))
    try:
        assert is_script_running(tmp_path)
        with script_lock(tmp_path):
            pass
        assert not is_script_running(tmp_path)
    finally:
        left.kill()
        left.wait()


def test_the_lock_of_the_agent_ends_with_its_process(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\nfrom policy_lang.agent.lock import only_agent\n"
        "with only_agent(pathlib.Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=30)
    assert killed.returncode == -signal.SIGKILL
    with only_agent(tmp_path):
        pass


def _await_end_of_script(folder: Path) -> None:
    _await(lambda: not is_script_running(folder))


def _await(holds: Callable[[], bool]) -> None:
    """A signal takes a moment to arrive."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_alive(process: int) -> bool:
    """Whether a process is there, and no zombie that nobody has waited for yet."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


def test_the_clock_of_this_machine_wakes_up_when_it_is_stopped() -> None:
    clock = SystemClock()
    previous = signal.signal(signal.SIGALRM, lambda *_: clock.stop())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        began = clock.monotonic()
        clock.sleep(30)
        assert clock.monotonic() - began < 10
        assert clock.is_stopped
        clock.sleep(30)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert clock.now().tzinfo is not None
