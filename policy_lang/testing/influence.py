"""Which conditions decide the outcome of a case: masking MC/DC in three-valued logic.

A condition *decides* in a case if it is true or false there, and the decision would be false instead of true, or true instead of
false, had it been the other. All other conditions keep the values that they have, unknown among them. A condition is *shown* by two
cases: it decides in both, it is true in one and false in the other, and the decision has different outcomes.

This is masking MC/DC of Chilenski (DOT/FAA/AR-01/18, 2001) and of Hayhurst, Veerhusen, Chilenski and Rierson (NASA/TM-2001-210876):
other conditions may differ between the two cases as long as they do not mask the one that is shown. Where everything is known it is
the same. An outcome that becomes unknown does not count, because no such case says which value decided.

The values of all leaves are known for a case. One pass upwards gives the value of each term, one pass downwards for each term the
outcome as a function of its value alone; each takes time in proportion to the policy.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from policy_lang.testing.conditions import Link, Logical, Term, combine

_Outcomes: TypeAlias = dict[Logical, Logical]
"""The outcome of the whole decision for each value of one term."""

_IDENTITY: _Outcomes = {True: True, False: False, None: None}


class Seen(NamedTuple):
    """One term in one case.

    Attributes:
        term: the condition, constant or decision.
        value: its value.
        decides: whether it decides the outcome.
    """

    term: Term
    value: Logical
    decides: bool


def look(decision: Term, leaves: tuple[Logical, ...]) -> tuple[Logical, list[Seen]]:
    """What one case shows of a decision.

    Args:
        decision: the decision.
        leaves: the value of each of its leaves, in the order of the text.

    Returns:
        The outcome, and each term of the decision in the order of the text.
    """
    values: dict[int, Logical] = {}
    outcome = _fill(decision, iter(leaves), values)
    return outcome, list(_terms(decision, _IDENTITY, values))


def _fill(term: Term, leaves: Iterator[Logical], values: dict[int, Logical]) -> Logical:
    """The value of a term; those of all below it are noted by their identity."""
    inside = tuple([_fill(each, leaves, values) for each in term.terms])
    value = combine(term.link, inside) if inside else next(leaves)
    values[id(term)] = value
    return value


def _terms(term: Term, outcomes: _Outcomes, values: dict[int, Logical]) -> Iterator[Seen]:
    value = values[id(term)]
    yield Seen(term, value, value is not None and {outcomes[True], outcomes[False]} == {True, False})
    inside = tuple([values[id(each)] for each in term.terms])
    counts = Counter(inside)
    for index, each in enumerate(term.terms):
        own = {given: outcomes[_instead(term.link, inside, counts, index, given)] for given in _IDENTITY}
        yield from _terms(each, own, values)


def _instead(link: Link, inside: tuple[Logical, ...], counts: Counter[Logical], index: int, given: Logical) -> Logical:
    """The value of a decision with another value for one of its terms."""
    if link in {Link.AND, Link.OR}:  # the order does not matter: each value once is enough, however many terms there are
        others = tuple([value for value, count in counts.items() if count - (value is inside[index])])
        return combine(link, (*others, given))
    return combine(link, (*inside[:index], given, *inside[index + 1 :]))
