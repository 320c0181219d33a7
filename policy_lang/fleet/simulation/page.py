"""A simulation as one HTML page: what became of each update, when limits bind, and the versions of each product day by day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, count
from typing import Final

from policy_lang.fleet.report import charts
from policy_lang.fleet.report.charts import Row, Segment
from policy_lang.fleet.report.markup import Markup, element
from policy_lang.fleet.report.shell import cards, document, number_of
from policy_lang.fleet.simulation.outcome import Binding, Simulation, UpdateOutcome
from policy_lang.fleet.simulation.series import Series, adoption_series
from policy_lang.types.times import write_timestamp

_MOST_COLUMNS: Final = 62
_MOST_LINES: Final = 20
_KINDS: Final = ("new", "yes", "odd", "old")
_OTHER: Final = "no"
_WORDS: Final = (("yes", "offered"), ("odd", "still waiting"))


def write_simulation(simulation: Simulation, catalog: str, fleet: str) -> str:
    """A simulation as an HTML page; it runs no script and asks for nothing, as all pages do.

    Args:
        simulation: what came of it.
        catalog: what it calls the catalog.
        fleet: what it calls the fleet.

    Source: docs/simulate.md.
    """
    title = f"{catalog}, {number_of(simulation.days, 'day')}"
    return document(title, fleet, simulation.start, _Sections(simulation).all())


class _Sections:
    """Writes the sections of one page, and numbers its figures."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._numbers = count(1)

    def all(self) -> Iterator[Markup]:
        """The whole page."""
        updates = self._simulation.updates
        yield cards((kind, word, figure, 0) for kind, word, figure in _main_figures(self._simulation))
        yield from self._updates(updates)
        yield from self._limits(updates)
        for product in self._simulation.adoption[0]:
            yield from self._adoption(product, [day[product] for day in self._simulation.adoption])
        reached = sorted((update for update in updates if update.granted), key=lambda update: -update.granted)
        for update in reached[:_MOST_LINES]:
            yield from self._offers(update)
        if len(reached) > _MOST_LINES:
            yield element("p", f"There is no chart for {number_of(len(reached) - _MOST_LINES, 'more update')} with fewer offers.")

    def _updates(self, updates: Sequence[UpdateOutcome]) -> Iterator[Markup]:
        drawn = [
            Row(update.id, update.state, (Segment(update.granted, "yes", "offered"), Segment(update.waiting, "odd", "waiting")))
            for update in updates
        ]
        heads = ("update", "offered", "installed", "failed", "waiting", "first offer", "completed")
        rows = [
            [
                update.id,
                *(f"{number:,}" for number in (update.granted, update.installed, update.failed, update.waiting)),
                "" if update.first is None else _minute(update.first),
                update.state,
            ]
            for update in updates
        ]
        chart = charts.bars(drawn, f"Devices by update, in {len(drawn)} bars")
        yield element("h2", "What becomes of each update")
        caption = "Devices that are offered each update, and those that still could be; above the bar, when the last one gets it."
        yield charts.figure(next(self._numbers), caption, chart, heads, rows, charts.key(*_WORDS))

    def _limits(self, updates: Sequence[UpdateOutcome]) -> Iterator[Markup]:
        found = [(update.id, binding) for update in updates for binding in update.bindings]
        if not found:
            return
        rows = [[update, each.limit, _minute(each.first), f"{each.deferred:,}"] for update, each in found]
        yield element("h2", "Limits that bind")
        yield element("p", "When a limit refuses a device first, and how many devices it refuses at least once.")
        yield charts.table(("update", "limit", "first refusal", "devices"), rows)

    def _adoption(self, product: str, days: Sequence[Mapping[str, int]]) -> Iterator[Markup]:
        if not any(days):
            return
        series = adoption_series(days, len(_KINDS))
        kinds = [_OTHER if each.version is None else kind for each, kind in zip(series, (*_KINDS, _OTHER), strict=False)]
        words = [_title(each) for each in series]
        shown = sorted({*range(0, len(days), -(-len(days) // _MOST_COLUMNS)), len(days) - 1})
        titles = [_moment(self._simulation.start, day) for day in shown]
        stacks = [
            [Segment(each.counts[day], kind, word) for each, kind, word in zip(series, kinds, words, strict=True)] for day in shown
        ]
        rows = [[title, *(f"{each.amount:,}" for each in stack)] for title, stack in zip(titles, stacks, strict=True)]
        chart = charts.columns(titles, stacks, f"Devices of {product} by version, in {len(shown)} columns", "devices")
        yield element("h2", f"Versions of {product} day by day")
        caption = "Devices by version, at the start and at the end of each day."
        keys = charts.key(*zip(kinds, words, strict=True))
        yield charts.figure(next(self._numbers), caption, chart, ("time", *words), rows, keys)

    def _offers(self, update: UpdateOutcome) -> Iterator[Markup]:
        start = self._simulation.start
        totals = [0, *accumulate(update.by_day)]
        points = [(start + timedelta(days=day), float(total)) for day, total in enumerate(totals)]
        rows = [[_moment(start, day), f"{total:,}"] for day, total in enumerate(totals)]
        summary = f"Offers of {update.id}: {update.granted:,} devices in {number_of(self._simulation.days, 'day')}"
        chart = charts.steps(points, [each.first for each in update.bindings], summary, "devices")
        yield element("h2", f"Offers of {update.id}")
        caption = f"Devices that have been offered it.{_marks(update.bindings)}"
        yield charts.figure(next(self._numbers), caption, chart, ("time", "devices"), rows)


def _main_figures(simulation: Simulation) -> Iterator[tuple[str, str, int]]:
    updates = simulation.updates
    yield "no", "devices", simulation.devices
    yield "yes", "offers", sum(update.granted for update in updates)
    yield "new", "installations", sum(update.installed for update in updates)
    yield "bad", "failed installations", sum(update.failed for update in updates)
    yield "odd", "offers still open at the end", sum(update.waiting for update in updates)


def _marks(bindings: Sequence[Binding]) -> str:
    """What the dashed lines are."""
    if not bindings:
        return ""
    named = " and ".join(f"{each.limit} ({_minute(each.first)})" for each in bindings)
    return f" {'A dashed line shows' if len(bindings) == 1 else 'Dashed lines show'} when a limit refuses a device first: {named}."


def _title(series: Series) -> str:
    return "others" if series.version is None else charts.shorten(series.version)


def _moment(start: datetime, day: int) -> str:
    """The start, or the end of a day."""
    return _minute(start + timedelta(days=day))


def _minute(moment: datetime) -> str:
    return write_timestamp(moment)[:16].replace("T", " ") + " UTC"
