"""Questions about the situations in which conditions have some results together."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from policy_lang.analysis.sets.demands import Demands
from policy_lang.analysis.sets.formulas import FAILS, HOLDS, all_of
from policy_lang.analysis.sets.search import Budget, Verdict, search
from policy_lang.analysis.sets.sharing import find_free
from policy_lang.analysis.sets.truth import Truths
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.core import Core

STEPS_FOR_A_QUESTION = 2_000
STEPS_FOR_A_POLICY = 10_000
"""A step takes some three microseconds."""

_WANTED_IN_A_STEP = 4


Wanted: TypeAlias = tuple[Core, Truths]
"""A condition, and the results of which it shall have one."""


class Solver:
    """Answers questions about some policies and their parts.

    What is made for one question serves the next; so does the budget, which is one for all questions.

    Source: docs/decisions/0013-satisfiability.md.

    >>> from policy_lang.analysis.sets.truth import FALSE, TRUE
    >>> from policy_lang.pipeline import compile_policy
    >>> core = compile_policy("device.a < 5 || device.a >= 5").core
    >>> solver = Solver([core])
    >>> solver.possible([(core, FALSE)])
    <Verdict.NEVER: 'never'>
    """

    def __init__(self, policies: Iterable[Core], options: Options = DEFAULT_OPTIONS, *, steps: int = STEPS_FOR_A_POLICY) -> None:
        """Look at the policies that the questions will be about.

        Args:
            policies: typed cores; questions may be about any part of them.
            options: the host's options, for what functions give.
            steps: the most steps that all questions together may take.
        """
        self._policies = tuple(policies)
        self._free = find_free(self._policies)
        self._demands = Demands(options, self._free)
        self._budget = Budget(steps)
        self._asked: dict[tuple[tuple[int, Truths], ...], tuple[tuple[Wanted, ...], Verdict]] = {}

    def is_free(self, part: Core) -> bool:
        """Whether no property of a part occurs anywhere else, so that it can have each of its results whatever the others have."""
        return id(part) in self._free

    def possible(self, wanted: Sequence[Wanted]) -> Verdict:
        """Whether conditions can have results together.

        Args:
            wanted: parts of the policies, each with the results of which it shall have one.

        Returns:
            `NEVER` only where no device, update and time give these results; `POSSIBLE` where none of this is proved.
        """
        if self._budget.left <= 0:
            return Verdict.UNDECIDED
        key = tuple((id(part), truths) for part, truths in wanted)
        if key not in self._asked:
            # The conditions are kept as well: others at the same addresses would be taken for them.
            self._asked[key] = tuple(wanted), self._answer(wanted)
        return self._asked[key][1]

    def never(self, *wanted: Wanted) -> bool:
        """Whether it is proved that conditions do not have some results together."""
        return self.possible(wanted) is Verdict.NEVER

    def _answer(self, wanted: Sequence[Wanted]) -> Verdict:
        self._budget.left -= len(wanted) // _WANTED_IN_A_STEP
        formula = all_of([self._demands.demand(part, truths) for part, truths in wanted])
        if formula is HOLDS or formula is FAILS:
            return Verdict.POSSIBLE if formula is HOLDS else Verdict.NEVER
        budget = Budget(max(0, min(STEPS_FOR_A_QUESTION, self._budget.left)))
        before = budget.left
        verdict, _ = search(formula, self._demands.variables, budget)
        self._budget.left -= before - budget.left
        return verdict
