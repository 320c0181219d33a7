"""What a policy's conditions are about: properties, the presence of properties, and functions of them; each is one variable."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from policy_lang.analysis.sets.orders import Bounds, everything, point
from policy_lang.analysis.sets.states import BAD, MISSING, States, merged, union
from policy_lang.types.core import Fact, Path
from policy_lang.types.functions.row import Function
from policy_lang.types.model import Kind


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """One property, or one function of properties.

    Attributes:
        index: its number.
        kind: the type of its values.
        known: the states in which it has a value.
        unknown: the states in which it has none.
        path: where it is read, for a property.
        default: the value where the property is missing; None where the schema has none.
        arguments: the variables that it is a function of; it is unknown where one of them is.
        function: the row that it applies, if it is one.
        constant: the second argument of that row, where that is a constant.
        compute: from the value of its only argument to its own, where it is such a function.
        view: how sets of its values are sets of values of its only argument.
    """

    index: int
    kind: Kind
    known: States
    unknown: States
    path: Path | None = None
    default: Any = None
    arguments: tuple["Variable", ...] = ()
    function: Function | None = None
    constant: Any = None
    compute: Callable[[Any], Any] | None = None
    view: Callable[[Bounds], Bounds] | None = None

    @property
    def is_total(self) -> bool:
        """Whether it is known wherever its arguments are."""
        return not self.unknown.flags


_ABSENT = States((), MISSING)


class Link(NamedTuple):
    """Where a variable is in none of the states `avoided`, another one is in one of the states `then`."""

    avoided: States
    other: int
    then: States


class Variables:
    """The variables of some policies, made when first asked for, with what ties them together.

    Attributes:
        initial: all states of each variable.
        links: what follows for others from the states of each variable.
        functions: those that are functions of others.
        linked: a bit for each variable that has links.
    """

    def __init__(self) -> None:
        """Start without any."""
        self.initial: list[States] = []
        self.links: list[list[Link]] = []
        self.functions: list[Variable] = []
        self.all: list[Variable] = []
        self.linked = 0
        self._by_key: dict[Hashable, Variable] = {}
        self._by_path: dict[Path, list[Variable]] = {}
        self._below: dict[Path, list[Variable]] = {}

    def fact(self, node: Fact) -> Variable:
        """The variable of a property; of two, where it is read as two types."""
        key = (node.path, node.type.kind, node.type.values)
        return self._by_key.get(key) or self._new_fact(key, node)

    def presence(self, path: Path) -> Variable:
        """A variable that is `MISSING` where a property is; the property itself where it is read too."""
        there = self._by_path.get(path)
        if there:
            return there[0]
        return self._at_path(path, Variable(len(self.all), Kind.OBJECT, States((0, 1), 0), States((), MISSING), path))

    def application(
        self,
        key: Hashable,
        kind: Kind,
        arguments: tuple[Variable, ...],
        *,
        bounds: Bounds | None = None,
        is_total: bool = False,
        function: Function | None = None,
        constant: Any = None,
        compute: Callable[[Any], Any] | None = None,
        view: Callable[[Bounds], Bounds] | None = None,
    ) -> Variable:
        """The variable of a function of others; its key tells it from all others.

        Args:
            key: equal for equal functions of equal arguments.
            kind: the type of the result.
            arguments: what it is unknown with.
            bounds: all results that it can have, where these are not all values of the type.
            is_total: whether it is known wherever its arguments are.
            function: see `Variable`.
            constant: see `Variable`.
            compute: see `Variable`.
            view: see `Variable`.
        """
        if key in self._by_key:
            return self._by_key[key]
        known = States(everything(kind) if bounds is None else bounds, 0)
        variable = Variable(
            len(self.all),
            kind,
            known,
            States((), 0 if is_total else BAD),
            arguments=arguments,
            function=function,
            constant=constant,
            compute=compute,
            view=view,
        )
        self._by_key[key] = variable
        self.functions.append(variable)
        self._add(variable)
        for argument in arguments:
            self._link(variable, variable.unknown, argument, argument.known)
            if not is_total:
                self._link(argument, argument.known, variable, variable.unknown)
        return variable

    def _new_fact(self, key: Hashable, node: Fact) -> Variable:
        known = everything(node.type.kind)
        if node.type.values is not None:
            known = merged(point(Kind.STRING, text) for text in node.type.values)
        absent, bad = MISSING, BAD
        if len(node.path) == 1:
            # The host checks `now` before anything is evaluated, and every other root is an object.
            absent, bad = (MISSING, 0) if node.type.kind is Kind.TIMESTAMP else (0, 0)
        has_default = node.default is not None
        variable = Variable(
            len(self.all),
            node.type.kind,
            States(known, absent if has_default else 0),
            States((), bad if has_default else bad | absent),
            node.path,
            node.default,
        )
        self._by_key[key] = variable
        return self._at_path(node.path, variable)

    def _at_path(self, path: Path, variable: Variable) -> Variable:
        """Tie a property to the objects around it, to what is inside it, and to itself where it is read as another type."""
        self._add(variable)
        prefixes = [path[:length] for length in range(2, len(path))]
        for prefix in prefixes:
            for outer in self._by_path.get(prefix, ()):
                self._contain(outer, variable)
            self._below.setdefault(prefix, []).append(variable)
        for inner in self._below.get(path, ()):
            self._contain(variable, inner)
        for same in self._by_path.get(path, ()):
            self._contain(variable, same)
            self._contain(same, variable)
        self._by_path.setdefault(path, []).append(variable)
        return variable

    def _contain(self, outer: Variable, inner: Variable) -> None:
        """What is inside something that is missing is missing; and only objects have properties."""
        present = States(outer.known.bounds, 0 if _is_property_of(inner, outer) else outer.unknown.flags & BAD)
        self._link(inner, _ABSENT, outer, present)
        self._link(outer, present, inner, _ABSENT)

    def _add(self, variable: Variable) -> None:
        self.all.append(variable)
        self.initial.append(union(variable.known, variable.unknown))
        self.links.append([])

    def _link(self, variable: Variable, avoided: States, other: Variable, then: States) -> None:
        self.links[variable.index].append(Link(avoided, other.index, then))
        self.linked |= 1 << variable.index | 1 << other.index


def _is_property_of(inner: Variable, outer: Variable) -> bool:
    """Whether a property is a member of an object, and not of a list."""
    steps = (inner.path or ())[len(outer.path or ()) :]
    return outer.kind is Kind.OBJECT and bool(steps) and isinstance(steps[0], str)
