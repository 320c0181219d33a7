"""The check-in service: devices ask which update they get, and the answer comes from catalogs that live in a database.

`create_app` gives an ASGI application for a host of its own or for `policy serve`. The names are imported when they are first asked
for, so that a program which only looks at this package loads no framework.

Source: docs/service.md and docs/operations.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy_lang.service.app import create_app
    from policy_lang.service.settings import Settings, SettingsError, load_settings

__all__ = ["Settings", "SettingsError", "create_app", "load_settings"]

_MODULES = {"Settings": "settings", "SettingsError": "settings", "create_app": "app", "load_settings": "settings"}


if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        """The public name, imported now; later questions find it in the module (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value
