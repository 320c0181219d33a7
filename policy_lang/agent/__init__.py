"""The device side: check in, download, verify, apply, report.

A program that embeds the agent imports its names from here. Each is loaded when it is first asked for, and HTTP with the first
agent.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy_lang.agent.agent import Agent, Ending
    from policy_lang.agent.apply import UpdateEvent
    from policy_lang.agent.settings import Settings, read_settings

__all__ = ["Agent", "Ending", "Settings", "UpdateEvent", "read_settings"]

_MODULES = {"Agent": "agent", "Ending": "agent", "Settings": "settings", "UpdateEvent": "apply", "read_settings": "settings"}


def __getattr__(name: str) -> object:
    """Import the module of a public name."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
