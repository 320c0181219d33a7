"""Print which update each example device gets, and why; then the whole trace of one of them.

    make demo

The time is fixed, so the output is the same on every day.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.text import Text

from policy_lang import Catalog, Decision, Selector
from policy_lang.catalog.devices import load_device, read_devices

HERE = Path(__file__).resolve().parent
NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
TRACED = "device-15-no-signal.json5"
PLAIN_WIDTH = 120
BELOW = 4
COLUMNS = {"device": 25, "product": 10, "version": 14, "decision": 20}
STYLES = {True: "green", False: "red", None: "yellow"}


def main() -> int:
    """Decide for every example, and print the decisions."""
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else PLAIN_WIDTH, highlight=False, emoji=False, markup=False)
    catalog = Catalog.load(HERE / "catalog.yaml")
    devices = {path.name: load_device(path) for path in sorted((HERE / "devices").iterdir())}
    say(console, f"{len(catalog)} updates for {', '.join(catalog.products)}; the time is {NOW:%Y-%m-%d %H:%M} UTC", "bold")
    selector = Selector(catalog)
    say_table(console, {name: (device, selector.select(device, NOW)) for name, device in devices.items()})
    say(console, "The fleet of fleet.ndjson", "bold")
    for line in fleet_lines(Selector(catalog)):
        say(console, line)
    say(console, f"\nWhy {TRACED} gets nothing", "bold")
    for text, style in trace_lines(Selector(catalog).select(devices[TRACED], NOW)):
        say(console, text, style)
    return 0


def say(console: Console, text: str, style: str = "") -> None:
    """Print one line as it is."""
    console.print(Text(text, style), soft_wrap=True)


def say_table(console: Console, decisions: dict[str, tuple[dict[str, Any], Decision]]) -> None:
    """One row for each device; on a narrow terminal the reason stands below it."""
    indent = sum(COLUMNS.values()) if console.width >= PLAIN_WIDTH else BELOW
    heads = [f"{head:{width}}" for head, width in COLUMNS.items()]
    say(console, f"\n{''.join(heads)}{'why' if indent > BELOW else ''}", "bold")
    for name, (device, decision) in decisions.items():
        update = decision.update
        product = device.get("product") or device.get("productToken")
        cells = (name.partition(".")[0], product, device["version"], "nothing" if update is None else update.id)
        *row, decided = (f"{cell:{width}}" for cell, width in zip(cells, COLUMNS.values(), strict=True))
        first, *others = wrap(why(decision), console.width - indent)
        text = Text.assemble("".join(row), (decided, "red" if update is None else "green"))
        console.print(text + Text(first if indent > BELOW else f"\n{' ' * indent}{first}"), soft_wrap=True)
        for line in others:
            say(console, " " * indent + line)
    console.print()


def why(decision: Decision) -> str:
    """Why this update and none of those above it, or why none at all."""
    stopped = [f"{step.update.version} {step.gate}" for step in decision.trace if step.update is not decision.update]
    if decision.update is None:
        return "; ".join(stopped) or decision.detail
    return f"passed over: {'; '.join(stopped)}" if stopped else "the first candidate"


def fleet_lines(selector: Selector) -> Iterator[str]:
    """How many devices get which update, and how many get nothing for which reason."""
    lines = read_devices(HERE / "fleet.ndjson")
    decisions = [selector.select(line.value, NOW) for line in lines]
    counts = Counter(f"nothing: {each.reason}" if each.update is None else each.update.id for each in decisions)
    yield from (f"  {count:3}  {text}" for text, count in sorted(counts.items()))


def trace_lines(decision: Decision) -> Iterator[tuple[str, str]]:
    """Each candidate with the gate that stopped it, and the value of every part of its policy."""
    for step in decision.trace:
        yield f"  {step.update.id}: {step.detail}", "bold"
        explanation = step.explanation
        for line in str(explanation).split("\n"):
            yield f"    {line}", STYLES[explanation.result] if line.startswith("unknown because") else ""


if __name__ == "__main__":
    raise SystemExit(main())
