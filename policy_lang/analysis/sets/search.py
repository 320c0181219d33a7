"""The search for sets of states that satisfy a formula.

It narrows variables by what must hold, until nothing changes; then it takes the shortest disjunction that is left and tries its
parts, one after the other. Most questions are settled without a choice. A disjunction that can be had for free, because one of its
parts speaks of a variable that nothing else speaks of, is not tried at all.
"""

from collections.abc import Iterator, Sequence
from enum import Enum

from policy_lang.analysis.sets.formulas import All, Formula, Member, Related, Relation, Some
from policy_lang.analysis.sets.functions import consequences
from policy_lang.analysis.sets.relations import can_hold, integral
from policy_lang.analysis.sets.states import NOWHERE, States, intersection, is_disjoint
from policy_lang.analysis.sets.variables import Variables
from policy_lang.types.model import Kind

_REVIEWED_IN_A_STEP = 16


class Verdict(Enum):
    """What is known of a question.

    Attributes:
        NEVER: it is proved that no situation gives these results.
        POSSIBLE: nothing was found that prevents them.
        UNDECIDED: the budget was used up first.
    """

    NEVER = "never"
    POSSIBLE = "possible"
    UNDECIDED = "undecided"


class Budget:
    """Steps that may still be taken; a step is a look at one part of a formula.

    Attributes:
        left: how many.
    """

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        """Start with some steps."""
        self.left = steps


def search(formula: Formula, variables: Variables, budget: Budget) -> tuple[Verdict, Sequence[States]]:
    """Look for states of the variables that satisfy a formula.

    Args:
        formula: what must hold.
        variables: what it speaks of.
        budget: counted down.

    Returns:
        The verdict, and for `POSSIBLE` the states that each variable is narrowed to.
    """
    choices: list[tuple[_State, Iterator[Formula]]] = [(_State(variables, budget), iter((formula,)))]
    while choices and budget.left > 0:
        state, parts = choices[-1]
        part = next(parts, None)
        if part is None:
            choices.pop()
            continue
        budget.left -= len(variables.all) // _REVIEWED_IN_A_STEP
        state = _State(variables, budget, state)
        if not state.assume(part):
            continue
        if budget.left <= 0:
            break
        if not state.pending:
            return Verdict.POSSIBLE, state.domains
        choices.append((state, iter(state.choose())))
    return (Verdict.UNDECIDED if choices else Verdict.NEVER), ()


