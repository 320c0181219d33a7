"""What changes for a fleet when one policy or catalog takes the place of another."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.report.decisions import Comparison, Move
from policy_lang.fleet.report.model import Counts
from policy_lang.fleet.report.preview import counts_of
from policy_lang.fleet.survey import Chosen, GoesBack, Nothing, Result, Survey

_RESULTS = {True: "match", False: "no match", None: "unknown"}
_KINDS: Final = ("gained", "lost", "changed")

_Kind: TypeAlias = Callable[[Any, Any], str]
"""What a change from one thing to another is."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the two sides are called.

    Attributes:
        old: the file of the old one.
        new: the file of the new one.
    """

    old: str = "old"
    new: str = "new"


def compare_policies(
    survey: Survey,
    old: Policy,
    new: Policy,
    now: datetime,
    *,
    update: Mapping[str, Any] | None = None,
    names: Names = Names(),
    sample: int = 5,
) -> Comparison:
    """What changes when a policy takes the place of another.

    Args:
        survey: the fleet.
        old: the policy until now.
        new: the policy from now on.
        now: the time of the report, with a zone.
        update: the update's metadata.
        names: what to call the two.
        sample: how many devices of each kind are named.

    Raises:
        UnsupportedError: the engine of the fleet cannot answer exactly.

    Source: docs/preview.md.
    """
    pair = (Result(old, update, now), Result(new, update, now))
    return _compare(survey, pair, survey.tally(pair), _kind_of_results, now, names, sample)


def compare_catalogs(
    survey: Survey, old: Catalog, new: Catalog, now: datetime, *, names: Names = Names(), sample: int = 5
) -> Comparison:
    """What changes when a catalog takes the place of another.

    A device that gets the same version under another id of an update has changed, for the image may be another. The other arguments
    and the errors are those of `compare_policies`.
    """
    pair = (Chosen(old, now), Chosen(new, now))
    counted = survey.tally([*pair, GoesBack(pair[0]), GoesBack(pair[1])])
    merged: Counter[tuple[Any, ...]] = Counter()
    for (before, after, _, _), devices in counted.items():
        merged[before, after] += devices
    versions = ({each.id: each.version for each in old}, {each.id: each.version for each in new})

    def kind(before: Any, after: Any) -> str:
        is_same = before == after and (isinstance(after, Nothing) or versions[0][before] == versions[1][after])
        return _kind(had=isinstance(before, str), has=isinstance(after, str), is_same=is_same)

    found = _compare(survey, pair, merged, kind, now, names, sample)
    changes = ((key, devices) for key, devices in merged.items() if kind(*key) == "changed")
    lowered = sum(devices for (before, after), devices in changes if versions[1][after] < versions[0][before])
    downgraded = sum(devices for (_, _, was_back, is_back), devices in counted.items() if is_back and not was_back)
    return replace(found, lowered=lowered, downgraded=downgraded)


def _compare(
    survey: Survey,
    pair: tuple[Result, Result] | tuple[Chosen, Chosen],
    counted: "Counter[tuple[Any, ...]]",
    kind: _Kind,
    now: datetime,
    names: Names,
    sample: int,
) -> Comparison:
    """All but what is said about versions."""
    moves = [Move(_title(old), _title(new), devices, kind(old, new)) for (old, new), devices in counted.items()]
    shown = tuple(sorted((move for move in moves if move.before != move.after or move.kind != "unchanged"), key=_place))
    totals = Counter[str]()
    for move in shown:
        totals[move.kind] += move.devices
    return Comparison(
        old=names.old,
        new=names.new,
        fleet=survey.name,
        now=now,
        before=_side(counted, 0),
        after=_side(counted, 1),
        gained=totals["gained"],
        lost=totals["lost"],
        changed=totals["changed"],
        lowered=0,
        downgraded=0,
        moves=shown,
        samples=_samples(survey, pair, kind, sample),
    )


def _side(counted: "Counter[tuple[Any, ...]]", at: int) -> Counts:
    side: Counter[Any] = Counter()
    for key, devices in counted.items():
        side[key[at]] += devices
    return counts_of(side)


def _samples(
    survey: Survey, pair: tuple[Result, Result] | tuple[Chosen, Chosen], kind: _Kind, size: int
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The ids of some devices of each kind of change."""
    found: dict[str, list[str]] = {name: [] for name in _KINDS}
    for key, ids in sorted(
        (survey.sample(pair, size) if size else {}).items(), key=lambda each: (_title(each[0][0]), _title(each[0][1]))
    ):
        found.get(kind(*key), []).extend(ids)
    return tuple((name, tuple(ids[:size])) for name, ids in found.items() if ids)


def _kind_of_results(before: object, after: object) -> str:
    return _kind(had=before is True, has=after is True, is_same=True)


def _kind(*, had: bool, has: bool, is_same: bool) -> str:
    if had is not has:
        return "gained" if has else "lost"
    return "unchanged" if is_same or not has else "changed"


def _title(value: Any) -> str:
    """What people call a result or what a device gets."""
    if isinstance(value, Nothing):
        return value.value
    return value if isinstance(value, str) else _RESULTS[value]


def _place(move: Move) -> tuple[bool, int, str, str]:
    """Real changes first, then the most devices."""
    order = (*_KINDS, "unchanged")
    return (order.index(move.kind) == len(_KINDS), -move.devices, move.before, move.after)
