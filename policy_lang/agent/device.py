"""What the device says of itself: its file, its version, its token.

All are read anew for each check-in, because an update changes them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_lang.agent.failures import TransientError
from policy_lang.agent.settings import Settings
from policy_lang.catalog.devices import load_device
from policy_lang.documents.files import read_text
from policy_lang.documents.problems import quote
from policy_lang.errors import PolicyError
from policy_lang.rollout.bucket import is_device_id
from policy_lang.versions.version import Version

_DOCUMENTS = {".json", ".json5", ".toml", ".yaml", ".yml"}
_LONGEST = 65_536


@dataclass(frozen=True, slots=True)
class Device:
    """A device at one moment.

    Attributes:
        id: its unique name.
        version: the version of its software.
        token: what it is known by to the server; never shown.
        facts: the body of a check-in.
    """

    id: str
    version: Version
    token: str
    facts: dict[str, Any]

    def __repr__(self) -> str:
        """Leave the token out of every log and traceback."""
        return f"Device({self.id!r}, {self.version})"


def read_device(settings: Settings) -> Device:
    """The device as its files say now; settings win over the device's file, and properties given one by one over both.

    Raises:
        TransientError: a file cannot be read, or lacks what a check-in needs. A script that is just replacing it may be the cause.
    """
    try:
        facts = {} if settings.device_file is None else load_device(settings.device_file)
        token = settings.token if settings.token_file is None else read_text(settings.token_file, max_size=_LONGEST).strip()
        version = _version(settings, facts)
    except PolicyError as error:
        raise TransientError(f"{error.diagnostics[0].message}: {_place(error)}") from None
    named = {"id": settings.id or facts.get("id"), "product": settings.product or facts.get("product"), "version": version}
    facts = {**facts, **{name: value for name, value in named.items() if value is not None}, **settings.properties}
    return Device(_id(facts.get("id")), _parsed(facts.get("version")), _token(token), facts)


def _version(settings: Settings, facts: dict[str, Any]) -> Any:
    """The version as it is written: in a file of its own, in the settings, or in the device's file."""
    if settings.version_file is None:
        return settings.version or facts.get("version")
    if settings.version_file.suffix.lower() in _DOCUMENTS:
        return load_device(settings.version_file).get("version")
    return read_text(settings.version_file, max_size=_LONGEST).strip()


def _parsed(raw: object) -> Version:
    try:
        return Version.parse(raw if isinstance(raw, str) else "")
    except ValueError as error:
        problem = f"the version of the device is not valid: {error}" if isinstance(raw, str) else "the device has no version"
        raise TransientError(problem) from None


def _id(raw: object) -> str:
    if not isinstance(raw, str) or not raw or not is_device_id(raw):
        raise TransientError("the device has no id")
    return raw


def _token(text: str) -> str:
    """A token that can stand in a header."""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise TransientError("there is no usable token")
    return text


def _place(error: PolicyError) -> str:
    source = error.diagnostics[0].source
    return quote(Path(source.name).name if source is not None and source.name else "settings")
