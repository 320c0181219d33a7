"""What keeps a policy unknown: which of the properties that it reads the devices miss, or have bad values of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from policy_lang.compiler.facts import as_object, reader
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.report.model import Cause
from policy_lang.fleet.survey import Absent, Cell, Result, State, Survey
from policy_lang.types.core import Coalesce, Constant, Core, Fact, Path, children, path_text
from policy_lang.types.decode import decoder
from policy_lang.types.model import Type

_States: TypeAlias = tuple[Absent | None, ...]
"""Of each property, whether it is known."""


def find_causes(survey: Survey, result: Result, where: Sequence[Cell] = ()) -> tuple[tuple[Cause, ...], int]:
    """The causes of unknown results, the most frequent first, and how many devices have none.

    Args:
        survey: the fleet.
        result: the policy.
        where: looks only at devices where all of these are true.

    Returns:
        The causes, and the devices where every property is known and a computation has no result.
    """
    facts = _facts(result.policy)
    asked = [fact for fact in facts if fact.path[0] == "device"]
    counted = survey.tally([result, *(State(fact, result.policy) for fact in asked)], where)
    given = {fact: _given_state(fact, result) for fact in facts if fact not in asked}
    states: Counter[_States] = Counter()
    for (value, *found), devices in counted.items():
        if value is None:
            by_fact = {**given, **dict(zip(asked, found, strict=True))}
            states[tuple([by_fact[fact] for fact in facts])] += devices
    causes = [_cause(path_text(fact.path), at, states) for at, fact in enumerate(facts)]
    shown = [cause for cause in causes if cause.missing + cause.bad]
    shown.sort(key=lambda cause: (-cause.missing - cause.bad, cause.property))
    computed = sum(devices for key, devices in states.items() if not any(key))
    return tuple(shown), computed


def _given_state(fact: Fact, result: Result) -> Absent | None:
    """The state of what the host gives, the same for all devices."""
    roots = result.policy.roots
    facts = ({}, as_object(result.update), result.now, *(as_object(as_object(result.roots).get(name)) for name in roots[3:]))
    raw = reader(fact.path, roots)(facts)
    if raw is None:
        return Absent.MISSING if fact.default is None else None
    return Absent.BAD if decoder(fact.type, result.policy.options)(raw) is None else None


def _cause(name: str, at: int, states: "Counter[_States]") -> Cause:
    missing = sum(devices for key, devices in states.items() if key[at] is Absent.MISSING)
    bad = sum(devices for key, devices in states.items() if key[at] is Absent.BAD)
    alone = sum(devices for key, devices in states.items() if key[at] and sum(map(bool, key)) == 1)
    return Cause(name, missing, bad, alone)


def _facts(policy: Policy) -> list[Fact]:
    """What can make a policy unknown, each property once, in the order of the text."""
    found: dict[tuple[Path, Type], Fact] = {}
    for fact in sorted(_reading(policy.core), key=lambda fact: fact.span):
        found.setdefault((fact.path, fact.type), fact)
    return list(found.values())


def _reading(node: Core) -> Iterator[Fact]:
    """The reads below a node, but for those that a constant stands in for: `device.metered ?? false` is never unknown."""
    pending = [node]
    while pending:
        match pending.pop():
            case Fact() as fact:
                yield fact
            case Coalesce((*_, Constant(value))) if value is not None:
                continue
            case other:
                pending.extend(children(other))
