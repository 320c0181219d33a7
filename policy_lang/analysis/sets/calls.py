"""What is known of the functions of the language: which are sets of values, which are monotone, which are always known.

`startsWith` is an interval of texts, `satisfies` and `.major` are intervals of versions, `inWindow` and `hour` speak of the minute
of the day, `inCidr` of the number of an address, `rollout` of a bucket. All other calls are variables of their own.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address
from math import inf, nextafter
from typing import Any, TypeAlias

from policy_lang.analysis.sets.atoms import Atom, Fixed, Keyed, Within
from policy_lang.analysis.sets.orders import Bounds, after_prefix, between
from policy_lang.analysis.sets.states import meet, without
from policy_lang.analysis.sets.truth import UNKNOWN, truth_of
from policy_lang.analysis.sets.variables import Variable, Variables
from policy_lang.options import Options
from policy_lang.rollout.bucket import BUCKETS, percent_to_buckets
from policy_lang.types.core import Apply, Constant
from policy_lang.types.decode import LARGEST_INTEGER
from policy_lang.types.functions import rollout, versions
from policy_lang.types.functions.lists import HAS_KEY
from policy_lang.types.functions.network import IN_CIDR
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.functions.strings import ENDS_WITH, INCLUDES, STARTS_WITH
from policy_lang.types.functions.time import IN_WINDOW, find_zone
from policy_lang.types.model import Kind
from policy_lang.types.operations import fits, implementation
from policy_lang.versions.version import Version

Term: TypeAlias = Constant | Variable
"""What is left of a value when the cases are told apart."""

_HOUR = 60
_DAY = 24 * _HOUR
_V6 = 2**32
_TOTAL = {"startsWith", "endsWith", "includes", "matches", "length", "isPrerelease", "satisfies"}
_CONVERSIONS = {"version", "timestamp", "duration", "int", "number", "bool", "string"}
_NATURAL: Bounds = (0, LARGEST_INTEGER + 1)
_RESULTS: dict[str, Bounds] = {
    "length": _NATURAL,
    "major": _NATURAL,
    "minor": _NATURAL,
    "patch": _NATURAL,
    "weekday": (1, 8),
    "bucket": (0, BUCKETS),
}
(_BUCKET,) = (row for row in rollout.ROWS if row.name == "bucket")
_MADE_BY_PRECEDENCE = {row.name for row in versions.ROWS} - {"build"}


def call(node: Apply, args: tuple[Term, ...], variables: Variables, options: Options) -> Term:
    """The value of a call whose arguments are told apart."""
    function = node.function
    if any(isinstance(arg, Constant) and arg.value is None for arg in args):
        return Constant(None, node.type, span=node.span)
    if _is_identity(function):
        return args[0]
    unknowns = tuple(arg for arg in args if isinstance(arg, Variable))
    if not unknowns and not function.is_host:
        return Constant(_computed(function, options, args)(None), node.type, span=node.span)
    if _is_hour(function):
        minute = _minute(args, variables)
        key: Hashable = ("hour", minute.index)
        return variables.application(
            key, Kind.INT, (minute,), bounds=(0, 24), is_total=True, compute=_hour_of, view=partial(_preimage, _first_minute)
        )
    return variables.application(
        (id(node) if function.is_host else id(function), *map(key_of, args)),
        node.type.kind,
        unknowns,
        bounds=_RESULTS.get(function.name) if not function.is_host else None,
        is_total=function.name in _TOTAL and not function.is_host,
        function=function,
        constant=_second(args),
        compute=_computed(function, options, args) if _is_computable(function, unknowns) else None,
        view=_view(function, unknowns),
    )


def condition(node: Apply, args: tuple[Term, ...], variables: Variables, options: Options) -> Atom:
    """The atom of a call that gives a bool."""
    function = node.function
    if any(isinstance(arg, Constant) and arg.value is None for arg in args):
        return Fixed(UNKNOWN)
    special = None if function.is_host else _special(function, args, variables)
    if special is not None:
        return special
    value = call(node, args, variables, options)
    return Fixed(truth_of(value.value)) if isinstance(value, Constant) else within(value, (1, 2))


def within(variable: Variable, true: Bounds) -> Atom:
    """True for some values of a variable, false for the others; said of its argument, where it has a view of that."""
    known = variable.known.bounds
    true = meet(known, true)
    false = without(known, true)
    if variable.view is None:
        return Within(variable, true, false)
    (argument,) = variable.arguments
    return Within(argument, meet(argument.known.bounds, variable.view(true)), meet(argument.known.bounds, variable.view(false)))


def _special(function: Function, args: tuple[Term, ...], variables: Variables) -> Atom | None:
    """The atom of a function that is a set of values of its first argument."""
    match args:
        case (Variable() as text, Constant(str(part))) if function is STARTS_WITH:
            return within(text, between(part, after_prefix(part)))
        case (Variable() as text, Constant("")) if function is ENDS_WITH or function is INCLUDES:
            return within(text, text.known.bounds)
        case (Variable() as version, Constant(allowed)) if function is versions.SATISFIES:
            return within(version, allowed.bounds)
        case (Variable() as text, Constant(network)) if function is IN_CIDR:
            return within(_address(text, variables), _addresses(network))
        case (Constant(str(key)), Variable(path=path) as holder) if function is HAS_KEY and path is not None:
            return Keyed(holder, variables.presence((*path, key)))
        case (_, _, Constant(percent)) if function is rollout.ROLLOUT:
            return _rollout(args[:2], percent_to_buckets(percent), variables)
        case (_, Constant(start), Constant(end), _) if function is IN_WINDOW:
            window = (start, end) if start < end else without((0, _DAY), (end, start))
            return _of_minute(args, window, variables)
        case _:
            return None


def _rollout(ids: tuple[Term, ...], share: int, variables: Variables) -> Atom:
    unknowns = tuple(arg for arg in ids if isinstance(arg, Variable))
    key = (id(_BUCKET), *map(key_of, ids))
    place = variables.application(key, Kind.INT, unknowns, bounds=_RESULTS["bucket"], function=_BUCKET)
    return within(place, between(0, share))


def _of_minute(args: tuple[Term, ...], window: Bounds, variables: Variables) -> Atom | None:
    place = (args[0], args[-1])
    return None if all(isinstance(arg, Constant) for arg in place) else within(_minute(place, variables), window)


def _minute(args: tuple[Term, ...], variables: Variables) -> Variable:
    """The minute of the day of a moment in a zone."""
    moment, zone = args
    unknowns = tuple(arg for arg in args if isinstance(arg, Variable))
    compute = partial(_minute_of, zone.value) if isinstance(zone, Constant) else None
    return variables.application(("minute", key_of(moment), key_of(zone)), Kind.INT, unknowns, bounds=(0, _DAY), compute=compute)


def _minute_of(zone: str, moment: datetime) -> int | None:
    place = find_zone(zone)
    try:
        local = None if place is None else moment.astimezone(place)
    except OverflowError:
        return None
    return None if local is None else local.hour * _HOUR + local.minute


def _hour_of(minute: int) -> int:
    return minute // _HOUR


def _first_minute(hour: int) -> int:
    return min(max(hour, 0) * _HOUR, _DAY)


def _address(text: Variable, variables: Variables) -> Variable:
    """The number of the address that a text is; IPv6 comes behind IPv4."""
    return variables.application(("address", text.index), Kind.INT, (text,), bounds=(0, _V6 + 2**128), compute=_number_of)


def _number_of(text: str) -> int | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return int(address) + (0 if address.version == 4 else _V6)  # noqa: PLR2004  the protocol's number


def _addresses(network: IPv4Network | IPv6Network) -> Bounds:
    first = int(network.network_address) + (0 if network.version == 4 else _V6)  # noqa: PLR2004  the protocol's number
    return first, first + network.num_addresses


def _is_hour(function: Function) -> bool:
    return function.name == "hour" and not function.is_host


def _is_identity(function: Function) -> bool:
    """Whether a conversion leaves its argument as it is."""
    if function.is_host or function.form is not Form.FUNCTION or function.name not in _CONVERSIONS or function.decodes:
        return False
    kinds = function.parameters[0].kinds
    return kinds == function.result or function.name == "number"


def _view(function: Function, unknowns: tuple[Variable, ...]) -> Callable[[Bounds], Bounds] | None:
    """How sets of results are sets of arguments, for the monotone functions."""
    if function.is_host or len(unknowns) != 1:
        return None
    match function.name, unknowns[0].kind:
        case "major", Kind.VERSION:
            return partial(_preimage, _first_of_major)
        case "int", Kind.FLOAT:
            return partial(_preimage, _first_of_truncated)
        case _:
            return None


def _preimage(first: Callable[[int], Any], bounds: Bounds) -> Bounds:
    """The values that a monotone function takes into a set; `first` gives the first value with a result or a higher one."""
    return tuple(map(first, bounds))


def _first_of_major(number: int) -> Version:
    return Version.from_parts(str(number), "0", "0", "0")


def _first_of_truncated(number: int) -> float:
    return number if number > 0 else nextafter(number - 1, inf)


def _second(args: tuple[Term, ...]) -> Any:
    """The second argument, where it is a constant."""
    return args[1].value if len(args) > 1 and isinstance(args[1], Constant) else None


def _is_computable(function: Function, unknowns: tuple[Variable, ...]) -> bool:
    """Whether a result can be computed from a value of the only variable; versions that are equal may differ in their build."""
    if len(unknowns) != 1 or function.is_host or unknowns[0].kind in {Kind.LIST, Kind.OBJECT}:
        return False
    return unknowns[0].kind is not Kind.VERSION or function.name in _MADE_BY_PRECEDENCE


def _computed(function: Function, options: Options, args: tuple[Term, ...]) -> Callable[[Any], Any]:
    """The call as a function of its only variable."""
    python = implementation(function, options)
    is_limited = function.result is Kind.STRING and not function.is_element

    def compute(value: Any) -> Any:
        result = python(*(arg.value if isinstance(arg, Constant) else value for arg in args))
        return result if not is_limited or fits(result, function, options) else None

    return compute


def key_of(arg: Term) -> Hashable:
    """What tells a term from all others; versions that are equal may differ in their build."""
    if isinstance(arg, Variable):
        return arg.index
    if isinstance(arg.value, Version):
        return (Kind.VERSION, arg.value.text)
    return (arg.type.kind, id(arg.value) if arg.type.kind is Kind.OBJECT else arg.value)
