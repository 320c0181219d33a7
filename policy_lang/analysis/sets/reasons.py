"""Which of many conditions a proof needs."""

from collections.abc import Iterator, Sequence

from policy_lang.analysis.sets.solver import Solver, Wanted
from policy_lang.analysis.sets.truth import Truths, negated
from policy_lang.types.core import And, Core, Not, Or


def conjuncts(node: Core, truths: Truths) -> Iterator[Wanted]:
    """The parts that must have results of their own for a condition to be true, or to be false."""
    match node, truths:
        case (And(items), 1) | (Or(items), 2):
            for item in items:
                yield from conjuncts(item, truths)
        case Not(And() | Or() | Not() as operand), _:
            yield from conjuncts(operand, negated(truths))
        case _:
            yield node, truths


def alternatives(node: Core, truths: Truths) -> tuple[Core, ...]:
    """The parts of which one must have a result for a condition to have it: operands of `||`, of `&&` under a negation."""
    match node, truths:
        case (Or(items), 1) | (And(items), 2):
            return items
        case Not(operand), _:
            return alternatives(operand, negated(truths))
        case _:
            return ()


def smallest(solver: Solver, wanted: Sequence[Wanted], fixed: Sequence[Wanted] = ()) -> list[Wanted]:
    """As few of some conditions as still cannot come about together with the fixed ones; none of them can be left out.

    Args:
        solver: has proved that all of them together cannot come about.
        wanted: what may be left out.
        fixed: what stays.
    """
    needed = list(wanted)
    for each in reversed(wanted):
        fewer = [other for other in needed if other is not each]
        if solver.never(*fixed, *fewer):
            needed = fewer
    return needed
