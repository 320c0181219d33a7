"""What must hold for a condition to have one of some results: Kleene's logic read backwards.

`a && b` is true where both are, false where one is, and unknown where neither is false and one is unknown; so every demand on a
condition is a demand on its operands, and no formula needs a negation. `??` and `?:` between values become cases: a guard, and
what the value is where the guard holds. The guards of a value exclude each other and leave nothing out.
"""

from itertools import product
from typing import TypeAlias, assert_never

from policy_lang.analysis.sets.atoms import Atom, Compared, Fixed, Present, Within, demand_of, known, unknown
from policy_lang.analysis.sets.calls import Term, call, condition, key_of, within
from policy_lang.analysis.sets.formulas import FAILS, HOLDS, Formula, all_of, member, some_of
from policy_lang.analysis.sets.orders import above, below, point
from policy_lang.analysis.sets.states import MISSING, States, merged
from policy_lang.analysis.sets.truth import ANY, FALSE, KNOWN, TRUE, UNKNOWN, Truths, negated, truth_of
from policy_lang.analysis.sets.variables import Variable, Variables
from policy_lang.options import Options
from policy_lang.source import Span
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    type_of,
)
from policy_lang.types.model import BOOL, Kind, Type

Case: TypeAlias = tuple[Formula, Term]
"""A guard, and what a value is where the guard holds."""

_MOST_CASES = 12


