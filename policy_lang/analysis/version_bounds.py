"""Whether a policy says up to which version of the device it goes."""

from collections.abc import Callable, Iterable

from policy_lang.types.core import And, Apply, Choose, Coalesce, Compare, Comparison, Constant, Core, Fact, In, Not, Or, Path
from policy_lang.types.functions.versions import SATISFIES

VERSION: Path = ("device", "version")
"""The version that a device has."""


def bounds_version(node: Core, *, result: bool = True) -> bool:
    """Whether a condition has a result for versions of the device up to some version only."""
    match node:
        case Constant(value):
            return value is not result
        case Not(operand):
            return bounds_version(operand, result=not result)
        case And(items) | Or(items):
            needs: Callable[[Iterable[bool]], bool] = any if isinstance(node, And) is result else all
            return needs(bounds_version(item, result=result) for item in items)
        case Choose(test, then, otherwise):
            return (bounds_version(test) or bounds_version(then, result=result)) and (
                bounds_version(test, result=False) or bounds_version(otherwise, result=result)
            )
        case Coalesce(items):
            return all(bounds_version(item, result=result) for item in items)
        case Compare(op, left, right):
            return _compares(op, left, right, result=result)
        case In(needle):
            return result and _is_version(needle)
        case Apply():
            return _is_in_range(node, result=result)
        case _:
            return False


def _compares(op: Comparison, left: Core, right: Core, *, result: bool) -> bool:
    """`v < x` and `v == x` bound from above; so does `x < v` where it is false."""
    if op is Comparison.EQUAL:
        return result and (_is_version(left) or _is_version(right))
    return _is_version(left) if result else _is_version(right)


def _is_version(node: Core) -> bool:
    """The version of the device, or its first number."""
    if isinstance(node, Apply):
        return node.function.name == "major" and _is_version(node.args[0])
    return isinstance(node, Fact) and node.path == VERSION


def _is_in_range(node: Apply, *, result: bool) -> bool:
    if node.function is not SATISFIES or not _is_version(node.args[0]) or not isinstance(node.args[1], Constant):
        return False
    allowed = node.args[1].value if result else ~node.args[1].value
    return len(allowed.bounds) % 2 == 0
