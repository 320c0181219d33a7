"""What the cases of test files cover of a policy: each condition true and false, and each shown to decide.

*Conditions* counts two outcomes for each condition and each decision that joins them: true and false. `!` says the same as what it
negates and is not counted apart. Unknown is shown and not counted: a schema may rule it out. *MC/DC* counts each condition once, if
two cases show that it alone decides; see `policy_lang.testing.influence`. Constants count nowhere, so a policy `true` has nothing
to cover.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TypeAlias

from policy_lang.source import Location, Span
from policy_lang.testing.conditions import Link, Logical, Term
from policy_lang.testing.influence import look

Observation: TypeAlias = tuple[Logical, ...]
"""The value of each leaf of each decision of a policy, one after the other."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen of one policy, ready to be sent and joined.

    Attributes:
        file: the file that the policy is written in.
        title: the id of the update; empty where the policy stands alone.
        decisions: the whole policy first.
        places: where each term is written in the file.
        observations: each different one, with the name of the first case that made it.
    """

    file: str
    title: str
    decisions: tuple[Term, ...]
    places: dict[Span, Location]
    observations: dict[Observation, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, tuple[Term, ...]]:
        """What makes two measurements the same policy."""
        return (self.file, self.title, self.decisions)


class Share(NamedTuple):
    """How many of how many."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that 100 means all; 100 where there is nothing to do."""
        return 100 * self.done // self.total if self.total else 100

    def reaches(self, percent: float) -> bool:
        """Whether the share is at least so many percent."""
        return 100 * self.done >= percent * self.total


@dataclass(frozen=True, slots=True)
class Covered:
    """One condition or decision of a policy.

    Attributes:
        text: as it is written, on one line.
        place: its line and column in the file.
        is_condition: whether it is a condition; else a decision.
        seen: the values that it had.
        pair: the cases in which it decides, by its value there; a pair of true and false shows it.
    """

    text: str
    place: Location
    is_condition: bool
    seen: frozenset[Logical]
    pair: dict[bool, str]

    @property
    def is_shown(self) -> bool:
        """Whether two cases show that it alone decides."""
        return len(self.pair) == len((True, False))

    @property
    def missing(self) -> tuple[bool, ...]:
        """The values that it never had."""
        return tuple(value for value in (True, False) if value not in self.seen)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and (self.is_shown or not self.is_condition)


@dataclass(frozen=True, slots=True)
class PolicyCoverage:
    """What is covered of one policy.

    Attributes:
        file: the file that it is written in.
        title: the id of the update; empty where the policy stands alone.
        terms: its conditions and decisions, in the order of the text.
    """

    file: str
    title: str
    terms: tuple[Covered, ...]

    @property
    def is_asked(self) -> bool:
        """Whether any case evaluated the policy."""
        return any(term.seen for term in self.terms)

    @property
    def conditions(self) -> Share:
        """The outcomes that were seen, of two for each condition and decision."""
        return Share(sum(2 - len(term.missing) for term in self.terms), 2 * len(self.terms))

    @property
    def mcdc(self) -> Share:
        """The conditions that are shown to decide, of all."""
        conditions = [term for term in self.terms if term.is_condition]
        return Share(sum(term.is_shown for term in conditions), len(conditions))


def total(shares: Iterable[Share]) -> Share:
    """The shares of several policies together."""
    listed = list(shares)
    return Share(sum(share.done for share in listed), sum(share.total for share in listed))


def join(measured: Iterable[Measured]) -> list[Measured]:
    """The measurements of several files, those of one policy put together."""
    joined: dict[tuple[str, str, tuple[Term, ...]], Measured] = {}
    for each in measured:
        known = joined.setdefault(each.key, Measured(each.file, each.title, each.decisions, each.places))
        for observation, case in each.observations.items():
            known.observations.setdefault(observation, case)
    return list(joined.values())


def report(measured: Measured) -> PolicyCoverage:
    """What the observations of a policy cover."""
    sights: dict[int, _Sight] = {}
    for observation, case in measured.observations.items():
        leaves = iter(observation)
        for decision in measured.decisions:
            own = tuple(islice(leaves, sum(1 for _ in decision.leaves())))
            _note(decision, own, case, sights)
    return PolicyCoverage(measured.file, measured.title, tuple(_covered(measured, sights)))


class _Sight:
    """What was seen of one term so far."""

    def __init__(self) -> None:
        self.seen: set[Logical] = set()
        self.deciding: dict[tuple[bool, Logical], str] = {}
        """The first case in which it decides, by its value and the outcome."""

    def pair(self) -> dict[bool, str]:
        """Two cases with different outcomes; else one half of such a pair, or nothing."""
        for outcome in (True, False):
            if (True, outcome) in self.deciding and (False, not outcome) in self.deciding:
                return {True: self.deciding[True, outcome], False: self.deciding[False, not outcome]}
        halves = islice(self.deciding.items(), 1)
        return {value: case for (value, _), case in halves}


def _note(decision: Term, leaves: Observation, case: str, sights: dict[int, _Sight]) -> None:
    outcome, seen = look(decision, leaves)
    for term, value, decides in seen:
        sight = sights.setdefault(id(term), _Sight())
        sight.seen.add(value)
        if value is not None and decides:
            sight.deciding.setdefault((value, outcome), case)


def _covered(measured: Measured, sights: dict[int, _Sight]) -> Iterator[Covered]:
    for decision in measured.decisions:
        for term in decision.descendants():
            if term.link in {Link.CONSTANT, Link.NOT}:
                continue
            sight = sights.get(id(term)) or _Sight()
            is_condition = term.link is Link.CONDITION
            pair = sight.pair() if is_condition else {}
            yield Covered(term.text, measured.places[term.span], is_condition, frozenset(sight.seen), pair)