class Demands:
    """Formulas for the results of conditions; each is made once.

    Attributes:
        variables: what the formulas are about.
    """

    def __init__(self, options: Options, free: dict[int, Truths]) -> None:
        """Start without any formula.

        Args:
            options: the host's options, for what functions give.
            free: the results that a part of a policy can have whatever the others have, by the identity of the part.
        """
        self.variables = Variables()
        self._options = options
        self._free = free
        self._formulas: dict[tuple[int, Truths], tuple[Core, Formula]] = {}
        self._atoms: dict[int, list[tuple[Formula, Atom]]] = {}

    def demand(self, node: Core, truths: Truths) -> Formula:
        """What must hold for a condition to have one of some results."""
        if truths == ANY or not truths:
            return HOLDS if truths else FAILS
        free = self._free.get(id(node))
        if free is not None:
            return HOLDS if free & truths else FAILS
        key = (id(node), truths)
        known = self._formulas.get(key)
        if known is None:
            # The condition is kept as well: another one at the same address would be taken for it.
            known = self._formulas[key] = node, self._demand(node, truths)
        return known[1]

    def _demand(self, node: Core, truths: Truths) -> Formula:
        match node:
            case Not(operand):
                return self.demand(operand, negated(truths))
            case And(items):
                return self._connect(items, TRUE, truths)
            case Or(items):
                return self._connect(items, FALSE, truths)
            case Choose(test, then, otherwise):
                return self._choose(test, then, otherwise, truths)
            case Coalesce(items):
                return self._coalesce(items, truths)
            case Compare(Comparison.EQUAL, left, right) if type_of(left).kind is Kind.BOOL:
                return self._same(left, right, truths)
            case In(needle, ListOf(items)):
                return self.demand(self._disjunction(node, needle, items), truths)
            case _:
                return self._settle(self._atoms_of(node), truths)

    def _settle(self, atoms: list[tuple[Formula, Atom]], truths: Truths) -> Formula:
        """What the atom of one of the cases demands."""
        ((guard, atom), *others) = atoms
        if guard is HOLDS and not others:
            return demand_of(atom, truths)
        return some_of([all_of((guard, demand_of(atom, truths))) for guard, atom in atoms])

    def _connect(self, items: tuple[Core, ...], whole: Truths, truths: Truths) -> Formula:
        """A conjunction (`whole` is true) or a disjunction (false): all operands have that result, or one has the other."""
        part = negated(whole)
        if truths == part | whole:
            return some_of((self._each(items, whole), self._one(items, part)))
        if not truths & whole:
            if truths & UNKNOWN and not truths & part:
                return all_of((self._each(items, whole | UNKNOWN), self._one(items, UNKNOWN)))
            return self._one(items, truths)
        return self._each(items, truths)

    def _each(self, items: tuple[Core, ...], truths: Truths) -> Formula:
        return all_of([self.demand(item, truths) for item in items])

    def _one(self, items: tuple[Core, ...], truths: Truths) -> Formula:
        return some_of([self.demand(item, truths) for item in items])

    def _choose(self, test: Core, then: Core, otherwise: Core, truths: Truths) -> Formula:
        parts = [
            all_of((self.demand(test, TRUE), self.demand(then, truths))),
            all_of((self.demand(test, FALSE), self.demand(otherwise, truths))),
        ]
        if truths & UNKNOWN:
            parts.append(self.demand(test, UNKNOWN))
        return some_of(parts)

    def _coalesce(self, items: tuple[Core, ...], truths: Truths) -> Formula:
        parts: list[Formula] = []
        guard: Formula = HOLDS
        for item in items[:-1]:
            parts.append(all_of((guard, self.demand(item, truths & KNOWN))))
            guard = all_of((guard, self.demand(item, UNKNOWN)))
        parts.append(all_of((guard, self.demand(items[-1], truths))))
        return some_of(parts)

    def _same(self, left: Core, right: Core, truths: Truths) -> Formula:
        """Equality of two conditions."""
        parts: list[Formula] = []
        for result, other in product((TRUE, FALSE), repeat=2):
            if truths & (TRUE if result == other else FALSE):
                parts.append(all_of((self.demand(left, result), self.demand(right, other))))
        if truths & UNKNOWN:
            parts += [self.demand(left, UNKNOWN), self.demand(right, UNKNOWN)]
        return some_of(parts)

    def _disjunction(self, node: In, needle: Core, items: tuple[Core, ...]) -> Core:
        """Membership in a list that is written out, as the equalities that it means."""
        return Or(tuple(Compare(Comparison.EQUAL, needle, item, span=node.span) for item in items), span=node.span)

    def _atoms_of(self, node: Core) -> list[tuple[Formula, Atom]]:
        """The atom that a condition is, in each of its cases."""
        atoms = self._atoms.get(id(node))
        if atoms is None:
            atoms = self._atoms[id(node)] = list(self._new_atoms(node))
        return atoms

    def _new_atoms(self, node: Core) -> list[tuple[Formula, Atom]]:
        match node:
            case Constant(value):
                return [(HOLDS, Fixed(truth_of(value)))]
            case Fact():
                return [(HOLDS, within(self.variables.fact(node), (1, 2)))]
            case Has(path):
                return [(HOLDS, Present(self.variables.presence(path)))]
            case Compare(op, left, right):
                return self._comparisons(node, op, left, right)
            case In(needle, haystack):
                return self._memberships(node, needle, haystack)
            case Apply(_, args):
                combined = self._combined(args)
                if combined is None:
                    return [(HOLDS, self._opaque_condition(node))]
                return [(guard, condition(node, terms, self.variables, self._options)) for guard, terms in combined]
            case Not() | And() | Or() | Choose() | Coalesce() | ListOf():
                raise TypeError(node)  # INVARIANT: these are made of smaller conditions, or are none
            case _:
                assert_never(node)

    def _opaque_condition(self, node: Core) -> Atom:
        return within(self._opaque(node), (1, 2))

    def _opaque(self, node: Core) -> Variable:
        """A part of which nothing is known but its type; equal parts are not told to be equal, for they are rare."""
        return self.variables.application(("opaque", id(node)), type_of(node).kind, ())

    # --- Comparisons ------------------------------------------------------------------------------------------------------------

    def _comparisons(self, node: Core, op: Comparison, left: Core, right: Core) -> list[tuple[Formula, Atom]]:
        lefts, rights = self._cases(left), self._cases(right)
        if len(lefts) * len(rights) > _MOST_CASES:
            return [(HOLDS, self._opaque_condition(node))]
        atoms: list[tuple[Formula, Atom]] = []
        for (guard, one), (other_guard, other) in product(lefts, rights):
            both = all_of((guard, other_guard))
            if isinstance(one, Variable) and isinstance(other, Variable) and one is not other:
                atoms += [(all_of((both, guards)), _compare(op, *terms)) for guards, terms in _split_defaults(one, other)]
            else:
                atoms.append((both, _compare(op, one, other)))
        return atoms

    def _memberships(self, node: Core, needle: Core, haystack: Core) -> list[tuple[Formula, Atom]]:
        needles, lists = self._cases(needle), self._cases(haystack)
        if len(needles) * len(lists) > _MOST_CASES:
            return [(HOLDS, self._opaque_condition(node))]
        return [(all_of((guard, other)), self._member_of(one, items)) for (guard, one), (other, items) in product(needles, lists)]

    def _member_of(self, needle: Term, items: Term) -> Atom:
        if isinstance(items, Variable):
            return self._in_unknown_list(needle, items)
        if items.value is None or (isinstance(needle, Constant) and needle.value is None):
            return Fixed(UNKNOWN)
        if isinstance(needle, Constant):
            has_unknown = None in items.value
            return Fixed(TRUE if needle.value in items.value else UNKNOWN if has_unknown else FALSE)
        values = merged(point(needle.kind, item) for item in items.value if item is not None)
        atom = within(needle, values)
        return atom._replace(false=()) if None in items.value and isinstance(atom, Within) else atom

    def _in_unknown_list(self, needle: Term, items: Variable) -> Atom:
        """An item of a list may be bad, so this can be unknown where both sides are known."""
        if isinstance(needle, Constant) and needle.value is None:
            return Fixed(UNKNOWN)
        arguments = (items,) if isinstance(needle, Constant) else (needle, items)
        return within(self.variables.application(("in", key_of(needle), items.index), Kind.BOOL, arguments), (1, 2))

    # --- Values -----------------------------------------------------------------------------------------------------------------

    def _cases(self, node: Core) -> list[Case]:
        """What a value is, case by case."""
        match node:
            case Constant():
                return [(HOLDS, node)]
            case Fact():
                return [(HOLDS, self.variables.fact(node))]
            case Choose(test, then, otherwise):
                return self._chosen(node, test, then, otherwise)
            case Coalesce(items) if type_of(node).kind is not Kind.BOOL:
                return self._first_known(node, items)
            case ListOf():
                return [(HOLDS, self.variables.application(("list", id(node)), Kind.LIST, (), is_total=True))]
            case Apply(_, args) if type_of(node).kind is not Kind.BOOL:
                combined = self._combined(args)
                if combined is None:
                    return [(HOLDS, self._opaque(node))]
                return [(guard, call(node, terms, self.variables, self._options)) for guard, terms in combined]
            case _:
                return self._truth_values(node)

    def _truth_values(self, node: Core) -> list[Case]:
        """A condition where a value is wanted, as in `string(device.a < 5)`."""
        return [
            (self.demand(node, result), Constant(value, BOOL, span=node.span))
            for result, value in ((TRUE, True), (FALSE, False), (UNKNOWN, None))
        ]

    def _chosen(self, node: Core, test: Core, then: Core, otherwise: Core) -> list[Case]:
        cases: list[Case] = [(self.demand(test, UNKNOWN), Constant(None, type_of(node), span=node.span))]
        for result, branch in ((TRUE, then), (FALSE, otherwise)):
            guard = self.demand(test, result)
            cases += [(all_of((guard, inner)), term) for inner, term in self._cases(branch)]
        return self._few(node, cases)

    def _first_known(self, node: Core, items: tuple[Core, ...]) -> list[Case]:
        cases: list[Case] = []
        earlier: list[Formula] = [HOLDS]
        for item in items:
            unknowns: list[Formula] = []
            for guard, term in self._cases(item):
                here = all_of((some_of(earlier), guard))
                if isinstance(term, Variable):
                    cases.append((all_of((here, known(term))), term))
                    unknowns.append(all_of((here, unknown(term))))
                elif term.value is not None:
                    cases.append((here, term))
                else:
                    unknowns.append(here)
            earlier = unknowns
        cases.append((some_of(earlier), Constant(None, type_of(node), span=node.span)))
        return self._few(node, cases)

    def _few(self, node: Core, cases: list[Case]) -> list[Case]:
        possible = [case for case in cases if case[0] is not FAILS]
        return possible if len(possible) <= _MOST_CASES else [(HOLDS, self._opaque(node))]

    def _combined(self, args: tuple[Core, ...]) -> list[tuple[Formula, tuple[Term, ...]]] | None:
        """The cases of some arguments together, or None where there are too many."""
        each = [[part for case in self._cases(arg) for part in _with_default(case)] for arg in args]
        count = 1
        for cases in each:
            count *= len(cases)
        if count > _MOST_CASES:
            return None
        return [(all_of(guard for guard, _ in cases), tuple(term for _, term in cases)) for cases in product(*each)]


