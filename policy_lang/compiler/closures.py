"""The reference semantics: each core node as one closure, literally as the specification has it.

A closure takes the facts and gives a value, or None for unknown. Everything that can be chosen while compiling is chosen here; the
closure only works. Every faster way to evaluate a policy is tested against this one.
"""

from collections.abc import Callable
from typing import Any, assert_never

from policy_lang.compiler.comparisons import SHORT, at_least, comparison
from policy_lang.compiler.facts import ROOTS, Closure, Facts, Place, plain_place, reader
from policy_lang.options import Options
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
)
from policy_lang.types.decode import LARGEST_INTEGER, decoder, version_cache
from policy_lang.types.functions.row import Function
from policy_lang.types.model import Kind, Type
from policy_lang.types.operations import fits, implementation


def compile_expr(node: Core, options: Options, roots: tuple[str, ...] = ROOTS) -> Closure:
    """The closure of a core node.

    Args:
        node: any node of a checked policy.
        options: the longest text, and how versions are read.
        roots: the names of the roots, in the order of the facts.

    Returns:
        A function from facts to a value of the node's type, or None for unknown; it never raises because of what a device sent.

    Source: docs/spec.md, "Unknown" and "Operators".
    """

    def compile_one(child: Core) -> Closure:
        return compile_expr(child, options, roots)

    versions = version_cache(lenient=options.lenient_versions)
    match node:
        case Constant(value):
            return lambda _: value
        case Fact():
            return _fact(node, options, roots)
        case Has(path):
            read = reader(path, roots)
            return lambda facts: read(facts) is not None
        case Not(Compare(Comparison.LESS) as compare):
            return at_least(
                compare, compile_one(compare.left), compile_one(compare.right), _short_place(compare.left, options, roots), versions
            )
        case Not(operand):
            return _not(compile_one(operand))
        case And(items):
            return _and(tuple(map(compile_one, items)))
        case Or(items):
            return _or(tuple(map(compile_one, items)))
        case Compare():
            return comparison(
                node, compile_one(node.left), compile_one(node.right), _short_place(node.left, options, roots), versions
            )
        case In(needle, haystack):
            return _in(node, compile_one(needle), compile_one(haystack))
        case ListOf(items):
            parts = tuple(map(compile_one, items))
            return lambda facts: tuple([part(facts) for part in parts])
        case Choose(test, then, otherwise):
            return _choose(compile_one(test), compile_one(then), compile_one(otherwise))
        case Coalesce(items):
            return _coalesce(tuple(map(compile_one, items)))
        case Apply(_, args):
            return _apply(node, tuple(map(compile_one, args)), options)
        case _:
            assert_never(node)


def _short_place(node: Core, options: Options, roots: tuple[str, ...]) -> Place | None:
    """The place of a plain property, where the limit on texts is no lower than what comparisons take for short."""
    return plain_place(node, roots) if options.max_text >= SHORT else None


def _fact(node: Fact, options: Options, roots: tuple[str, ...]) -> Closure:
    """Read, then decode; a default stands for a missing property, not for a bad one."""
    place = plain_place(node, roots)
    if place is not None:
        return _plain_fact(place, node.type, options)
    decode, default, read = decoder(node.type, options), node.default, reader(node.path, roots)

    def fact(facts: Facts) -> Any:
        raw = read(facts)
        return default if raw is None else decode(raw)

    return fact


def _plain_fact(place: Place, expected: Type, options: Options) -> Closure:
    """The same for `device.name`, with the commonest raw values recognised here: that saves most policies half of their calls."""
    (at, name), decode, kind = place, decoder(expected, options), expected.kind
    cached, longest = version_cache(lenient=options.lenient_versions), options.max_text

    def version_fact(facts: Facts) -> Any:
        raw = facts[at].get(name)
        return cached[raw] if type(raw) is str else decode(raw)

    def text_fact(facts: Facts) -> Any:
        raw = facts[at].get(name)
        return raw if type(raw) is str and raw.isascii() and len(raw) <= longest else decode(raw)

    def bool_fact(facts: Facts) -> Any:
        raw = facts[at].get(name)
        return raw if raw is True or raw is False else decode(raw)

    def number_fact(facts: Facts) -> Any:
        raw = facts[at].get(name)
        return raw if type(raw) is int and -LARGEST_INTEGER <= raw <= LARGEST_INTEGER else decode(raw)

    if kind is Kind.STRING and expected.values is None:
        return text_fact
    plain = {Kind.VERSION: version_fact, Kind.BOOL: bool_fact, Kind.FLOAT: number_fact}
    return plain.get(kind, lambda facts: decode(facts[at].get(name)))


