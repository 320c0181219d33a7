"""How reports about a fleet are shown: tables with bars for people, or rows for programs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from policy_lang.cli.grid import NOT_REACHED, REACHED, UNSURE, Bar, Grid
from policy_lang.cli.output import BAD, GOOD, QUIET, STRONG, Output, Styled
from policy_lang.cli.output import UNSURE as DOUBT
from policy_lang.cli.rows import Cell, Rows
from policy_lang.cli.table import wrap
from policy_lang.fleet.report.decisions import Assignment, CatalogPreview, Comparison, Funnel
from policy_lang.fleet.report.model import Breakdown, Cause, Counts, Preview, Reach
from policy_lang.fleet.report.shell import percent
from policy_lang.types.times import write_timestamp

WORDS: Final = ("match", "no match", "unknown")
OFFERS: Final = ("gets one", "gets none", "unknown")

_MOST_MOVES: Final = 20
_STYLES: Final = (GOOD, "", DOUBT)
_KINDS: Final = {"gained": GOOD, "lost": BAD, "changed": "", "unchanged": QUIET}


def write_preview(report: Preview, output: Output) -> None:
    """A policy, and what it does to a fleet."""
    _title(output, report.name, report.fleet, report.now)
    _counts(report.counts, WORDS, output)
    _causes(report.causes, report.computed, output)
    for breakdown in report.breakdowns:
        _breakdown(breakdown, WORDS, output)
    if report.reach is not None:
        _reach(report.reach, output)
    samples = (("match", report.samples.matched), ("no match", report.samples.unmatched), ("unknown", report.samples.unknown))
    _samples(samples, output)


def write_catalog(report: CatalogPreview, output: Output) -> None:
    """A catalog, and what it does to a fleet."""
    _title(output, report.assignment.name, report.assignment.fleet, report.assignment.now)
    _counts(report.assignment.counts, OFFERS, output)
    _funnels(report.funnels, output)
    _reasons(report.assignment, output)
    for breakdown in report.breakdowns:
        _breakdown(breakdown, OFFERS, output)
    _samples(report.samples, output)


def write_assignment(report: Assignment, output: Output) -> None:
    """Which update how many devices get."""
    _title(output, report.name, report.fleet, report.now)
    total = report.counts.total
    grid = Grid(output, ("update", "version", "devices", "share"))
    for offer in report.offers:
        cells = (offer.update, offer.version, f"{offer.devices:,}", percent(offer.devices, total))
        grid.add(cells, _one(offer.devices, total, REACHED), "" if offer.devices else QUIET)
    for reason, devices in report.none:
        cells = (f"none: {reason.value}", "", f"{devices:,}", percent(devices, total))
        grid.add(cells, _one(devices, total, NOT_REACHED), QUIET)
    grid.close()


def write_comparison(report: Comparison, output: Output) -> None:
    """What changes, then from what to what."""
    _title(output, f"{report.old} → {report.new}", report.fleet, report.now)
    grid = Grid(output, ("", "devices", "share"))
    figures = {**report.measures(), "unchanged": report.unchanged}
    for word in ("gained", "lost", "changed", "lowered", "downgraded", "unchanged"):
        devices = figures[word]
        style = _KINDS.get(word, "") if devices else QUIET
        grid.add((word, f"{devices:,}", percent(devices, report.total)), _one(devices, report.total, REACHED), style)
    grid.close()
    _moves(report, output)
    _samples(report.samples, output)


def preview_rows(report: Preview | CatalogPreview) -> Rows:
    """All devices of a policy, then those of each value; of a catalog each update."""
    if isinstance(report, CatalogPreview):
        return _funnel_rows(report)
    rows: list[Sequence[Cell]] = [(None, None, *_four(report.counts))]
    rows += [(each.property, part.title, *_four(part.counts)) for each in report.breakdowns for part in each.slices]
    return Rows(("property", "value", "match", "no_match", "unknown", "devices"), rows)


def _funnel_rows(report: CatalogPreview) -> Rows:
    heads = ("update", "product", "version", "candidates", "match", "no_match", "unknown", "let_in", "gets_it", "held_by")
    rows = [
        (*_named(each), each.counts.total, *_four(each.counts)[:3], each.admitted, each.offer.devices, each.gate or None)
        for each in report.funnels
    ]
    return Rows(heads, rows)


def assignment_rows(report: Assignment) -> Rows:
    """Each update, and each reason for none."""
    rows: list[Sequence[Cell]] = [(offer.update, offer.product, offer.version, None, offer.devices) for offer in report.offers]
    rows += [(None, None, None, reason.value, devices) for reason, devices in report.none]
    return Rows(("update", "product", "version", "none", "devices"), rows)


def comparison_rows(report: Comparison) -> Rows:
    """The from-to table."""
    return Rows(("from", "to", "kind", "devices"), [(each.before, each.after, each.kind, each.devices) for each in report.moves])


def _title(output: Output, name: str, fleet: str, now: datetime | None) -> None:
    at = "" if now is None else f", at {write_timestamp(now.replace(microsecond=0))}"
    for line in wrap(f"{name}: {fleet}{at}", output.columns, 2):
        output.line(Styled(line, STRONG))
    output.line()


def _counts(counts: Counts, words: Sequence[str], output: Output) -> None:
    grid = Grid(output, ("", "devices", "share"))
    for word, devices, style, glyph in zip(words, _four(counts)[:3], _STYLES, (REACHED, NOT_REACHED, UNSURE), strict=True):
        grid.add((word, f"{devices:,}", percent(devices, counts.total)), _one(devices, counts.total, glyph), style)
    grid.close()


def _causes(causes: Sequence[Cause], computed: int, output: Output) -> None:
    if not causes and not computed:
        return
    output.line()
    grid = Grid(output, ("unknown because of", "missing", "bad value", "of that alone"))
    for cause in causes:
        grid.add((cause.property, f"{cause.missing:,}", f"{cause.bad:,}", f"{cause.alone:,}"))
    if computed:
        grid.add(("a computation without a result", "", "", f"{computed:,}"))
    grid.close()


def _breakdown(breakdown: Breakdown, words: Sequence[str], output: Output) -> None:
    output.line()
    grid = Grid(output, (breakdown.property, *words, "reach"))
    for each in breakdown.slices:
        counts = each.counts
        shares = [part / max(counts.total, 1) for part in (counts.matched, counts.unknown, counts.unmatched)]
        bar = list(zip(shares, (REACHED, UNSURE, NOT_REACHED), strict=True))
        grid.add((each.title, *(f"{part:,}" for part in _four(counts)[:3]), percent(counts.matched, counts.total)), bar)
    grid.close()


def _reach(reach: Reach, output: Output) -> None:
    output.line()
    grid = Grid(output, ("rollout", "share", "devices"))
    most = max(1, reach.now.devices, *(step.devices for step in reach.steps))
    rows = [(write_timestamp(step.at), step) for step in reach.steps if step is not reach.now]
    for title, step in [*rows, ("now", reach.now)]:
        share = f"{step.percent:g} %" if step.is_active else "not running"
        grid.add((title, share, f"{step.devices:,}"), _one(step.devices, most, REACHED), STRONG if step is reach.now else "")
    grid.close()
    notes = [f"matching devices without a usable id, which no rollout lets in: {reach.without_id:,}"] if reach.without_id else []
    for note in (*notes, *(f"not counted: {limit}" for limit in reach.limits)):
        for line in wrap(note, output.columns, 2):
            output.line(line)


def _funnels(funnels: Sequence[Funnel], output: Output) -> None:
    output.line()
    grid = Grid(output, ("update", "candidates", "match", "unknown", "let in", "get it"))
    most = max([1, *(each.counts.total for each in funnels)])
    for each in funnels:
        figures = (each.counts.total, each.counts.matched, each.counts.unknown, each.admitted, each.offer.devices)
        title = f"{each.offer.update} ({each.gate})" if each.gate else each.offer.update
        style = "" if each.offer.devices else QUIET
        grid.add((title, *(f"{figure:,}" for figure in figures)), _one(each.offer.devices, most, REACHED), style)
    grid.close()


def _reasons(report: Assignment, output: Output) -> None:
    if not report.none:
        return
    output.line()
    grid = Grid(output, ("none, because", "devices", "share"))
    for reason, devices in report.none:
        total = report.counts.total
        grid.add((reason.value, f"{devices:,}", percent(devices, total)), _one(devices, total, NOT_REACHED))
    grid.close()


def _moves(report: Comparison, output: Output) -> None:
    output.line()
    if not report.moves:
        output.line("nothing changes")
        return
    grid = Grid(output, ("from → to", "kind", "devices"))
    for each in report.moves[:_MOST_MOVES]:
        grid.add((f"{each.before} → {each.after}", each.kind, f"{each.devices:,}"), (), _KINDS[each.kind])
    grid.close()
    if len(report.moves) > _MOST_MOVES:
        output.line(f"{len(report.moves) - _MOST_MOVES:,} more; `--format csv` has all")


def _samples(samples: Iterable[tuple[str, Sequence[str]]], output: Output) -> None:
    shown = [(title, ids) for title, ids in samples if ids]
    if not shown:
        return
    output.line()
    output.line(Styled("such as", STRONG))
    for title, ids in shown:
        for line in wrap(f"  {title}: {', '.join(ids)}", output.columns, 2):
            output.line(line)


def _named(each: Funnel) -> tuple[str, str, str]:
    return each.offer.update, each.offer.product, each.offer.version


def _one(part: int, total: int, glyph: str) -> Bar:
    return [(part / max(total, 1), glyph)]


def _four(counts: Counts) -> tuple[int, int, int, int]:
    return counts.matched, counts.unmatched, counts.unknown, counts.total
