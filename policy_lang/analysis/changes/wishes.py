"""What a policy wishes of each property: the values that its comparisons are about.

The tree is walked once. Each comparison is a wish for both of its sides: that it takes the value of the other. A wish for a
computation becomes wishes for its arguments (`inverse.py`), and so reaches properties.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from itertools import islice
from typing import Any

from policy_lang.analysis.changes.inverse import ZONES, guesses
from policy_lang.analysis.changes.order import SAMPLES, above, below
from policy_lang.analysis.changes.patterns import samples
from policy_lang.analysis.changes.places import ROOT
from policy_lang.analysis.changes.wish import MOST_POINTS, Wishes, is_of, put
from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import Facts
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
    Path,
    descendants,
    type_of,
)
from policy_lang.types.functions.lists import HAS_KEY, ITEM
from policy_lang.types.functions.network import IN_CIDR
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, MATCHES, STARTS_WITH
from policy_lang.types.functions.time import IN_WINDOW
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import NUMBER, Kind

_MOST_POOLED = 40
_UNLIKE = ("other", "")
"""Texts that are probably not what a pattern or a part asks for."""


def collect(core: Core, facts: Facts, options: Options, roots: tuple[str, ...]) -> dict[Path, Wishes]:
    """The wishes of a policy, by property.

    Args:
        core: the policy, with everything folded that does not depend on the device.
        facts: the present values of the roots.
        options: the host's options.
        roots: the names of the roots.
    """
    collector = _Collector(facts, options, roots)
    constants: dict[int, dict[Any, Any]] = {}
    for node in descendants(core):
        collector.visit(node)
        for kind, value in _literals(node):
            put(constants.setdefault(kind, {}), value)
    collector.link()
    most = min(_MOST_POOLED, MOST_POINTS // (len(collector.found) + 1))
    for wishes in collector.found.values():
        _pool(wishes, constants, most)
    return collector.found


class _Collector:
    """Walks one policy."""

    def __init__(self, facts: Facts, options: Options, roots: tuple[str, ...]) -> None:
        self.found: dict[Path, Wishes] = {}
        self._facts = facts
        self._options = options
        self._roots = roots
        self._present: dict[int, Any] = {}
        self._links: list[tuple[Wishes, Wishes]] = []

    def value(self, node: Core) -> Any:
        """The present value of a part, worked out once."""
        if isinstance(node, Constant):
            return node.value
        if id(node) not in self._present:
            self._present[id(node)] = compile_expr(node, self._options, self._roots)(self._facts)
        return self._present[id(node)]

    def visit(self, node: Core) -> None:
        """Note what one node wishes."""
        match node:
            case Fact(path, type_) if path[0] == ROOT and len(path) > 1:
                self._at(path).type = type_
            case Has(path) if path[0] == ROOT:
                self._at(path)
            case Compare(op, left, right):
                self._relate(left, right, is_ordered=op is Comparison.LESS)
                self._relate(right, left, is_ordered=op is Comparison.LESS)
                self._connect(left, right)
            case In(needle, haystack):
                self._membership(needle, haystack)
            case Apply():
                self._test(node)
            case Fact() | Has() | Constant() | Not() | And() | Or() | ListOf() | Choose() | Coalesce():
                pass

    def link(self) -> None:
        """Two properties that are compared share their wishes; twice, for chains of three."""
        for one, other in self._links * 2:
            for each, giver in ((one, other), (other, one)):
                taken = giver.elements if giver.elements and each.type and each.type.kind is not Kind.LIST else giver.points
                for value in list(taken.values()):
                    if each.type is not None and each.type.kind is Kind.LIST:
                        each.element(value)
                    elif is_of(value, each.type):
                        each.point(value)

    def _at(self, path: Path) -> Wishes:
        return self.found.setdefault(path, Wishes(path))

    def _own(self, node: Core) -> Wishes | None:
        """The wishes of a node that is a property."""
        if not isinstance(node, Fact) or node.path[0] != ROOT or len(node.path) == 1:
            return None
        wishes = self._at(node.path)
        wishes.type = node.type
        return wishes

    def _connect(self, left: Core, right: Core) -> None:
        one, other = self._own(left), self._own(right)
        if one is not None and other is not None and one is not other:
            self._links.append((one, other))

    def _relate(self, node: Core, other: Core, *, is_ordered: bool) -> None:
        """The first side should take the values of the other, or one beside them."""
        own = self._own(node)
        if own is not None:
            own.is_ordered |= is_ordered
        for value in list(self._values(other)) or SAMPLES.get(type_of(other).kind, ()):
            self._wish(node, value)
            if own is None:
                for beside in (*below(value), *above(value)) if is_ordered or not isinstance(value, str) else _UNLIKE:
                    self._wish(node, beside)

    def _values(self, node: Core) -> Iterator[Any]:
        """The values that a part has, or could have."""
        match node:
            case Choose(_, then, otherwise):
                yield from (*self._values(then), *self._values(otherwise))
            case Coalesce(items):
                for item in items:
                    yield from self._values(item)
            case _:
                value = self.value(node)
                if value is not None:
                    yield value

    def _wish(self, node: Core, value: Any) -> None:
        """A part should take a value."""
        match node:
            case Fact():
                own = self._own(node)
                if own is not None and is_of(value, own.type):
                    own.point(value)
            case Choose(_, then, otherwise):
                self._wish(then, value)
                self._wish(otherwise, value)
            case Coalesce(items):
                for item in items:
                    self._wish(item, value)
            case Apply(function, (list_, position)) if function is ITEM:
                for at in self._values(position):
                    self._wish_item(list_, at, value)
            case Apply(function, (list_,)) if function.name == "length" and type_of(list_).kind is Kind.LIST:
                self._wish_length(list_, value)
            case Apply(_, args):
                values = tuple(map(self.value, args))
                for at, guess in guesses(node, values, value, self._options):
                    self._wish(args[at], guess)
            case _:
                pass

    def _membership(self, needle: Core, haystack: Core) -> None:
        for items in self._lists(haystack):
            for item in items:
                self._wish_beside(needle, item)
        for value in self._values(needle):
            self._wish_element(haystack, value)
        self._connect(needle, haystack)

    def _lists(self, node: Core) -> Iterator[tuple[Any, ...]]:
        """The lists that a part has, or could have, without what is unknown in them."""
        for items in self._values(node):
            yield tuple(item for item in items if item is not None)

    def _wish_element(self, node: Core, value: Any) -> None:
        """A list should hold a value."""
        match node:
            case Fact():
                own = self._own(node)
                if own is not None:
                    own.element(value)
            case ListOf(items):
                for item in items:
                    self._wish(item, value)
            case Choose(_, then, otherwise):
                self._wish_element(then, value)
                self._wish_element(otherwise, value)
            case Coalesce(items):
                for item in items:
                    self._wish_element(item, value)
            case Apply(_, (text, separator)):
                present = self.value(text)
                self._wish(text, value)
                for between in self._values(separator):
                    self._wish(text, f"{present or ''}{between}{value}")
            case _:
                pass

    def _wish_item(self, node: Core, position: int, value: Any) -> None:
        """A list should have a value at a position."""
        match node:
            case Fact():
                own = self._own(node)
                if own is not None:
                    own.positions[position, value] = None
            case ListOf(items) if 0 <= position < len(items):
                self._wish(items[position], value)
            case Apply(_, (text, separator)) if 0 <= position < _MOST_POOLED:
                for between in self._values(separator):
                    parts = list(self.value(node) or ())
                    parts += [str(value)] * (position + 1 - len(parts))
                    parts[position] = str(value)
                    self._wish(text, between.join(parts))
            case _:
                pass

    def _wish_length(self, node: Core, value: int) -> None:
        own = self._own(node)
        if own is not None:
            own.lengths.add(value)
        match node:
            case Apply(_, (text, separator)) if value >= 1:
                for between in self._values(separator):
                    self._wish(text, between.join(["x"] * min(value, _MOST_POOLED)))
            case _:
                pass

    def _test(self, node: Apply) -> None:
        """A computation that gives a bool by itself."""
        function, args = node.function, node.args
        if function is SATISFIES and isinstance(args[1], Constant) and args[1].value is not None:
            for bound in args[1].value.bounds:
                self._wish_beside(args[0], bound)
        elif function is IN_CIDR and isinstance(args[1], Constant) and args[1].value is not None:
            for address in _addresses(args[1].value):
                self._wish(args[0], address)
        elif function is IN_WINDOW:
            for zone in ZONES:
                self._wish(args[-1], zone)
        elif function is MATCHES and isinstance(args[1], Constant) and args[1].value is not None:
            own = self._own(args[0])
            for text in (*samples(args[1].value), *_UNLIKE):
                self._wish(args[0], text)
                if own is not None and text not in _UNLIKE:
                    put(own.parts, text)
        elif function in (STARTS_WITH, ENDS_WITH, INCLUDES):
            self._text_test(node)
        elif function is HAS_KEY:
            self._key_test(args[0], args[1])
        elif function.result is Kind.BOOL:
            for value in (True, False):
                self._wish(node, value)

    def _wish_beside(self, node: Core, value: Any) -> None:
        self._wish(node, value)
        if self._own(node) is None:
            for beside in _UNLIKE if isinstance(value, str) else (*below(value), *above(value)):
                self._wish(node, beside)

    def _text_test(self, node: Apply) -> None:
        """A text with a start, an end or a part; the present one is kept where that is possible."""
        text, part = node.args
        own = self._own(text)
        for wanted in self._values(part):
            self._wish(text, wanted)
            if own is not None:
                pieces = {id(STARTS_WITH): own.starts, id(ENDS_WITH): own.ends}
                put(pieces.get(id(node.function), own.parts), wanted)
            for present in self._values(text):
                self._wish(text, wanted + present if node.function is STARTS_WITH else present + wanted)
        for unlike in _UNLIKE:
            self._wish(text, unlike)
        for present in self._values(text):
            self._wish(part, present)
            self._wish(part, "")

    def _key_test(self, key: Core, object_: Core) -> None:
        for name in self._values(key):
            if isinstance(object_, Fact) and object_.path[0] == ROOT:
                self._at((*object_.path, name))
        value = self.value(object_)
        if isinstance(value, Mapping):
            for name in list(value)[:_MOST_POOLED]:
                if isinstance(name, str):
                    self._wish(key, name)


def _literals(node: Core) -> Iterator[tuple[int, Any]]:
    """The literals of a node, with their kinds."""
    if not isinstance(node, Constant) or node.value is None:
        return
    if node.type.kind is Kind.LIST and node.type.items is not None:
        yield from ((node.type.items.kind, item) for item in node.value if item is not None)
    elif isinstance(node.value, str) or node.type.kind not in {Kind.STRING, Kind.LIST, Kind.OBJECT}:
        yield node.type.kind, node.value


def _pool(wishes: Wishes, constants: Mapping[int, Mapping[Any, Any]], most: int) -> None:
    """What else the policy mentions of the type."""
    if wishes.type is None or wishes.type.values is not None:
        return
    type_ = wishes.type.items if wishes.type.kind is Kind.LIST and wishes.type.items is not None else wishes.type
    kinds = NUMBER if type_.kind & NUMBER else type_.kind
    for value in islice((value for kind, values in constants.items() if kind & kinds for value in values.values()), most):
        put(wishes.pooled, value)


def _addresses(network: IPv4Network | IPv6Network) -> Iterator[str]:
    """The first address of a network that hosts have, and the ones beside the network."""
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = type(network.network_address)
    yield str(network[min(1, network.num_addresses - 1)])
    if first:
        yield str(kind(first - 1))
    if last < 2**network.max_prefixlen - 1:
        yield str(kind(last + 1))
