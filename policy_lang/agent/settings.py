"""What the agent is told: a file in JSON5, TOML, YAML or JSON, and what the command line says on top of it.

The sections and their keys are those of the Ioto agent where it has them. A key that is not known is refused, because a misspelled
limit is no limit. Relative paths start at the folder of the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from policy_lang.agent.addresses import problem_of
from policy_lang.agent.schedule import Schedule, read_schedule
from policy_lang.agent.units import read_size, read_some_time, read_time
from policy_lang.catalog.fields import WrongValue, read_bool, read_count, read_name, read_object, read_text, read_version
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.problems import quote
from policy_lang.documents.read import read_document
from policy_lang.errors import PolicyError
from policy_lang.types.decode import describe

_UTC = ZoneInfo("UTC")
_OWN = ("id", "product", "version")


@dataclass(frozen=True, slots=True)
class Settings:
    """What one agent is told.

    Attributes:
        host: where the server is, without a path at its end.
        state: the folder for the agent's state, lock and image.
        token: what the device is known by; never shown.
        token_file: where the token stands instead; read anew for each check-in.
        id: the name of the device; in the device's file otherwise.
        product: the product; in the device's file, or known from the token, otherwise.
        version: the version of the device's software, where no file says it.
        version_file: a file with the version alone, or a document with a `version`; read anew for each check-in.
        device_file: the device's file, such as `device.json5`.
        properties: further properties for policies.
        script: what applies an image; None where the program that embeds the agent does.
        image: where a verified image lies; `update.bin` in the folder for the state where it is left out.
        update_path, report_path: where the server takes check-ins and reports.
        schedule, period, jitter: when check-ins are, see `policy_lang.agent.schedule`.
        apply: when a verified image may be applied.
        attempts: how often an update may fail, or be installed, until it is not tried again.
        is_repeatable: whether the script may run again after it was interrupted.
        allows_downgrade: whether an offer may be older than what runs.
        connect_timeout, read_timeout: the longest silence, while connecting and later.
        api_timeout, download_timeout: the longest time for a check-in or report, and for a download, in all.
        script_timeout: the longest time for the script.
        max_image: the largest image, in bytes.
        authority: certificates to trust in place of the system's, in PEM.
        allows_loopback: whether plain http to 127.0.0.1 will do, for tests.
    """

    host: str
    state: Path
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    id: str | None = None
    product: str | None = None
    version: str | None = None
    version_file: Path | None = None
    device_file: Path | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    script: Path | None = None
    image: Path | None = None
    update_path: str = "/tok/provision/update"
    report_path: str = "/tok/provision/updateReport"
    schedule: Schedule = field(default_factory=lambda: read_schedule("anytime", _UTC))
    period: timedelta = timedelta(hours=24)
    jitter: timedelta = timedelta(minutes=15)
    apply: Schedule = field(default_factory=lambda: read_schedule("anytime", _UTC))
    attempts: int = 3
    is_repeatable: bool = True
    allows_downgrade: bool = True
    connect_timeout: timedelta = timedelta(seconds=10)
    read_timeout: timedelta = timedelta(seconds=60)
    api_timeout: timedelta = timedelta(seconds=30)
    download_timeout: timedelta = timedelta(hours=4)
    script_timeout: timedelta = timedelta(hours=1)
    max_image: int = 100 * 2**20
    authority: Path | None = None
    allows_loopback: bool = False

    @property
    def image_path(self) -> Path:
        """Where a verified image lies."""
        return self.state / "update.bin" if self.image is None else self.image


_DEFAULT_STATE = Path("/var/lib/policy-agent")
_DOWNGRADES = {"allow": True, "deny": False}
_Reader = Callable[[object], Any]


def read_settings(path: Path | None = None, given: Mapping[str, Any] | None = None, *, allows_loopback: bool = False) -> Settings:
    """Read the settings of an agent.

    Args:
        path: the file, whose suffix says its format; None where everything is given.
        given: the same keys from elsewhere, such as the command line; they win.
        allows_loopback: whether plain http to 127.0.0.1 will do, for tests.

    Returns:
        The settings. Beside a file, `device.json5` is the device's file where none is named and it is there.

    Raises:
        PolicyError: the file cannot be read, or a key is unknown, missing or wrong; all findings at once.

    Source: docs/agent.md, "Settings".
    """
    found: dict[str, Any] = {"device_file": None}
    problems: list[Diagnostic] = []
    if path is not None:
        document = read_document(path)
        findings = Findings(document)
        found |= {"device_file": _neighbour(path), **_read_top(document.value, findings, path.parent)}
        problems += findings.found
    findings = Findings(None)
    over = _read_top(given or {}, findings, Path())
    found |= {**over, "properties": {**found.get("properties", {}), **over.get("properties", {})}}
    problems += findings.found
    if not problems:
        problems = list(_missing(found, allows_loopback=allows_loopback))
    if problems:
        raise PolicyError(problems)
    return _settled(found, allows_loopback=allows_loopback)


def _neighbour(path: Path) -> Path | None:
    """The device's file beside the settings."""
    beside = path.parent / "device.json5"
    return beside if beside.is_file() else None


def _settled(found: dict[str, Any], *, allows_loopback: bool) -> Settings:
    """The settings, whose schedules have their zone."""
    zone = found.pop("timezone", _UTC)
    settings = Settings(**{"state": _DEFAULT_STATE, **found}, allows_loopback=allows_loopback)
    return replace(settings, schedule=replace(settings.schedule, zone=zone), apply=replace(settings.apply, zone=zone))


