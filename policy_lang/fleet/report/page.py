"""A report as one HTML file: no script, no request to anywhere, the same on a desktop, a phone and paper."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Final, assert_never

from policy_lang.fleet.report import charts
from policy_lang.fleet.report.charts import Row, Segment
from policy_lang.fleet.report.decisions import Assignment, CatalogPreview, Comparison, Funnel
from policy_lang.fleet.report.markup import Child, Markup, element
from policy_lang.fleet.report.model import Bar, Breakdown, Cause, Counts, Preview, Reach
from policy_lang.fleet.report.shell import cards, document, number_of, percent
from policy_lang.types.times import write_timestamp

_MOST_MOVES: Final = 40
_WORDS: Final = (("yes", "match"), ("odd", "unknown"), ("no", "no match"))
_REACHES: Final = (("yes", "reached"), ("odd", "unknown"), ("no", "not reached"))
_GETS: Final = (("yes", "gets an update"), ("odd", "nothing, for want of data"), ("no", "nothing"))


def write_page(report: Preview | CatalogPreview | Comparison) -> str:
    """A report as an HTML page.

    Args:
        report: the report.

    Source: docs/preview.md.
    """
    match report:
        case Preview():
            return document(report.name, report.fleet, report.now, _Sections().preview(report))
        case CatalogPreview(assignment):
            return document(assignment.name, assignment.fleet, assignment.now, _Sections().catalog(report))
        case Comparison():
            return document(f"{report.old} → {report.new}", report.fleet, report.now, _Sections().comparison(report))
        case _:
            assert_never(report)


class _Sections:
    """Writes the sections of one page, and numbers its figures."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def preview(self, report: Preview) -> Iterator[Markup]:
        yield cards(_count_cards(report.counts, _WORDS))
        yield element("h2", "Policy")
        yield element("pre", report.text.strip())
        yield from self._adoption("Versions before and after", report.adoption, "who matches takes the update, all at once")
        yield from self._breakdowns(report.breakdowns, _WORDS)
        if report.reach is not None:
            yield from self._reach(report.reach, report.now)
        yield from self._causes(report.causes, report.computed, report.counts.unknown)
        samples = (("match", report.samples.matched), ("no match", report.samples.unmatched), ("unknown", report.samples.unknown))
        yield from _samples(samples)

    def catalog(self, report: CatalogPreview) -> Iterator[Markup]:
        yield cards(_count_cards(report.assignment.counts, _GETS))
        yield from self._offers(report.assignment)
        yield from self._funnels(report.funnels)
        for product, bars in report.adoption:
            yield from self._adoption(f"Versions of {product} before and after", bars, "who is offered an update takes it")
        yield from self._breakdowns(report.breakdowns, _GETS)
        for growth in report.growth:
            points = [(at, float(devices)) for at, _, devices in growth.points]
            rows = [[write_timestamp(at), f"{percent:g} %", f"{devices:,}"] for at, percent, devices in growth.points]
            yield from self._line(f"Rollout of {growth.update}", points, rows, report.assignment.now)
        for funnel in report.funnels:
            if funnel.causes:
                yield from self._causes(funnel.causes, 0, funnel.counts.unknown, f" for {funnel.offer.update}")
        yield from _samples(report.samples)

    def comparison(self, report: Comparison) -> Iterator[Markup]:
        kinds = (("yes", "gained"), ("bad", "lost"), ("new", "changed"), ("odd", "downgraded"), ("no", "unchanged"))
        figures = {**report.measures(), "unchanged": report.unchanged}
        yield cards((kind, word, figures[word], report.total) for kind, word in kinds)
        if report.lowered:
            yield element("p", f"Changed devices that get an older update than before: {report.lowered:,}.")
        yield from self._sides(report)
        yield from self._moves(report)
        yield from _samples(report.samples)

    def _figure(
        self, caption: str, chart: Child, heads: Sequence[str], rows: Sequence[Sequence[str]], keys: Child = None
    ) -> Markup:
        return charts.figure(next(self._numbers), caption, chart, heads, rows, keys)

    def _adoption(self, title: str, bars: Sequence[Bar], assumption: str) -> Iterator[Markup]:
        if not bars:
            return
        drawn = [
            Row(
                bar.title,
                f"{bar.before:,} → {bar.after:,}",
                (Segment(bar.before, "old", "before"),),
                (Segment(bar.after, "new", "after"),),
            )
            for bar in bars
        ]
        rows = [[bar.title, f"{bar.before:,}", f"{bar.after:,}"] for bar in bars]
        chart = charts.bars(drawn, f"{title}, in {len(bars)} pairs of bars")
        yield element("h2", title)
        keys = charts.key(("old", "before"), ("new", "after"))
        yield self._figure(f"Devices by version, if {assumption}.", chart, ("version", "before", "after"), rows, keys)

    def _breakdowns(self, breakdowns: Sequence[Breakdown], words: Sequence[tuple[str, str]]) -> Iterator[Markup]:
        for breakdown in breakdowns:
            drawn = [
                Row(each.title, f"{each.counts.matched:,} of {each.counts.total:,}", _segments(each.counts, words))
                for each in breakdown.slices
            ]
            rows = [
                [each.title, *(f"{number:,}" for number in _three(each.counts)), f"{each.counts.total:,}", _share(each.counts)]
                for each in breakdown.slices
            ]
            heads = (breakdown.property, *(word for _, word in words), "devices", "reach")
            chart = charts.bars(drawn, f"Devices by {breakdown.property}, in {len(drawn)} bars")
            yield element("h2", f"Reach by {breakdown.property}")
            yield self._figure("Devices with each value, and how many of them it reaches.", chart, heads, rows, charts.key(*words))

    def _reach(self, reach: Reach, now: datetime) -> Iterator[Markup]:
        rows = [
            [write_timestamp(step.at), f"{step.percent:g} %", f"{step.devices:,}", "yes" if step.is_active else "no"]
            for step in reach.line
        ]
        points = [(step.at, float(step.devices)) for step in reach.line]
        yield from self._line("Rollout over time", points, rows, now)
        yield element("p", f"At the time of the report, {number_of(reach.now.devices, 'device')} let in ({reach.now.percent:g} %).")
        if reach.without_id:
            yield element("p", f"Matching devices without a usable id, which no rollout lets in: {reach.without_id:,}.")
        for limit in reach.limits:
            yield element("p", f"Not counted here: {limit}.")

    def _line(
        self, title: str, points: Sequence[tuple[datetime, float]], rows: Sequence[Sequence[str]], now: datetime | None
    ) -> Iterator[Markup]:
        yield element("h2", title)
        heads = ("time", "share", "devices", "running")[: len(rows[0])]
        caption = "Matching devices that the rollout lets in, counted by their buckets; the dashed line is the time of the report."
        summary = f"{title}: from {points[0][1]:,.0f} to {points[-1][1]:,.0f} devices"
        yield self._figure(caption, charts.steps(points, [] if now is None else [now], summary, "devices"), heads, rows)

    def _causes(self, causes: Sequence[Cause], computed: int, unknown: int, of: str = "") -> Iterator[Markup]:
        if not unknown:
            return
        words = (("odd", "missing"), ("bad", "bad value"))
        drawn = [
            Row(
                each.property,
                f"{each.missing + each.bad:,}",
                (Segment(each.missing, "odd", "missing"), Segment(each.bad, "bad", "bad value")),
            )
            for each in causes
        ]
        rows = [[each.property, f"{each.missing:,}", f"{each.bad:,}", f"{each.alone:,}"] for each in causes]
        chart = charts.bars(drawn, f"Causes of unknown results{of}, in {len(drawn)} bars", unknown)
        yield element("h2", f"Why the result is unknown{of}")
        caption = f"Of {number_of(unknown, 'device')} with an unknown result, those that lack a property or have a bad value of it."
        yield self._figure(caption, chart, ("property", "missing", "bad value", "nothing else"), rows, charts.key(*words))
        if computed:
            yield element("p", f"For {number_of(computed, 'device')} every property is known, and a computation has no result.")

    def _offers(self, report: Assignment) -> Iterator[Markup]:
        given = [(f"{offer.update}", "yes", offer.devices) for offer in report.offers if offer.devices]
        given += [(f"nothing: {reason.value}", "no", devices) for reason, devices in report.none]
        drawn = [Row(title, f"{devices:,}", (Segment(devices, kind, title),)) for title, kind, devices in given]
        rows = [[title, f"{devices:,}", percent(devices, report.counts.total)] for title, _, devices in given]
        yield element("h2", "What devices get")
        chart = charts.bars(drawn, f"Devices by update, in {len(drawn)} bars")
        yield self._figure(
            "Devices by the update that they get, and by the reason for none.", chart, ("update", "devices", "share"), rows
        )

    def _funnels(self, funnels: Sequence[Funnel]) -> Iterator[Markup]:
        words = (
            ("yes", "gets it"),
            ("new", "gets a newer one"),
            ("old", "held back"),
            ("odd", "unknown"),
            ("no", "no match"),
        )
        drawn = [Row(each.offer.update, _gate(each), _funnel(each)) for each in funnels]
        heads = ("update", "candidates", "match", "no match", "unknown", "let in", "get it", "held by")
        yield element("h2", "How devices come to each update")
        chart = charts.bars(drawn, f"Candidates by update, in {len(drawn)} bars")
        caption = "The candidates of each update: devices of its product whose version lets them in."
        yield self._figure(caption, chart, heads, [_funnel_row(each) for each in funnels], charts.key(*words))

    def _sides(self, report: Comparison) -> Iterator[Markup]:
        sides = (("old", report.before), ("new", report.after))
        drawn = [Row(name, f"{counts.matched:,} of {counts.total:,}", _segments(counts, _REACHES)) for name, counts in sides]
        rows = [[name, *(f"{number:,}" for number in _three(counts)), f"{counts.total:,}"] for name, counts in sides]
        heads = ("", *(word for _, word in _REACHES), "devices")
        yield element("h2", "Reach before and after")
        chart = charts.bars(drawn, "Reach of the old and of the new one, in two bars")
        yield self._figure(
            "Devices that match or get an update, with the old one and with the new one.", chart, heads, rows, charts.key(*_REACHES)
        )

    def _moves(self, report: Comparison) -> Iterator[Markup]:
        yield element("h2", "From and to")
        if not report.moves:
            yield element("p", "Nothing changes.")
            return
        shown = report.moves[:_MOST_MOVES]
        kinds = {"gained": "yes", "lost": "bad", "changed": "new", "unchanged": "no"}
        drawn = [
            Row(
                f"{each.before} → {each.after}",
                f"{each.devices:,} {each.kind}",
                (Segment(each.devices, kinds[each.kind], each.kind),),
            )
            for each in shown
        ]
        rows = [[each.before, each.after, f"{each.devices:,}", each.kind] for each in report.moves]
        chart = charts.bars(drawn, f"Devices that change, in {len(drawn)} bars")
        keys = charts.key(*((kind, word) for word, kind in kinds.items()))
        yield self._figure("Devices by what they get before and after.", chart, ("from", "to", "devices", "kind"), rows, keys)
        if len(report.moves) > len(shown):
            yield element("p", f"The table has {number_of(len(report.moves) - len(shown), 'more row')} than the chart.")


