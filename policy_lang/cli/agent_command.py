"""`policy agent`: settings from a file and from options, signals, and the log on standard error."""

import logging
import os
import signal
import sys
from dataclasses import dataclass
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from policy_lang.agent.clock import SystemClock
from policy_lang.agent.device import read_device
from policy_lang.agent.failures import LockedError, TransientError
from policy_lang.agent.offer import Offer
from policy_lang.agent.settings import Settings, read_settings
from policy_lang.agent.state import StateError, load_state
from policy_lang.agent.transitions import after_version, refusal
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import apply_settings
from policy_lang.cli.output import BAD, GOOD, QUIET, Format, Styled, standard_output
from policy_lang.documents.problems import quote

if TYPE_CHECKING:
    from policy_lang.agent.agent import Agent

_CHECK_REMEDY = "check the host, the token and the files of the device"
_LOGGER = "policy_lang.agent"


class Verbosity(IntEnum):
    """How much is logged."""

    QUIET = logging.WARNING
    NORMAL = logging.INFO
    VERBOSE = logging.DEBUG

    @classmethod
    def of(cls, *, verbose: bool, quiet: bool) -> "Verbosity":
        """What two options ask for together."""
        if verbose and quiet:
            raise MisuseError("`--verbose` and `--quiet` are given", "use one of them")
        return cls.VERBOSE if verbose else cls.QUIET if quiet else cls.NORMAL


@dataclass(frozen=True, slots=True)
class AgentOrder:
    """What was asked; the fields are the arguments of the commands."""

    config: Path | None
    host: str | None
    product: str | None
    token: str | None
    token_file: Path | None
    device: str | None
    device_file: Path | None
    version: str | None
    version_file: Path | None
    state: Path | None
    authority: Path | None
    insecure_loopback: bool
    cmd: Path | None
    file: Path | None
    properties: tuple[str, ...]


def run_agent(order: AgentOrder, verbosity: Verbosity, *, once: bool) -> ExitCode:
    """Run the agent, and say how it ended."""
    settings = _settings(order)
    _require_script(settings)
    _require_http()
    from policy_lang.agent.agent import Agent, Ending  # noqa: PLC0415  it needs the extra `agent`

    _log_to_standard_error(verbosity)
    try:
        agent = Agent(settings)
        _end_on_signals(agent)
        ending = agent.run(once=once)
    except LockedError as error:
        raise MisuseError(str(error), "end it first, or give this one a folder of its own with `--state`") from None
    except OSError as error:
        raise MisuseError(f"the agent cannot start: {error.strerror or error}", "check its folder and its certificates") from None
    if ending is Ending.RESTART:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  the same command again, in new code
    return ExitCode.FINDINGS if once and agent.state.errors else ExitCode.FINE


def run_agent_check(order: AgentOrder, output_format: Format) -> ExitCode:
    """Ask once, and show the answer."""
    settings = _settings(order)
    _require_http()
    offer, refused = _ask(settings)
    if output_format is Format.JSON:
        standard_output().json(_plain(offer, refused))
    else:
        _show(offer, refused)
    return ExitCode.FINE if offer is not None and refused is None else ExitCode.FINDINGS


def _ask(settings: Settings) -> tuple[Offer | None, str | None]:
    """What the server offers, and why the agent would refuse it."""
    from policy_lang.agent.requests import check_in  # noqa: PLC0415  it needs the extra `agent`
    from policy_lang.agent.transport import HttpTransport  # noqa: PLC0415  the same

    try:
        device = read_device(settings)
        offer = check_in(settings, device, HttpTransport(settings), SystemClock().now())
        state = after_version(load_state(settings.state / "state.json"), device.version)
    except (TransientError, StateError) as error:
        raise MisuseError(str(error), _CHECK_REMEDY) from None
    except OSError as error:
        raise MisuseError(f"a file cannot be read: {error.strerror or error}", _CHECK_REMEDY) from None
    return offer, None if offer is None else refusal(state, offer, device.version, settings)


def _plain(offer: Offer | None, refused: str | None) -> dict[str, Any]:
    from policy_lang.agent.addresses import origin  # noqa: PLC0415  for this only

    if offer is None:
        return dict.fromkeys(("update", "version", "checksum", "from", "refused"))
    return {
        "update": offer.update,
        "version": offer.version.text,
        "checksum": offer.checksum,
        "from": origin(offer.url),
        "refused": refused,
    }


def _show(offer: Offer | None, refused: str | None) -> None:
    output = standard_output()
    if offer is None:
        output.line(Styled("nothing is offered", QUIET))
        return
    output.line(Styled(f"{offer.update} {offer.version} is offered", BAD if refused else GOOD))
    plain = _plain(offer, refused)
    for name in ("checksum", "from", "refused"):
        if plain[name] is not None:
            output.line(f"  {name}: {plain[name]}")


def _settings(order: AgentOrder) -> Settings:
    given: dict[str, Any] = {
        "host": order.host,
        "product": order.product,
        "token": order.token,
        "token_file": _text(order.token_file),
        "id": order.device,
        "device_file": _text(order.device_file),
        "version": order.version,
        "version_file": _text(order.version_file),
        "properties": apply_settings(order.properties, {"device": {}, "update": {}})["device"] or None,
        "directories": _some({"state": _text(order.state), "image": _text(order.file)}),
        "scripts": _some({"update": _text(order.cmd)}),
        "tls": _some({"authority": _text(order.authority)}),
    }
    return read_settings(order.config, _some(given), allows_loopback=order.insecure_loopback)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _some(values: dict[str, Any]) -> dict[str, Any] | None:
    """What was given, or nothing where nothing was."""
    return {name: value for name, value in values.items() if value is not None} or None


def _require_script(settings: Settings) -> None:
    if settings.script is None:
        raise MisuseError(
            "no script is named", "name what applies an image with `--cmd`, or `scripts: {update: …}` in the settings"
        )
    if not settings.script.is_file() or not os.access(settings.script, os.X_OK):
        raise MisuseError(f"the script {quote(str(settings.script))} cannot be run", "check its path, and make it executable")


def _require_http() -> None:
    if find_spec("httpx") is None:
        raise MisuseError("the agent needs httpx, which is not installed", "run `pip install 'policy-lang[agent]'`")


def _log_to_standard_error(verbosity: Verbosity) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger(_LOGGER)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(verbosity)


def _end_on_signals(agent: "Agent") -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        agent.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