def _missing(found: Mapping[str, Any], *, allows_loopback: bool) -> list[Diagnostic]:
    """What no agent can do without, or what does not fit together."""
    problems = []
    if "host" not in found:
        problems.append(_lack("host", "where the server is", "for example `https://updates.example.com`"))
    elif problem := problem_of(found["host"], allows_loopback=allows_loopback):
        problems.append(Diagnostic("PL507", f"`host` cannot be used: {problem}", help="write an https address", field="host"))
    if not found.get("token") and "token_file" not in found:
        problems.append(_lack("token", "what the server knows the device by", "or name a `token_file`"))
    if "id" not in found and found.get("device_file") is None:
        problems.append(_lack("id", "the name of the device", "or name the `device_file`"))
    if not {"version", "version_file"} & found.keys() and found.get("device_file") is None:
        problems.append(_lack("version", "the version of the software", "or name a `version_file`"))
    return problems


def _lack(name: str, meaning: str, remedy: str) -> Diagnostic:
    return Diagnostic("PL505", f"the field `{name}` is missing: {meaning}", help=f"write it, {remedy}", field=name)


def _read_top(raw: object, findings: Findings, folder: Path) -> dict[str, Any]:
    """The settings of a document or of the command line, right ones only, by the name of their field in `Settings`."""
    if not isinstance(raw, Mapping):
        findings.add("PL506", f"settings are an object, not {describe(raw)}", (), remedy="write for example `{host: …}`")
        return {}
    readers = _readers(folder)
    record = Record(findings, (), raw, [*readers[""], *(name for name in readers if name)])
    found = _read_section(record, readers[""])
    for name, section in readers.items():
        inside = record.object(name, list(section)) if name else None
        found |= {} if inside is None else _read_section(inside, section)
    return found


def _read_section(record: Record, readers: Mapping[str, tuple[str, _Reader]]) -> dict[str, Any]:
    found = {field_: record.optional(name, read, None) for name, (field_, read) in readers.items() if name in record}
    return {name: value for name, value in found.items() if value is not None}


def _readers(folder: Path) -> dict[str, dict[str, tuple[str, _Reader]]]:
    """Each section, each key in it, the field of `Settings` that it sets, and what reads it; `` is the top level."""

    def read_path(raw: object) -> Path:
        return folder / Path(read_name(raw)).expanduser()

    return {
        "": {
            "host": ("host", _read_host),
            "token": ("token", read_name),
            "token_file": ("token_file", read_path),
            "id": ("id", read_name),
            "product": ("product", read_name),
            "version": ("version", lambda raw: read_version(raw).text),
            "version_file": ("version_file", read_path),
            "device_file": ("device_file", read_path),
            "properties": ("properties", _read_properties),
        },
        "directories": {"state": ("state", read_path), "image": ("image", read_path)},
        "scripts": {"update": ("script", read_path), "repeat": ("is_repeatable", read_bool)},
        "paths": {"update": ("update_path", _read_url_path), "report": ("report_path", _read_url_path)},
        "update": {
            "schedule": ("schedule", lambda raw: read_schedule(raw, _UTC)),
            "period": ("period", _read_period),
            "jitter": ("jitter", read_time),
            "apply": ("apply", lambda raw: read_schedule(raw, _UTC)),
            "timezone": ("timezone", _read_zone),
            "attempts": ("attempts", _read_attempts),
            "downgrade": ("allows_downgrade", _read_downgrade),
        },
        "timeouts": {
            "connect": ("connect_timeout", read_some_time),
            "read": ("read_timeout", read_some_time),
            "api": ("api_timeout", read_some_time),
            "download": ("download_timeout", read_some_time),
            "script": ("script_timeout", read_some_time),
        },
        "limits": {"image": ("max_image", read_size)},
        "tls": {"authority": ("authority", read_path)},
    }


def _read_host(raw: object) -> str:
    """An address without a path at its end; https where nothing is said."""
    text = read_name(raw).rstrip("/")
    return text if "://" in text else f"https://{text}"


def _read_url_path(raw: object) -> str:
    text = read_name(raw)
    if not text.startswith("/") or problem_of(f"https://host{text}", allows_loopback=False):
        raise WrongValue("PL507", f"is not the path of a URL: {quote(text)}", "start it with `/`")
    return text


def _read_properties(raw: object) -> Mapping[str, Any]:
    properties = read_object(raw)
    for name in _OWN:
        if name in properties:
            raise WrongValue("PL507", f"repeats `{name}`", f"`{name}` is a key of its own")
    return properties


def _read_period(raw: object) -> timedelta:
    period = read_some_time(raw)
    if period < timedelta(minutes=1):
        raise WrongValue("PL507", "is shorter than a minute", "write for example `24 hr`")
    return period


def _read_zone(raw: object) -> ZoneInfo:
    name = read_text(raw)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a name, or the name of a folder
        raise WrongValue("PL507", f"is not a time zone: {quote(name)}", "write an IANA name such as `Europe/Berlin`") from None


def _read_attempts(raw: object) -> int:
    count = read_count(raw)
    if not count:
        raise WrongValue("PL507", "must be 1 or more", "write how often an update may fail")
    return count


def _read_downgrade(raw: object) -> bool:
    text = read_text(raw)
    if text not in _DOWNGRADES:
        raise WrongValue("PL507", f"must be `allow` or `deny`, not {quote(text)}", "leave it out to trust the server")
    return _DOWNGRADES[text]
