"""Binding: a policy with some roots known, everything that depends on nothing else computed once."""

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import ROOTS, Facts
from policy_lang.optimizer.fold import fold
from policy_lang.options import Options
from policy_lang.types.core import Constant, Core, Fact, Has, map_children, type_of


def bind(node: Core, root: str, facts: Facts, options: Options, roots: tuple[str, ...] = ROOTS) -> Core:
    """The core with one root known.

    Args:
        node: the core of a policy.
        root: the root that is known, `update`.
        facts: its value, at its place among the roots; the other places are not read.
        options: the host's options.
        roots: the names of the roots.

    Returns:
        A core that gives the same result for every value of the other roots; a known unknown is a constant None.
    """
    match node:
        case Constant():
            return node
        case Fact(path) | Has(path):
            return _evaluate(node, facts, options, roots) if path[0] == root else node
        case _:
            return fold(map_children(node, lambda child: bind(child, root, facts, options, roots)), options)


def _evaluate(node: Core, facts: Facts, options: Options, roots: tuple[str, ...]) -> Core:
    return Constant(compile_expr(node, options, roots)(facts), type_of(node), span=node.span)
