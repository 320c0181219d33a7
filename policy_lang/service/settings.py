"""What an operator may set: one frozen value from a TOML file, the environment and the flags of the command line.

Later sources win: the defaults, then the file, then the environment, then the flags. The name of an environment variable is
`POLICY_` and the field in capitals, with two underscores where the file has a table: `POLICY_DATABASE`, `POLICY_SERVER__PORT`.
Reading is strict. A field that does not exist, a value of the wrong type and a value outside its range are problems; all of them
are named together, each with the place where it was written, and nothing starts until there is none.

    database = "postgresql://policy@db.example.com/policy"

    [server]
    port = 8443
    tls_cert = "/etc/policy/cert.pem"
    tls_key = "/etc/policy/key.pem"

Source: docs/operations.md, "Settings".
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_origin

import msgspec

from policy_lang.service.images.settings import ImageSettings
from policy_lang.suggest import did_you_mean

PREFIX = "POLICY_"
_OTHERS = ("POLICY_DEBUG", "POLICY_CONFIG", "POLICY_AGENT_")
"""Variables that begin as ours do and say something else."""

Seconds: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=7 * 24 * 3600)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
Route: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^(/[A-Za-z0-9._~-]+)+$")]


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """Where devices send what.

    Attributes:
        update: the check-in.
        report: how an update ended.
    """

    update: Route = "/tok/provision/update"
    report: Route = "/tok/provision/updateReport"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """How `policy serve` listens; a host with a server of its own ignores it.

    Attributes:
        host: the address.
        port: the port; 0 for any free one.
        workers: how many processes answer.
        tls_cert: the certificate chain, in PEM; the server speaks plain HTTP without it.
        tls_key: its private key, in PEM.
        request_seconds: how long a client may take to send one request, head and body; also how long it may say nothing at all.
        idle_seconds: how long a connection stays open between two requests.
        shutdown_seconds: how long requests may take to finish when the server stops.
        max_head: the most bytes of a request before its body.
        max_connections: how many connections and requests a process has at once; one more is told to come back.
        proxies: the addresses whose `X-Forwarded-For` is believed.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    tls_cert: str | None = None
    tls_key: str | None = None
    request_seconds: Seconds = 10.0
    idle_seconds: Seconds = 30.0
    shutdown_seconds: Seconds = 30.0
    max_head: Count = 16 * 1024
    max_connections: Count = 10_000
    proxies: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may ask for; each process counts on its own.

    Attributes:
        max_body: the most bytes of a body.
        body_seconds: how long a body may take where the server does not watch it; `server.request_seconds` is the same for ours.
        device_per_minute: how many requests a device may make in a minute, with as many at once; 0 for any number.
        failures_per_minute: how many wrong tokens an address may send in a minute; 0 for any number.
        threads: how many check-ins may wait for the database at once; also the connections that they use.
        waiting: how many more may queue for a thread before devices are told to come back.
        database_seconds: how long a check-in waits for the database.
    """

    max_body: Annotated[int, msgspec.Meta(ge=256, le=16 * 1024 * 1024)] = 64 * 1024
    body_seconds: Seconds = 10.0
    device_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 60
    failures_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 60
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] = 8
    waiting: Annotated[int, msgspec.Meta(ge=0)] = 512
    database_seconds: Seconds = 10.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator may set.

    Attributes:
        database: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`.
        catalog: the catalog file that the database follows, see `policy serve CATALOG`; the admin API changes no catalog then.
        fleet: a file of devices (Parquet, CSV or NDJSON) that previews of changes ask; the last audited check-ins without it.
        refresh_seconds: how often each process asks the database for changes; a change holds everywhere after that time.
        audit: which decisions are kept for replay: `all` (each one before its answer), `none`, or a share of them.
        log_checkins: whether each check-in is a line of the log.
        url_seconds: how long a URL of an image is valid; half of it is guaranteed to every device.
        drop_registrations: answer a wrong token with the words that make Ioto agents drop their registration and start anew.
        metrics_token: what `/metrics` asks for, as a bearer token; without it, only this machine may read them.
        paths: where devices send what.
        server: how `policy serve` listens.
        limits: what a client may ask for.
        images: the stores of images, by name.
    """

    database: Annotated[str, msgspec.Meta(pattern=r"^(sqlite:///|postgresql://)")] = "sqlite:///policy.db"
    catalog: str | None = None
    fleet: str | None = None
    refresh_seconds: Seconds = 1.0
    audit: Literal["all", "none"] | Share = 0.01
    log_checkins: bool = True
    url_seconds: Annotated[float, msgspec.Meta(ge=60, le=7 * 24 * 3600)] = 3600.0
    drop_registrations: bool = False
    metrics_token: Annotated[str, msgspec.Meta(min_length=16)] | None = None
    paths: Paths = Paths()
    server: Server = Server()
    limits: Limits = Limits()
    images: dict[str, ImageSettings] = msgspec.field(default_factory=dict)


