"""`policy select`: which update each device gets, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Any, NamedTuple

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.devices import read_devices
from policy_lang.cli.eval_command import explanation_lines
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import input_name, is_stdin, open_fleet, read_now, read_object
from policy_lang.cli.output import BAD, GOOD, QUIET, STRONG, Format, Output, Styled, standard_error, standard_output
from policy_lang.cli.progress import progress
from policy_lang.cli.table import EMPTY, Table, wrap
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import PolicyError
from policy_lang.options import Options
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Gate, Reason, Step

_HEADS = ("device", "version", "update", "to", "why")
_STYLES = {Reason.OFFERED: GOOD, Reason.UP_TO_DATE: QUIET}
_MOST_REPORTS = 20
_MOST_GATES = 3
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class SelectRequest:
    """What was asked; the fields are the arguments of the command."""

    catalog: Path
    devices: tuple[Path, ...]
    fleet: Path | None
    now: str | None
    trace: bool
    lenient_versions: bool
    format: Format


class _Device(NamedTuple):
    """A device, and where it came from."""

    value: dict[str, Any]
    file: str
    line: int | None

    @property
    def id(self) -> str | None:
        """What it calls itself."""
        raw = self.value.get("id")
        return raw if isinstance(raw, str) and raw else None

    @property
    def label(self) -> str:
        """What to call it: its id, else where it was read."""
        return self.id or (Path(self.file).name if self.line is None else f"line {self.line}")


class _Selection:
    """Decides and writes, one device after the other; nothing but counts is kept."""

    def __init__(self, request: SelectRequest, now: datetime) -> None:
        self._request = request
        self._now = now
        options = Options(lenient_versions=request.lenient_versions)
        self._selector = Selector(Catalog.load(request.catalog, options=options))
        self.output = standard_output()
        self.errors = standard_error()
        self._table = Table(self.output, _HEADS)
        self.counts: Counter[Reason] = Counter()
        self.unreadable = 0

    def run(self) -> ExitCode:
        """All devices, then the exit code."""
        try:
            if self._request.fleet is None:
                self._files()
            else:
                self._fleet(self._request.fleet)
        finally:
            self._table.close()
        self.output.flush()
        if self._request.fleet is not None:
            self._sum_up()
        if self.unreadable:
            return ExitCode.BAD_INPUT
        is_question = self._request.fleet is None and len(self._request.devices) == 1
        return ExitCode.FINDINGS if is_question and not self.counts[Reason.OFFERED] else ExitCode.FINE

    def _files(self) -> None:
        for path in self._request.devices:
            try:
                device = _Device(read_object(path, "a device"), input_name(path), None)
            except PolicyError as error:
                self._refuse(error.diagnostics)
            else:
                self._decide(device)

    def _fleet(self, path: Path) -> None:
        name = input_name(path)
        with open_fleet(path) as stream, progress(stream) as advance:
            for count, line in enumerate(read_devices(stream, name), start=1):
                if line.error is not None:
                    self._refuse((line.error,))
                else:
                    self._decide(_Device(line.value or {}, name, line.number))
                advance(count)

    def _decide(self, device: _Device) -> None:
        decision = self._selector.select(device.value, self._now)
        self.counts[decision.reason] += 1
        if self._request.format is Format.JSON:
            where = {"device": device.id, "file": device.file, "line": device.line}
            self.output.json({**where, **decision.to_plain(trace=self._request.trace)})
        else:
            below = self._trace(decision) if self._request.trace else ()
            self._table.add(_cells(device, decision), _STYLES.get(decision.reason, BAD), below)

    def _refuse(self, findings: tuple[Diagnostic, ...]) -> None:
        """Report what cannot be read; a broken file must not bury the screen."""
        self.unreadable += 1
        if self.unreadable <= _MOST_REPORTS:
            self.errors.diagnostics(findings)
        elif self.unreadable == _MOST_REPORTS + 1:
            self.errors.line("further lines that cannot be read are only counted")

    def _trace(self, decision: Decision) -> Iterator[Styled]:
        for step in decision.trace:
            yield from _step_lines(step, self.output)

    def _sum_up(self) -> None:
        """One line for people, on standard error."""
        total = sum(self.counts.values())
        counts = ", ".join(f"{self.counts[reason]} {reason}" for reason in Reason if self.counts[reason])
        unread = f"; {self.unreadable} {'line' if self.unreadable == 1 else 'lines'} could not be read" if self.unreadable else ""
        devices = f"{total} {'device' if total == 1 else 'devices'}"
        self.errors.line(Styled(f"{devices}{': ' if counts else ''}{counts}{unread}", BAD if unread else STRONG))


def run_select(request: SelectRequest) -> ExitCode:
    """Decide for each device, and print the decisions."""
    if bool(request.devices) == (request.fleet is not None):
        message = "devices and a fleet are given" if request.devices else "no device is given"
        raise MisuseError(message, "name single devices with `--device`, or a fleet in NDJSON with `--devices`")
    if sum(map(is_stdin, request.devices)) > 1:
        raise MisuseError("`-` is given twice", "standard input can be read once only; name a file")
    return _Selection(request, read_now(request.now)).run()


def why(decision: Decision) -> str:
    """The reason in a few words; where no candidate admits the device, the gates that stopped the newest ones."""
    if decision.reason is Reason.NO_MATCH:
        stopped = [f"{step.update.version} {step.gate}" for step in decision.trace]
        return f"no match: {', '.join(stopped[:_MOST_GATES])}{', …' if len(stopped) > _MOST_GATES else ''}"
    problem = decision.detail.partition(": ")[2] if decision.update is None else ""
    return f"{decision.reason}: {problem}" if problem else str(decision.reason)


def _cells(device: _Device, decision: Decision) -> tuple[str, ...]:
    update = decision.update
    offered = (EMPTY, EMPTY) if update is None else (update.id, str(update.version))
    return (device.label, _shown(device.value), *offered, why(decision))


def _shown(device: Mapping[str, Any]) -> str:
    """The version as the device sent it, whatever it is."""
    raw = device.get("version")
    text = raw if isinstance(raw, str) else EMPTY if raw is None else dumps(raw)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _step_lines(step: Step, output: Output) -> Iterator[Styled]:
    """One candidate: its gate, the same in a sentence, and the value of every part of its policy."""
    style = GOOD if step.gate is Gate.OFFERED else BAD
    yield Styled(f"  {step.update.version}  {step.update.id}: {step.gate}", style)
    for line in wrap(f"      {step.detail}", output.columns, 0):
        yield Styled(line)
    yield from explanation_lines(step.explanation, output.columns, "      ")