def _count_cards(counts: Counts, words: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, int, int]]:
    for (kind, word), devices in zip(words, _three(counts), strict=True):
        yield kind, word, devices, counts.total


def _three(counts: Counts) -> tuple[int, int, int]:
    """In the order of a bar."""
    return counts.matched, counts.unknown, counts.unmatched


def _segments(counts: Counts, words: Sequence[tuple[str, str]]) -> tuple[Segment, ...]:
    return tuple(Segment(devices, kind, word) for (kind, word), devices in zip(words, _three(counts), strict=True))


def _funnel(each: Funnel) -> tuple[Segment, ...]:
    """The candidates of an update, by what becomes of them."""
    return (
        Segment(each.offer.devices, "yes", "gets it"),
        Segment(each.admitted - each.offer.devices, "new", "gets a newer one"),
        Segment(each.counts.matched - each.admitted, "old", "held back"),
        Segment(each.counts.unknown, "odd", "unknown"),
        Segment(each.counts.unmatched, "no", "no match"),
    )


def _gate(each: Funnel) -> str:
    return each.gate or f"{each.offer.devices:,} of {each.counts.total:,}"


def _funnel_row(each: Funnel) -> list[str]:
    counts = each.counts
    figures = (counts.total, counts.matched, counts.unmatched, counts.unknown, each.admitted, each.offer.devices)
    return [each.offer.update, *(f"{figure:,}" for figure in figures), each.gate]


def _samples(samples: "Sequence[tuple[str, Sequence[str]]]") -> Iterator[Markup]:
    shown = [(title, ids) for title, ids in samples if ids]
    if not shown:
        return
    yield element("h2", "Some of the devices")
    for title, ids in shown:
        yield element("h3", title)
        yield element("ul", (element("li", charts.clip(each)) for each in ids), class_="ids")


def _share(counts: Counts) -> str:
    return percent(counts.matched, counts.total)