class SettingsError(ValueError):
    """The settings make no sense.

    Attributes:
        problems: each as `PLACE: what is wrong`, in the order of the sources.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep every problem."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def load_settings(
    file: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
    defaults: Mapping[str, object] | None = None,
) -> Settings:
    """Read the settings, or name everything that is wrong with them.

    Args:
        file: a TOML file; without one, none is read.
        environment: the variables; those of this process where they are left out.
        flags: what the command line said, such as `{"server.port": 8443}`; a flag that is None was not given.
        defaults: what holds where nothing else is said, in the form of flags.

    Raises:
        SettingsError: something is wrong, or the file cannot be read.

    >>> load_settings(environment={"POLICY_SERVER__PORT": "8443"}).server.port
    8443
    """
    reader = _Reader()
    reader.values |= defaults or {}
    plain = {} if file is None else reader.read_file(Path(file))
    reader.take_table(plain, Settings, "", "" if file is None else os.fspath(file))
    for name, value in sorted((os.environ if environment is None else environment).items()):
        if name.startswith(PREFIX) and not name.startswith(_OTHERS):
            reader.take_variable(name, value)
    for field, flag in (flags or {}).items():
        if flag is not None:
            reader.take(field, flag, f"--{field.rpartition('.')[2].replace('_', '-')}", is_text=False)
    return reader.settings()


class _Reader:
    """Takes one value after the other, and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.problems: list[str] = []

    def read_file(self, path: Path) -> dict[str, Any]:
        """The tables of the file; empty, with a problem, where it cannot be read."""
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            self.problems.append(f"{path}: cannot be read: {str(error.strerror).lower()}")
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.problems.append(f"{path}: {_in_our_words(str(error))}")
        return {}

    def take_table(self, plain: Mapping[str, Any], kind: type[msgspec.Struct], prefix: str, source: str) -> None:
        """Take the fields of a table, and of the tables inside."""
        known = _fields(kind)
        for name, value in plain.items():
            field = f"{prefix}{name}"
            if name not in known:
                self._unknown(f"{source}: `{field}`", name, known)
            elif not _is_struct(known[name]):
                self.take(field, value, f"{source}: `{field}`", is_text=False)
            elif isinstance(value, dict):
                self.take_table(value, known[name], f"{field}.", source)
            else:
                self.problems.append(f"{source}: `{field}`: write a table, `[{field}]`")

    def take_variable(self, name: str, value: str) -> None:
        """Take a variable of the environment, whose value is text."""
        field = name.removeprefix(PREFIX).lower().replace("__", ".")
        if field in _NAMES:
            self.take(field, value, name, is_text=True)
        else:
            known = [PREFIX + each.upper().replace(".", "__") for each in _NAMES]
            self._unknown(name, name, known)

    def take(self, field: str, value: object, place: str, *, is_text: bool) -> None:
        """Take one value, or note why it is none."""
        kind = _NAMES[field]
        given: object = value
        if is_text and get_origin(kind) is tuple:
            given = [part.strip() for part in str(value).split(",") if part.strip()]
        try:
            self.values[field] = msgspec.convert(given, kind, strict=not is_text)
        except msgspec.ValidationError as error:
            self.problems.append(f"{place}: {_in_our_words(str(error))}")

    def settings(self) -> Settings:
        """The settings, or everything that is wrong."""
        tables: dict[str, dict[str, Any]] = {}
        for field, value in self.values.items():
            table, _, name = field.rpartition(".")
            tables.setdefault(table, {})[name] = value
        settings = Settings(
            **tables.get("", {}),
            paths=Paths(**tables.get("paths", {})),
            server=Server(**tables.get("server", {})),
            limits=Limits(**tables.get("limits", {})),
        )
        self.problems += _contradictions(settings)
        if self.problems:
            raise SettingsError(self.problems)
        return settings

    def _unknown(self, place: str, name: str, known: Iterable[str]) -> None:
        """Note a name that does not exist."""
        hint = did_you_mean(name, known) or "docs/operations.md lists the settings"
        self.problems.append(f"{place}: there is no such setting; {hint}")


def _contradictions(settings: Settings) -> Iterable[str]:
    """What no single value shows."""
    server, paths = settings.server, settings.paths
    if (server.tls_cert is None) != (server.tls_key is None):
        yield "`server.tls_cert` and `server.tls_key` need each other"
    if paths.update == paths.report:
        yield f"`paths.update` and `paths.report` are both `{paths.update}`"
    for name, path in (("update", paths.update), ("report", paths.report)):
        if path in _TAKEN or path.startswith(_TAKEN_BELOW):
            yield f"`paths.{name}`: `{path}` is taken by the service itself"


_TAKEN = ("/healthz", "/readyz", "/metrics")
_TAKEN_BELOW = ("/api", "/images")


def _fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of the fields of a table."""
    return {field.name: field.type for field in msgspec.structs.fields(kind)}


def _is_struct(kind: object) -> bool:
    """Whether a field is a table of its own."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _names(kind: type[msgspec.Struct], prefix: str = "") -> dict[str, Any]:
    """The type of each value that is no table, by its name with dots."""
    found: dict[str, Any] = {}
    for name, inner in _fields(kind).items():
        found |= _names(inner, f"{prefix}{name}.") if _is_struct(inner) else {f"{prefix}{name}": inner}
    return found


_NAMES = _names(Settings)

_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_WORDS = {"`str`": "text", "`int`": "a whole number", "`float`": "a number", "`bool`": "true or false", "`array`": "a list"}


def _in_our_words(message: str) -> str:
    """What a library says about a value, in the style of all other messages."""
    found = _PLACE.search(message)
    text = _PLACE.sub("", message)
    for theirs, ours in _WORDS.items():
        text = text.replace(theirs, ours)
    text = text[:1].lower() + text[1:]
    return f"`{found[1]}`: {text}" if found and found[1] else text
