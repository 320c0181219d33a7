"""What is known before the table is looked at: the update, the time, the host's roots, and the properties that have no column."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policy_lang.compiler.facts import as_moment, as_object
from policy_lang.compiler.partial import bind
from policy_lang.compiler.policy import Now, Policy
from policy_lang.fleet.columns import Column, Columns, Names, Storage
from policy_lang.optimizer.fold import fold
from policy_lang.optimizer.optimize import optimize
from policy_lang.options import Options
from policy_lang.types.core import Constant, Core, Fact, Has, Path, descendants, map_children, path_text
from policy_lang.types.model import BOOL


class Bound(NamedTuple):
    """A policy that depends on columns alone.

    Attributes:
        policy: where it comes from.
        core: what remains of it.
        missing: the properties that it reads and the table does not have, as policies write them; they are unknown for all devices.
    """

    policy: Policy
    core: Core
    missing: tuple[str, ...]


def bind_policy(
    policy: Policy,
    columns: Columns,
    update: Mapping[str, Any] | None = None,
    now: Now = None,
    roots: Mapping[str, Any] | None = None,
    *,
    core: Core | None = None,
) -> Bound:
    """The policy for one update and one moment, over a table.

    Args:
        policy: a compiled policy.
        columns: the columns of the table.
        update: the update's metadata; a policy that is bound to an update ignores it.
        now: the evaluation time; without one everything that depends on it is unknown.
        roots: the values of the host's own roots.
        core: what to bind in place of the policy's own core, such as the policy and more; findings still point into the policy.

    Raises:
        ValueError: `now` has no zone, or is no timestamp.
    """
    given, names = as_object(roots), policy.roots
    facts = (as_object(None), as_object(update), as_moment(now), *(as_object(given.get(name)) for name in names[3:]))
    core = policy.running if core is None else core
    for root in names[1:]:
        core = bind(core, root, facts, policy.options, names)
    missing = tuple(sorted({path_text(path) for path in _paths(core) if not columns_of_path(path, columns)}))
    return Bound(policy, optimize(_without_missing(core, columns, policy.options), policy.options), missing)


def column_of(path: Path, columns: Columns) -> Column | None:
    """The column that holds a property, or an object around it as JSON; None where the table has neither.

    Positions in lists are not part of a column's path.
    """
    names = names_of(path)
    if (column := columns.find(names)) is not None:
        return column
    around = (columns.find(names[:length]) for length in range(len(names) - 1, 0, -1))
    return next((column for column in around if column is not None and column.storage is Storage.JSON), None)


def names_of(path: Path) -> Names:
    """The names of a path up to its first position in a list, without the root."""
    names: list[str] = []
    for step in path[1:]:
        if not isinstance(step, str):
            break
        names.append(step)
    return tuple(names)


def columns_of_path(path: Path, columns: Columns) -> tuple[Column, ...]:
    """Every column that says something about a property: its own, or those of an object's properties."""
    column = column_of(path, columns)
    is_plain = column is not None and column.storage is not Storage.OBJECT
    return (column,) if column is not None and is_plain else columns.below(names_of(path))


def _paths(core: Core) -> set[Path]:
    """The properties that a tree reads."""
    return {node.path for node in descendants(core) if isinstance(node, Fact | Has)}


def _without_missing(node: Core, columns: Columns, options: Options) -> Core:
    """A property without a column is one that no device sent."""
    match node:
        case Fact(path, type_, default) if not columns_of_path(path, columns):
            return Constant(default, type_, span=node.span)
        case Has(path) if not columns_of_path(path, columns):
            return Constant(False, BOOL, span=node.span)
        case Constant() | Fact() | Has():
            return node
        case _:
            return fold(map_children(node, lambda child: _without_missing(child, columns, options)), options)
