"""The agent as a program embeds it; two type checkers read this file."""

# pyright: reportUnusedCallResult=false

from pathlib import Path
from typing import assert_type

from policy_lang.agent import Agent, Ending, Settings, UpdateEvent, read_settings


def embedded() -> None:
    """Settings, an event, and the end of an agent."""
    settings = read_settings(Path("config.json5"), {"host": "https://updates.example.com", "update": {"period": "12 hr"}})
    assert_type(settings, Settings)
    assert_type(settings.image_path, Path)
    agent = Agent(settings)
    agent.on("device:update", install)
    assert_type(agent.run(once=True), Ending)
    agent.stop()


def install(event: UpdateEvent) -> None:
    """What a callback sees."""
    assert_type(event.path, Path)
    assert_type((event.update, event.version, event.checksum, event.previous), tuple[str, str, str, str])