class _State:
    """What is known at one point of the search: states, relations, and disjunctions that are not settled."""

    __slots__ = ("_budget", "_changed", "_variables", "domains", "pending", "relations")

    def __init__(self, variables: Variables, budget: Budget, known: "_State | None" = None) -> None:
        """Start with nothing known, or with what another state knows."""
        self._variables = variables
        self._budget = budget
        self._changed = 0
        self.relations: list[Related] = [] if known is None else known.relations.copy()
        self.domains: list[States] = (variables.initial if known is None else known.domains).copy()
        self.pending: list[Some] = [] if known is None else known.pending.copy()

    def assume(self, formula: Formula) -> bool:
        """Add a formula and all that follows; whether no contradiction was found.

        Where the budget runs out, nothing more follows.
        """
        queue = [formula]
        while queue or self._changed:
            if self._budget.left <= 0:
                return True
            if not self._add_all(queue) or not self._review(queue):
                return False
            if not queue and not self._refute():
                return False
        self._drop_free()
        return True

    def choose(self) -> tuple[Formula, ...]:
        """Take the shortest disjunction that is left; its parts are what to try."""
        shortest = min(self.pending, key=_length)
        self.pending.remove(shortest)
        return shortest.items

    def _add_all(self, queue: list[Formula]) -> bool:
        while queue:
            formula = queue.pop()
            self._budget.left -= 1
            kind = type(formula)
            if kind is Member:
                if not self._narrow(formula.variable, formula.states):  # type: ignore[union-attr]
                    return False
            elif kind is All:
                queue.extend(formula.items)  # type: ignore[union-attr]
            elif kind is Related:
                self.relations.append(formula)  # type: ignore[arg-type]
                self._changed |= formula.mask
            elif not self._keep(formula, queue):  # type: ignore[arg-type]
                return False
        return True

    def _keep(self, formula: Some, queue: list[Formula]) -> bool:
        """Keep what is possible of a disjunction; queue it where that is one part."""
        possible: list[Formula] = []
        for item in formula.items:
            self._budget.left -= 1
            settled = self._settled(item)
            if settled:
                return True
            if settled is None:
                possible.append(item)
        if len(possible) == 1:
            queue.append(possible[0])
        elif possible:
            is_whole = len(possible) == len(formula.items)
            self.pending.append(formula if is_whole else Some(tuple(possible), formula.mask))
        return bool(possible)

    def _settled(self, formula: Formula) -> bool | None:
        """Whether a formula holds or fails as things are; None where that is open."""
        kind = type(formula)
        if kind is Member:
            domain = self.domains[formula.variable]  # type: ignore[union-attr]
            common = intersection(domain, formula.states)  # type: ignore[union-attr]
            return True if common is domain else False if common == NOWHERE else None
        if kind is All:
            settled = [self._settled(item) for item in formula.items]  # type: ignore[union-attr]
            self._budget.left -= len(settled)
            return False if False in settled else None if None in settled else True
        return None

    def _review(self, queue: list[Formula]) -> bool:
        """Look again at the disjunctions about variables that have changed."""
        changed, self._changed = self._changed, 0
        if not changed:
            return True
        old, self.pending = self.pending, []
        self._budget.left -= len(old) // _REVIEWED_IN_A_STEP
        for position, formula in enumerate(old):
            if not formula.mask & changed:
                self.pending.append(formula)
            elif not self._keep(formula, queue):
                self.pending += old[position + 1 :]
                return False
        return True

    def _refute(self) -> bool:
        """Ask what single sets do not show; the relations come last, when nothing else changes any more."""
        if not self._consult_functions() or not self._equate():
            return False
        self._budget.left -= len(self.relations)
        return bool(self._changed) or can_hold(self.relations, self.domains, self._variables.all)

    def _consult_functions(self) -> bool:
        """Narrow what functions of a property say of it."""
        functions, initial = self._variables.functions, self._variables.initial
        for index, states in consequences(functions, self.domains, initial) if functions else ():
            self._budget.left -= 1
            if not self._narrow(index, states):
                return False
        return True

    def _equate(self) -> bool:
        """Leave to equal variables the values that both may have."""
        for relation, left, right, _ in self.relations:
            if relation is Relation.EQUAL and not (self._take_from(left, right) and self._take_from(right, left)):
                return False
        return True

    def _take_from(self, one: int, other: int) -> bool:
        """Leave to a variable the values of an equal one; an int takes only the ints."""
        bounds = self.domains[other].bounds
        is_int = self._variables.all[one].kind is Kind.INT
        return self._narrow(one, States(integral(bounds) if is_int else bounds, 0))

    def _narrow(self, variable: int, states: States) -> bool:
        """Keep those states of a variable, and what follows from that for others."""
        narrowing = [(variable, states)]
        while narrowing:
            variable, states = narrowing.pop()
            domain = self.domains[variable]
            common = intersection(domain, states)
            if common is domain:
                continue
            if common == NOWHERE:
                return False
            self.domains[variable] = common
            self._changed |= 1 << variable
            for avoided, other, then in self._variables.links[variable]:
                if is_disjoint(common, avoided):
                    narrowing.append((other, then))
        return True

    def _drop_free(self) -> None:
        """Forget the disjunctions with a part about a variable that nothing else mentions: that part can be had."""
        busy = self._variables.linked
        for related in self.relations:
            busy |= related.mask
        while True:
            once = twice = 0
            for formula in self.pending:
                twice |= once & formula.mask
                once |= formula.mask
            kept = [formula for formula in self.pending if not _is_free(formula, busy | twice)]
            if len(kept) == len(self.pending):
                return
            self.pending = kept


def _is_free(formula: Some, busy: int) -> bool:
    """Whether a part of a disjunction is a membership of a variable that nothing else mentions; the other parts do not need it."""
    return any(type(item) is Member and not item.mask & busy for item in formula.items)


def _length(formula: Some) -> int:
    return len(formula.items)
