"""The rewrites in their order, applied until nothing changes, at most a few times."""

from collections.abc import Callable
from typing import TypeAlias

from policy_lang.types.core import Core

Rewrite: TypeAlias = Callable[[Core], Core]
"""A pure function that gives a core with the same result on all facts, or the same object where it changes nothing."""

REWRITES: tuple[Rewrite, ...] = ()
_MOST_ROUNDS = 4


def optimize(node: Core) -> Core:
    """A core with the same results that is cheaper to run and easier to index.

    Source: docs/design.md, "Optimizer".
    """
    for _ in range(_MOST_ROUNDS):
        before = node
        for rewrite in REWRITES:
            node = rewrite(node)
        if node is before:
            break
    return node
