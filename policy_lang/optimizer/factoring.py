"""Common factors: `(a && b) || (a && c)` is `a && (b || c)`, for Kleene's logic is distributive.

A conjunction is what the selection index reads best. The opposite, `(a || b) && (a || c)`, stays as it is for the same reason.
"""

from collections.abc import Hashable

from policy_lang.optimizer.identity import identity
from policy_lang.options import Options
from policy_lang.source import Span
from policy_lang.types.core import And, Core, Or, children


def factor(node: Core, _: Options) -> Core:
    """A disjunction of conjunctions with what all of them ask for taken out."""
    if not (isinstance(node, Or) and all(isinstance(item, And) for item in node.items)):
        return node
    rows = [_by_identity(node.items[0])]
    common = frozenset(rows[0])
    for item in node.items[1:]:
        rows.append(_by_identity(item))
        common &= rows[-1].keys()
        if not common:
            return node
    rests = [tuple(part for key, part in row.items() if key not in common) for row in rows]
    if not all(rests):
        return node
    shared = tuple(part for key, part in rows[0].items() if key in common)
    return And((*shared, Or(tuple(_and(rest, node.span) for rest in rests), span=node.span)), span=node.span)


def _by_identity(node: Core) -> dict[Hashable, Core]:
    return {identity(part): part for part in children(node)}


def _and(parts: tuple[Core, ...], span: Span) -> Core:
    return parts[0] if len(parts) == 1 else And(parts, span=span)
