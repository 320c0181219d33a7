"""A device for tests of the agent: a folder with its files, a script that notes what it was given, and a clock."""

import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import agent_server

from policy_lang.agent.settings import Settings, read_settings
from policy_lang.agent.state import State, load_state

START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)

# The script notes when it starts and ends, with the hash of what it was given, then becomes the new version in one step.
_SCRIPT = """#!{python} -I
import hashlib, json, os, sys, time
from pathlib import Path

here = Path({folder!r})
image = Path(sys.argv[1])
entry = {{"sha256": hashlib.sha256(image.read_bytes()).hexdigest(), "arguments": sys.argv[1:], "update": os.environ["UPDATE_ID"],
         "version": os.environ["UPDATE_VERSION"], "device": os.environ["DEVICE_ID"], "previous": os.environ["DEVICE_VERSION"]}}


def note(kind):
    line = json.dumps({{"kind": kind, **entry}}) + "\\n"
    with open(here / "applied.ndjson", "a") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


note("began")
print("applying", os.environ["UPDATE_ID"], flush=True)
{body}
note("ended")
{last}
"""
AWAIT_GO = """while not (here / "go").exists():
    time.sleep(0.02)
"""
BECOME_NEW = """draft = here / "version.draft"
draft.write_text(os.environ["UPDATE_VERSION"])
os.replace(draft, here / "version")
"""


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, now: datetime = START) -> None:
        """When it starts."""
        self.time = now
        self.elapsed = 0.0
        self.sleeps: list[float] = []
        self.is_stopped = False
        self.end = now + timedelta(days=365)
        """Then the agent is asked to end."""

    def now(self) -> datetime:
        """The time of day."""
        return self.time

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds > 0
        self.sleeps.append(seconds)
        self.time += timedelta(seconds=seconds)
        self.elapsed += seconds
        self.is_stopped = self.is_stopped or self.time >= self.end
        time.sleep(0.001)  # a script in a process of its own goes on meanwhile

    def stop(self) -> None:
        """End the agent."""
        self.is_stopped = True


@dataclass
class Device:
    """A device in a folder."""

    folder: Path

    def write_script(self, body: str = BECOME_NEW, last: str = "") -> None:
        """The script that applies an image; `body` is what it does between its two notes."""
        script = self.folder / "scripts" / "update"
        script.parent.mkdir(exist_ok=True)
        script.write_text(_SCRIPT.format(python=sys.executable, folder=str(self.folder), body=body, last=last))
        script.chmod(0o755)

    @property
    def version(self) -> str:
        """What the device runs."""
        return (self.folder / "version").read_text()

    @property
    def invocations(self) -> list[dict[str, Any]]:
        """What the script noted."""
        notes = self.folder / "applied.ndjson"
        return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []

    @property
    def state(self) -> State:
        """What the agent wrote down."""
        return load_state(self.folder / "state" / "state.json")

    @property
    def image(self) -> Path:
        """Where a verified image lies."""
        return self.folder / "state" / "update.bin"

    def settings(self, server: agent_server.Server, **more: Any) -> Settings:
        """The settings of its agent."""
        return read_settings(None, {**self.plain(server), **more}, allows_loopback=server.url.startswith("http:"))

    def plain(self, server: agent_server.Server) -> dict[str, Any]:
        """The same as they would be written."""
        return {
            "host": server.url,
            "token": agent_server.TOKEN,
            "id": "device-1",
            "product": "atlas",
            "version_file": str(self.folder / "version"),
            "directories": {"state": str(self.folder / "state")},
            "scripts": {"update": str(self.folder / "scripts" / "update")},
            "tls": {"authority": str(agent_server.authority_file())},
        }


def new_device(folder: Path, version: str = "1.0.0") -> Device:
    """A device that runs a version, with a script that installs another."""
    device = Device(folder)
    (folder / "version").write_text(version)
    device.write_script()
    return device
