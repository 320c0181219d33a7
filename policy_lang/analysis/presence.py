"""Where the absence of a property counts: the reads that neither `has` nor `??` guards.

A guard need not stand first, because `&&` and `||` do not care for order: in `a && b`, what `b` says counts only where `a` is not
false. `has` is never unknown, so it is true there, and `b` may rely on it. In `a || b` the same holds for `!has(…)`.
"""

from collections.abc import Iterable, Iterator
from functools import reduce

from policy_lang.types.core import And, Apply, Choose, Coalesce, Core, Fact, Has, Not, Or, Path, children, descendants
from policy_lang.types.model import Property, leaves
from policy_lang.types.schema import DEVICE, Schema

_Paths = frozenset[Path]
_NONE: _Paths = frozenset()


def declared(path: Path, schema: Schema) -> Property | None:
    """What the schema says of a property; None where it says nothing."""
    chain = _declarations(path, schema)
    return chain[-1] if chain else None


def can_be_absent(fact: Fact, schema: Schema) -> bool:
    """Whether a device may lack a property: it has no default, and it or an object around it is not required.

    What makes a device one (`id`, `product`, `version`), the update and the time are taken to be there.
    """
    root, *steps = fact.path
    if root in {"update", "now"} or fact.default is not None or (root == "device" and len(steps) == 1 and steps[0] in DEVICE):
        return False
    chain = _declarations(fact.path, schema)
    return not chain or not all(member.is_required for member in chain)


def distinguishes_optional(schema: Schema) -> bool:
    """Whether a schema requires any property; one that does not says nothing about which of them are optional."""
    return any(member.is_required for name, root in schema.all_roots.items() for _, member in leaves(root.members, name))


def exposed(core: Core) -> tuple[Fact, ...]:
    """The reads of properties that no guard protects, in the order of the text: without one, what is around it is unknown."""
    return tuple(sorted(_exposed(core, _NONE), key=lambda fact: fact.span))


def reads_nothing(core: Core) -> bool:
    """Whether a condition is the same for every device, update and time."""
    return not any(isinstance(node, Fact | Has) for node in descendants(core))


def is_constant(core: Core) -> bool:
    """Whether a part reads nothing, and calls no function of a host, which may change its mind."""
    return reads_nothing(core) and not any(isinstance(node, Apply) and node.function.is_host for node in descendants(core))


def _declarations(path: Path, schema: Schema) -> list[Property]:
    """The declaration of each step of a path; none at all where a step is not declared."""
    root, *steps = path
    members = schema.all_roots[str(root)].members
    chain: list[Property] = []
    for step in steps:
        member = members.get(str(step))
        if member is None:
            return []
        chain.append(member)
        members = member.type.members
    return chain


def _exposed(node: Core, guarded: _Paths) -> Iterator[Fact]:
    match node:
        case Fact(path):
            if path not in guarded:
                yield node
        case Coalesce(items):
            yield from _exposed(items[-1], guarded)
        case And(items) | Or(items):
            yield from _each(items, guarded | _union(_present(item, isinstance(node, And)) for item in items))
        case Choose(test, then, otherwise):
            yield from _exposed(test, guarded)
            yield from _exposed(then, guarded | _present(test, True))
            yield from _exposed(otherwise, guarded | _present(test, False))
        case _:
            yield from _each(children(node), guarded)


def _each(nodes: Iterable[Core], guarded: _Paths) -> Iterator[Fact]:
    for node in nodes:
        yield from _exposed(node, guarded)


def _present(node: Core, result: bool) -> _Paths:  # noqa: FBT001  a result of the language, not a flag
    """The properties that are there whenever a condition has that result, because it asks `has`."""
    match node:
        case Has(path):
            # A property that is there is inside objects that are there.
            return frozenset(path[:length] for length in range(2, len(path) + 1)) if result else _NONE
        case Not(operand):
            return _present(operand, not result)
        case And(items) | Or(items):
            each = [_present(item, result) for item in items]
            return _union(each) if isinstance(node, And) is result else reduce(frozenset.intersection, each)
        case _:
            return _NONE


def _union(sets: Iterable[_Paths]) -> _Paths:
    return _NONE.union(*sets)
