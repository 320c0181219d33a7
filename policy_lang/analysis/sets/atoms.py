"""The smallest conditions, and what each of them demands to have a wanted result."""

from typing import NamedTuple, TypeAlias, assert_never

from policy_lang.analysis.sets.formulas import FAILS, HOLDS, Formula, Relation, all_of, member, related, some_of
from policy_lang.analysis.sets.orders import Bounds
from policy_lang.analysis.sets.states import MISSING, States, contains, merged, without
from policy_lang.analysis.sets.truth import ANY, FALSE, TRUE, UNKNOWN, Truths
from policy_lang.analysis.sets.variables import Variable
from policy_lang.types.core import Comparison


class Fixed(NamedTuple):
    """A condition with one result."""

    result: Truths


class Within(NamedTuple):
    """True for some values of a variable, false for some, unknown for all others and where the variable is unknown."""

    variable: Variable
    true: Bounds
    false: Bounds


class Compared(NamedTuple):
    """A comparison of two variables."""

    op: Comparison
    left: Variable
    right: Variable


class Present(NamedTuple):
    """Whether a property is there; never unknown."""

    variable: Variable


class Keyed(NamedTuple):
    """Whether an object has a property; unknown where it is no object."""

    holder: Variable
    variable: Variable


Atom: TypeAlias = Fixed | Within | Compared | Present | Keyed


def demand_of(atom: Atom, truths: Truths) -> Formula:
    """What must hold for an atom to have one of some results."""
    if truths == ANY:
        return HOLDS
    match atom:
        case Fixed(result):
            return HOLDS if result & truths else FAILS
        case Within():
            return _within(atom, truths)
        case Compared():
            return some_of(_compared(atom, truths))
        case Present(variable):
            return some_of(_present(variable, truths))
        case Keyed():
            return some_of(_keyed(atom, truths))
        case _:
            assert_never(atom)


def known(variable: Variable) -> Formula:
    """A variable has a value."""
    if variable.is_total:
        return all_of(map(known, variable.arguments))
    return member(variable.index, variable.known)


def unknown(variable: Variable) -> Formula:
    """A variable has no value."""
    if variable.is_total:
        return some_of(map(unknown, variable.arguments))
    return member(variable.index, variable.unknown)


def _within(atom: Within, truths: Truths) -> Formula:
    variable, everything = atom.variable, atom.variable.known.bounds
    parts = []
    if truths & TRUE:
        parts.append(atom.true)
    if truths & FALSE:
        parts.append(atom.false)
    if truths & UNKNOWN:
        parts.append(without(without(everything, atom.true), atom.false))
    bounds = parts[0] if len(parts) == 1 else merged(parts)
    flags = variable.unknown.flags if truths & UNKNOWN else 0
    if variable.default is not None and contains(bounds, variable.default):
        flags |= MISSING
    formula = member(variable.index, States(bounds, flags))
    if not variable.is_total:
        return formula
    if truths & UNKNOWN:
        return some_of((formula, unknown(variable)))
    # A variable that may have any value is not narrowed, so nothing would follow for its arguments.
    return known(variable) if bounds == everything else formula


_RELATIONS = {
    (Comparison.EQUAL, TRUE): (Relation.EQUAL, False),
    (Comparison.EQUAL, FALSE): (Relation.DIFFERENT, False),
    (Comparison.LESS, TRUE): (Relation.LESS, False),
    (Comparison.LESS, FALSE): (Relation.AT_MOST, True),
}


def _compared(atom: Compared, truths: Truths) -> list[Formula]:
    both = known(atom.left), known(atom.right)
    if truths == TRUE | FALSE:
        return [all_of(both)]
    parts: list[Formula] = []
    for result in (TRUE, FALSE):
        if truths & result:
            relation, is_turned = _RELATIONS[atom.op, result]
            left, right = (atom.right, atom.left) if is_turned else (atom.left, atom.right)
            parts.append(all_of((related(relation, left.index, right.index), *both)))
    if truths & UNKNOWN:
        parts += [unknown(atom.left), unknown(atom.right)]
    return parts


def _present(variable: Variable, truths: Truths) -> list[Formula]:
    parts = []
    if truths & TRUE:
        parts.append(member(variable.index, States(variable.known.bounds, variable.unknown.flags & ~MISSING)))
    if truths & FALSE:
        parts.append(member(variable.index, States((), MISSING)))
    return parts


def _keyed(atom: Keyed, truths: Truths) -> list[Formula]:
    parts = _present(atom.variable, truths & TRUE)
    if truths & FALSE:
        parts += [all_of((known(atom.holder), *_present(atom.variable, FALSE)))]
    if truths & UNKNOWN:
        parts += [unknown(atom.holder)]
    return parts
