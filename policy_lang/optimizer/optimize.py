"""The rewrites in their order, applied from the leaves up until nothing changes.

The optimized tree is for generated code and for the selection index. Explanations and the reference closures keep the tree that the
checker made, so that people see what they wrote, and so that the reference owes nothing to a rewrite.

Most policies read each property once, and nothing in them can be merged. One look at the leaves tells, and they stay as they are.

Source: docs/decisions/0015-optimizer.md.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from policy_lang.optimizer.boolean import simplify
from policy_lang.optimizer.factoring import factor
from policy_lang.optimizer.fold import fold
from policy_lang.optimizer.ranges import merge
from policy_lang.options import Options
from policy_lang.types.core import And, Compare, Comparison, Constant, Core, Fact, Has, Not, Path, children, map_children

Rewrite: TypeAlias = Callable[[Core, Options], Core]
"""From a node whose children are rewritten to one of the same value: pure, and the node itself where it has nothing to do."""

REWRITES: tuple[Rewrite, ...] = (fold, simplify, merge, factor)
"""In this order at each node: constants, connectives, sets of values, common factors."""

_USELESS: dict[type, frozenset[Rewrite]] = {
    Compare: frozenset({merge, factor}),
    And: frozenset({factor}),
    Not: frozenset({factor}),
}
"""Rewrites that have nothing to do with the commonest nodes; they need not be asked."""

_MOST_PASSES = 4
_LEAVES = frozenset({Constant, Fact, Has})
_LOWER, _UPPER, _OTHER = 1, 2, 4


def optimize(core: Core, options: Options) -> Core:
    """A tree with the same result for every device, and hopefully fewer tests.

    Args:
        core: the tree of a policy, bound or not.
        options: the host's options, for what is computed now.

    Returns:
        The rewritten tree; its spans point into the policy, yet no longer at what was written there.
    """
    if not _has_work(core):
        return core
    for _ in range(_MOST_PASSES):
        rewritten = rewrite(core, REWRITES, options)
        if rewritten is core:
            break
        core = rewritten
    return core


def rewrite(node: Core, rewrites: tuple[Rewrite, ...], options: Options) -> Core:
    """One pass: the children first, then each rewrite in turn."""
    if type(node) in _LEAVES:
        return node
    changed = node if _is_test(node) else map_children(node, lambda child: rewrite(child, rewrites, options))
    for each in rewrites:
        if each not in _USELESS.get(type(changed), ()):
            changed = each(changed, options)
    return changed


def _is_test(node: Core) -> bool:
    """A comparison of leaves, as most nodes above leaves are."""
    return isinstance(node, Compare) and type(node.left) in _LEAVES and type(node.right) in _LEAVES


def _has_work(core: Core) -> bool:
    """Whether any rewrite could apply: a property is asked twice, a bool is written out, or there is an enumeration.

    A lower and an upper bound of one property are no work: they are two tests, and remain two.
    """
    uses: dict[Path, int] = {}
    for leaf, use in _leaves(core):
        if isinstance(leaf, Constant):
            if leaf.value is True or leaf.value is False:
                return True
        elif isinstance(leaf, Fact):
            before = uses.get(leaf.path, 0)
            if leaf.type.values is not None or before & use or (before and _OTHER in (use, before)):
                return True
            uses[leaf.path] = before | use
    return False


def _leaves(core: Core) -> Iterator[tuple[Core, int]]:
    """The leaves, each with what its property is used for: a lower bound, an upper bound, or anything else."""
    pending = [(core, True)]
    while pending:
        node, is_positive = pending.pop()
        kind = type(node)
        if kind in _LEAVES:
            yield node, _OTHER
        elif isinstance(node, Not):
            pending.append((node.operand, not is_positive))
        elif isinstance(node, Compare) and node.op is Comparison.LESS and _is_test(node):
            yield node.left, _UPPER if is_positive else _LOWER
            yield node.right, _LOWER if is_positive else _UPPER
        else:
            pending.extend([(child, is_positive) for child in children(node)])
