"""How a simulation is shown: what became of each update, then each product day by day with bars; or rows for programs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from policy_lang.cli.output import QUIET, STRONG, UNSURE, Output, Styled, safe
from policy_lang.cli.rows import Cell, Rows
from policy_lang.cli.table import Table, cut, width, wrap
from policy_lang.fleet.simulation.outcome import Binding, Simulation, UpdateOutcome
from policy_lang.fleet.simulation.series import Series, adoption_series, precedence
from policy_lang.types.times import write_timestamp

_HEADS = ("update", "granted", "installed", "failed", "waiting", "completed")
_GLYPHS = "█▓▒░"
_OTHER = "·"
_WIDEST_LINE = 120
_LEAST_BAR = 16
_LEAD = 12
_LONGEST_VERSION = 16


class _Series(NamedTuple):
    """One version, or all that have no glyph of their own: its title, and its devices day by day."""

    title: str
    glyph: str
    counts: tuple[int, ...]

    @property
    def width(self) -> int:
        """How wide its column is."""
        return max(width(self.title) + 2, len(f"{max(self.counts):,}"))


def write_text(simulation: Simulation, output: Output) -> None:
    """Write tables and bars for people."""
    days = "1 day" if simulation.days == 1 else f"{simulation.days} days"
    devices = "1 device" if simulation.devices == 1 else f"{simulation.devices:,} devices"
    output.line(Styled(f"{devices}, {days} from {_minute(simulation.start)}", STRONG))
    output.line()
    table = Table(output, _HEADS)
    for update in simulation.updates:
        table.add(_cells(update), QUIET if not update.granted else "", _limits(update, output.columns))
    table.close()
    for product in simulation.adoption[0]:
        if any(day[product] for day in simulation.adoption):
            output.line()
            _write_product(product, simulation, output)


def adoption_rows(simulation: Simulation) -> Rows:
    """A row for each day, product and version."""
    return Rows(("day", "time", "product", "version", "devices"), _adoption(simulation))


def _adoption(simulation: Simulation) -> Iterator[Sequence[Cell]]:
    for day, products in enumerate(simulation.adoption):
        time = write_timestamp(simulation.start + timedelta(days=day))
        for product, versions in products.items():
            yield from ((day, time, product, version, versions[version]) for version in sorted(versions, key=precedence))


def _cells(update: UpdateOutcome) -> tuple[str, ...]:
    numbers = (update.granted, update.installed, update.failed, update.waiting)
    return (update.id, *(f"{number:,}" for number in numbers), update.state)


def _limits(update: UpdateOutcome, columns: int | None) -> Iterator[Styled]:
    for binding in update.bindings:
        for line in wrap(f"  {_limit(binding)}", columns, 2):
            yield Styled(line, UNSURE)


def _limit(binding: Binding) -> str:
    deferred = f"{binding.deferred:,} {'device' if binding.deferred == 1 else 'devices'} refused at least once"
    return f"{binding.limit} is reached at {_minute(binding.first)}, {deferred}"


def _write_product(product: str, simulation: Simulation, output: Output) -> None:
    """One product: a column for each version, and a bar for each day."""
    line = min(output.columns or _WIDEST_LINE, _WIDEST_LINE)
    days = [day[product] for day in simulation.adoption]
    series = _series(days, line)
    dates = [_date(simulation.start, day) for day in range(len(days))]
    lead = max(map(len, (*dates, "date")))
    bar = line - lead - sum(each.width + 2 for each in series) - 2
    output.line(Styled(cut(safe(product), line), STRONG))
    heads = "".join(f"  {' ' * (each.width - width(each.title) - 2)}{each.glyph} {each.title}" for each in series)
    output.line(Styled(f"{'date'.ljust(lead)}{heads}", STRONG))
    for day, date in enumerate(dates):
        counts = [each.counts[day] for each in series]
        cells = "".join(f"  {count:>{each.width},}" for each, count in zip(series, counts, strict=True))
        output.line(f"{date.ljust(lead)}{cells}  {_bar([each.glyph for each in series], counts, bar)}".rstrip())


def _series(days: Sequence[Mapping[str, int]], line: int) -> list[_Series]:
    """As many versions as leave room for a bar; the rest together."""
    choices = [
        list(map(_with_glyph, adoption_series(days, most), (*_GLYPHS[:most], _OTHER))) for most in range(len(_GLYPHS), 0, -1)
    ]
    room = line - _LEAST_BAR - _LEAD
    return next((series for series in choices if sum(each.width + 2 for each in series) <= room), choices[-1])


def _with_glyph(series: Series, glyph: str) -> _Series:
    title = "other" if series.version is None else cut(safe(series.version), _LONGEST_VERSION)
    return _Series(title, _OTHER if series.version is None else glyph, series.counts)


def _bar(glyphs: Sequence[str], counts: Sequence[int], room: int) -> str:
    """A bar as wide as the room, split by shares; the ends of the parts are rounded, so that all bars are equally long."""
    total = sum(counts)
    pieces, before = [], 0
    for glyph, count in zip(glyphs, counts, strict=True):
        start, end = round(room * before / total), round(room * (before + count) / total)
        pieces.append(glyph * (end - start))
        before += count
    return "".join(pieces)


def _date(start: datetime, day: int) -> str:
    """The day that ends with a row; the first row is the start."""
    return "start" if day == 0 else f"{start + timedelta(days=day - 1):%Y-%m-%d}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"
