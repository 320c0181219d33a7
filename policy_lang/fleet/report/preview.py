"""What a policy, or a catalog, does to a fleet: `preview_policy`, `preview_catalog`, `assignment`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import EVERYBODY, Update
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.report.adoption import MOST_BARS, find_bars
from policy_lang.fleet.report.causes import find_causes
from policy_lang.fleet.report.decisions import UNKNOWN, Assignment, CatalogPreview, Funnel, Growth, Offer
from policy_lang.fleet.report.model import Bar, Breakdown, Counts, Preview, Samples, Slice
from policy_lang.fleet.report.reach import find_reach
from policy_lang.fleet.survey import Absent, Cell, Chosen, IsCandidate, IsProduct, Nothing, Result, Survey, Value, property_path
from policy_lang.rollout.plan import Activity, Rollout
from policy_lang.types.core import path_text

_MOST_COMPARED: Final = 4 * MOST_BARS
_MOST_CAUSES: Final = 12
_MOST_PRODUCTS: Final = 12
_MOST_EXPLAINED: Final = 12


@dataclass(frozen=True, slots=True)
class Wishes:
    """How much a report says.

    Attributes:
        by: the properties to break the devices down by, as people write them.
        values: how many values of a property are shown one by one.
        sample: how many devices of each kind are named.
    """

    by: Sequence[str] = ()
    values: int = 10
    sample: int = 5


def preview_policy(
    survey: Survey,
    policy: Policy,
    now: datetime,
    *,
    update: Mapping[str, Any] | None = None,
    rollout: Rollout | None = None,
    name: str = "the policy",
    wishes: Wishes = Wishes(),
    among: Sequence[Cell] = (),
) -> Preview:
    """How many devices of a fleet a policy matches, and why not the others.

    Args:
        survey: the fleet.
        policy: the policy.
        now: the time of the report, with a zone.
        update: the update's metadata; its `version` also says which versions the fleet will have.
        rollout: how the update spreads; its share goes by `update["id"]`.
        name: what to call the policy.
        wishes: how much to say.
        among: looks only at devices where all of these are true.

    Raises:
        UnsupportedError: the engine of the fleet cannot answer exactly.

    Source: docs/preview.md.
    """
    result = Result(policy, update, now)
    causes, computed = find_causes(survey, result, among)
    facts = {} if update is None else update
    return Preview(
        name=name,
        fleet=survey.name,
        now=now,
        counts=counts_of(Counter({key[0]: devices for key, devices in survey.tally([result], among).items()})),
        causes=causes,
        computed=computed,
        breakdowns=tuple(_breakdown(survey, result, by, wishes.values, among) for by in wishes.by),
        samples=_samples(survey, result, wishes.sample, among),
        reach=None if rollout is None else find_reach(survey, result, rollout, str(facts.get("id", "")), now, among),
        adoption=_adoption_of_policy(survey, result, facts.get("version"), among),
        text=policy.text,
    )


def preview_update(survey: Survey, update: Update, catalog: Catalog, now: datetime, *, wishes: Wishes = Wishes()) -> Preview:
    """What one update of a catalog does to its candidates: the devices of its product whose version lets them in.

    Arguments and errors are those of `preview_catalog`. An update that is paused, or not running, is shown as if it were not, but
    for its reach.
    """
    among = [IsCandidate(update, catalog)]
    found = preview_policy(
        survey, update.bound, now, update=update.facts, rollout=update.rollout, name=update.id, wishes=wishes, among=among
    )
    if not update.is_paused or found.reach is None:
        return found
    return replace(found, reach=replace(found.reach, now=replace(found.reach.now, devices=0, is_active=False)))


def assignment(survey: Survey, catalog: Catalog, now: datetime | None, *, name: str = "the catalog") -> Assignment:
    """Which update of a catalog how many devices of a fleet get.

    Args:
        survey: the fleet.
        catalog: the updates.
        now: the time, with a zone; without it an update that has a start or an end is not active.
        name: what to call the catalog.

    Raises:
        UnsupportedError: the engine of the fleet cannot answer exactly.

    Source: docs/preview.md.
    """
    counted = Counter({key[0]: devices for key, devices in survey.tally([Chosen(catalog, now)]).items()})
    offers = tuple(Offer(each.id, each.product, str(each.version), counted[each.id]) for each in catalog)
    none = tuple((reason, counted[reason]) for reason in Nothing if counted[reason])
    return Assignment(name, survey.name, now, offers, none)


def preview_catalog(
    survey: Survey, catalog: Catalog, now: datetime, *, name: str = "the catalog", wishes: Wishes = Wishes()
) -> CatalogPreview:
    """What a catalog does to a fleet: who gets what, and how the devices come to each update.

    Arguments and errors are those of `assignment` and `preview_policy`.
    """
    chosen, given = Chosen(catalog, now), assignment(survey, catalog, now, name=name)
    gets = {offer.update: offer.devices for offer in given.offers}
    ordered = [update for product in catalog.products for update in catalog.for_product(product)]
    sampled = survey.sample([chosen], wishes.sample) if wishes.sample else {}
    funnels = [_funnel(survey, update, catalog, now, gets[update.id]) for update in ordered]
    puzzling = sorted((each.offer.update for each in funnels if each.counts.unknown), key=_unknown_of(funnels))[:_MOST_EXPLAINED]
    titles = [(each.id, each.id) for each in ordered] + [(reason, reason.value) for reason in Nothing]
    grown = (_growth(survey, update, catalog, now) for update in ordered if _changes(update))
    return CatalogPreview(
        assignment=given,
        funnels=tuple(
            _explained(survey, each, update, catalog, now) if update.id in puzzling else each
            for update, each in zip(ordered, funnels, strict=True)
        ),
        breakdowns=tuple(_breakdown(survey, chosen, by, wishes.values) for by in wishes.by),
        samples=tuple((title, sampled[key,]) for key, title in titles if (key,) in sampled),
        growth=tuple(each for each in grown if any(devices for _, _, devices in each.points)),
        adoption=tuple((product, _adoption(survey, chosen, catalog, product)) for product in _busiest(given)),
    )


def counts_of(counted: "Counter[Any]") -> Counts:
    """The three counts of a tally of results, or of chosen updates."""
    counts = Counter[bool | None]()
    for value, devices in counted.items():
        counts[_kind(value)] += devices
    return Counts(counts[True], counts[False], counts[None])


def _kind(value: Any) -> bool | None:
    """A result as it is; an update as a match, nothing as none, nothing for want of data as unknown."""
    if isinstance(value, Nothing):
        return None if value in UNKNOWN else False
    return True if isinstance(value, str) else value


def _breakdown(survey: Survey, cell: Result | Chosen, by: str, most: int, among: Sequence[Cell] = ()) -> Breakdown:
    path = property_path(by)
    top = survey.top(Value(path), cell, most, among)
    grouped: dict[str | Absent, Counter[Any]] = {}
    for (value, label), devices in top.counts.items():
        grouped.setdefault(value, Counter())[label] += devices
    slices = [Slice(value, counts_of(counted)) for value, counted in grouped.items()]
    slices.sort(key=lambda each: (isinstance(each.value, Absent), -each.counts.total, each.title))
    others = [Slice(None, counts_of(top.others), top.values)] if top.values else []
    return Breakdown(path_text(("device", *path)), (*slices, *others))


def _samples(survey: Survey, result: Result, size: int, among: Sequence[Cell]) -> Samples:
    found = survey.sample([result], size, among) if size else {}
    return Samples(found.get((True,), ()), found.get((False,), ()), found.get((None,), ()))


def _adoption_of_policy(survey: Survey, result: Result, version: object, among: Sequence[Cell]) -> tuple[Bar, ...]:
    if not isinstance(version, str):
        return ()
    return find_bars(survey.top(Value(("version",)), result, _MOST_COMPARED, among), {True: version})


def _adoption(survey: Survey, chosen: Chosen, catalog: Catalog, product: str) -> tuple[Bar, ...]:
    brings = {update.id: str(update.version) for update in catalog}
    return find_bars(survey.top(Value(("version",)), chosen, _MOST_COMPARED, [IsProduct(product, catalog)]), brings)


def _busiest(given: Assignment) -> list[str]:
    """The products with the most devices that get something."""
    devices: Counter[str] = Counter()
    for offer in given.offers:
        devices[offer.product] += offer.devices
    return sorted(sorted(devices, key=lambda product: (-devices[product], product))[:_MOST_PRODUCTS])


def _funnel(survey: Survey, update: Update, catalog: Catalog, now: datetime, gets: int) -> Funnel:
    result, where = Result(update.bound, update.facts, now), [IsCandidate(update, catalog)]
    offer = Offer(update.id, update.product, str(update.version), gets)
    counts = counts_of(Counter({key[0]: devices for key, devices in survey.tally([result], where).items()}))
    gate = _gate(update, now)
    admitted = counts.matched
    if gate:
        admitted = 0
    elif update.rollout is not EVERYBODY:
        admitted = find_reach(survey, result, update.rollout, update.id, now, where).now.devices
    return Funnel(offer, counts, admitted, gate, ())


def _unknown_of(funnels: Sequence[Funnel]) -> Callable[[str], tuple[int, str]]:
    """How to sort updates by how many devices their policy is unknown for, the most first."""
    unknown = {each.offer.update: each.counts.unknown for each in funnels}
    return lambda name: (-unknown[name], name)


def _explained(survey: Survey, funnel: Funnel, update: Update, catalog: Catalog, now: datetime) -> Funnel:
    """A funnel with what keeps its policy unknown."""
    causes, _ = find_causes(survey, Result(update.bound, update.facts, now), [IsCandidate(update, catalog)])
    return replace(funnel, causes=causes[:_MOST_CAUSES])


def _gate(update: Update, now: datetime) -> str:
    if update.is_paused:
        return "paused"
    activity = update.rollout.activity(now)
    return "" if activity is Activity.ACTIVE else activity.value


def _changes(update: Update) -> bool:
    return update.rollout.start is not None or update.rollout.end is not None


def _growth(survey: Survey, update: Update, catalog: Catalog, now: datetime) -> Growth:
    result, where = Result(update.bound, update.facts, now), [IsCandidate(update, catalog)]
    reach = find_reach(survey, result, update.rollout, update.id, now, where)
    return Growth(update.id, tuple((step.at, step.percent, step.devices) for step in reach.line))
