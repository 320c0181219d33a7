"""Closures of equality and order: in general, against a constant, and for the commonest shape, a plain property against a constant.

All three say the same; the narrower ones save calls. Versions are compared by their keys, all other values as they are.
"""

from typing import Any

from policy_lang.compiler.facts import Closure, Facts, Place
from policy_lang.types.core import Compare, Comparison, Constant, Fact, type_of
from policy_lang.types.decode import VersionCache
from policy_lang.types.model import Kind

SHORT = 256
"""A text of so many characters is within every limit that the short cuts are used with."""


def comparison(node: Compare, left: Closure, right: Closure, place: Place | None, cached: VersionCache) -> Closure:
    """The closure of `==` or `<`.

    Args:
        node: the comparison.
        left: the closure of its left side.
        right: the closure of its right side.
        place: where the left side is, where that is a plain property.
        cached: versions by their text.
    """
    is_equality, constant = node.op is Comparison.EQUAL, _constant(node)
    if type_of(node.left).kind is Kind.VERSION:
        if constant is not None and place is not None and not is_equality:
            return _plain_version_below(place, cached, left, constant.key)
        if constant is not None:
            return (_version_equals if is_equality else _version_below)(left, constant.key)
        return (_equal_versions if is_equality else _less_versions)(left, right)
    if constant is None:
        return (_equal if is_equality else _less)(left, right)
    if is_equality and place is not None and _is_plain_text(node):
        return _text_equals(place, left, constant)
    return (_equals if is_equality else _below)(left, constant)


def at_least(node: Compare, left: Closure, right: Closure, place: Place | None, cached: VersionCache) -> Closure:
    """The closure of `!(a < b)`, which is `a >= b`: all orders of the language are total."""
    constant = _constant(node)
    if type_of(node.left).kind is Kind.VERSION and constant is not None and place is not None:
        return _plain_version_at_least(place, cached, left, constant.key)

    def at_least_(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else one >= other

    return at_least_


def _constant(node: Compare) -> Any:
    """The value of the right side where it is a known constant, else None."""
    return node.right.value if isinstance(node.right, Constant) else None


def _is_plain_text(node: Compare) -> bool:
    return isinstance(node.left, Fact) and node.left.type.kind is Kind.STRING and node.left.type.values is None


def _equal(left: Closure, right: Closure) -> Closure:
    def equal(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else one == other

    return equal


def _less(left: Closure, right: Closure) -> Closure:
    def less(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else one < other

    return less


def _equal_versions(left: Closure, right: Closure) -> Closure:
    def equal(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else one.key == other.key

    return equal


def _less_versions(left: Closure, right: Closure) -> Closure:
    def less(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else one.key < other.key

    return less


def _equals(left: Closure, constant: Any) -> Closure:
    def equal(facts: Facts) -> bool | None:
        value = left(facts)
        return None if value is None else value == constant

    return equal


def _below(left: Closure, constant: Any) -> Closure:
    def less(facts: Facts) -> bool | None:
        value = left(facts)
        return None if value is None else value < constant

    return less


def _text_equals(place: Place, left: Closure, constant: str) -> Closure:
    """`device.region == 'us-west'`: a short ASCII text is decoded to itself."""
    at, name = place

    def equal(facts: Facts) -> bool | None:
        raw = facts[at].get(name)
        if type(raw) is str and raw.isascii() and len(raw) <= SHORT:
            return raw == constant
        return None if left(facts) is None else bool(raw == constant)

    return equal


def _version_equals(left: Closure, key: str) -> Closure:
    def equal(facts: Facts) -> bool | None:
        value = left(facts)
        return None if value is None else value.key == key

    return equal


def _version_below(left: Closure, key: str) -> Closure:
    def less(facts: Facts) -> bool | None:
        value = left(facts)
        return None if value is None else value.key < key

    return less


def _plain_version_below(place: Place, cached: VersionCache, left: Closure, key: str) -> Closure:
    at, name = place

    def less(facts: Facts) -> bool | None:
        raw = facts[at].get(name)
        value = cached[raw] if type(raw) is str else left(facts)
        return None if value is None else value.key < key

    return less


def _plain_version_at_least(place: Place, cached: VersionCache, left: Closure, key: str) -> Closure:
    at, name = place

    def at_least_(facts: Facts) -> bool | None:
        raw = facts[at].get(name)
        value = cached[raw] if type(raw) is str else left(facts)
        return None if value is None else value.key >= key

    return at_least_
