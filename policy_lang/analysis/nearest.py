"""The nearest change: the fewest properties of a device that would turn the result of a policy, and their nearest values.

Candidates for each property come from the policy itself: the constants that it is compared with, values just beside them, the other
properties that it is compared with, a text for each pattern, and nothing at all (`changes/wishes.py`, `changes/values.py`). From
them the tree is solved for the wanted result (`changes/masks.py`). What is found is evaluated before it is answered, so an answer
is always right. With the usual comparisons it is also the nearest there is; where a policy computes, or is very large, some other
change may be nearer, or the only one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from policy_lang.analysis.changes.change import Change
from policy_lang.analysis.changes.masks import Search, parts_of
from policy_lang.analysis.changes.places import ROOT
from policy_lang.analysis.changes.ways import FALSE, TRUE, UNKNOWN, ExhaustedError, Way, cheapest
from policy_lang.analysis.changes.world import DeviceWorld
from policy_lang.compiler.facts import ROOTS, Facts, as_moment, as_object
from policy_lang.compiler.partial import bind
from policy_lang.compiler.policy import Now, Policy
from policy_lang.types.core import And, Core

FIXED = ("device.id", "device.product")
"""What a device cannot choose; changed only where nothing else turns the result."""

NOTHING_FOUND = "no change of device properties found"
GAVE_UP = "gave up: the policy is too large to try every change"

_BUDGET = 600_000
_MOST_TRIED = 32
_MOST_COMBINED, _FEWEST_COMBINED, _COMBINED_IN_ALL = 4096, 32, 6144


@dataclass(frozen=True, slots=True)
class Finding:
    """What the search for the nearest change came to.

    Attributes:
        change: the nearest change, or None.
        reason: why there is none; empty where there is one.
    """

    change: Change | None
    reason: str = ""


def nearest_change(
    policy: Policy,
    device: Mapping[str, Any],
    update: Mapping[str, Any] | None = None,
    now: Now = None,
    *,
    roots: Mapping[str, Any] | None = None,
    wanted: bool | None = None,
    fixed: Sequence[str] = FIXED,
) -> Change | None:
    """The smallest change of a device that turns the result of a policy.

    Args:
        policy: the policy, bound to an update or not.
        device: what the device sent.
        update: the candidate's own metadata.
        now: the evaluation time.
        roots: the values of the host's own roots.
        wanted: whether the policy should match; where it is left out, the other of what it does.
        fixed: properties that are changed only where nothing else turns the result.

    Returns:
        The change of the fewest properties, and among these the one with the nearest values; one without properties where the
        result is already as wanted; None where none was found. The functions of a host are called with values that no device sent.

    Raises:
        ValueError: `now` has no zone, or is no timestamp.

    Source: docs/explain.md.

    >>> from policy_lang.pipeline import compile_policy
    >>> policy = compile_policy("device.memory >= 256 && device.region == 'us-west'")
    >>> print(nearest_change(policy, {"memory": 128, "region": "us-west"}))
    device.memory: 128 → 256
    """
    return find_change(policy, device, update, now, roots=roots, wanted=wanted, fixed=fixed).change


def find_change(
    policy: Policy,
    device: Mapping[str, Any],
    update: Mapping[str, Any] | None = None,
    now: Now = None,
    *,
    roots: Mapping[str, Any] | None = None,
    wanted: bool | None = None,
    fixed: Sequence[str] = FIXED,
    within: Core | None = None,
) -> Finding:
    """The same as `nearest_change`, with the reason where there is none; errors are the same, and so are the other arguments.

    Args:
        policy: the policy, bound to an update or not.
        device: what the device sent.
        update: the candidate's own metadata.
        now: the evaluation time.
        roots: the values of the host's own roots.
        wanted: whether the policy should match.
        fixed: properties that are changed only where nothing else turns the result.
        within: a condition on the device that has to be true as well where the policy should match.
    """
    present = policy.matches(device, update, now, roots=roots)
    aim = not present if wanted is None else wanted
    if aim is present:
        return Finding(Change((), aim))
    given = as_object(roots)
    extra = tuple(as_object(given.get(name)) for name in policy.roots[len(ROOTS) :])
    facts = (as_object(device), as_object(update), as_moment(now), *extra)
    core = _folded(policy, facts)
    if within is not None and aim:
        core = And((core, within), span=core.span)
    world = DeviceWorld(core, facts, policy.options, policy.roots, [tuple(name.split(".")) for name in fixed])
    search = Search(world, _BUDGET, _most_combined(world, core))
    try:
        ways = search.ways(core, TRUE if aim else FALSE | UNKNOWN)
    except ExhaustedError:
        return Finding(None, GAVE_UP)
    for change in (_change(world, way, matches=aim) for way in islice(ways, _MOST_TRIED)):
        if policy.matches(change.apply(device), update, now, roots=roots) is aim:
            return Finding(change)
    return Finding(None, NOTHING_FOUND if search.is_complete else GAVE_UP)


def _most_combined(world: DeviceWorld, core: Core) -> int:
    """For how many combinations each part may be evaluated that reads several properties: the fewer parts, the more."""
    joint = sum(len(world.places_of(part)) > 1 for part in parts_of(core))
    return min(_MOST_COMBINED, max(_FEWEST_COMBINED, _COMBINED_IN_ALL // (joint + 1)))


def _folded(policy: Policy, facts: Facts) -> Core:
    """The core with everything computed that does not depend on the device."""
    core = policy.running
    for root in policy.roots:
        if root != ROOT:
            core = bind(core, root, facts, policy.options, policy.roots)
    return core


def _change(world: DeviceWorld, way: Way, *, matches: bool) -> Change:
    chosen = {place: cheapest(mask) for place, mask in way.masks.items() if not mask & 1}
    return Change(world.changes(chosen), matches)