def _with_default(case: Case) -> list[Case]:
    """A property with a default as two cases: the default where it is missing, and else what the device sent."""
    guard, term = case
    if not isinstance(term, Variable) or term.default is None:
        return [case]
    missing, sent = _sides_of_default(term)
    return [(all_of((guard, missing[0])), missing[1]), (all_of((guard, sent[0])), sent[1])]


def _split_defaults(one: Variable, other: Variable) -> list[tuple[Formula, tuple[Term, Term]]]:
    """Two properties, each with its default apart."""
    lefts, rights = _with_default((HOLDS, one)), _with_default((HOLDS, other))
    return [(all_of((guard, other_guard)), (left, right)) for (guard, left), (other_guard, right) in product(lefts, rights)]


def _sides_of_default(variable: Variable) -> tuple[Case, Case]:
    default = Constant(variable.default, Type(variable.kind), span=Span(0, 0))
    sent = States(variable.known.bounds, variable.unknown.flags & ~MISSING)
    return (member(variable.index, States((), MISSING)), default), (member(variable.index, sent), variable)


def _compare(op: Comparison, one: Term, other: Term) -> Atom:
    """The atom of a comparison."""
    is_equality = op is Comparison.EQUAL
    match one, other:
        case (Constant(None), _) | (_, Constant(None)):
            return Fixed(UNKNOWN)
        case Constant(left), Constant(right):
            return Fixed(truth_of(left == right if is_equality else left < right))
        case Variable(), Constant(right):
            return within(one, point(one.kind, right) if is_equality else below(one.kind, right))
        case Constant(left), Variable():
            return within(other, point(other.kind, left) if is_equality else above(other.kind, left))
        case Variable(), Variable() if one is other:
            return within(one, one.known.bounds if is_equality else ())
        case Variable(), Variable():
            return Compared(op, one, other)
        case _:
            assert_never((one, other))  # type: ignore[arg-type]  # pairs of a union are not told apart
