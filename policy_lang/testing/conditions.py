"""The conditions of a policy and the decisions that join them: what a test can cover.

A *condition* is a part that is true or false and has no such part inside that matters to it alone: `device.region == 'eu'`. A
*decision* is what joins conditions: the whole policy, and each `&&`, `||`, `!`, `?:` and `??` of bools in it. What decides inside
something else, such as `a && b` in `(a && b ? 1 : 2) < device.x`, is a decision of its own. A part that reads no property can have
one value only; it is a constant here, and nobody has to cover it.

Terms are data without code, so that a worker process can send them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias, assert_never

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import Closure, Facts
from policy_lang.options import Options
from policy_lang.source import Source, Span, on_one_line
from policy_lang.types.core import And, Choose, Coalesce, Core, Fact, Has, Not, Or, children, descendants, type_of
from policy_lang.types.model import Kind

Logical: TypeAlias = bool | None
"""True, false, or None for unknown."""


class Link(StrEnum):
    """What a term is."""

    CONDITION = "condition"
    CONSTANT = "constant"
    NOT = "!"
    AND = "&&"
    OR = "||"
    CHOOSE = "?:"
    COALESCE = "??"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition, constant or decision.

    Attributes:
        link: which of them; for a decision, how it joins its terms.
        text: the part as it is written, on one line.
        span: where it is written in the policy.
        terms: what a decision joins; empty for the others.
    """

    link: Link
    text: str
    span: Span
    terms: tuple["Term", ...] = ()

    def leaves(self) -> Iterator["Term"]:
        """The conditions and constants below, or the term itself, in the order of the text."""
        if not self.terms:
            yield self
        for term in self.terms:
            yield from term.leaves()

    def descendants(self) -> Iterator["Term"]:
        """The term and all below it, in the order of the text."""
        yield self
        for term in self.terms:
            yield from term.descendants()


class Probe:
    """The decisions of one policy, and what its conditions say about a device.

    Attributes:
        decisions: the whole policy first, then those inside conditions.
    """

    def __init__(self, core: Core, source: Source, options: Options, roots: tuple[str, ...]) -> None:
        """Find the decisions, and compile each condition by the reference semantics."""
        self._source = source
        self._compile: Callable[[Core], Closure] = lambda node: compile_expr(node, options, roots)
        self._closures: list[Closure] = []
        self.decisions = tuple(self._decisions(core))

    def observe(self, facts: Facts) -> tuple[Logical, ...]:
        """The value of each leaf of each decision, one after the other."""
        return tuple([closure(facts) for closure in self._closures])

    def _decisions(self, root: Core) -> Iterator[Term]:
        """The decision of a node, and below the conditions of each those that they hide."""
        pending = [root]
        while pending:
            conditions: list[Core] = []
            yield self._term(pending.pop(0), conditions)
            pending += [hidden for condition in conditions for hidden in _hidden(condition)]

    def _term(self, node: Core, conditions: list[Core]) -> Term:
        """The term of a node; the conditions below it are noted."""
        text = on_one_line(self._source.excerpt(node.span))
        is_constant = not any(isinstance(each, Fact | Has) for each in descendants(node))
        if not is_constant and (inside := _joined(node)):
            return Term(_link(node), text, node.span, tuple([self._term(each, conditions) for each in inside]))
        self._closures.append(self._compile(node))
        if is_constant:
            return Term(Link.CONSTANT, text, node.span)
        conditions.append(node)
        return Term(Link.CONDITION, text, node.span)


def combine(link: Link, values: tuple[Logical, ...]) -> Logical:
    """The value of a decision by Kleene's logic."""
    match link:
        case Link.NOT:
            return None if values[0] is None else not values[0]
        case Link.AND:
            return False if False in values else None if None in values else True
        case Link.OR:
            return True if True in values else None if None in values else False
        case Link.CHOOSE:
            return None if values[0] is None else values[1] if values[0] else values[2]
        case Link.COALESCE:
            return next((value for value in values if value is not None), None)
        case Link.CONDITION | Link.CONSTANT:
            raise ValueError(link)  # INVARIANT: only decisions join
        case _:
            assert_never(link)


def _joined(node: Core) -> tuple[Core, ...]:
    """What a node joins if it is a decision; a part made of one piece of text, such as `!(a == b)` of `a != b`, is none."""
    match node:
        case Not() | And() | Or() | Choose() | Coalesce() if type_of(node).kind is Kind.BOOL:
            inside = children(node)
            return () if all(child.span == node.span for child in inside) else inside
        case _:
            return ()


def _link(node: Core) -> Link:
    links: dict[type[Any], Link] = {Not: Link.NOT, And: Link.AND, Or: Link.OR, Choose: Link.CHOOSE, Coalesce: Link.COALESCE}
    return links[type(node)]


def _hidden(node: Core) -> Iterator[Core]:
    """The decisions inside a condition: what is joined there, and what a choice asks."""
    inside = children(node)
    if isinstance(node, Choose):
        yield node.test
        inside = inside[1:]
    for child in inside:
        if _joined(child):
            yield child
        else:
            yield from _hidden(child)