def _not(operand: Closure) -> Closure:
    def negation(facts: Facts) -> bool | None:
        value = operand(facts)
        return None if value is None else not value

    return negation


def _and(items: tuple[Closure, ...]) -> Closure:
    """False if any operand is false, else unknown if any is unknown, else true."""
    if len(items) == len(("left", "right")):
        return _and_two(*items)
    first, *rest = items

    def conjunction(facts: Facts) -> bool | None:
        result: bool | None = first(facts)
        if result is False:
            return False
        for item in rest:
            value = item(facts)
            if value is not True:
                if value is False:
                    return False
                result = None
        return result

    return conjunction


def _and_two(left: Closure, right: Closure) -> Closure:
    """The commonest conjunction, without a loop."""

    def conjunction(facts: Facts) -> bool | None:
        one = left(facts)
        if one is False:
            return False
        other = right(facts)
        return other if one is True or other is False else None

    return conjunction


def _or_two(left: Closure, right: Closure) -> Closure:
    """The commonest disjunction, without a loop."""

    def disjunction(facts: Facts) -> bool | None:
        one = left(facts)
        if one is True:
            return True
        other = right(facts)
        return other if one is False or other is True else None

    return disjunction


def _or(items: tuple[Closure, ...]) -> Closure:
    """True if any operand is true, else unknown if any is unknown, else false."""
    if len(items) == len(("left", "right")):
        return _or_two(*items)
    first, *rest = items

    def disjunction(facts: Facts) -> bool | None:
        result: bool | None = first(facts)
        if result is True:
            return True
        for item in rest:
            value = item(facts)
            if value is not False:
                if value is True:
                    return True
                result = None
        return result

    return disjunction


def _in(node: In, needle: Closure, haystack: Closure) -> Closure:
    """The disjunction of the needle's equality with each item."""
    if isinstance(node.haystack, Constant) and node.haystack.value is not None and None not in node.haystack.value:
        members = frozenset(node.haystack.value)

        def membership_in_constants(facts: Facts) -> bool | None:
            value = needle(facts)
            return None if value is None else value in members

        return membership_in_constants

    def membership(facts: Facts) -> bool | None:
        value, items = needle(facts), haystack(facts)
        if value is None or items is None:
            return None
        return True if value in items else None if None in items else False

    return membership


def _choose(test: Closure, then: Closure, otherwise: Closure) -> Closure:
    def choice(facts: Facts) -> Any:
        value = test(facts)
        return None if value is None else then(facts) if value else otherwise(facts)

    return choice


def _coalesce(items: tuple[Closure, ...]) -> Closure:
    def coalesce(facts: Facts) -> Any:
        for item in items:
            value = item(facts)
            if value is not None:
                return value
        return None

    return coalesce


def _apply(node: Apply, args: tuple[Closure, ...], options: Options) -> Closure:
    """Unknown where an argument is; a text that grew over the limit is unknown too."""
    function = node.function
    compute = implementation(function, options)
    if function.is_host or (function.result is Kind.STRING and not function.is_element):
        return _checked(_application(compute, args), function, options)
    if len(args) == len(("text", "constant")) and isinstance(node.args[1], Constant) and node.args[1].value is not None:
        return _with_constant(compute, args[0], node.args[1].value)
    return _application(compute, args)


def _application(compute: Callable[..., Any], args: tuple[Closure, ...]) -> Closure:
    def application(facts: Facts) -> Any:
        values = [arg(facts) for arg in args]
        return None if None in values else compute(*values)

    return application


def _with_constant(compute: Callable[..., Any], operand: Closure, constant: Any) -> Closure:
    def application(facts: Facts) -> Any:
        value = operand(facts)
        return None if value is None else compute(value, constant)

    return application


def _checked(application: Closure, function: Function, options: Options) -> Closure:
    def checked(facts: Facts) -> Any:
        result = application(facts)
        return result if fits(result, function, options) else None

    return checked
